"""The proxy that Service Connect or App Mesh puts beside the application is not healthy."""

from collections.abc import Iterable

from ecs_medic.catalogue.fix import fix_for
from ecs_medic.facts import Facts
from ecs_medic.facts.ecs import Container
from ecs_medic.facts.fact import Known
from ecs_medic.finding import Evidence, Finding, Outcome, Phase, RuledOut
from ecs_medic.incident import Incident
from ecs_medic.rules.run.ended import container_params, exit_evidence, shown, task_not_read
from ecs_medic.rules.run.said import Addition, finding, said
from ecs_medic.vocabulary import Id

_CAUSE = Id.SERVICE_CONNECT_FAILED
_PROXY = ("ecs-service-connect", "envoy")
"""What ECS calls its proxy's container, and what people call App Mesh's."""


def service_connect_failed(incident: Incident, facts: Facts) -> Iterable[Outcome]:
    """Certain where DescribeTasks shows the proxy unhealthy, or ended by itself; likely where only words say so."""
    yield from task_not_read(_CAUSE, facts)
    if not isinstance(facts.task, Known):
        return
    proxies = [one for one in facts.task.value.containers if one.name.lower().startswith(_PROXY)]
    sick = [one for one in proxies if _unhealthy(one)]
    for container in sick:
        params = container_params(incident, facts, container.name)
        observed = f"health {container.health_status}" if container.exit_code is None else None
        seen = Evidence(facts.task.source, container.name, observed) if observed else exit_evidence(facts, container)
        yield Finding(
            cause=_CAUSE,
            confidence=shown(facts),
            summary=f"The proxy {container.name} beside the application is not healthy, so the task cannot serve.",
            subject=facts.task.value.arn,
            phase=Phase.RUN,
            fix=fix_for(_CAUSE, params),
            params=params,
            evidence=(seen,),
        )
    if sick:
        return
    words = said(facts, _CAUSE)
    for one in words:
        addition = Addition("The proxy of Service Connect or App Mesh did not become ready.")
        yield finding(Phase.RUN, one, addition, incident, facts, observed=False)
    if not words and not proxies and facts.task.value.containers:
        names = ", ".join(one.name for one in facts.task.value.containers)
        yield RuledOut(_CAUSE, (Evidence(facts.task.source, facts.task.value.arn, f"it has no proxy: {names}"),))


def _unhealthy(container: Container) -> bool:
    ended_badly = container.exit_code not in {None, 0, 130, 137, 143}
    return ended_badly or (container.health_status or "").upper() == "UNHEALTHY"
