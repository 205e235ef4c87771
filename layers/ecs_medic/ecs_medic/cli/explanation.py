"""The readable answer of `ecs-medic explain` on a terminal."""

import json
from collections.abc import Iterable

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from ecs_medic.catalogue.lookup import candidates, row
from ecs_medic.cli.by_words import fix_by_words
from ecs_medic.incident import Message, SymptomConfidence
from ecs_medic.report.text import one_line
from ecs_medic.symptoms.recognise import Recognition

_MOST_CAUSES = 8
_MOST_OF_THE_MESSAGE = 400
_MOST_READ = 20_000
_UNFILLED = "<"
"""How a placeholder begins that the message does not fill: a policy for nobody knows what helps nobody."""

_SURE = {
    SymptomConfidence.CERTAIN: "the words settle it",
    SymptomConfidence.LIKELY: "likely; the words leave some doubt",
    SymptomConfidence.UNKNOWN: "the words match nothing that is known",
}


def print_explanation(message: Message, recognition: Recognition, console: Console) -> None:
    """Symptom, meaning, likely causes best first, fix and documentation.

    The message is shown as plain text: neither markup nor control characters in it take effect.
    """
    entry = row(recognition.symptom)
    console.print(Text(entry.title, style="bold"))
    console.print(Text(f"{recognition.symptom} — {_SURE[recognition.confidence]}", style="dim"))
    _section(console, "Message", [Text(_plain(message.stopped_reason or ""), style="italic")])
    _section(console, "What it means", [Text(entry.meaning)])
    causes = [cause for cause in candidates(recognition.symptom) if cause is not recognition.symptom]
    if causes:
        _section(console, "Likely causes, best first", _numbered(row(cause).title for cause in causes[:_MOST_CAUSES]))
        if len(causes) > _MOST_CAUSES:
            console.print(
                Padding(Text(f"… and {len(causes) - _MOST_CAUSES} more (--json lists them)", style="dim"), (0, 2))
            )
    fix = fix_by_words(message, recognition.symptom)
    _section(console, "Fix", [Text(fix.summary), *(Text(f"• {step}") for step in fix.steps)])
    if fix.cli:
        _verbatim(console, "Commands", fix.cli, "cyan")
    if fix.policy and _UNFILLED not in (policy := json.dumps(fix.policy, indent=2)):
        _verbatim(console, "Least policy", policy.splitlines(), "cyan")
    if entry.documentation:
        _verbatim(console, "Documentation", entry.documentation, "blue")


def _section(console: Console, heading: str, paragraphs: Iterable[Text]) -> None:
    console.print()
    console.print(Text(heading, style="bold"))
    for paragraph in paragraphs:
        console.print(Padding(paragraph, (0, 2), expand=False))


def _verbatim(console: Console, heading: str, lines: Iterable[str], style: str) -> None:
    """Lines to be copied: never broken, however narrow the terminal is."""
    console.print()
    console.print(Text(heading, style="bold"))
    for line in lines:
        console.print(Text(f"  {line}", style=style), soft_wrap=True)


def _numbered(titles: Iterable[str]) -> list[Text]:
    return [Text(f"{number}. {title}") for number, title in enumerate(titles, start=1)]


def _plain(message: str) -> str:
    shown = one_line(message[:_MOST_READ])
    return shown if len(shown) <= _MOST_OF_THE_MESSAGE else f"{shown[:_MOST_OF_THE_MESSAGE]}…"
