"""Everything that was found out, as it is printed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from ecs_medic.doctor.check import Check, Skipped, Status
from ecs_medic.doctor.surroundings import Surroundings
from ecs_medic.finding import JsonValue

SCHEMA = "ecs-medic.doctor/1"


@dataclass(frozen=True, slots=True)
class Examination:
    """The checks in the order in which they are told; `seconds` is what it all took."""

    place: Surroundings
    region: str | None
    account: str | None
    checks: tuple[Check, ...]
    skipped: tuple[Skipped, ...]
    checked_at: datetime
    seconds: float

    @property
    def counts(self) -> Mapping[str, int]:
        """How many checks there are of each kind; what is only advised against is counted by itself."""
        return {
            "broken": sum(one.status is Status.BROKEN and not one.advisory for one in self.checks),
            "advisory": sum(one.status is Status.BROKEN and one.advisory for one in self.checks),
            "unknown": sum(one.status is Status.UNKNOWN for one in self.checks),
            "ok": sum(one.status is Status.OK for one in self.checks),
        }

    def as_json(self) -> dict[str, JsonValue]:
        """The answer of `ecs-medic doctor --json`."""
        return {
            "schema": SCHEMA,
            "checked_at": self.checked_at.isoformat(),
            "seconds": self.seconds,
            "environment": _environment(self),
            "summary": dict(self.counts),
            "checks": [one.as_json() for one in self.checks],
            "skipped": [{"check": one.name, "reason": one.reason} for one in self.skipped],
        }


def _environment(found: Examination) -> dict[str, JsonValue]:
    task, instance = found.place.task, found.place.instance
    shown: dict[str, JsonValue] = {
        "kind": found.place.where.value,
        "region": found.region,
        "account": found.account,
        "instance_id": None if instance is None else instance.instance_id,
        "task": None,
    }
    if task is not None:
        shown["task"] = {
            "task_arn": task.task.task_arn,
            "cluster": task.task.cluster,
            "family": task.task.family,
            "revision": task.task.revision,
            "launch_type": task.task.launch_type,
            "availability_zone": task.task.availability_zone,
            "container": None if task.container is None else task.container.name,
            "exec_enabled": found.place.exec_enabled,
            "problem": task.problem,
        }
    return shown
