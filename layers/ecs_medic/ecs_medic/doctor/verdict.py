"""A judgement on a part of what was seen, before it becomes a check."""

from dataclasses import dataclass

from ecs_medic.doctor.check import Status
from ecs_medic.vocabulary import Id


@dataclass(frozen=True, slots=True)
class Verdict:
    """State, one or two sentences of why, what to do, and the causes that can be behind it."""

    status: Status
    reason: str
    fix: str = ""
    candidates: tuple[Id, ...] = ()
    advisory: bool = False


def ok(reason: str) -> Verdict:
    """It works."""
    return Verdict(Status.OK, reason)


def broken(reason: str, fix: str = "", *candidates: Id, advisory: bool = False) -> Verdict:
    """It does not; `advisory` where nothing fails by it."""
    return Verdict(Status.BROKEN, reason, fix, candidates, advisory)


def unknown(reason: str, fix: str = "") -> Verdict:
    """It could not be found out."""
    return Verdict(Status.UNKNOWN, reason, fix)
