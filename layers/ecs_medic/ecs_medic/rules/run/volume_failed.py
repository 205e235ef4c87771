"""A bind mount or a volume could not be set up."""

from collections.abc import Iterable

from ecs_medic.facts import Facts
from ecs_medic.finding import Outcome, Phase
from ecs_medic.incident import Incident
from ecs_medic.rules.run.ended import task_not_read
from ecs_medic.rules.run.said import Addition, finding, said, whose
from ecs_medic.vocabulary import Id

_CAUSE = Id.VOLUME_FAILED


def volume_failed(incident: Incident, facts: Facts) -> Iterable[Outcome]:
    """Certain where DescribeTasks shows that the runtime named the mount."""
    yield from task_not_read(_CAUSE, facts)
    for one in said(facts, _CAUSE):
        addition = Addition(f"{whose(one)} could not start: a volume or mount of it could not be set up.")
        yield finding(Phase.STORAGE, one, addition, incident, facts, observed=True)
