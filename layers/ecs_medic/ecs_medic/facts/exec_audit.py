"""What Amazon S3 says of the bucket that keeps the log of ECS Exec sessions."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AuditBucket:
    """A bucket; `encryption` is the algorithm of its default encryption ("AES256", "aws:kms"), None without one."""

    name: str
    encryption: str | None = None
