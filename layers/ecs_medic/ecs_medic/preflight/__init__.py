"""What would break a start or an ECS Exec session of services that have not failed: the same rules, beforehand."""
