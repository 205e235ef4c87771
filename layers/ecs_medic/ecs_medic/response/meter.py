"""What is measured of the work itself, for the dashboard and the alarms."""

from enum import StrEnum
from typing import Protocol


class Metric(StrEnum):
    """Names in CloudWatch; all are counts but the time, which is in milliseconds."""

    OPENED = "IncidentsOpened"
    DIAGNOSED = "Diagnoses"
    UNKNOWN_CAUSE = "UnknownCauses"
    SUPPRESSED = "EventsSuppressed"
    """Events that were only counted: the channel was spared them."""
    RESOLVED = "IncidentsResolved"
    TIME_TO_ALERT = "TimeToAlert"
    """From the event's own time to Slack's answer."""
    SLACK_REFUSED = "SlackRefusals"
    """Slack will not have it until a person changes something."""
    SLACK_UNAVAILABLE = "SlackUnavailable"
    UNPOSTED = "UnpostedAlerts"
    """At the last sweep: alerts that Slack does not have although it should."""
    REPAIRS = "Repairs"
    """Runs that were created."""
    REPAIRS_NOT_STARTED = "RepairsNotStarted"
    REPAIRS_LOST = "RepairsLost"
    """Runs that ended without a word: somebody has to look at what they left."""


class Meter(Protocol):
    """Where measurements go."""

    def __call__(self, metric: Metric, value: float = 1) -> None:
        """Note one value."""
