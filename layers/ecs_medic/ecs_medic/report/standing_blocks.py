"""The parts of an alert that change while it lives: counter, affected services, proof, owner and the mute button."""

import re
from typing import Any

from ecs_medic.report.block_kit import actions, choice
from ecs_medic.report.mrkdwn import code, lines, prose, size
from ecs_medic.report.standing import Affected, Standing, State
from ecs_medic.report.times import moment

MUTE_ACTION = "ecs-medic-mute"
MUTE_HOURS = (1, 4, 12, 24, 72)
"""What the button offers."""
MOST_NAMED = 25
"""Services that are listed by name; the rest is a number, and `ecs-medic incident` prints all of them."""

_USER = re.compile(r"[UW][A-Z0-9]{4,20}")
_GROUP = re.compile(r"S[A-Z0-9]{4,20}")
_STATES = {
    State.OPEN: "",
    State.FAILED_AGAIN: "*Failed again*",
    State.RESOLVED: "*Resolved*",
    State.MOVED: "*Goes on elsewhere*",
}


def counter(standing: Standing, most: int) -> str:
    """How often and since when; at the end, that it is over and why."""
    times = "once" if standing.count == 1 else f"{standing.count:,} times"
    entries = [f"*{times}*", f"first seen {moment(standing.first_seen)}"]
    if standing.count > 1:
        entries.append(f"last seen {moment(standing.last_seen)}")
    if standing.state is not State.OPEN:
        entries.insert(0, _STATES[standing.state])
    if standing.state is State.RESOLVED and standing.resolved_at:
        entries[0] += f" {moment(standing.resolved_at)}"
    if standing.muted_until:
        by = f" by {prose(standing.muted_by, 60)}" if standing.muted_by else ""
        entries.append(f"muted until {moment(standing.muted_until)}{by}")
    if standing.owner:
        entries.append(f"owner {mention(standing.owner)}")
    if standing.successor:
        entries.append(f"see {code(standing.successor, 40)}")
    return lines(entries, most, separator=" · ")


def calls(owner: str | None) -> bool:
    """Whether Slack notifies somebody where the owner is mentioned."""
    return owner is not None and mention(owner).startswith("<")


def mention(owner: str) -> str:
    """The owner as Slack notifies them, where the tag holds an id; any other text stays text."""
    owner = owner.strip().lstrip("@")
    if _USER.fullmatch(owner):
        return f"<@{owner}>"
    if _GROUP.fullmatch(owner):
        return f"<!subteam^{owner}>"
    return code(owner, 80)


def proof(standing: Standing, most: int) -> str:
    """Why it is over, or why it is not although the service looks well."""
    if not standing.proof:
        return ""
    heading = "*Proof*  " if standing.state is State.RESOLVED else "*Not over yet*  "
    return f"{heading}{prose(standing.proof, most - size(heading))}"


def affected(standing: Standing, most: int) -> str:
    """The services that fail by the same thing, where there are several."""
    if len(standing.affected) < 2:
        return ""
    still = sum(not one.over for one in standing.affected)
    of = (
        f"{len(standing.affected)} services"
        if still == len(standing.affected)
        else (f"{still} of {len(standing.affected)} services")
    )
    heading = f"*Affected: {of}*"
    entries = [_affected(one) for one in standing.affected[:MOST_NAMED]]
    if len(standing.affected) > MOST_NAMED:
        entries.append(f"• and {len(standing.affected) - MOST_NAMED} more")
    return f"{heading}\n{lines(entries, most - size(heading) - 2)}"


def _affected(one: Affected) -> str:
    sign = "🟢" if one.over else "•"
    return f"{sign} {code(one.name, 90)} in {code(one.cluster, 60)} ×{one.count:,}"


def mute_button(value: str) -> dict[str, Any]:
    """A choice of durations; what is sent back is the alert's id and the hours, nothing else."""
    options = {f"{value}|{hours}": _hours(hours) for hours in MUTE_HOURS}
    return actions(MUTE_ACTION, [choice(MUTE_ACTION, "Mute for…", options)])


def _hours(hours: int) -> str:
    return "1 hour" if hours == 1 else f"{hours} hours"
