"""The task, container or cluster that the session was for does not exist or had stopped.

AWS says "The specified task was not found" also where the way to its service is blocked: only DescribeTasks decides.
"""

from collections.abc import Iterable
from datetime import timedelta

from ecs_medic.catalogue.fix import fix_for
from ecs_medic.facts import Facts
from ecs_medic.facts.ecs import Task
from ecs_medic.facts.fact import Absent, Known
from ecs_medic.finding import Confidence, Evidence, Finding, Outcome, Phase, RuledOut
from ecs_medic.incident import Incident
from ecs_medic.needs.derive import is_about_exec
from ecs_medic.rules.exec.target import evidence, exec_params, not_checked, subject_of
from ecs_medic.vocabulary import Id

_ASKED = "ecs:DescribeTasks"
_REMEMBERED = timedelta(hours=1)
"""ECS forgets a stopped task after about that."""


def exec_wrong_target(incident: Incident, facts: Facts) -> Iterable[Outcome]:
    """Certain where DescribeTasks agrees that it was so when the session was asked for."""
    if not is_about_exec(incident):
        return
    if isinstance(facts.task, Absent):
        late = facts.read_at - incident.occurred_at > _REMEMBERED
        confidence = Confidence.LIKELY if late else Confidence.CONFIRMED
        observed = facts.task.detail or "MISSING"
        yield _finding(incident, facts, "does not exist in this cluster", observed, confidence)
    elif isinstance(facts.task, Known) and facts.task.source == _ASKED:
        yield from _of_a_known_task(incident, facts, facts.task, facts.task.value)
    elif not isinstance(facts.task, Known):
        yield from not_checked(Id.EXEC_WRONG_TARGET, "whether the task exists and runs", facts.task)


def _of_a_known_task(incident: Incident, facts: Facts, fact: Known[Task], task: Task) -> Iterable[Outcome]:
    ended = task.stopping_at or task.stopped_at
    if task.last_status in {"STOPPED", "DEPROVISIONING", "STOPPING", "DEACTIVATING"} and not (
        ended and ended > incident.occurred_at
    ):
        yield _finding(incident, facts, "had stopped", f"lastStatus is {task.last_status}")
        return
    attempt = incident.exec_attempt
    wanted = attempt.container if attempt else None
    present = [container.name for container in task.containers]
    if wanted and present and wanted not in present:
        observed = f"containers: {', '.join(present)}"
        yield _finding(incident, facts, f"has no container {wanted}", observed, containers=present)
        return
    observed = f"lastStatus is {task.last_status}" + (f", container {wanted} exists" if wanted else "")
    yield RuledOut(Id.EXEC_WRONG_TARGET, evidence(fact, task.arn, observed))


def _finding(
    incident: Incident,
    facts: Facts,
    what: str,
    observed: str,
    confidence: Confidence = Confidence.CONFIRMED,
    *,
    containers: Iterable[str] = (),
) -> Finding:
    params = exec_params(incident, facts)
    if present := sorted(containers):
        params["containers"] = [*present]
    return Finding(
        cause=Id.EXEC_WRONG_TARGET,
        confidence=confidence,
        summary=f"The session was for {subject_of(incident, facts)}, which {what}.",
        subject=subject_of(incident, facts),
        phase=Phase.EXEC,
        fix=fix_for(Id.EXEC_WRONG_TARGET, params),
        params=params,
        evidence=(Evidence(_ASKED, subject_of(incident, facts), observed),),
    )
