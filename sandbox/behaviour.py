"""What the embedded account does that no AWS API sets: settable from outside while it runs."""

from dataclasses import dataclass, field, fields
from typing import Any

from sandbox.json_types import Json


@dataclass(slots=True)
class Behaviour:
    """Settings of the account; the defaults let fixtures build a network without waiting.

    `endpoint_pending_describes`: how many DescribeVpcEndpoints still show a new or changed endpoint as `pending`.
    `endpoint_pending_seconds`: how long it stays so in time; it is available when both have passed.
    `service_control_policies`: policy documents of the organisation; empty means the account is in none.
    `trail_events`: what CloudTrail LookupEvents answers from, each in LookupEvents' own form.
    """

    endpoint_pending_describes: int = 0
    endpoint_pending_seconds: float = 0.0
    service_control_policies: list[dict[str, Any]] = field(default_factory=list)
    trail_events: list[dict[str, Any]] = field(default_factory=list)

    def as_json(self) -> dict[str, Json]:
        """All settings by name."""
        return {f.name: getattr(self, f.name) for f in fields(self)}

    def change(self, settings: dict[str, Any]) -> None:
        """Sets the named settings; KeyError with the name of one that does not exist, TypeError for a wrong type."""
        for name, value in settings.items():
            if name not in {f.name for f in fields(self)}:
                raise KeyError(name)
            current = getattr(self, name)
            expected = (int, float) if isinstance(current, float) else type(current)
            if not isinstance(value, expected) or isinstance(value, bool):
                raise TypeError(name)
            setattr(self, name, value)

    def reset(self) -> None:
        """Back to the defaults, in place: others hold a reference to this object."""
        fresh = Behaviour()
        for f in fields(self):
            setattr(self, f.name, getattr(fresh, f.name))
