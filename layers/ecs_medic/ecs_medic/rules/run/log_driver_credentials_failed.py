"""The log driver found no credentials to send its lines with."""

from collections.abc import Iterable

from ecs_medic.facts import Facts
from ecs_medic.facts.fact import Known
from ecs_medic.finding import Outcome, Phase
from ecs_medic.incident import Incident
from ecs_medic.needs.carriers import carriers
from ecs_medic.rules.run.ended import task_not_read
from ecs_medic.rules.run.said import Addition, definition_evidence, finding, said, whose
from ecs_medic.vocabulary import Id

_CAUSE = Id.LOG_DRIVER_CREDENTIALS_FAILED


def log_driver_credentials_failed(incident: Incident, facts: Facts) -> Iterable[Outcome]:
    """Certain where the driver's role is the execution role and the task has none; else it is the instance's matter."""
    yield from task_not_read(_CAUSE, facts)
    for one in said(facts, _CAUSE):
        addition = Addition(f"{whose(one)} cannot log: its log driver found no credentials.")
        if isinstance(facts.task_definition, Known):
            whom = carriers(facts, facts.task_definition.value)
            if whom.execution_role is None:
                addition = Addition(
                    f"{whose(one)} cannot log: the log driver found no credentials, and the task names no execution "
                    "role that could give them.",
                    evidence=tuple(definition_evidence(facts, None, ["no executionRoleArn"])),
                    agrees=whom.start.value == "task",
                )
        yield finding(Phase.LOGS, one, addition, incident, facts, observed=False)
