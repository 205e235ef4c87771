"""Walks a TCP connection from an interface to a host, hop by hop, over the account's state."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from sandbox.ecs import network_acls, security_groups
from sandbox.ecs.addresses import behind_nat64
from sandbox.ecs.name_resolution import resolve, resolve_ipv6
from sandbox.ecs.network_acls import EPHEMERAL, LINUX_EPHEMERAL
from sandbox.ecs.policies import Verdict, judge, load
from sandbox.ecs.routes import Hop, Way, next_hop
from sandbox.ecs.security_groups import Peer
from sandbox.moto_patches.ipv6 import block_mode

OPEN_TARGET_TAG = "sandbox:leads-to-internet"
"""A transit gateway, peering or appliance tagged so (any value) is taken as a way to the internet."""


@dataclass(frozen=True, slots=True)
class Interface:
    """Where the connection starts: a network interface of the account. `public_ip` is None without one.

    `waits_on` are the ports of which it may choose any to be answered on.
    """

    subnet_id: str
    private_ip: str
    group_ids: tuple[str, ...]
    public_ip: str | None = None
    waits_on: tuple[int, int] = LINUX_EPHEMERAL
    ipv6: str | None = None
    """Its IPv6 address, if it has one beside its IPv4 address."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks for what, for endpoint policies. Without a role the call is one that ECR signed for the client."""

    action: str
    resource: str = "*"
    role_arn: str | None = None


class Stop(StrEnum):
    """Where a connection ends that does not arrive."""

    NO_NAME = "the name does not resolve"
    TASK_SECURITY_GROUP = "the task's security groups let nothing out"
    ENDPOINT_SECURITY_GROUP = "the endpoint's security groups let nothing in"
    NETWORK_ACL = "a network ACL"
    NO_ROUTE = "no route"
    BLACKHOLE = "a blackhole route"
    NAT_GATEWAY = "the NAT gateway cannot reach the internet"
    BLOCK_PUBLIC_ACCESS = "VPC Block Public Access"
    NO_PUBLIC_ADDRESS = "an internet gateway, but no public address"
    ELSEWHERE = "a route to somewhere that does not lead on"
    ENDPOINT_POLICY = "the endpoint's policy"


@dataclass(frozen=True, slots=True)
class Journey:
    """The end of the walk; `stop` is None when it arrived.

    `address` is what the name resolved to (None: nothing), `policy` what the endpoint's policy said if it stopped the
    call: that is an answer (AccessDenied), everything else is silence.
    """

    stop: Stop | None
    address: str | None
    policy: Verdict | None = None

    @property
    def arrived(self) -> bool:
        """Whether the call reaches the service and may pass."""
        return self.stop is None

    @property
    def answered(self) -> bool:
        """Whether the client gets any answer: a denied call does, a lost packet does not."""
        return self.stop in {None, Stop.ENDPOINT_POLICY}


@dataclass(frozen=True, slots=True)
class _Connection:
    interface: Interface
    port: int
    caller: Caller | None


def walk(ec2: Any, interface: Interface, host: str, port: int = 443, caller: Caller | None = None) -> Journey:
    """Walks from the interface to `host:port`; `ec2` is moto's EC2 backend of the account and region.

    Where nothing answers over IPv4, IPv6 is tried.
    """
    connection = _Connection(interface, port, caller)
    subnet = ec2.get_subnet(interface.subnet_id)
    journey = _over_ipv4(ec2, connection, subnet, host)
    if journey.answered or interface.ipv6 is None:
        return journey
    address = resolve_ipv6(ec2, subnet, host)
    if address is None:
        return journey
    six = _Connection(replace(interface, private_ip=interface.ipv6), port, caller)
    second = _to_public_address(ec2, six, subnet, address)
    return second if second.arrived else journey


def _over_ipv4(ec2: Any, connection: _Connection, subnet: Any, host: str) -> Journey:
    answer = resolve(ec2, ec2.get_vpc(subnet.vpc_id), host)
    if answer.endpoints:
        return _to_interface_endpoints(ec2, connection, answer.endpoints)
    if answer.address is None:
        return Journey(Stop.NO_NAME, None)
    return _to_public_address(ec2, connection, subnet, answer.address)


def _to_interface_endpoints(ec2: Any, connection: _Connection, endpoints: tuple[Any, ...]) -> Journey:
    last = Journey(Stop.NO_ROUTE, None)
    for endpoint in endpoints:
        for eni in filter(None, map(ec2.enis.get, endpoint.network_interface_ids)):
            address = eni.private_ip_address
            stop = _to_endpoint_interface(ec2, connection, endpoint, eni)
            if stop is None:
                verdict = _endpoint_policy(endpoint, connection.caller)
                return Journey(None, address) if verdict is Verdict.ALLOW else _denied(address, verdict)
            last = Journey(stop, address)
    return last


def _to_endpoint_interface(ec2: Any, connection: _Connection, endpoint: Any, eni: Any) -> Stop | None:
    task, port = connection.interface, connection.port
    endpoint_groups = tuple(endpoint.security_group_ids) or (ec2.get_default_security_group(endpoint.vpc_id).id,)
    return to_interface(ec2, task, (eni.subnet.id, Peer(eni.private_ip_address, endpoint_groups)), port)


def to_interface(ec2: Any, start: Interface, end: tuple[str, Peer], port: int) -> Stop | None:
    """Where a connection to another interface of the VPC ends; None where it arrives. `end` is its subnet and itself.

    An interface without any security group, as a network load balancer may have, lets everything out.
    """
    subnet_id, there = end
    here = Peer(start.private_ip, start.group_ids)
    if start.group_ids and not security_groups.lets_out(ec2, start.group_ids, there, port):
        return Stop.TASK_SECURITY_GROUP
    if subnet_id != start.subnet_id and not (
        _leaves(ec2, start.subnet_id, there.address, port, start.waits_on)
        and _enters(ec2, subnet_id, here.address, port, start.waits_on)
    ):
        return Stop.NETWORK_ACL
    if not security_groups.lets_in(ec2, there.group_ids, here, port):
        return Stop.ENDPOINT_SECURITY_GROUP
    return None


def _to_public_address(ec2: Any, connection: _Connection, subnet: Any, address: str) -> Journey:
    task, port = connection.interface, connection.port
    if not security_groups.lets_out(ec2, task.group_ids, Peer(address), port):
        return Journey(Stop.TASK_SECURITY_GROUP, address)
    hop = next_hop(ec2, subnet, address)
    if (dead_end := _dead_end(ec2, hop, task, address)) is not None:
        return Journey(dead_end, address)
    inside_subnet = hop.way is Way.NAT_GATEWAY and hop.target.subnet_id == subnet.id
    if not inside_subnet and not _leaves(ec2, subnet.id, address, port, task.waits_on):
        return Journey(Stop.NETWORK_ACL, address)
    if hop.way is Way.NAT_GATEWAY:
        return _through_nat(ec2, connection, hop.target, address)
    return _arrive(hop, address, connection.caller)


_DEAD_ENDS = {Way.NOWHERE: Stop.NO_ROUTE, Way.LOCAL: Stop.NO_ROUTE, Way.BLACKHOLE: Stop.BLACKHOLE}


def _dead_end(ec2: Any, hop: Hop, task: Interface, address: str) -> Stop | None:
    if ":" in address and (stop := _dead_end_of_ipv6(hop, address)) is not None:
        return stop
    match hop.way:
        case Way.INTERNET_GATEWAY if task.public_ip is None and ":" not in address:
            return Stop.NO_PUBLIC_ADDRESS
        case Way.INTERNET_GATEWAY | Way.EGRESS_ONLY_INTERNET_GATEWAY:
            return None if _lets_out(ec2, hop.way) else Stop.BLOCK_PUBLIC_ACCESS
        case Way.ELSEWHERE if not _is_open(hop.target):
            return Stop.ELSEWHERE
    return _DEAD_ENDS.get(hop.way)


def _dead_end_of_ipv6(hop: Hop, address: str) -> Stop | None:
    """A NAT gateway, and it alone, carries NAT64's addresses, and no others."""
    by_nat = hop.way is Way.NAT_GATEWAY
    if behind_nat64(address) is None:
        return Stop.NAT_GATEWAY if by_nat else None
    return None if by_nat or hop.way in {Way.NOWHERE, Way.BLACKHOLE} else Stop.ELSEWHERE


def _lets_out(ec2: Any, way: Way) -> bool:
    """Block Public Access for what comes in leaves alone what only lets connections out."""
    mode = block_mode(ec2)
    return mode == "off" or (mode == "block-ingress" and way is not Way.INTERNET_GATEWAY)


def _is_open(target: Any) -> bool:
    return target is not None and any(tag["key"] == OPEN_TARGET_TAG for tag in target.get_tags())


def _leaves(ec2: Any, subnet_id: str, peer: str, port: int, waits_on: tuple[int, int]) -> bool:
    """The request may leave the subnet for the peer, and its answer may come back in."""
    out = network_acls.passes(ec2, subnet_id, outward=True, peer=peer, ports=(port, port))
    return out and network_acls.passes(ec2, subnet_id, outward=False, peer=peer, ports=waits_on)


def _enters(ec2: Any, subnet_id: str, peer: str, port: int, waits_on: tuple[int, int]) -> bool:
    """The peer's request may come into the subnet, and its answer may go back out."""
    inward = network_acls.passes(ec2, subnet_id, outward=False, peer=peer, ports=(port, port))
    return inward and network_acls.passes(ec2, subnet_id, outward=True, peer=peer, ports=waits_on)


def _through_nat(ec2: Any, connection: _Connection, nat: Any, address: str) -> Journey:
    if str(nat.state).lower() != "available" or nat.connectivity_type == "private":
        return Journey(Stop.NAT_GATEWAY, address)
    target = behind_nat64(address) or address
    onward = next_hop(ec2, ec2.get_subnet(nat.subnet_id), target)
    if onward.way not in {Way.INTERNET_GATEWAY, Way.GATEWAY_ENDPOINT}:
        return Journey(Stop.NAT_GATEWAY, address)
    if onward.way is Way.INTERNET_GATEWAY and not _lets_out(ec2, Way.NAT_GATEWAY):
        return Journey(Stop.BLOCK_PUBLIC_ACCESS, address)
    task = connection.interface
    reached = nat.subnet_id == task.subnet_id or _enters(
        ec2, nat.subnet_id, task.private_ip, connection.port, task.waits_on
    )
    if not reached or not _leaves(ec2, nat.subnet_id, target, connection.port, EPHEMERAL):
        return Journey(Stop.NETWORK_ACL, address)
    return _arrive(onward, address, connection.caller)


def _arrive(hop: Hop, address: str, caller: Caller | None) -> Journey:
    if hop.way is Way.GATEWAY_ENDPOINT and (verdict := _endpoint_policy(hop.target, caller)) is not Verdict.ALLOW:
        return _denied(address, verdict)
    return Journey(None, address)


def _denied(address: str, verdict: Verdict) -> Journey:
    return Journey(Stop.ENDPOINT_POLICY, address, verdict)


def _endpoint_policy(endpoint: Any, caller: Caller | None) -> Verdict:
    if caller is None or not endpoint.policy_document:
        return Verdict.ALLOW
    context = {"aws:sourcevpc": endpoint.vpc_id, "aws:sourcevpce": endpoint.id}
    if caller.role_arn is not None:
        context |= {"aws:principalarn": caller.role_arn, "aws:principalaccount": caller.role_arn.split(":")[4]}
    # A download that ECR signed comes from AWS's own principal: only "*" admits it.
    principal = caller.role_arn or f"arn:aws:iam::{'0' * 12}:role/ecr"
    return judge([load(endpoint.policy_document)], caller.action, caller.resource, context, principal)
