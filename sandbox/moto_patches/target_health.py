"""Targets of a target group have the health that somebody found, not always that of a healthy one.

moto calls every registered target healthy.
"""

from typing import Any

from moto.elbv2.models import FakeHealthStatus, FakeTargetGroup

from sandbox.moto_patches.patching import replace

type Found = tuple[str, str | None, str | None]
"""State, reason code and description."""

_FOUND = "_sandbox_health"


def note_health(group: Any, target: str, found: Found) -> None:
    """What the next DescribeTargetHealth says of the target, as long as it is registered."""
    if not hasattr(group, _FOUND):
        setattr(group, _FOUND, {})
    getattr(group, _FOUND)[target] = found


def install() -> None:
    """Replaces moto's verdict where another was noted."""
    original = FakeTargetGroup.health_for

    @replace(FakeTargetGroup)
    def health_for(self: Any, target: dict[str, Any], ec2_backend: Any) -> FakeHealthStatus:
        registered = self.targets.get(target["Id"])
        found = getattr(self, _FOUND, {}).get(target["Id"])
        if registered is None or found is None:
            return original(self, target, ec2_backend)
        return FakeHealthStatus(registered["Id"], registered["Port"], self.health_check_port, *found)
