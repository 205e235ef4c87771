"""The parts of an alert that tell of its repair: the plan and its buttons, how far it is, who decided, how it ended."""

import re
from datetime import datetime
from typing import Any

from ecs_medic.report import plan_blocks
from ecs_medic.report.block_kit import actions, button, confirmation
from ecs_medic.report.mrkdwn import code, lines, prose, size
from ecs_medic.report.repair_standing import RepairStanding
from ecs_medic.report.repair_words import STATES, UNATTENDED, WORKING
from ecs_medic.report.text import one_line, sentence
from ecs_medic.report.times import moment, time_of_day
from ecs_medic.run_state import RunState

APPROVE_ACTION = "ecs-medic-approve"
DENY_ACTION = "ecs-medic-deny"
BLOCK_PREFIX = "ecs-medic-repair:"
"""Begins the block id of the buttons; what follows is the fingerprint of the plan that they are about."""

MOST_PLAN = 2_850
_MOST_STEPS = 6
"""Of what has happened, the newest that are shown."""
_ID = re.compile(r"[A-Za-z0-9._-]{1,100}", re.ASCII)
_USER = re.compile(r"[UW][A-Z0-9]{4,20}", re.ASCII)


def block_id_of(question: str) -> str:
    """The buttons' block id, by which a click on a plan that is no longer asked is told apart."""
    return f"{BLOCK_PREFIX}{question}"


def question_of(block_id: str | None) -> str | None:
    """The fingerprint of the plan that was clicked on; None where the block is none of these."""
    if block_id is None or not block_id.startswith(BLOCK_PREFIX):
        return None
    return block_id.removeprefix(BLOCK_PREFIX) or None


def person(by: str | None) -> str:
    """Who decided: as Slack shows a person where it is a user's id, else the name."""
    by = one_line(by or "").lstrip("@")
    return f"<@{by}>" if _USER.fullmatch(by) else code(by, 80) or "somebody"


def asked(repair: RepairStanding, most: int) -> str:
    """The question: all changes with prices, whom they touch and how they are taken back, and until when."""
    heading = f"*{STATES[repair.state].name}*  {plan_blocks.total_of(repair.changes)}."
    until = f" Answer until {moment(repair.until)}; without an answer nothing is changed." if repair.until else ""
    because = f"\n{prose(sentence(repair.words), 400)}" if repair.words and one_line(repair.words) else ""
    notes = [_TAKEN_BACK, *((_AS_CODE,) if repair.patches else ()), *(() if buttons(repair) else (_NO_BUTTONS,))]
    before, ending = f"{heading}{until}{because}", "\n".join(notes)
    written = plan_blocks.changes(repair.changes, most - size(before) - size(ending) - 4)
    return "\n".join((before, written, ending))


_TAKEN_BACK = "_If it does not help, what was changed is taken back._"
_AS_CODE = "_Whoever keeps this as code finds the patch in the thread._"
_NO_BUTTONS = "_No click can be answered here: `ecs-medic remediate --apply` makes the changes._"


def working(repair: RepairStanding, most: int) -> str:
    """What is being done: which changes, who approved them, and what has happened so far."""
    heading = f"*{STATES[repair.state].name}*  {_meaning(repair)}"
    about = lines((_about(repair),), most // 4)
    steps = _progress(repair, most - size(heading) - size(about) - 4)
    return "\n".join(part for part in (heading, about, steps) if part)


def ended(repair: RepairStanding, most: int) -> str:
    """How it ended, in the run's own words, which say what is left of it; and who had decided."""
    words = STATES[repair.state]
    heading = f"*{words.name}*  "
    about = lines((_about(repair), code(repair.run_id, 60)), most // 4, separator=" · ")
    rest = size(heading) + size(about) + 2
    # Who denied it is said beneath, as Slack shows a person.
    plain = words.meaning if repair.state is RunState.DENIED else repair.words or words.meaning
    said = prose(sentence(plain), most - rest)
    return "\n".join(part for part in (f"{heading}{said}", about) if part)


def told(repair: RepairStanding, most: int) -> str:
    """Whatever there is to say of it now."""
    if repair.state is RunState.ASKING:
        return asked(repair, most)
    return working(repair, most) if repair.state in WORKING else ended(repair, most)


def in_a_line(repair: RepairStanding, most: int) -> str:
    """How it ended, for a message that is about something else by now."""
    return lines((f"*Repair*  {STATES[repair.state].name.lower()}", _about(repair)), most, separator=" · ")


def buttons(repair: RepairStanding) -> dict[str, Any] | None:
    """Approve and Deny; None where nobody is asked, no click can be answered, or the plan is too long to be shown.

    They carry the run's id and nothing else.
    """
    asks = repair.state is RunState.ASKING and repair.buttons and repair.question is not None
    known = _ID.fullmatch(repair.run_id) and _ID.fullmatch(repair.question or "")
    if not asks or not known or not plan_blocks.all_named(repair.changes, MOST_PLAN - 600):
        return None
    total = plan_blocks.total_of(repair.changes)
    words = f"{total}. They are made at once, in this order."[:300]
    sure = confirmation("Make these changes?", words, yes="Approve", no="Not now")
    return actions(
        block_id_of(repair.question or ""),
        [
            button(APPROVE_ACTION, "Approve", repair.run_id, style="primary", confirm=sure),
            button(DENY_ACTION, "Deny", repair.run_id, style="danger"),
        ],
    )


def _meaning(repair: RepairStanding) -> str:
    return prose(STATES[repair.state].meaning, 200)


def _about(repair: RepairStanding) -> str:
    """Which changes, and who decided when."""
    parts = [plan_blocks.total_of(repair.changes)] if repair.changes else []
    if repair.decision:
        at = f" {moment(repair.decided_at)}" if repair.decided_at else ""
        parts.insert(0, f"{repair.decision} by {person(repair.decided_by)}{at}")
    elif repair.state in UNATTENDED:
        parts.insert(0, "unattended, as the policy allows")
    return " · ".join(parts)


def _progress(repair: RepairStanding, most: int) -> str:
    steps = [_step(at, words) for at, words in repair.progress[-_MOST_STEPS:]]
    earlier = len(repair.progress) - len(steps)
    while steps:
        shown = "\n".join((*((f"… ({earlier} earlier)",) if earlier else ()), *steps))
        if size(shown) <= most:
            return shown
        steps, earlier = steps[1:], earlier + 1
    return ""


def _step(at: datetime, words: str) -> str:
    return f"{time_of_day(at)}  {prose(words, 220)}"
