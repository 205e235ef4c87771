"""Times in Slack messages, in the reader's own time zone: Slack's clients fill them in.

Source: https://docs.slack.dev/messaging/formatting-message-text#date-formatting.
"""

from datetime import UTC, datetime


def moment(at: datetime) -> str:
    """Day and time."""
    return _date(at, "{date_short_pretty} {time_secs}", "%Y-%m-%d %H:%M:%S UTC")


def time_of_day(at: datetime) -> str:
    """The time alone, for what has just happened."""
    return _date(at, "{time_secs}", "%H:%M:%S UTC")


def _date(at: datetime, form: str, otherwise: str) -> str:
    return f"<!date^{int(at.timestamp())}^{form}|{at.astimezone(UTC).strftime(otherwise)}>"
