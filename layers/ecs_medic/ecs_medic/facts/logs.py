"""What Amazon CloudWatch Logs says of log groups."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class LogGroup:
    """A log group."""

    name: str
    region: str
    arn: str | None = None
    retention_days: int | None = None
    kms_key_id: str | None = None


@dataclass(frozen=True, slots=True)
class LogTail:
    """The newest lines of one container's log stream, oldest first; they are as the application wrote them."""

    container: str
    group: str
    stream: str
    region: str
    lines: tuple[str, ...] = ()
    last_at: datetime | None = None
