"""What is answered in an alert's thread when its state changes: it failed again, or it is over, and why."""

from ecs_medic.report.blocks import Part, SlackMessage, message
from ecs_medic.report.model import Report
from ecs_medic.report.mrkdwn import prose
from ecs_medic.report.standing import Standing, State
from ecs_medic.report.standing_blocks import affected, counter, proof
from ecs_medic.report.text import sentence
from ecs_medic.report.wording import headline

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
        Part(lambda told, most: _why(told, standing, most), 700),
        Part(lambda _, most: affected(standing, most), 1800),
    )
    return message(report, heading, text, parts)


def _why(report: Report, standing: Standing, most: int) -> str:
    if standing.state is State.RESOLVED:
        return ""
    return f"*Why*  {prose(sentence(report.verdict.summary), most - 7)}"
