"""What becomes of a connection from an interface of the account, for who asks the account itself."""

from typing import Any

from sandbox.ecs import interfaces
from sandbox.ecs.packet_walk import Caller, walk
from sandbox.ecs.world import World


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
