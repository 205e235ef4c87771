"""What becomes of a connection from an interface of the account, for who asks the account itself."""

from typing import Any

from sandbox.ecs import interfaces
from sandbox.ecs.packet_walk import Caller, walk
from sandbox.ecs.world import World

_PASSING_ON = frozenset({"vpc_endpoint", "nat_gateway"})


def can_reach(world: World, body: dict[str, Any]) -> dict[str, Any]:
    """Walks from `interface` (its id) to `host`, at `port` (443).

    `action`, `resource` and `role_arn` say for which call, where endpoint policies are to be asked. Answers whether it
    `arrived`, else where it ended (`stop`), and the `address` that the name led to.
    """
    eni = world.ec2.enis[body["interface"]]
    action = body.get("action")
    caller = Caller(action, body.get("resource", "*"), body.get("role_arn")) if action else None
    journey = walk(world.ec2, interfaces.start_of(eni), body["host"], body.get("port", 443), caller)
    stop = None if journey.stop is None else journey.stop.name.lower()
    return {"arrived": journey.arrived, "stop": stop, "address": journey.address}


def every_way(world: World, body: dict[str, Any]) -> dict[str, list[str]]:
    """The `hosts` that each network interface of the VPC `vpc` reaches at 443, by the interface's id.

    Interfaces of endpoints and NAT gateways, which pass on what others send, are left out. Where `hosts` is an object,
    its values are the actions that are called there by `role_arn`, so that endpoint policies are asked.
    """
    hosts: Any = body["hosts"]
    calls = {host: Caller(hosts[host], "*", body["role_arn"]) for host in hosts} if isinstance(hosts, dict) else {}
    return {
        eni.id: [
            host for host in hosts if walk(world.ec2, interfaces.start_of(eni), host, caller=calls.get(host)).arrived
        ]
        for eni in _clients(world, body["vpc"])
    }


def _clients(world: World, vpc_id: str) -> list[Any]:
    enis = world.ec2.enis.values()
    return [eni for eni in enis if eni.subnet.vpc_id == vpc_id and eni.interface_type not in _PASSING_ON]
