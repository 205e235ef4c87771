"""The command or entry point is not in the image, or cannot be executed."""

from collections.abc import Iterable

from ecs_medic.catalogue.fix import fix_for
from ecs_medic.facts import Facts
from ecs_medic.finding import Confidence, Finding, Outcome, Phase, RuledOut
from ecs_medic.incident import Incident
from ecs_medic.rules.run.ended import (
    NOT_EXECUTABLE,
    Ended,
    container_params,
    ended,
    exit_evidence,
    log_evidence,
    log_not_read,
    task_not_read,
)
from ecs_medic.rules.run.exec_format import speaks_of_format
from ecs_medic.rules.run.said import Addition, finding, said, whose
from ecs_medic.vocabulary import Id

_CAUSE = Id.ENTRYPOINT_NOT_FOUND


def entrypoint_not_found(incident: Incident, facts: Facts) -> Iterable[Outcome]:
    """Certain where the runtime names the file; 126 and 127 may as well come from a command inside a script."""
    yield from task_not_read(_CAUSE, facts)
    named = said(facts, _CAUSE)
    for one in named:
        addition = Addition(f"{whose(one)} cannot start: its command or entry point is missing or not executable.")
        yield finding(Phase.CONTAINER_START, one, addition, incident, facts, observed=True)
    found = ended(facts)
    if named or found is None or speaks_of_format(facts, found.container):
        return
    if found.container.exit_code in NOT_EXECUTABLE:
        yield _by_exit_code(found, incident, facts)
        yield from log_not_read(facts, found.container.name)
    else:
        yield RuledOut(_CAUSE, (exit_evidence(facts, found.container),))


def _by_exit_code(found: Ended, incident: Incident, facts: Facts) -> Finding:
    container, code = found.container, found.container.exit_code or 0
    params = {**container_params(incident, facts, container.name), "exit_code": code}
    return Finding(
        cause=_CAUSE,
        confidence=Confidence.LIKELY,
        summary=f"Container {container.name} ended with exit code {code}: its command, or one that its script runs, "
        f"{NOT_EXECUTABLE[code]}.",
        subject=found.task.arn,
        phase=Phase.CONTAINER_START,
        fix=fix_for(_CAUSE, params),
        params=params,
        evidence=(exit_evidence(facts, container), *log_evidence(facts, container.name)),
    )
