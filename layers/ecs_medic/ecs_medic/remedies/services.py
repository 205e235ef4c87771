"""An ECS service as it is now, for the remedies that change it."""

from ecs_medic.aws.reader import Reader
from ecs_medic.facts.fact import Unknown
from ecs_medic.facts.reading import Json, mapping, mappings, number, text
from ecs_medic.remedies.looking import only
from ecs_medic.remedies.params import Params
from ecs_medic.remedies.params import text as text_of
from ecs_medic.remedies.remedy import Grant, Settling, State

ARN = "arn:{partition}:ecs:{region}:{account}:service/{cluster}/*"

GRANTS = (
    Grant(("ecs:UpdateService",), (ARN,), {"Null": {"ecs:task-definition": "true", "ecs:subnet": "true"}}),
    Grant(("ecs:DescribeServices",), (ARN,)),
)
"""To look at a service, and to change it without another task definition or other subnets."""


def service_of(params: Params, reader: Reader) -> Json | Unknown | None:
    """The service that the change is about, None where it is gone or no longer active."""
    asked = {"cluster": text_of(params, "cluster"), "services": [text_of(params, "service")]}
    found = only(reader, "ecs", "DescribeServices", asked, "services")
    if found is None or isinstance(found, Unknown):
        return found
    return found if text(found, "status") == "ACTIVE" else None


def primary_of(service: Json) -> Json:
    """The deployment that ECS is bringing about."""
    return next((one for one in mappings(service, "deployments") if text(one, "status") == "PRIMARY"), {})


def awsvpc_of(service: Json) -> Json:
    """Where the service puts its tasks' network interfaces."""
    return mapping(mapping(service, "networkConfiguration"), "awsvpcConfiguration")


def steady(params: Params, reader: Reader, deployment_id: str | None = None) -> Settling:
    """Whether the service runs what it should; with `deployment_id`, whether it is that deployment that got there."""
    found = service_of(params, reader)
    if isinstance(found, Unknown):
        return Settling(State.WAITING, f"the service could not be read: {found.reason}")
    if found is None:
        return Settling(State.FAILED, "the service is gone")
    primary = primary_of(found)
    if deployment_id is not None and text(primary, "id") != deployment_id:
        return Settling(State.FAILED, f"{deployment_id} was replaced by {text(primary, 'id')}")
    rollout = text(primary, "rolloutState")
    wanted, running = number(found, "desiredCount") or 0, number(found, "runningCount") or 0
    words = f"{running} of {wanted} tasks running"
    if rollout == "FAILED":
        return Settling(State.FAILED, f"the deployment failed; {words}")
    of_primary = number(primary, "runningCount") or 0
    if running >= wanted and of_primary >= wanted and not number(found, "pendingCount") and rollout != "IN_PROGRESS":
        return Settling(State.SETTLED, words)
    return Settling(State.WAITING, words)
