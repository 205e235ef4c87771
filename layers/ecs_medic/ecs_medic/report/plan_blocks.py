"""A plan in Slack: each change with its price, whom it touches and how it is taken back; and patches as code."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ecs_medic.report.change_words import SAFETY, cost, first_with, how, total, what
from ecs_medic.report.model import Change, Patch
from ecs_medic.report.mrkdwn import code, fence_whole, lines, more, prose, size

_INSET = "      "
_VALUE = 120
"""Room for one parameter."""
_BRIEF_NOTE = "_Whom they affect, and how they are undone: `ecs-medic remediate` prints it._"
IN_FULL = "`ecs-medic remediate` prints all of it"


def total_of(changes: Sequence[Change]) -> str:
    """How many changes, and what they cost together."""
    return total([change.monthly_cost_usd for change in changes])


def changes(planned: Sequence[Change], most: int) -> str:
    """Every change, with as much about each as there is room for; none is left out unless there are dozens."""
    brief = [_brief(number, change) for number, change in enumerate(planned, 1)]
    if size("\n".join(brief)) > most:
        return lines(brief, most)
    for detail in _DETAILS:
        written = "\n".join(_entries(brief, planned, detail))
        if size(written) <= most:
            return written
    noted = "\n".join((*brief, _BRIEF_NOTE))
    return noted if size(noted) <= most else "\n".join(brief)


def all_named(planned: Sequence[Change], most: int) -> bool:
    """Whether `changes` names each of them: nobody is to approve what is not shown."""
    return size("\n".join(_brief(number, change) for number, change in enumerate(planned, 1))) <= most


def patches(given: Sequence[Patch], most: int) -> str:
    """Patches as code blocks, CloudFormation before Terraform; each is there whole or not at all."""
    heading = "*Patch for whoever keeps it as code*"
    note = f"\n{more(2 * len(given))}: {IN_FULL}"
    left, written, missing = most - size(heading) - size(note), [heading], 0
    for title, language, source in _sources(given):
        label = f"{prose(title, 200)} ({language})"
        block, cut = fence_whole([source.strip("\n")], left - size(f"\n{label}\n"))
        if cut or not block:
            missing += 1
            continue
        written += [label, block]
        left -= size(f"\n{label}\n{block}")
    if missing:
        written.append(f"{more(missing)}: {IN_FULL}")
    return "\n".join(written) if given else ""


def _sources(given: Sequence[Patch]) -> Iterator[tuple[str, str, str]]:
    for patch in given:
        yield patch.title, "CloudFormation", patch.cloudformation
        yield patch.title, "Terraform", patch.terraform


class _Detail(NamedTuple):
    """How much is said of a change: its settings or not, and room for whom it touches and how it is taken back."""

    settings: bool
    affects: int
    undo: int


_DETAILS = (_Detail(True, 900, 300), _Detail(False, 900, 300), _Detail(False, 240, 120), _Detail(False, 130, 70))
"""From the fullest on; after the last, one line for each change."""


def _entries(brief: Sequence[str], planned: Sequence[Change], detail: _Detail) -> Iterator[str]:
    """What was said of an earlier change in the same words is not said again."""
    settings = [how(one.action, one.params, _value) if detail.settings else "" for one in planned]
    undo = [prose(one.undo or "", detail.undo) for one in planned]
    for index, change in enumerate(planned):
        yield brief[index]
        yield from _about("*How*  ", _said(settings, index))
        yield from _about("*Affects*  ", prose(change.blast_radius, detail.affects))
        yield from _about("*Undo*  ", _said(undo, index))


def _said(texts: Sequence[str], index: int) -> str:
    before = first_with(texts, index)
    return texts[index] if before is None else f"As for {before + 1}."


def _about(label: str, text: str) -> Iterator[str]:
    if text:
        yield f"{_INSET}{label}{text}"


def _brief(number: int, change: Change) -> str:
    done = what(change.action, change.params, _value)
    return f"*{number}.*  {done} · {cost(change.action, change.monthly_cost_usd)} · {SAFETY[change.safety]}"


def _value(text: str) -> str:
    return code(text, _VALUE)
