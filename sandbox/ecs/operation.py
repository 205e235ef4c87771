"""What an ECS API operation of this account is."""

from collections.abc import Callable
from typing import Any

from moto.core.responses import ActionResult

from sandbox.ecs.world import World

type Request = dict[str, Any]
"""The call's parameters under the API's own member names."""

type Original = Callable[[Any], ActionResult]
"""The method of moto that an operation has taken the place of; it takes moto's response object."""

type Operation = Callable[[World, Any, Request, Original], ActionResult]
"""Answers one call: world, moto's response object, parameters, and what moto would do."""
