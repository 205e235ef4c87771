"""Where a verification takes place: the account, the Region, and the patience to wait for things there."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import boto3
from botocore.config import Config

_CONFIG = Config(retries={"mode": "standard", "total_max_attempts": 6}, connect_timeout=10, read_timeout=60)


class NotSeenError(Exception):
    """What was waited for did not come about in time; the message says what."""


@dataclass(frozen=True, slots=True)
class Place:
    """One Region of one account. `say` tells the person who waits; time is replaced by tests."""

    account: str
    region: str
    say: Callable[[str], None]
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    session: Any = field(default_factory=boto3.session.Session)
    clients: dict[str, Any] = field(default_factory=dict)

    def client(self, service: str) -> Any:
        """A boto3 client, made once."""
        if service not in self.clients:
            self.clients[service] = self.session.client(service, region_name=self.region, config=_CONFIG)
        return self.clients[service]

    @property
    def environment(self) -> dict[str, str]:
        """For every process that is started: it works in this Region, whatever its own way of finding one."""
        return {**os.environ, "AWS_REGION": self.region, "AWS_DEFAULT_REGION": self.region}

    def until[T](self, what: str, look: Callable[[], T | None], *, minutes: float, pause: float = 10.0) -> T:
        """Looks every `pause` seconds until there is something, and returns it.

        Raises:
            NotSeenError: there was nothing for that many minutes.
        """
        end = self.clock() + minutes * 60
        while True:
            if seen := look():
                return seen
            if self.clock() >= end:
                raise NotSeenError(f"{what}: not within {minutes:g} minutes")
            self.sleep(pause)
