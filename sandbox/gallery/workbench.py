"""The embedded account as the builders of the gallery use it."""

from typing import Any

from sandbox.client import Sandbox


class Workbench:
    """A sandbox whose clients are made once: making one takes longer than most calls."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self._clients: dict[str, Any] = {}

    def client(self, service: str) -> Any:
        """A boto3 client of the account."""
        if service not in self._clients:
            self._clients[service] = self.sandbox.client(service)
        return self._clients[service]

    def events(self) -> list[dict[str, Any]]:
        """Everything that the account has emitted and nobody has taken, oldest first."""
        return self.sandbox.events()

    def begin(self, *, seed: int, clock: str | None) -> None:
        """Ids from this seed on, and time from this moment on (None: real time)."""
        self.sandbox.ecs("begin", seed=seed, clock=clock)
