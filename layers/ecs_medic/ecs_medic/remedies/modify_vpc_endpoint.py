"""Wire an endpoint that exists: a gateway to further route tables, an interface to further subnets, its private names.

Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyVpcEndpoint.html
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from ecs_medic.aws.reader import Reader
from ecs_medic.facts.fact import Known, Unknown
from ecs_medic.facts.network import EndpointInterface, Network
from ecs_medic.facts.reading import Json, text, texts
from ecs_medic.finding import JsonValue
from ecs_medic.plan import Action, Change
from ecs_medic.remedies.create_vpc_endpoint import with_gateway
from ecs_medic.remedies.endpoints import available, endpoint, has_private_dns
from ecs_medic.remedies.journal import Seen, TakingBack, Write, carry_out, take_back
from ecs_medic.remedies.params import Params, flag
from ecs_medic.remedies.params import text as text_of
from ecs_medic.remedies.params import texts as texts_of
from ecs_medic.remedies.receipt import Receipt
from ecs_medic.remedies.remedy import Grant, Obstacle, Remedy, Settling
from ecs_medic.remedies.run import Run

_PRIVATE_DNS = "private_dns"


@dataclass(frozen=True, slots=True)
class _List:
    """One list of the endpoint that can be added to: its name in the plan, in EC2's answers and in its requests."""

    name: str
    field: str
    add: str
    remove: str


_LISTS = (
    _List("route_table_ids", "RouteTableIds", "AddRouteTableIds", "RemoveRouteTableIds"),
    _List("subnet_ids", "SubnetIds", "AddSubnetIds", "RemoveSubnetIds"),
)


def apply(change: Change, run: Run, receipt: Receipt) -> Receipt:
    """One step for each list, and one for private DNS."""
    for write in _writes(change.params, run):
        receipt = carry_out(write, receipt, run)
        if not receipt.finished(write.name):
            return receipt
    return receipt


def obstacles(change: Change, run: Run) -> tuple[Obstacle, ...]:
    """Whether the endpoint is still there, and whether AWS would let us."""
    found = endpoint(run.reader, text_of(change.params, "vpc_endpoint_id"))
    if isinstance(found, Unknown):
        return (Obstacle("the endpoint", f"could not be read: {found.reason}", found.missing_permission),)
    if found is None:
        return (Obstacle("the endpoint", "is gone"),)
    refusals = [run.writer.try_out(one.operation, one.params) for one in _writes(change.params, run)]
    return tuple(
        Obstacle(f"dry run of {one.source}", one.words, one.missing_permission) for one in refusals if one is not None
    )


def settled(receipt: Receipt, reader: Reader) -> Settling:
    """A changed endpoint is pending for a while."""
    return available(reader, text_of(receipt.change.params, "vpc_endpoint_id"))


def undo(receipt: Receipt, run: Run) -> Receipt:
    """Exactly what was not there before is taken away."""
    for back in _taking_back(receipt, run):
        receipt = take_back(back, receipt, run)
    return receipt


def foreseen(change: Change, network: Network) -> Network:
    """The network with the endpoint as it will be."""
    if not isinstance(network.endpoints, Known):
        return network
    wanted = text_of(change.params, "vpc_endpoint_id")
    present = next((one for one in network.endpoints.value if one.id == wanted), None)
    if present is None:
        return network
    if tables := texts_of(change.params, "route_table_ids"):
        return with_gateway(network, present, tables)
    subnets = tuple(one for one in texts_of(change.params, "subnet_ids") if one not in present.subnet_ids)
    added = tuple(EndpointInterface(f"eni-planned-{wanted}-{one}", one, None) for one in subnets)
    after = replace(
        present,
        subnet_ids=(*present.subnet_ids, *subnets),
        interface_ids=(*present.interface_ids, *(one.id for one in added)),
        private_dns_enabled=present.private_dns_enabled or flag(change.params, "private_dns_enabled"),
    )
    endpoints = tuple(after if one.id == wanted else one for one in network.endpoints.value)
    interfaces = network.endpoint_interfaces
    if isinstance(interfaces, Known):
        interfaces = Known({**interfaces.value, **{one.id: one for one in added}}, interfaces.source)
    return replace(network, endpoints=Known(endpoints, network.endpoints.source), endpoint_interfaces=interfaces)


def _writes(params: Params, run: Run) -> Iterator[Write]:
    endpoint_id = text_of(params, "vpc_endpoint_id")
    for one in _LISTS:
        wanted = texts_of(params, one.name)
        if wanted:
            yield Write(
                name=one.name,
                service="ec2",
                operation="ModifyVpcEndpoint",
                params={"VpcEndpointId": endpoint_id, one.add: list(wanted)},
                resource=endpoint_id,
                look=_looking(endpoint_id, run.reader, _has_all(one, wanted), _list_before(one)),
            )
    if flag(params, "private_dns_enabled"):
        yield Write(
            name=_PRIVATE_DNS,
            service="ec2",
            operation="ModifyVpcEndpoint",
            params={"VpcEndpointId": endpoint_id, "PrivateDnsEnabled": True},
            resource=endpoint_id,
            look=_looking(endpoint_id, run.reader, has_private_dns, lambda _: {"private_dns_enabled": False}),
        )


def _taking_back(receipt: Receipt, run: Run) -> Iterator[TakingBack]:
    params = receipt.change.params
    endpoint_id = text_of(params, "vpc_endpoint_id")
    if receipt.step(_PRIVATE_DNS):
        yield TakingBack(
            step=_PRIVATE_DNS,
            service="ec2",
            operation="ModifyVpcEndpoint",
            params={"VpcEndpointId": endpoint_id, "PrivateDnsEnabled": False},
            look=_looking(endpoint_id, run.reader, has_private_dns, lambda _: {}),
        )
    for one in reversed(_LISTS):
        step = receipt.step(one.name)
        if step is None:
            continue
        added = tuple(item for item in texts_of(params, one.name) if item not in texts_of(step.before, one.name))
        yield TakingBack(
            step=one.name,
            service="ec2",
            operation="ModifyVpcEndpoint",
            params={"VpcEndpointId": endpoint_id, one.remove: list(added)},
            look=_looking(endpoint_id, run.reader, _has_any(one, added), lambda _: {}),
        )


def _looking(
    endpoint_id: str,
    reader: Reader,
    so: Callable[[Json], bool],
    before: Callable[[Json], dict[str, JsonValue]],
) -> Callable[[], Seen | Unknown]:
    def look() -> Seen | Unknown:
        found = endpoint(reader, endpoint_id)
        if isinstance(found, Unknown):
            return found
        if found is None:
            return Seen(so=False)
        return Seen(so=so(found), made={"vpc_endpoint_id": endpoint_id}, before=before(found), marked=False)

    return look


def _has_all(one: _List, wanted: tuple[str, ...]) -> Callable[[Json], bool]:
    return lambda found: set(wanted) <= set(texts(found, one.field))


def _has_any(one: _List, wanted: tuple[str, ...]) -> Callable[[Json], bool]:
    return lambda found: not set(wanted).isdisjoint(texts(found, one.field))


def _list_before(one: _List) -> Callable[[Json], dict[str, JsonValue]]:
    return lambda found: {one.name: list(texts(found, one.field)), "state": text(found, "State")}


_EC2 = "arn:{partition}:ec2:{region}:{account}:"

REMEDY = Remedy(
    action=Action.MODIFY_VPC_ENDPOINT,
    grants=(
        Grant(("ec2:ModifyVpcEndpoint",), (f"{_EC2}vpc-endpoint/*", f"{_EC2}route-table/*", f"{_EC2}subnet/*")),
        Grant(("route53:AssociateVPCWithHostedZone",), ("arn:{partition}:route53:::hostedzone/*",)),
        Grant(("ec2:DescribeVpcEndpoints",)),
    ),
    apply=apply,
    obstacles=obstacles,
    settled=settled,
    undo=undo,
    foreseen=foreseen,
)
