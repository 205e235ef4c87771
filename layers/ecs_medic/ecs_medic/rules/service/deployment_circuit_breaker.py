"""A deployment failed, and may have been rolled back.

It is never the cause itself: that is why the deployment's first task failed, and it is the verdict where it is known.
Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html
"""

from collections.abc import Iterator

from ecs_medic.catalogue.fix import fix_for
from ecs_medic.facts import Facts
from ecs_medic.facts.ecs import Deployment, Service
from ecs_medic.facts.fact import Known
from ecs_medic.finding import Confidence, Evidence, Finding, JsonValue, Outcome, Phase
from ecs_medic.incident import Incident
from ecs_medic.rules.reported import subject_of, surroundings, words
from ecs_medic.vocabulary import Id

_SOURCE = "ecs:DescribeServices"
_OF_TASKS = frozenset({"ecs:ListTasks", "ecs:DescribeTasks"})


def deployment_circuit_breaker(incident: Incident, facts: Facts) -> Iterator[Outcome]:
    """Fires where a deployment of the service shows as failed, or AWS's event says that one did."""
    service = facts.service.value if isinstance(facts.service, Known) else None
    failed = _failed(service, incident) if service else None
    if failed is None and incident.symptom is not Id.DEPLOYMENT_CIRCUIT_BREAKER:
        return
    name = failed.id if failed else incident.deployment_id
    params: dict[str, JsonValue] = {
        **surroundings(incident),
        "deployment_id": name,
        "failed_tasks": failed.failed_tasks if failed else None,
        "rolled_back": _rolled_back(service, name),
    }
    yield Finding(
        cause=Id.DEPLOYMENT_CIRCUIT_BREAKER,
        # Where its tasks could not be read, why they failed is still to be found: that would be the verdict.
        confidence=Confidence.CONFIRMED if failed and not _tasks_unread(facts) else Confidence.LIKELY,
        summary=" ".join(_sentences(incident, facts, service, failed)),
        subject=subject_of(incident),
        # Whatever else is found blocks a start before the deployment is given up.
        phase=Phase.EXEC,
        fix=fix_for(Id.DEPLOYMENT_CIRCUIT_BREAKER, params),
        params=params,
        evidence=tuple(_evidence(incident, service, failed)),
    )


def _tasks_unread(facts: Facts) -> bool:
    return any(read.source in _OF_TASKS for read in facts.failed_reads)


def _failed(service: Service, incident: Incident) -> Deployment | None:
    failed = [one for one in service.deployments if one.rollout_state == "FAILED"]
    return next((one for one in failed if one.id == incident.deployment_id), failed[0] if failed else None)


def _rolled_back(service: Service | None, failed: str | None) -> bool | None:
    """Whether another deployment than the failed one is now the primary; None where nobody knows."""
    primary = _primary(service)
    if primary is None or failed is None:
        return None
    return primary.id != failed


def _primary(service: Service | None) -> Deployment | None:
    return next((one for one in service.deployments if one.status == "PRIMARY"), None) if service else None


def _sentences(incident: Incident, facts: Facts, service: Service | None, failed: Deployment | None) -> Iterator[str]:
    name = failed.id if failed else incident.deployment_id
    count = f" after {failed.failed_tasks} failed tasks" if failed and failed.failed_tasks else ""
    yield f"{f'Deployment {name}' if name else 'A deployment'} of {subject_of(incident)} failed{count}."
    primary = _primary(service)
    if primary is not None and _rolled_back(service, name):
        definition = (primary.task_definition_arn or "").rsplit("/", 1)[-1]
        yield f"It was rolled back: {definition} is deployed now."
    if incident.task is None and not isinstance(facts.task, Known):
        if _tasks_unread(facts):
            yield "Its failed tasks could not be read, so why the first one failed cannot be told."
        else:
            yield (
                "None of its failed tasks is known to ECS any more (they are forgotten after about an hour), so why "
                "the first one failed cannot be told."
            )


def _evidence(incident: Incident, service: Service | None, failed: Deployment | None) -> Iterator[Evidence]:
    if incident.symptom is Id.DEPLOYMENT_CIRCUIT_BREAKER:
        yield from words(incident)
    if failed is not None:
        observed = f"rolloutState FAILED: {failed.rollout_state_reason or 'no reason given'}"
        yield Evidence(_SOURCE, failed.id, f"{observed}; {failed.failed_tasks} failed tasks")
    elif service is not None:
        shown = "; ".join(f"{one.status} {one.id}: {one.rollout_state_reason}" for one in service.deployments)
        yield Evidence(_SOURCE, service.name, shown or "shows no deployment")
