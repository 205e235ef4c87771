"""What a tool says is the cause, and how that compares with how the failure was built.

A tool that only says that something failed, however it puts it, has named no cause; one that recommends a way to the
right place without naming what is wrong there has not, either. How each is read is in a file of its own; which of its
words stand for which causes is data.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


class Answer(StrEnum):
    """How what a tool says compares with how the failure was built."""

    RIGHT = "right"
    """It names the cause; or nothing, where nothing is wrong."""
    AMONG_OTHERS = "among others"
    """What it says is the cause is another thing, but further down it names it."""
    WRONG = "wrong"
    """It names something else, or something where nothing is wrong."""
    SYMPTOM = "symptom only"
    """It says what failed, not why, or repeats AWS's own words for it."""
    SILENT = "nothing found"
    FAILED = "did not run"


@dataclass(frozen=True, slots=True)
class Claim:
    """Something that a tool says is wrong, in its own words; `causes` are those that it may mean.

    None of them: it says only that something failed (`is_symptom`), or something that was no cause in any scenario.
    `leads`: it is what the tool says is the cause, if the tool ranks what it found at all.
    """

    words: str
    causes: frozenset[str] = frozenset()
    is_symptom: bool = False
    leads: bool = True


class UnreadableError(Exception):
    """The tool did not come to an end of its own; the message is its last words."""


def answer(claims: tuple[Claim, ...], cause: str | None) -> Answer:
    """The judgement. A checklist that names the cause among other things, without an order, has named it."""
    leading = [claim for claim in claims if claim.leads]
    if cause is None:
        return Answer.WRONG if leading else Answer.RIGHT
    if any(cause in claim.causes for claim in leading):
        return Answer.RIGHT
    if any(cause in claim.causes for claim in claims):
        return Answer.AMONG_OTHERS
    if not leading:
        return Answer.SILENT
    return Answer.SYMPTOM if all(claim.is_symptom for claim in leading) else Answer.WRONG


def without_colours(output: str) -> str:
    """What a tool said, as it is read."""
    return _COLOUR.sub("", output)


def last_line(output: str) -> str:
    """The last thing that a tool said, in short."""
    lines = [line.strip() for line in without_colours(output).splitlines() if line.strip()]
    return lines[-1][:160] if lines else "it said nothing"
