"""Puts this ECS in the place of moto's, in the process that runs moto."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from moto.core.responses import ActionResult
from moto.ecr.responses import ECRResponse
from moto.ecs.responses import EC2ContainerServiceResponse
from moto.moto_api._internal import mock_random

from sandbox.ecs import clock as clocks
from sandbox.ecs import container_instances, interruption, reach
from sandbox.ecs.operations import OPERATIONS, perform
from sandbox.ecs.pushes import PUSH
from sandbox.ecs.pushes import perform as push
from sandbox.ecs.world import Outbox, World

type Control = Callable[[dict[str, Any]], Any]

CONTROL: dict[str, Control] = {}
"""What the control endpoint offers under /ecs/<name>; filled by `install`."""


class Engine:
    """The outbox and the clock of the installed ECS; the clock may be exchanged while it runs."""

    def __init__(self, outbox: Outbox) -> None:
        self.outbox = outbox
        self.clock = clocks.real

    def world(self, account: str, region: str) -> World:
        """The account and region that a request is for."""
        return World(account, region, self.outbox, self.clock)

    def begin(self, body: dict[str, Any]) -> dict[str, Any]:
        """Starts over with ids and time: `seed` for the ids to come, `clock` (ISO time) for one that ticks."""
        if (seed := body.get("seed")) is not None:
            mock_random.seed(int(seed))
        if "clock" in body:
            start = body["clock"]
            self.clock = clocks.real if start is None else clocks.ticking(datetime.fromisoformat(start))
        return {"ok": True}

    def can_reach(self, body: dict[str, Any]) -> dict[str, Any]:
        """Walks from an interface of `account` and `region` to a host: `sandbox.ecs.reach`."""
        return reach.can_reach(self.world(body["account"], body["region"]), body)

    def every_way(self, body: dict[str, Any]) -> dict[str, list[str]]:
        """What every interface of a VPC reaches: `sandbox.ecs.reach`."""
        return reach.every_way(self.world(body["account"], body["region"]), body)

    def take_away(self, body: dict[str, Any]) -> dict[str, Any]:
        """Stops a service's tasks as AWS does by itself: `sandbox.ecs.interruption`."""
        return interruption.take_away(self.world(body["account"], body["region"]), body)

    def launched_earlier(self, body: dict[str, Any]) -> dict[str, Any]:
        """Makes the EC2 instance `instance` so many `minutes` older than it is."""
        container_instances.age(self.world(body["account"], body["region"]), body["instance"], body["minutes"])
        return {"ok": True}


def install(outbox: Outbox) -> Callable[[], None]:
    """Replaces moto's ECS operations; returns what puts moto's own back.

    Events of the account go to `outbox`. Installing again exchanges the outbox only if the first is undone.
    """
    engine = Engine(outbox)
    originals = {name: getattr(EC2ContainerServiceResponse, name, None) for name in OPERATIONS}
    for name, original in originals.items():
        setattr(EC2ContainerServiceResponse, name, _method(engine, name, original))
    pushes = {name: getattr(ECRResponse, name) for name in PUSH}
    for name, original in pushes.items():
        setattr(ECRResponse, name, _push_method(engine, name, original))
    CONTROL["begin"] = engine.begin
    CONTROL["can_reach"] = engine.can_reach
    CONTROL["every_way"] = engine.every_way
    CONTROL["take_away"] = engine.take_away
    CONTROL["launched_earlier"] = engine.launched_earlier

    def undo() -> None:
        for name, original in originals.items():
            if original is None:
                delattr(EC2ContainerServiceResponse, name)
            else:
                setattr(EC2ContainerServiceResponse, name, original)
        for name, original in pushes.items():
            setattr(ECRResponse, name, original)
        CONTROL.clear()

    return undo


def _method(engine: Engine, name: str, original: Any) -> Callable[[Any], ActionResult]:
    def method(response: Any) -> ActionResult:
        world = engine.world(response.current_account, response.region)
        return perform(world, response, name, original)

    method.__name__ = name
    return method


def _push_method(engine: Engine, name: str, original: Any) -> Callable[[Any], ActionResult]:
    def method(response: Any) -> ActionResult:
        world = engine.world(response.current_account, response.region)
        return push(world, response, name, original)

    method.__name__ = name
    return method
