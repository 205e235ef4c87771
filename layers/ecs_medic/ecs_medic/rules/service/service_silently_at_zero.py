"""A service should run tasks, runs none, and nothing says why."""

from collections.abc import Iterator
from datetime import timedelta

from ecs_medic.catalogue.fix import fix_for
from ecs_medic.facts import Facts
from ecs_medic.facts.ecs import Service
from ecs_medic.facts.fact import Known
from ecs_medic.finding import Confidence, Evidence, Finding, JsonValue, Outcome, Phase, RuledOut
from ecs_medic.incident import Incident, Kind
from ecs_medic.rules.reported import surroundings
from ecs_medic.vocabulary import Id

_QUIET_FOR = timedelta(hours=1)
"""Within this time ECS still remembers stopped tasks, and a young deployment may still be starting."""


def service_silently_at_zero(incident: Incident, facts: Facts) -> Iterator[Outcome]:
    """Only where somebody asks about the service itself: an event would not be silence."""
    if incident.kind is not Kind.ON_DEMAND or incident.task is not None or not isinstance(facts.service, Known):
        return
    service = facts.service.value
    observed = (
        f"desired {service.desired_count}, running {service.running_count}, pending {service.pending_count}; "
        f"newest event {_newest(service)}"
    )
    evidence = Evidence(facts.service.source, service.name, observed)
    if service.desired_count == 0 or service.running_count or service.pending_count:
        yield RuledOut(Id.SERVICE_SILENTLY_AT_ZERO, (evidence,))
        return
    heard = [one.created_at for one in service.events]
    begun = [one.created_at for one in service.deployments if one.created_at]
    if any(facts.read_at - moment < _QUIET_FOR for moment in (*heard, *begun)):
        return
    params: dict[str, JsonValue] = {**surroundings(incident), "desired_count": service.desired_count}
    yield Finding(
        cause=Id.SERVICE_SILENTLY_AT_ZERO,
        confidence=Confidence.CONFIRMED,
        summary=(
            f"{service.name} should run {service.desired_count} tasks and runs none, and for more than an hour "
            "nothing has said so."
        ),
        subject=service.arn,
        phase=Phase.HEALTH,
        fix=fix_for(Id.SERVICE_SILENTLY_AT_ZERO, params),
        params=params,
        evidence=(evidence,),
    )


def _newest(service: Service) -> str:
    newest = max(service.events, key=lambda one: one.created_at, default=None)
    return f"of {newest.created_at:%Y-%m-%d %H:%M UTC}" if newest else "none"
