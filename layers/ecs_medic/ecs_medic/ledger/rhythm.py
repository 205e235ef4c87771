"""When things are due. All times are epoch milliseconds, all durations milliseconds."""

from dataclasses import dataclass
from datetime import datetime

SECOND = 1000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR


@dataclass(frozen=True, slots=True)
class Rhythm:
    """The intervals of the ledger.

    `lease` must outlast the longest run of the function that takes it: what is not settled by then counts as crashed.
    """

    lease: int = 5 * MINUTE
    edit: int = 5 * SECOND
    """Least time between two edits of one message under a storm."""
    diagnosis: int = 15 * MINUTE
    mark: int = 5 * MINUTE
    """Least time between two diagnoses when a mark was passed: a storm passes many within a minute."""
    completion: int = 2 * MINUTE
    """After a diagnosis that time ran out for, until AWS is read again without waiting for another event."""
    reopen: int = DAY
    late: int = HOUR
    """How long after it happened an event may arrive and still be told as if it had just happened."""
    event_kept: int = 16 * DAY
    """Longer than an event can lie among the dead letters, 14 days, after a day on its way there: it counts once."""
    incident_kept: int = 90 * DAY


DEFAULT = Rhythm()


def epoch_ms(time: datetime) -> int:
    """A time as the ledger writes it."""
    return round(time.timestamp() * SECOND)


def expires_at(time: int) -> int:
    """An epoch time in milliseconds as DynamoDB's time-to-live wants it: in seconds, and not before it."""
    return -(-time // SECOND)


def next_mark(count: int) -> int:
    """The first of 10, 100, 1,000 … above `count`."""
    mark = 10
    while mark <= count:
        mark *= 10
    return mark
