"""Words of a kernel that was given a program for another processor (ENOEXEC), or a script without its first line."""

from ecs_medic.facts import Facts
from ecs_medic.facts.ecs import Container
from ecs_medic.facts.fact import Known

WORDS = "exec format error"


def speaks_of_format(facts: Facts, container: Container) -> bool:
    """Whether the container's reason or its last lines say so."""
    tail = facts.log_tail
    lines = tail.value.lines if isinstance(tail, Known) and tail.value.container == container.name else ()
    return any(WORDS in text.lower() for text in (container.reason or "", *lines))
