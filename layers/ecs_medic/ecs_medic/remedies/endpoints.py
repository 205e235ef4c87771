"""VPC endpoints as they are now, for the remedies that create and change them."""

from ecs_medic.aws.reader import Reader
from ecs_medic.facts.fact import Unknown
from ecs_medic.facts.reading import Json, flag, text
from ecs_medic.remedies.looking import listed
from ecs_medic.remedies.remedy import Settling, State

INTERFACE = "Interface"
GATEWAY = "Gateway"
_OVER = frozenset({"deleted", "deleting", "failed", "rejected", "expired"})
"""States of an endpoint that will never carry anything."""


def living(found: tuple[Json, ...]) -> tuple[Json, ...]:
    """Those that carry traffic or will."""
    return tuple(one for one in found if state_of(one) not in _OVER)


def state_of(endpoint: Json) -> str:
    """In lower case: AWS has written it in both."""
    return (text(endpoint, "State") or "").lower()


def endpoints_for(reader: Reader, vpc_id: str, service_name: str, kind: str) -> tuple[Json, ...] | Unknown:
    """The VPC's living endpoints of that type for the service."""
    filters = [{"Name": "vpc-id", "Values": [vpc_id]}, {"Name": "service-name", "Values": [service_name]}]
    found = listed(reader, "ec2", "DescribeVpcEndpoints", {"Filters": filters}, "VpcEndpoints")
    if isinstance(found, Unknown):
        return found
    return tuple(one for one in living(found) if text(one, "VpcEndpointType") == kind)


def endpoint(reader: Reader, endpoint_id: str) -> Json | Unknown | None:
    """That endpoint, None where it is gone."""
    found = listed(reader, "ec2", "DescribeVpcEndpoints", {"VpcEndpointIds": [endpoint_id]}, "VpcEndpoints")
    if isinstance(found, Unknown):
        return found
    present = living(found)
    return present[0] if present else None


def available(reader: Reader, endpoint_id: str | None) -> Settling:
    """Whether the endpoint carries traffic by now."""
    if endpoint_id is None:
        return Settling(State.FAILED, "no endpoint was made")
    found = listed(reader, "ec2", "DescribeVpcEndpoints", {"VpcEndpointIds": [endpoint_id]}, "VpcEndpoints")
    if isinstance(found, Unknown):
        return Settling(State.WAITING, f"{endpoint_id} could not be read: {found.reason}")
    state = state_of(found[0]) if found else "deleted"
    if state == "available":
        return Settling(State.SETTLED, f"{endpoint_id} is available")
    if state in _OVER:
        return Settling(State.FAILED, f"{endpoint_id} is {state}")
    return Settling(State.WAITING, f"{endpoint_id} is {state}")


def has_private_dns(found: Json) -> bool:
    """Whether the service's own name leads to it."""
    return flag(found, "PrivateDnsEnabled") is True
