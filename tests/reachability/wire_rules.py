"""Random security groups and network ACLs of a network in the embedded account."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.reachability.wire_networks import Plan

ANYWHERE = "0.0.0.0/0"


@dataclass(frozen=True, slots=True)
class Groups:
    """The security groups of one network, by what they are for; any interface may have the second one as well."""

    task: str
    endpoint: str
    second: str


def groups(plan: Plan) -> Groups:
    task, endpoint, second = (
        plan.ec2.create_security_group(GroupName=name, Description=name, VpcId=plan.vpc)["GroupId"]
        for name in ("task", "endpoint", "second")
    )
    made = Groups(task, endpoint, second)
    if plan.rolls(0.35):
        _only_out(plan, task, plan.dice.choice(_outwards(plan, made)))
    _in(plan, endpoint, plan.dice.choice(_inwards(plan, made)))
    if plan.rolls(0.3):
        _in(plan, second, plan.dice.choice(_inwards(plan, made)))
        _only_out(plan, second, plan.dice.choice(_outwards(plan, made)))
    return made


def _only_out(plan: Plan, group: str, rules: list[dict[str, Any]]) -> None:
    """These outbound rules in place of the one that every group starts with."""
    everything = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": ANYWHERE}]}
    plan.ec2.revoke_security_group_egress(GroupId=group, IpPermissions=[everything])
    if rules:
        plan.ec2.authorize_security_group_egress(GroupId=group, IpPermissions=rules)


def _in(plan: Plan, group: str, rules: list[dict[str, Any]]) -> None:
    if rules:
        plan.ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=rules)


def _outwards(plan: Plan, made: Groups) -> tuple[list[dict[str, Any]], ...]:
    whole, other = str(plan.vpc_block), str(plan.blocks[1])
    s3 = plan.shared.s3_list
    return (
        [],
        [_tcp(ANYWHERE)],
        [_tcp(whole)],
        [_tcp(whole), _to_list(s3)],
        [_to_group(made.endpoint), _tcp(other)],
        [_to_group(made.endpoint), _to_list(s3)],
        [_to_list(s3), _tcp(ANYWHERE, (53, 53), "udp")],
        [_to_list(plan.shared.own_list, (400, 500))],
        [_tcp(ANYWHERE, (80, 80)), _tcp(ANYWHERE, (0, 65535), "udp")],
        [_tcp("52.0.0.0/8", (0, 65535)), {"IpProtocol": "icmp", "FromPort": -1, "ToPort": -1}],
    )


def _inwards(plan: Plan, made: Groups) -> tuple[list[dict[str, Any]], ...]:
    whole, task, other = str(plan.vpc_block), str(plan.blocks[0]), str(plan.blocks[1])
    return (
        [_tcp(whole)],
        [_tcp(whole)],
        [_tcp(task)],
        [_to_group(made.task)],
        [_to_group(made.endpoint)],
        [_to_group(made.second), _tcp(other)],
        [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": task}]}],
        [_to_list(plan.shared.own_list)],
        [_tcp(ANYWHERE, (8443, 8443))],
        [],
    )


def _tcp(cidr: str, ports: tuple[int, int] = (443, 443), protocol: str = "tcp") -> dict[str, Any]:
    return {"IpProtocol": protocol, "FromPort": ports[0], "ToPort": ports[1], "IpRanges": [{"CidrIp": cidr}]}


def _to_group(group: str) -> dict[str, Any]:
    return {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "UserIdGroupPairs": [{"GroupId": group}]}


def _to_list(prefix_list: str, ports: tuple[int, int] = (443, 443)) -> dict[str, Any]:
    lists = [{"PrefixListId": prefix_list}]
    return {"IpProtocol": "tcp", "FromPort": ports[0], "ToPort": ports[1], "PrefixListIds": lists}


# Network ACLs


def acls(plan: Plan) -> None:
    """Changes the default ACL, which serves all subnets, or gives one subnet an ACL of its own, or does nothing."""
    roll = plan.dice.random()
    if roll < 0.5:
        return
    existing = plan.ec2.describe_network_acls(Filters=plan.of_vpc())["NetworkAcls"][0]
    if roll < 0.75:
        for number in range(1, plan.dice.randint(1, 3) + 1):
            _entry(plan, existing["NetworkAclId"], number)
        return
    subnet = plan.dice.choice(plan.subnets)
    acl = plan.ec2.create_network_acl(VpcId=plan.vpc)["NetworkAcl"]["NetworkAclId"]
    association = next(one["NetworkAclAssociationId"] for one in existing["Associations"] if one["SubnetId"] == subnet)
    plan.ec2.replace_network_acl_association(AssociationId=association, NetworkAclId=acl)
    if plan.rolls(0.7):
        for egress in (True, False):
            plan.ec2.create_network_acl_entry(
                NetworkAclId=acl, RuleNumber=100, Egress=egress, RuleAction="allow", Protocol="-1", CidrBlock=ANYWHERE
            )
    for number in range(1, plan.dice.randint(1, 3) + 1):
        _entry(plan, acl, number)


def _entry(plan: Plan, acl: str, number: int) -> None:
    dice = plan.dice
    cidrs = (ANYWHERE, ANYWHERE, ANYWHERE, str(plan.vpc_block), *map(str, plan.blocks), "52.0.0.0/8", "54.76.0.0/15")
    ports = ((443, 443), (443, 443), (1024, 65535), (1024, 65535), (0, 65535), (22, 22), (32768, 60999), (1024, 4999))
    low, high = dice.choice(ports)
    protocol = dice.choice(("-1", "6", "6", "6", "6", "17"))
    ported = {} if protocol == "-1" else {"PortRange": {"From": low, "To": high}}
    plan.ec2.create_network_acl_entry(
        NetworkAclId=acl,
        RuleNumber=number,
        Egress=dice.random() < 0.5,
        RuleAction="deny" if dice.random() < 0.6 else "allow",
        Protocol=protocol,
        CidrBlock=dice.choice(cidrs),
        **ported,
    )
