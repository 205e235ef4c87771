"""Who is told, where, and when not: by the service's own tags and the stack's quiet hours."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ecs_medic.facts import Facts
from ecs_medic.facts.fact import Known

OWNER_TAG = "ecs-medic:owner"
CHANNEL_TAG = "ecs-medic:channel"
MUTE_TAG = "ecs-medic:mute"

_CHANNEL = re.compile(r"#?[\w.-]{1,80}|[CG][A-Z0-9]{6,20}")
_YES = frozenset({"true", "yes", "on", "1"})
_FOR_EVER = datetime(9000, 1, 1, tzinfo=UTC)
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WINDOW = re.compile(
    r"(?:(?P<first>[a-z]{3})(?:-(?P<last>[a-z]{3}))?\s+)?(?P<start>\d{1,2}:\d{2})-(?P<end>\d{1,2}:\d{2})"
    r"(?:\s+(?P<zone>[A-Za-z0-9_+/-]+))?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Routing:
    """By tags: a channel instead of the stack's, whom to mention, until when nothing is wanted. None: not tagged."""

    channel: str | None = None
    owner: str | None = None
    muted_until: datetime | None = None


def routing_of(facts: Facts) -> Routing:
    """The tags of the task, over those of its service, over those of its cluster."""
    tags: dict[str, str] = {}
    for fact in (facts.cluster, facts.service, facts.task):
        if isinstance(fact, Known):
            tags |= fact.value.tags
    channel = tags.get(CHANNEL_TAG, "").strip()
    return Routing(
        channel=channel if _CHANNEL.fullmatch(channel) else None,
        owner=tags.get(OWNER_TAG, "").strip() or None,
        muted_until=_muted_until(tags),
    )


def _muted_until(tags: Mapping[str, str]) -> datetime | None:
    """`true` mutes for good, a date or moment until then. Anything else mutes nothing: better an alert too many."""
    value = tags.get(MUTE_TAG, "").strip()
    if value.lower() in _YES:
        return _FOR_EVER
    try:
        until = datetime.fromisoformat(value)
    except ValueError:
        return None
    return until if until.tzinfo else until.replace(tzinfo=UTC)


class BadQuietHoursError(ValueError):
    """The quiet hours cannot be read; the message says what was expected."""


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Hours of some days of the week in which nothing is posted; they may reach past midnight."""

    days: tuple[int, ...]
    """On which they begin; Monday is 0."""
    start: time
    end: time
    zone: ZoneInfo

    def end_of(self, now: datetime) -> datetime | None:
        """When the quiet hours end in which `now` lies; None outside of them."""
        local = now.astimezone(self.zone)
        for begin in (local.date(), local.date() - timedelta(days=1)):
            if begin.weekday() not in self.days:
                continue
            start = datetime.combine(begin, self.start, self.zone)
            end_day = begin if self.start < self.end else begin + timedelta(days=1)
            end = datetime.combine(end_day, self.end, self.zone)
            if start <= local < end:
                return end
        return None


def quiet_hours_from(text: str) -> tuple[QuietHours, ...]:
    """`[DAY[-DAY]] HH:MM-HH:MM [ZONE]`, several with commas: `Mon-Fri 22:00-7:00 Europe/Berlin, Sat 0:00-24:00`.

    Raises:
        BadQuietHoursError: it has another form, names a day or a zone that there is not, or begins when it ends.
    """
    return tuple(_window(part.strip()) for part in text.split(",") if part.strip())


def quiet_until(windows: tuple[QuietHours, ...], now: datetime) -> datetime | None:
    """When the last of the quiet hours ends in which `now` lies."""
    return max((end for window in windows if (end := window.end_of(now))), default=None)


def _window(text: str) -> QuietHours:
    match = _WINDOW.fullmatch(text)
    if match is None:
        raise BadQuietHoursError(f"expected [DAY[-DAY]] HH:MM-HH:MM [ZONE], got {text[:60]!r}")
    start, end = _clock(match["start"]), _clock(match["end"])
    if start == end and match["end"] != "24:00":
        raise BadQuietHoursError(f"{text[:60]!r} begins when it ends")
    try:
        zone = ZoneInfo(match["zone"] or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise BadQuietHoursError(f"there is no time zone {match['zone']!r}") from error
    return QuietHours(_days(match["first"], match["last"]), start, end, zone)


def _clock(text: str) -> time:
    hours, minutes = map(int, text.split(":"))
    if (hours, minutes) == (24, 0):
        return time(0, 0)
    try:
        return time(hours, minutes)
    except ValueError:
        raise BadQuietHoursError(f"there is no time {text!r}") from None


def _days(first: str | None, last: str | None) -> tuple[int, ...]:
    if first is None:
        return tuple(range(7))
    begin, end = _day(first), _day(last or first)
    return tuple((begin + step) % 7 for step in range((end - begin) % 7 + 1))


def _day(name: str) -> int:
    if name.lower() not in _DAYS:
        raise BadQuietHoursError(f"there is no day {name!r}: expected one of {', '.join(_DAYS)}")
    return _DAYS.index(name.lower())
