"""The form of every rule."""

from collections.abc import Callable, Iterable

from ecs_medic.facts import Facts
from ecs_medic.finding import Outcome
from ecs_medic.incident import Incident

type Rule = Callable[[Incident, Facts], Iterable[Outcome]]
"""A pure function: it fires (`Finding`), stays quiet and says why (`RuledOut`), or lacks a fact (`NotChecked`).

Where its cause has nothing to do with this task (no secrets, no EFS volume) it yields nothing at all.
"""
