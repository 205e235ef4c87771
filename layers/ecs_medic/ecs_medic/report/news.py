"""Answers in an alert's thread: it failed again, a repair asks or has ended, or it is over, and why."""

from ecs_medic.report.blocks import Part, SlackMessage, message
from ecs_medic.report.model import Report
from ecs_medic.report.mrkdwn import lines, prose, size
from ecs_medic.report.plan_blocks import total_of
from ecs_medic.report.repair_blocks import buttons, in_a_line, told
from ecs_medic.report.repair_standing import RepairStanding
from ecs_medic.report.repair_words import STATES
from ecs_medic.report.standing import Standing, State
from ecs_medic.report.standing_blocks import affected, counter, mention, proof
from ecs_medic.report.text import sentence
from ecs_medic.report.times import moment
from ecs_medic.report.wording import headline
from ecs_medic.run_state import RunState

_HEADINGS = {
    State.OPEN: "🔴 Open",
    State.FAILED_AGAIN: "🔴 Failed again",
    State.RESOLVED: "🟢 Resolved",
    State.MOVED: "↪️ Goes on elsewhere",
}


def news(report: Report, standing: Standing) -> SlackMessage:
    """The answer in the thread."""
    heading = f"{_HEADINGS[standing.state]}: {headline(report)}"
    text = prose(f"{heading} ({report.incident.subject}, {report.incident.id})", 300)
    parts = (
        Part(lambda _, most: counter(standing, most), 600),
        Part(lambda _, most: proof(standing, most), 900),
        *_repaired(standing),
        Part(lambda told, most: _why(told, standing, most), 700),
        Part(lambda _, most: affected(standing, most), 1800),
    )
    return message(report, heading, text, parts)


def repair_news(report: Report, standing: Standing) -> SlackMessage:
    """The answer in the thread when a repair asks, ends, or goes wrong: an edit of the message makes no sound.

    Raises:
        ValueError: no repair is known.
    """
    repair = standing.repair
    if repair is None:
        raise ValueError("no repair is known")
    words = STATES[repair.state]
    heading = f"{words.sign or _QUIET_SIGNS[repair.state.ended]} {words.name}: {headline(report)}"
    text = prose(f"{heading} ({report.incident.subject}, {report.incident.id})", 300)
    owned = lines((f"Owner {mention(standing.owner)}",) if standing.owner else (), 300)
    parts = (
        Part(lambda _, most: _asks(repair, most) if repair.state is RunState.ASKING else told(repair, most), 2400),
        Part(lambda _, __: owned if repair.state is RunState.ASKING or repair.state.asks_for_a_person else "", 400),
    )
    return message(report, heading, text, parts)


_QUIET_SIGNS = {False: "🙋", True: "ℹ️"}


def _asks(repair: RepairStanding, most: int) -> str:
    """The plan, and what answers it, are in the message that this is an answer to."""
    until = f" Answer until {moment(repair.until)}." if repair.until else ""
    there = "The plan and its buttons are" if buttons(repair) else "The plan, and how to have it made, are"
    asked = f"{total_of(repair.changes)}. {there} in the message above.{until}"
    return asked if size(asked) <= most else ""


def _repaired(standing: Standing) -> tuple[Part, ...]:
    repair = standing.repair
    if repair is None or standing.state is not State.RESOLVED:
        return ()
    return (Part(lambda _, most: in_a_line(repair, most), 500),)


def _why(report: Report, standing: Standing, most: int) -> str:
    if standing.state is State.RESOLVED:
        return ""
    return f"*Why*  {prose(sentence(report.verdict.summary), most - 7)}"
