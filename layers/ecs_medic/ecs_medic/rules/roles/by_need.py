"""The calls that a role must be allowed, put together from the task's needs."""

from collections.abc import Iterator

from ecs_medic.facts import Facts
from ecs_medic.incident import Incident
from ecs_medic.needs.derive import blocking_needs, is_about_exec, needs_of
from ecs_medic.needs.need import Need, Purpose


def needs_with_role(incident: Incident, facts: Facts, *purposes: Purpose) -> Iterator[Need]:
    """The needs of these purposes that block this incident and that a role of the task definition must be allowed."""
    for need in blocking_needs(incident, needs_of(facts, for_exec=is_about_exec(incident))):
        if need.purpose in purposes and need.role_arn and need.calls:
            yield need
