"""ECS's own role for services is gone, or no longer works."""

from collections.abc import Iterator

from ecs_medic.catalogue.fix import fix_for
from ecs_medic.facts import Facts
from ecs_medic.facts.fact import NOT_READ, Absent, Known
from ecs_medic.finding import Confidence, Evidence, Finding, JsonValue, Outcome, Phase, RuledOut
from ecs_medic.incident import Incident
from ecs_medic.rules.placement.unread import unread
from ecs_medic.rules.reported import reported, surroundings
from ecs_medic.vocabulary import Id

_PATH = "/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS"


def service_role_broken(incident: Incident, facts: Facts) -> Iterator[Outcome]:
    """Certain where IAM knows no such role; where it exists, only AWS's own word says that it does not work."""
    arn = next((one for one in facts.roles if one.endswith(_PATH)), None)
    if arn is None:
        return
    role = facts.role(arn)
    params: dict[str, JsonValue] = {**surroundings(incident), "role_arn": arn}
    if isinstance(role, Absent):
        yield Finding(
            cause=Id.SERVICE_ROLE_BROKEN,
            confidence=Confidence.CONFIRMED,
            summary="The service-linked role AWSServiceRoleForECS does not exist, so ECS cannot maintain any service.",
            subject=arn,
            phase=Phase.SERVICE,
            fix=fix_for(Id.SERVICE_ROLE_BROKEN, params),
            params=params,
            evidence=(Evidence(role.source, arn, role.detail or "does not exist"),),
        )
    elif isinstance(role, Known) and incident.symptom is Id.SERVICE_ROLE_BROKEN:
        yield from reported(
            Id.SERVICE_ROLE_BROKEN,
            incident,
            phase=Phase.SERVICE,
            summary=(
                "AWS reports that it lacks permissions to maintain the service. Its service-linked role exists, so a "
                "service control policy, or a role of the service's own, is what denies."
            ),
            params=params,
            evidence=(Evidence(role.source, arn, "exists"),),
        )
    elif isinstance(role, Known):
        yield RuledOut(Id.SERVICE_ROLE_BROKEN, (Evidence(role.source, arn, "exists"),))
    elif role is not NOT_READ:
        yield unread(Id.SERVICE_ROLE_BROKEN, role)
