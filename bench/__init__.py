"""Measurements that anybody can repeat; the figures that the README quotes come from here."""
