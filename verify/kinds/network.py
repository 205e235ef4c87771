"""The VPC by its tag, and all that is in it: what a repair has put there, too."""

from collections.abc import Callable, Iterable
from typing import Any

from verify.kinds.kind import Kind
from verify.names import TAG
from verify.place import Place

_TAGGED = [{"Name": "tag-key", "Values": [TAG]}]


def _vpcs(place: Place) -> list[str]:
    return [one["VpcId"] for one in place.client("ec2").describe_vpcs(Filters=_TAGGED)["Vpcs"]]


def _in_vpcs(operation: str, key: str, identifier: str) -> Callable[[Place], Iterable[str]]:
    def find(place: Place) -> Iterable[str]:
        if vpcs := _vpcs(place):
            answer = getattr(place.client("ec2"), operation)(Filters=[{"Name": "vpc-id", "Values": vpcs}])
            yield from (one[identifier] for one in answer[key] if not _stays(one))

    return find


def _stays(one: dict[str, Any]) -> bool:
    """What goes with its VPC: the default group and the main route table; and an endpoint that is on its way out."""
    main = any(association.get("Main") for association in one.get("Associations", ()))
    return main or one.get("GroupName") == "default" or str(one.get("State", "")).lower() in {"deleting", "deleted"}


def _delete_group(place: Place, group: str) -> None:
    """Groups may name one another: without their rules they do not."""
    ec2 = place.client("ec2")
    (found,) = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"]
    if found["IpPermissions"]:
        ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=found["IpPermissions"])
    ec2.delete_security_group(GroupId=group)


def _delete_route_table(place: Place, table: str) -> None:
    ec2 = place.client("ec2")
    (found,) = ec2.describe_route_tables(RouteTableIds=[table])["RouteTables"]
    for association in found["Associations"]:
        ec2.disassociate_route_table(AssociationId=association["RouteTableAssociationId"])
    ec2.delete_route_table(RouteTableId=table)


ENDPOINT = Kind(
    "endpoint",
    _in_vpcs("describe_vpc_endpoints", "VpcEndpoints", "VpcEndpointId"),
    lambda p, one: p.client("ec2").delete_vpc_endpoints(VpcEndpointIds=[one]),
)
SECURITY_GROUP = Kind(
    "security group", _in_vpcs("describe_security_groups", "SecurityGroups", "GroupId"), _delete_group
)
SUBNET = Kind(
    "subnet",
    _in_vpcs("describe_subnets", "Subnets", "SubnetId"),
    lambda p, one: p.client("ec2").delete_subnet(SubnetId=one),
)
ROUTE_TABLE = Kind("route table", _in_vpcs("describe_route_tables", "RouteTables", "RouteTableId"), _delete_route_table)
VPC = Kind("VPC", _vpcs, lambda p, one: p.client("ec2").delete_vpc(VpcId=one))
