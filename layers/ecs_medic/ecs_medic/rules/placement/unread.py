"""A cause that could not be judged because a fact is not known."""

from ecs_medic.facts.fact import Absent, Fact, Unknown
from ecs_medic.finding import NotChecked
from ecs_medic.vocabulary import Id


def unread(cause: Id, fact: Fact[object]) -> NotChecked:
    """Why, and the permission that would have helped.

    Raises:
        TypeError: the fact is known.
    """
    match fact:
        case Unknown():
            return NotChecked(cause, f"{fact.source}: {fact.reason}", fact.missing_permission)
        case Absent():
            return NotChecked(cause, fact.detail or f"{fact.source}: there is none")
        case _:
            raise TypeError("a known fact was read")
