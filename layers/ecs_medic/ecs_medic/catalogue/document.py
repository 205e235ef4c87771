"""The page docs/causes.md out of the catalogue: `python -m ecs_medic.catalogue.document > docs/causes.md`."""

import json
import sys
from collections.abc import Iterator

from ecs_medic.catalogue.fix import fill, policy_for
from ecs_medic.catalogue.lookup import candidates
from ecs_medic.catalogue.row import Remedy, Row
from ecs_medic.catalogue.rows import AREAS
from ecs_medic.vocabulary import ROLES, Id, Role

_ROLES = {
    Role.SYMPTOM: "Symptom",
    Role.CAUSE: "Cause",
    Role.BOTH: "Symptom and cause",
    Role.NORMAL: "Normal life",
}

_REMEDIES = {
    Remedy.AUTO: "may be repaired unattended where policy says so",
    Remedy.ASK: "may be repaired after an approval",
    Remedy.ADVISE: "is never changed by this system",
    Remedy.IGNORE: "needs no repair and is not alerted",
}

_INTRODUCTION = """\
# Symptoms and causes

What every id of a report means, what can be behind it, and what to do. This page is generated from the catalogue
(`make docs`); edit `layers/ecs_medic/ecs_medic/catalogue/rows/` instead.

A *symptom* is what a message says before anyone has looked at the account; a *cause* is what the account's state shows.
`<PLACEHOLDERS>` in commands and policies are filled in by a report where it knows the value.
"""


def document() -> str:
    """The whole page as Markdown."""
    return "\n".join((_INTRODUCTION, *_contents(), *(line for area, rows in AREAS for line in _area(area, rows))))


def _contents() -> Iterator[str]:
    for area, rows in AREAS:
        yield f"- **{area}**: " + ", ".join(f"[`{row.id}`](#{row.id})" for row in rows)
    yield ""


def _area(area: str, rows: tuple[Row, ...]) -> Iterator[str]:
    yield f"## {area}"
    yield ""
    for row in rows:
        yield from _row(row)


def _row(row: Row) -> Iterator[str]:
    yield f"### {row.id}"
    yield ""
    yield f"**{_escaped(row.title)}**"
    yield ""
    yield _standing(row)
    yield ""
    yield _escaped(row.meaning)
    yield ""
    yield f"*Fix:* {_escaped(_shown(row.fix))}"
    yield ""
    if row.steps:
        yield from (f"{number}. {_escaped(_shown(step))}" for number, step in enumerate(row.steps, start=1))
        yield ""
    if row.commands:
        yield from ("```sh", *(_shown(command) for command in row.commands), "```", "")
    policy = policy_for(row.grants, {})
    if policy:
        yield from ("```json", json.dumps(policy, indent=2), "```", "")
    behind = [identifier for identifier in candidates(row.id) if identifier is not row.id]
    if behind:
        yield "Can be behind it, best first: " + ", ".join(f"[`{identifier}`](#{identifier})" for identifier in behind)
        yield ""
    if row.documentation:
        yield "AWS: " + ", ".join(f"<{address}>" for address in row.documentation)
        yield ""


def _standing(row: Row) -> str:
    role = "No answer" if row.id is Id.UNKNOWN else _ROLES[ROLES[row.id]]
    return f"{role}; {_REMEDIES[row.remedy]}." if row.remedy else f"{role}."


def _shown(template: str) -> str:
    """A template as it looks when nothing fills it."""
    return fill(template, {})


def _escaped(text: str) -> str:
    """Text whose `<PLACEHOLDERS>` Markdown takes for text, not for HTML."""
    return text.replace("<", "\\<")


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    sys.stdout.write(document())
