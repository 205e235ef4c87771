"""What Amazon CloudWatch Logs says of log groups."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LogGroup:
    """A log group."""

    name: str
    region: str
    arn: str | None = None
    retention_days: int | None = None
    kms_key_id: str | None = None
