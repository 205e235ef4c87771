"""Finds out why an Amazon ECS task stopped or an ECS Exec session failed, and says so with evidence."""
