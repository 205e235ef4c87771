"""Everything that the embedded account keeps, and how it is emptied."""

import importlib
import importlib.util
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

from moto.core.base_backend import BackendDict, BaseBackend, backend_lock
from moto.core.model_instances import reset_model_data
from moto.moto_api import state_manager
from moto.moto_api._internal import mock_random

from sandbox import moto_patches
from sandbox.behaviour import Behaviour
from sandbox.calls import CallLog
from sandbox.faults import Faults
from sandbox.lock import LOCK
from sandbox.outbox import Outbox
from sandbox.slack.workspace import Workspace

# moto advances a task's state at every DescribeTasks; here tasks only move when the account's ECS moves them.
MANUAL = {"progression": "manual", "times": 10**9}


@dataclass(slots=True)
class Account:
    """The state of one embedded account; `seed` makes the ids of everything created in order repeatable.

    `durable_functions` is where Lambda's API for durable executions is answered, in whose process the functions run; it
    stays when the account is emptied.
    """

    seed: int | None = None
    outbox: Outbox = field(default_factory=Outbox)
    calls: CallLog = field(default_factory=CallLog)
    faults: Faults = field(default_factory=Faults)
    behaviour: Behaviour = field(default_factory=Behaviour)
    slack: Workspace = field(default_factory=Workspace)
    durable_functions: str | None = None

    def install(self) -> None:
        """Once per process: puts right what moto has wrong, and starts from an empty account."""
        moto_patches.install(self.behaviour)
        if ecs := ecs_engine():
            ecs.install(self.outbox)
        self.reset()

    def reset(self, seed: int | None = None) -> None:
        """Empties everything; the next ids are those of `seed`, or of the account's own seed again."""
        if seed is not None:
            self.seed = seed
        with LOCK:
            self.faults.clear()
            self.behaviour.reset()
            self.slack.reset()
            _empty_backends()
            if (ecs := ecs_engine()) and (begin := ecs.CONTROL.get("begin")):
                # Whatever time it was, it is now real time again.
                begin({"clock": None})
            state_manager.set_transition("ecs::task", MANUAL)
            mock_random.seed(self.seed)
            self.outbox.clear()
            self.calls.clear()


def ecs_engine() -> ModuleType | None:
    """The part of the account that runs ECS tasks, when it is there."""
    if importlib.util.find_spec("sandbox.ecs") is None:
        return None
    return importlib.import_module("sandbox.ecs")


def _empty_backends() -> None:
    # moto's own reset first builds every backend anew only to throw it away, which takes seconds with EC2 in use.
    with backend_lock:
        # moto has no public list of the backends in use.
        in_use: list[Any] = BackendDict._instances  # type: ignore[misc]  # noqa: SLF001
        for backends in in_use:
            for _, _, backend in backends.iter_backends():
                if _holds_files(backend):
                    backend.reset()
            backends.clear()
        in_use.clear()
    reset_model_data()


def _holds_files(backend: BaseBackend) -> bool:
    return type(backend).reset is not BaseBackend.reset
