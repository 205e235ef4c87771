"""A report in all its forms: JSON, a terminal with and without colour, Slack's alert with and without a thread."""

import io
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.text import Text

from ecs_medic.cli.by_words import fix_by_words
from ecs_medic.finding import Confidence, Evidence, Finding, NotChecked, Phase
from ecs_medic.incident import Incident
from ecs_medic.plan import Plan
from ecs_medic.report.blocks import SlackMessage
from ecs_medic.report.build import build_report
from ecs_medic.report.model import Action, Report
from ecs_medic.report.slack_blocks import alert, details
from ecs_medic.report.terminal import render
from ecs_medic.rules.normal_life import normal_life
from ecs_medic.vocabulary import NORMAL_LIFE
from tests.hostile import oracles


def report_of(incident: Incident) -> Report:
    """What can be said by the event alone, as `ecs-medic explain` does: no account is read."""
    if incident.can_end or incident.symptom in NORMAL_LIFE:
        action: Action = "resolve" if incident.can_end else "ignore"
        return build_report(incident, action, (normal_life(incident),), (), (), Plan())
    said = incident.message.container_reason or incident.message.stopped_reason or "nothing"
    finding = Finding(
        cause=incident.symptom,
        confidence=Confidence.POSSIBLE,
        summary=f"{incident.subject} says: {said}",
        subject=incident.subject,
        phase=Phase.RUN,
        params={"cluster": incident.cluster, "service": incident.service, "caller": incident.caller_arn},
        evidence=(Evidence("event", incident.subject, said),),
        fix=fix_by_words(incident.message, incident.symptom),
    )
    gap = NotChecked(f"the account of {incident.cluster}", "it was not asked", None)
    return build_report(incident, "alert", (finding,), (), (gap,), Plan(), explained=len(said) % 2 == 0)


@dataclass(frozen=True, slots=True)
class Shown:
    """What came out."""

    json: str
    slack: tuple[SlackMessage, ...]
    terminal: tuple[str, ...]
    coloured: tuple[str, ...]

    def check(self) -> None:
        """Raises AssertionError where something from outside takes effect in any of them."""
        oracles.no_secret_in(oracles.json_text(self.json))
        for message in self.slack:
            oracles.slack_message(message.text, message.blocks)
        for text in self.terminal:
            oracles.terminal(text)
        for text in self.coloured:
            oracles.terminal(text, coloured=True)


def show(report: Report, turn: int = 0) -> Shown:
    """The report in JSON and as an alert; and in turn in another form, for each of them costs as much as all the rest.

    The forms are made of the same few pieces. Every hundredth is drawn by the terminal's own library, at three widths
    and in colour; the others as that library is given it. Turn 0 is all of them.
    """
    others = [] if turn % 3 else [details(report)]
    if turn % 7 == 0:
        others.append(alert(report, threaded=False))
    drawn = turn % 100 == 0
    at_terminals = (_at_a_terminal(report, 30), _at_a_terminal(report, 100)) if drawn else ()
    return Shown(
        json=report.model_dump_json(),
        slack=(alert(report), *others),
        terminal=at_terminals or ((_given_to_a_terminal(report),) if turn % 3 == 1 else ()),
        coloured=(_at_a_terminal(report, 80, colour=True),) if drawn else (),
    )


class _Given(Console):
    """Keeps what it is asked to print. A string, which rich would read for markup, is printed as rich prints it."""

    def __init__(self) -> None:
        super().__init__(file=io.StringIO(), width=80, height=25, color_system=None, force_terminal=False)
        self.given: list[str] = []

    def print(self, *objects: Any, **how: Any) -> None:
        for one in objects:
            if isinstance(one, Text):
                self.given.append(one.plain)
            else:
                with self.capture() as capture:
                    super().print(one, **how)
                self.given.append(capture.get())
        self.given.append("\n")


def _given_to_a_terminal(report: Report) -> str:
    console = _Given()
    render(report, console)
    return "".join(console.given)


def _at_a_terminal(report: Report, width: int, *, colour: bool = False) -> str:
    file = io.StringIO()
    console = Console(
        file=file, width=width, height=25, color_system="truecolor" if colour else None, force_terminal=colour
    )
    render(report, console)
    return file.getvalue()
