"""The containers that write to Amazon CloudWatch Logs through the awslogs driver."""

from collections.abc import Iterator
from dataclasses import dataclass

from ecs_medic.facts import Facts
from ecs_medic.facts.fact import Known


@dataclass(frozen=True, slots=True)
class Driver:
    """One container's awslogs options, as far as they matter here."""

    container: str
    group: str
    region: str
    creates_group: bool


def drivers(facts: Facts) -> Iterator[Driver]:
    """Each awslogs driver of the task definition that names a group; the Region is the task's unless it says so."""
    if not isinstance(facts.task_definition, Known):
        return
    for container in facts.task_definition.value.containers:
        configuration = container.log_configuration
        if configuration is None or configuration.driver != "awslogs":
            continue
        options = configuration.options
        if group := options.get("awslogs-group"):
            yield Driver(
                container=container.name,
                group=group,
                region=options.get("awslogs-region") or facts.region,
                creates_group=options.get("awslogs-create-group", "").lower() == "true",
            )
