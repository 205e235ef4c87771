"""An essential container was killed by a signal of its own doing: native code crashed."""

from collections.abc import Iterable

from ecs_medic.catalogue.fix import fix_for
from ecs_medic.facts import Facts
from ecs_medic.finding import Finding, Outcome, Phase, RuledOut
from ecs_medic.incident import Incident
from ecs_medic.rules.run.ended import (
    CRASHES,
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


def app_crashed(incident: Incident, facts: Facts) -> Iterable[Outcome]:
    """Certain where DescribeTasks shows the exit code: 128 and the number of the signal."""
    yield from task_not_read(Id.APP_CRASHED, facts)
    found = ended(facts)
    if found is None or is_out_of_memory(found.container):
        return
    container, code = found.container, found.container.exit_code
    if code not in CRASHES:
        yield RuledOut(Id.APP_CRASHED, (exit_evidence(facts, container),))
        return
    params = {**container_params(incident, facts, container.name), "exit_code": code, "signal": code - 128}
    yield Finding(
        cause=Id.APP_CRASHED,
        confidence=shown(facts),
        summary=f"Container {container.name} crashed: exit code {code} is signal {code - 128} ({CRASHES[code]}).",
        subject=found.task.arn,
        phase=Phase.RUN,
        fix=fix_for(Id.APP_CRASHED, params),
        params=params,
        evidence=(exit_evidence(facts, container), *log_evidence(facts, container.name)),
    )
    yield from log_not_read(facts, container.name)
