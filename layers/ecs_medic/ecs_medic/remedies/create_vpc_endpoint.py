"""Create an endpoint for one service: an interface in each zone where tasks run, or the gateway on their route tables.

An interface endpoint gets a security group of its own that admits HTTPS from all of the VPC: its private names send
every client of the VPC there. Source: https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ecs_medic.aws.reader import Reader
from ecs_medic.facts.fact import Known, Unknown
from ecs_medic.facts.network import Endpoint, EndpointInterface, Network, Route, RouteTable, SecurityGroup
from ecs_medic.facts.reading import Json, tags, text
from ecs_medic.finding import JsonValue
from ecs_medic.plan import Action, Change
from ecs_medic.remedies.endpoint_obstacles import endpoint_obstacles
from ecs_medic.remedies.endpoints import GATEWAY, INTERFACE, available, endpoint, endpoints_for
from ecs_medic.remedies.journal import Seen, TakingBack, Write, carry_out, take_back
from ecs_medic.remedies.looking import listed
from ecs_medic.remedies.params import Params
from ecs_medic.remedies.params import text as text_of
from ecs_medic.remedies.params import texts as texts_of
from ecs_medic.remedies.receipt import Receipt, Stage
from ecs_medic.remedies.remedy import Grant, Obstacle, Remedy, Settling
from ecs_medic.remedies.run import INCIDENT_TAG, RUN_TAG, Run, made_by
from ecs_medic.remedies.security_group_rules import Rule, admitting, permission_of, removing, tag_list

HTTPS = 443
_GROUP, _ENDPOINT = "security_group", "endpoint"
_PLANNED = "planned"
_LONGEST_NAME = 255


def apply(change: Change, run: Run, receipt: Receipt) -> Receipt:
    """The group, its rules, the endpoint; nothing of it where an endpoint is there by now."""
    params = change.params
    if text_of(params, "endpoint_type") == GATEWAY:
        return carry_out(_creating(params, run, None), receipt, run)
    seen = _look(params, run.reader) if not receipt.steps else Seen(so=False)
    if isinstance(seen, Unknown) or seen.so:
        # Somebody was faster, or nobody can tell: then not even a group is made. With a receipt of this run lost, it is
        # its own.
        return carry_out(_creating(params, run, None), receipt, run)
    receipt = carry_out(_creating_group(params, run), receipt, run)
    group = receipt.made(_GROUP, "security_group_id")
    if not receipt.finished(_GROUP) or group is None:
        return receipt
    for cidr in texts_of(params, "cidrs"):
        rule = Rule(group, cidr, HTTPS, egress=False)
        receipt = carry_out(admitting(rule, run), receipt, run)
        if not receipt.finished(rule.step):
            return receipt
    return carry_out(_creating(params, run, group), receipt, run)


def obstacles(change: Change, run: Run) -> tuple[Obstacle, ...]:
    """What AWS would refuse, and whether it would let us: nothing is made where any of it is in the way."""
    params = change.params
    tried = {_ENDPOINT: ("CreateVpcEndpoint", _endpoint_request(params, run, None))}
    if text_of(params, "endpoint_type") == INTERFACE:
        tried[_GROUP] = ("CreateSecurityGroup", _group_request(params, run))
    return endpoint_obstacles(params, tried, run)


def settled(receipt: Receipt, reader: Reader) -> Settling:
    """When the endpoint is available."""
    return available(reader, receipt.made(_ENDPOINT, "vpc_endpoint_id"))


def undo(receipt: Receipt, run: Run) -> Receipt:
    """The endpoint first; its group goes once the endpoint's interfaces are gone, which takes minutes."""
    receipt = take_back(_deleting(receipt, run), receipt, run)
    if receipt.step(_GROUP) is None:
        return receipt
    receipt = take_back(_deleting_group(receipt, run), receipt, run)
    group = receipt.made(_GROUP, "security_group_id")
    gone = receipt.step(_GROUP)
    if group is None or gone is None or gone.stage is not Stage.UNDONE:
        return receipt
    for cidr in texts_of(receipt.change.params, "cidrs"):
        rule = Rule(group, cidr, HTTPS, egress=False)
        if receipt.step(rule.step) is not None:
            receipt = take_back(removing(rule, receipt, run), receipt, run)
    return receipt


def foreseen(change: Change, network: Network) -> Network:
    """The network with the endpoint, available, and with all that comes with it."""
    params = change.params
    service = text_of(params, "service_name")
    made = f"vpce-{_PLANNED}-{service.rsplit('.', 1)[-1]}"
    if text_of(params, "endpoint_type") == GATEWAY:
        return with_gateway(network, Endpoint(made, service, GATEWAY, "available"), texts_of(params, "route_table_ids"))
    group = f"sg-{_PLANNED}-{service}"
    subnets = texts_of(params, "subnet_ids")
    interfaces = tuple(EndpointInterface(f"eni-{_PLANNED}-{service}-{one}", one, None) for one in subnets)
    added = Endpoint(
        id=made,
        service_name=service,
        type=INTERFACE,
        state="available",
        private_dns_enabled=True,
        subnet_ids=subnets,
        security_group_ids=(group,),
        interface_ids=tuple(one.id for one in interfaces),
    )
    permission = permission_of(texts_of(params, "cidrs"), HTTPS)
    security_group = SecurityGroup(group, group, network.vpc_id, ingress=(permission,))
    return replace(
        network,
        endpoints=_more(network.endpoints, (added,)),
        security_groups=_merged(network.security_groups, {group: security_group}),
        endpoint_interfaces=_merged(network.endpoint_interfaces, {one.id: one for one in interfaces}),
    )


def with_gateway(network: Network, gateway: Endpoint, table_ids: tuple[str, ...]) -> Network:
    """The network with the gateway endpoint on these route tables too: each gets the route to its prefix list."""
    names = network.prefix_list_names.value if isinstance(network.prefix_list_names, Known) else {}
    prefix_list = next((one for one, name in names.items() if name == gateway.service_name), None)
    on = replace(gateway, route_table_ids=tuple(dict.fromkeys((*gateway.route_table_ids, *table_ids))))
    tables = network.route_tables
    if isinstance(tables, Known) and prefix_list is not None:
        routed = tuple(
            _routed(one, Route(prefix_list, gateway.id)) if one.id in table_ids else one for one in tables.value
        )
        tables = Known(routed, tables.source)
    endpoints = network.endpoints
    if isinstance(endpoints, Known):
        others = tuple(one for one in endpoints.value if one.id != gateway.id)
        endpoints = Known((*others, on), endpoints.source)
    return replace(network, route_tables=tables, endpoints=endpoints)


def _routed(table: RouteTable, route: Route) -> RouteTable:
    kept = tuple(one for one in table.routes if one.destination != route.destination)
    return replace(table, routes=(*kept, route))


def _more[T](fact: Any, added: tuple[T, ...]) -> Any:
    return Known((*fact.value, *added), fact.source) if isinstance(fact, Known) else fact


def _merged(fact: Any, added: Mapping[str, object]) -> Any:
    return Known({**fact.value, **added}, fact.source) if isinstance(fact, Known) else fact


def _creating(params: Params, run: Run, group: str | None) -> Write:
    service = text_of(params, "service_name")
    return Write(
        name=_ENDPOINT,
        service="ec2",
        operation="CreateVpcEndpoint",
        params=_endpoint_request(params, run, group),
        resource=service,
        look=lambda: _look(params, run.reader),
        made=_made,
    )


def _endpoint_request(params: Params, run: Run, group: str | None) -> dict[str, Any]:
    vpc_id, service = text_of(params, "vpc_id"), text_of(params, "service_name")
    kind = text_of(params, "endpoint_type")
    request: dict[str, Any] = {
        "VpcId": vpc_id,
        "ServiceName": service,
        "VpcEndpointType": kind,
        "ClientToken": run.token("CreateVpcEndpoint", vpc_id, service),
        "TagSpecifications": [{"ResourceType": "vpc-endpoint", "Tags": tag_list(run.tags(_name(service, run)))}],
    }
    if kind == GATEWAY:
        return request | {"RouteTableIds": list(texts_of(params, "route_table_ids"))}
    groups = {"SecurityGroupIds": [group]} if group else {}
    return request | {"SubnetIds": list(texts_of(params, "subnet_ids")), "PrivateDnsEnabled": True, **groups}


def _look(params: Params, reader: Reader) -> Seen | Unknown:
    kind = text_of(params, "endpoint_type")
    found = endpoints_for(reader, text_of(params, "vpc_id"), text_of(params, "service_name"), kind)
    if isinstance(found, Unknown):
        return found
    if not found:
        return Seen(so=False)
    return Seen(so=True, made=_ids(found[0]), run_id=made_by(tags(found[0], "Tags")))


def _made(answer: Mapping[str, Any]) -> dict[str, JsonValue]:
    return _ids(answer.get("VpcEndpoint") or {})


def _ids(found: Json) -> dict[str, JsonValue]:
    return {"vpc_endpoint_id": text(found, "VpcEndpointId")}


def _name(service: str, run: Run) -> str:
    return f"ecs-medic-{service.rsplit('com.amazonaws.', 1)[-1]}-{run.short_id}"[:_LONGEST_NAME]


def _creating_group(params: Params, run: Run) -> Write:
    return Write(
        name=_GROUP,
        service="ec2",
        operation="CreateSecurityGroup",
        params=_group_request(params, run),
        resource=text_of(params, "vpc_id"),
        look=lambda: _look_at_group(params, run),
        made=lambda answer: {"security_group_id": text(answer, "GroupId")},
    )


def _group_request(params: Params, run: Run) -> dict[str, Any]:
    service = text_of(params, "service_name")
    name = _name(service, run)
    return {
        "VpcId": text_of(params, "vpc_id"),
        "GroupName": name,
        "Description": f"HTTPS from the VPC to its endpoint for {service}",
        "TagSpecifications": [{"ResourceType": "security-group", "Tags": tag_list(run.tags(name))}],
    }


def _look_at_group(params: Params, run: Run) -> Seen | Unknown:
    filters = [
        {"Name": "vpc-id", "Values": [text_of(params, "vpc_id")]},
        {"Name": "group-name", "Values": [_name(text_of(params, "service_name"), run)]},
    ]
    found = listed(run.reader, "ec2", "DescribeSecurityGroups", {"Filters": filters}, "SecurityGroups")
    if isinstance(found, Unknown):
        return found
    if not found:
        return Seen(so=False)
    made: dict[str, JsonValue] = {"security_group_id": text(found[0], "GroupId")}
    return Seen(so=True, made=made, run_id=made_by(tags(found[0], "Tags")))


def _deleting(receipt: Receipt, run: Run) -> TakingBack:
    found = receipt.made(_ENDPOINT, "vpc_endpoint_id") or _own(_look(receipt.change.params, run.reader), run)

    def look() -> Seen | Unknown:
        if found is None:
            seen = _look(receipt.change.params, run.reader)
            return seen if isinstance(seen, Unknown) else Seen(seen.so and seen.run_id == run.id)
        there = endpoint(run.reader, found)
        if isinstance(there, Unknown):
            return there
        return Seen(there is not None and made_by(tags(there, "Tags")) == run.id)

    ids = [found or ""]
    return TakingBack(_ENDPOINT, "ec2", "DeleteVpcEndpoints", {"VpcEndpointIds": ids}, look, not_done=_not_deleted)


def _not_deleted(answer: Mapping[str, Any]) -> str | None:
    """DeleteVpcEndpoints reports what it did not delete in an answer without an error."""
    failures = answer.get("Unsuccessful") or []
    return "; ".join(str((one.get("Error") or {}).get("Message")) for one in failures) or None


def _deleting_group(receipt: Receipt, run: Run) -> TakingBack:
    params = receipt.change.params
    found = receipt.made(_GROUP, "security_group_id") or _own(_look_at_group(params, run), run)

    def look() -> Seen | Unknown:
        seen = _look_at_group(params, run)
        return seen if isinstance(seen, Unknown) else Seen(seen.so and seen.run_id == run.id)

    return TakingBack(_GROUP, "ec2", "DeleteSecurityGroup", {"GroupId": found or ""}, look)


def _own(seen: Seen | Unknown, run: Run) -> str | None:
    if isinstance(seen, Unknown) or seen.run_id != run.id:
        return None
    return next((one for one in seen.made.values() if isinstance(one, str)), None)


_OURS = {"Null": {f"aws:ResourceTag/{RUN_TAG}": "false"}}
_MARKED = {"Null": {f"aws:RequestTag/{RUN_TAG}": "false", f"aws:RequestTag/{INCIDENT_TAG}": "false"}}
_EC2 = "arn:{partition}:ec2:{region}:{account}:"
SERVICES = ("com.amazonaws.{region}.*", "cn.com.amazonaws.{region}.*")

REMEDY = Remedy(
    action=Action.CREATE_VPC_ENDPOINT,
    grants=(
        Grant(
            ("ec2:CreateVpcEndpoint",),
            (f"{_EC2}vpc-endpoint/*",),
            {**_MARKED, "StringLike": {"ec2:VpceServiceName": SERVICES}},
        ),
        Grant(
            ("ec2:CreateVpcEndpoint",),
            (f"{_EC2}vpc/*", f"{_EC2}subnet/*", f"{_EC2}security-group/*", f"{_EC2}route-table/*"),
        ),
        Grant(("ec2:CreateSecurityGroup",), (f"{_EC2}security-group/*",), _MARKED),
        Grant(("ec2:CreateSecurityGroup",), (f"{_EC2}vpc/*",)),
        Grant(
            ("ec2:CreateTags",),
            (f"{_EC2}vpc-endpoint/*", f"{_EC2}security-group/*", f"{_EC2}security-group-rule/*"),
            {
                "StringEquals": {
                    "ec2:CreateAction": (
                        "CreateVpcEndpoint",
                        "CreateSecurityGroup",
                        "AuthorizeSecurityGroupIngress",
                        "AuthorizeSecurityGroupEgress",
                    )
                }
            },
        ),
        Grant(("ec2:AuthorizeSecurityGroupIngress", "ec2:DeleteSecurityGroup"), (f"{_EC2}security-group/*",), _OURS),
        Grant(("ec2:AuthorizeSecurityGroupIngress",), (f"{_EC2}security-group-rule/*",), _MARKED),
        Grant(("ec2:DeleteVpcEndpoints",), (f"{_EC2}vpc-endpoint/*",), _OURS),
        Grant(("route53:AssociateVPCWithHostedZone",), ("arn:{partition}:route53:::hostedzone/*",)),
        Grant(
            (
                "ec2:DescribeVpcEndpoints",
                "ec2:DescribeVpcEndpointServices",
                "ec2:DescribeSecurityGroups",
                "ec2:DescribeSecurityGroupRules",
                "ec2:DescribeSubnets",
                "ec2:DescribeVpcAttribute",
                "route53:ListHostedZonesByVPC",
                "servicequotas:GetServiceQuota",
            )
        ),
    ),
    apply=apply,
    obstacles=obstacles,
    settled=settled,
    undo=undo,
    foreseen=foreseen,
)
