"""The container runtime did not answer, or not in time."""

from collections.abc import Iterable

from ecs_medic.facts import Facts
from ecs_medic.facts.fact import Known
from ecs_medic.finding import Outcome, Phase
from ecs_medic.incident import Incident
from ecs_medic.needs.carriers import FARGATE, launch_type
from ecs_medic.rules.run.ended import task_not_read
from ecs_medic.rules.run.said import Addition, finding, said
from ecs_medic.vocabulary import Id

_CAUSE = Id.CONTAINER_RUNTIME_TIMEOUT


def container_runtime_timeout(incident: Incident, facts: Facts) -> Iterable[Outcome]:
    """Likely: the words tell that it took too long, and not why."""
    yield from task_not_read(_CAUSE, facts)
    on_fargate = launch_type(facts) == FARGATE
    instance = facts.task.value.container_instance_arn if isinstance(facts.task, Known) else None
    where = "of Fargate" if on_fargate else (f"of {instance.rsplit('/', 1)[-1]}" if instance else "of the instance")
    for one in said(facts, _CAUSE):
        addition = Addition(
            f"The container runtime {where} did not do in time what it was told"
            + (f" for container {one.container}." if one.container else "."),
            {"container_instance": instance} if instance else {},
            # There is no instance to drain on Fargate.
            cli=() if on_fargate else None,
        )
        yield finding(Phase.CONTAINER_START, one, addition, incident, facts, observed=False)
