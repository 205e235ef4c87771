"""Dead letters on a terminal: what each is about, when it happened, why it is there, what replaying it would do."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from ecs_medic.events.dead_letter import Origin
from ecs_medic.report.text import one_line
from ecs_medic.response.assessed import Assessed, Would
from ecs_medic.response.redrive import Act, Done, Outcome, Seen

if TYPE_CHECKING:
    from ecs_medic.cli.redrive_place import Place

_ORIGINS = {
    Origin.NOT_DELIVERED: "EventBridge could not deliver it",
    Origin.FAILED: "the function failed",
    Origin.REJECTED: "the function could not use it",
    Origin.UNKNOWN: "put there by somebody else",
}
_WOULD = {
    Would.ALERT: "Can be replayed: it is counted, and diagnosed.",
    Would.IGNORE: "Can be replayed, and is normal life: nothing comes of it.",
    Would.RESOLVE: "Can be replayed: it has the service's open incidents verified.",
}
_FORGOTTEN = "ECS has forgotten the task: a diagnosis goes by the event, and by the account as it is now."
_BACK = "What fails again comes back here, after about three minutes."
_LONGEST_NAME = 100


def show_one(seen: Seen) -> None:
    """One message, and what was done with it."""
    from rich.console import Console
    from rich.padding import Padding
    from rich.text import Text

    console, found = Console(), seen.found
    sign = "" if seen.outcome is Outcome.LEFT else f"{seen.outcome.value}: "
    console.print(Text(f"{sign}{_head(found)}", style="bold"))
    for line in (
        f"{seen.outcome.value}: {one_line(seen.words)}" if seen.words else "",
        _what_comes_of_it(found) if seen.outcome is Outcome.LEFT else "",
        _when(found),
        _why(found),
        f"Begins with {one_line(found.begins)}" if found.begins else "",
        _message(seen),
    ):
        if line:
            console.print(Padding(Text(line), (0, 0, 0, 2)))


def show(told: Sequence[Seen], done: Done, place: "Place", waiting: int | None, *, act: Act) -> None:
    """All of them, unless each was shown as it was dealt with; how many, and what to do next."""
    from rich.console import Console
    from rich.text import Text

    console = Console()
    if act is Act.SHOW:
        for seen in told:
            show_one(seen)
    if not told:
        console.print(Text(f"No dead letters in {place.queue_name} ({place.region})."))
    lines = _counted(told, place, act) if told else []
    unread = (waiting or 0) - len(done.seen)
    if unread > 0:
        lines.append(f"Not looked at, or just being read by somebody else: about {unread} more.")
    if done.stopped:
        lines.append(f"Stopped: {one_line(done.stopped)}")
    if done.hidden:
        lines.append(f"Nobody sees the rest for two minutes, or as long as this took: {one_line(done.hidden)}")
    if lines and (act is Act.SHOW or any(one.outcome is not Outcome.LEFT for one in told)):
        console.print()
    for line in lines:
        # Not broken anywhere: some are to be typed.
        console.print(Text(line), soft_wrap=True)


def _counted(told: Sequence[Seen], place: "Place", act: Act) -> list[str]:
    where = f"in {place.queue_name} ({place.region})"
    replayable = [one for one in told if one.found.replayable and one.outcome in {Outcome.LEFT, Outcome.FAILED}]
    others = [one for one in told if not one.found.replayable and one.outcome in {Outcome.LEFT, Outcome.FAILED}]
    done = [one for one in told if one.outcome in {Outcome.REPLAYED, Outcome.DISCARDED}]
    failed = [one for one in told if one.outcome is Outcome.FAILED]
    lines = []
    if act is Act.SHOW:
        letters = "1 dead letter" if len(told) == 1 else f"{len(told)} dead letters"
        lines.append(f"{letters} {where}: {len(replayable)} can be replayed, {len(others)} cannot.")
    else:
        left = f", {len(failed)} failed, {len(told) - len(done) - len(failed)} left as they were {where}."
        lines.append(f"{len(done)} {'replayed' if act is Act.REPLAY else 'discarded'}{left}")
    if act is Act.REPLAY and others:
        lines.append(f"What was left cannot be replayed:  ecs-medic redrive {place.options}")
    if act is Act.REPLAY and done:
        lines.append(_BACK)
    if act is Act.SHOW and replayable:
        lines.append(f"Replay them:  ecs-medic redrive {place.options} --apply")
    if act is Act.SHOW and others:
        lines.append(f"Delete what cannot be replayed:  ecs-medic redrive {place.options} --discard --save FILE")
    return lines


def _head(found: Assessed) -> str:
    if found.tick:
        return "A schedule's tick"
    if found.kind is None:
        return "An event that cannot be used" if found.would is Would.REJECT else "No event"
    task = f"task {found.task_arn.rsplit('/', 1)[-1]}" if found.task_arn else found.subject or "?"
    what = f"service {found.service}" if found.service else task
    cluster = f" in {found.cluster}" if found.cluster and found.cluster != found.subject else ""
    return one_line(f"{_short(what)}{cluster}: {found.symptom}")


def _what_comes_of_it(found: Assessed) -> str:
    if found.replayable:
        return _WOULD[found.would]
    return one_line(f"Cannot be replayed: {found.why_not}.")


def _when(found: Assessed) -> str:
    if found.occurred_at is None:
        return ""
    at = found.occurred_at.astimezone(UTC)
    forgotten = f" {_FORGOTTEN}" if found.forgotten and found.would is Would.ALERT else ""
    return f"Happened {at:%Y-%m-%d %H:%M:%S} UTC, {_ago(at)}.{forgotten}"


def _why(found: Assessed) -> str:
    times = "" if found.tries is None else " once" if found.tries == 1 else f" {found.tries} times"
    tried = {Origin.NOT_DELIVERED: f", tried{times}" if times else "", Origin.FAILED: times}.get(found.origin, "")
    reason = f": {found.reason}" if found.reason else ""
    words = one_line(f"{_ORIGINS[found.origin]}{tried}{reason}")
    return f"{words[:1].upper()}{words[1:]}"


def _message(seen: Seen) -> str:
    here = f", here since {seen.sent_at:%Y-%m-%d %H:%M:%S} UTC" if seen.sent_at else ""
    return f"Message {seen.message_id}{here}"


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"


def _ago(at: datetime) -> str:
    passed = datetime.now(UTC) - at
    for unit, name in ((timedelta(days=1), "day"), (timedelta(hours=1), "hour"), (timedelta(minutes=1), "minute")):
        if passed >= unit:
            number = int(passed / unit)
            return f"{number} {name}{'' if number == 1 else 's'} ago"
    return "just now"
