"""An essential container ended by itself, with an exit code of its own.

In a service even a clean end is a fault: ECS starts the task again, for ever.
"""

from collections.abc import Iterable

from ecs_medic.catalogue.fix import fix_for
from ecs_medic.facts import Facts
from ecs_medic.finding import Confidence, Finding, Outcome, Phase
from ecs_medic.incident import Incident
from ecs_medic.rules.run.ended import (
    CRASHES,
    NOT_EXECUTABLE,
    SIGKILL,
    Ended,
    container_params,
    ended,
    exit_evidence,
    is_out_of_memory,
    log_evidence,
    log_not_read,
    shown,
    task_not_read,
)
from ecs_medic.vocabulary import Id

_OTHER_CAUSES = frozenset({SIGKILL, *CRASHES, *NOT_EXECUTABLE})
"""Exit codes that say more than that it ended."""


def app_exited(incident: Incident, facts: Facts) -> Iterable[Outcome]:
    """Certain where DescribeTasks shows the exit code, and no other container may have ended first."""
    yield from task_not_read(Id.APP_EXITED, facts)
    found = ended(facts)
    if found is None or found.container.exit_code in _OTHER_CAUSES or is_out_of_memory(found.container):
        return
    in_service = bool(found.task.service_name or incident.service)
    if found.container.exit_code == 0 and not in_service:
        return
    yield _finding(found, incident, facts)
    yield from log_not_read(facts, found.container.name)


def _finding(found: Ended, incident: Incident, facts: Facts) -> Finding:
    container = found.container
    params = {**container_params(incident, facts, container.name), "exit_code": container.exit_code}
    return Finding(
        cause=Id.APP_EXITED,
        confidence=shown(facts) if found.sure else Confidence.LIKELY,
        summary=_summary(container.name, container.exit_code),
        subject=found.task.arn,
        phase=Phase.RUN,
        fix=fix_for(Id.APP_EXITED, params),
        params=params,
        evidence=(exit_evidence(facts, container), *log_evidence(facts, container.name)),
    )


def _summary(name: str, code: int | None) -> str:
    if code == 0:
        return (
            f"Essential container {name} ended by itself with exit code 0, without an error; but a service is meant to "
            "run for ever, so ECS starts it again and again."
        )
    return f"Essential container {name} ended by itself with exit code {code}, and so ended the whole task."
