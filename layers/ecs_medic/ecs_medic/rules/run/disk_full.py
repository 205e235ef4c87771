"""No space left: in the task's ephemeral storage on Fargate, on the instance's disk elsewhere."""

from collections.abc import Iterable

from ecs_medic.facts import Facts
from ecs_medic.facts.fact import Known
from ecs_medic.finding import Outcome, Phase
from ecs_medic.incident import Incident
from ecs_medic.needs.carriers import FARGATE, launch_type
from ecs_medic.rules.run.ended import task_not_read
from ecs_medic.rules.run.said import Addition, definition_evidence, finding, said, whose
from ecs_medic.vocabulary import Id

_CAUSE = Id.DISK_FULL
_FARGATE_DEFAULT = 20
"""GiB of ephemeral storage where the task definition asks for none.

Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-task-storage.html
"""


def disk_full(incident: Incident, facts: Facts) -> Iterable[Outcome]:
    """Certain where DescribeTasks shows the runtime's words; the definition adds how much there was."""
    yield from task_not_read(_CAUSE, facts)
    for one in said(facts, _CAUSE):
        if launch_type(facts) != FARGATE:
            addition = Addition(f"{whose(one)} found no space left on the instance's disk.")
        elif isinstance(facts.task_definition, Known):
            size = facts.task_definition.value.ephemeral_storage_gib or _FARGATE_DEFAULT
            addition = Addition(
                f"{whose(one)} found no space left in the task's {size} GiB of ephemeral storage.",
                {"ephemeral_storage_gib": size},
                tuple(definition_evidence(facts, None, [f"ephemeral storage: {size} GiB"])),
                cli=(),
            )
        else:
            addition = Addition(f"{whose(one)} found no space left in the task's ephemeral storage.", cli=())
        yield finding(Phase.IMAGE, one, addition, incident, facts, observed=True)
