"""What every part of the engine needs: where events go, what time it is, and whose account this is."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from moto.ec2.models import ec2_backends
from moto.ecs.models import ecs_backends
from moto.moto_api._internal import mock_random
from moto.utilities.utils import get_partition

from sandbox.ecs.clock import Clock


class Outbox(Protocol):
    """Where events of the account are published."""

    def emit(self, event: dict[str, Any], /) -> None:
        """Publishes one whole EventBridge event."""


@dataclass(frozen=True, slots=True)
class World:
    """One account and region, with its outbox and its clock."""

    account: str
    region: str
    outbox: Outbox
    clock: Clock

    @property
    def ecs(self) -> Any:
        """The ECS backend of moto."""
        return ecs_backends[self.account][self.region]

    @property
    def ec2(self) -> Any:
        """The EC2 backend of moto."""
        return ec2_backends[self.account][self.region]

    def arn(self, service: str, resource: str, *, account: str | None = None, region: str | None = None) -> str:
        """An ARN in this partition; account and region are the world's unless given ("" for none)."""
        where = self.region if region is None else region
        whose = self.account if account is None else account
        return f"arn:{get_partition(self.region)}:{service}:{where}:{whose}:{resource}"


def uuid() -> str:
    """A UUID from moto's seeded source, so that a seeded account is the same every time."""
    return str(mock_random.uuid4())


def hexadecimal(length: int) -> str:
    """Lower-case hexadecimal digits from moto's seeded source."""
    return f"{mock_random.getrandbits(4 * length):0{length}x}"


def iso(moment: datetime) -> str:
    """A timestamp as ECS writes it into events: milliseconds, trailing Z."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
