"""What the messages of a failure name: of many images or secrets, the one that it is about."""

from collections.abc import Callable, Iterable, Sequence

from ecs_medic.facts import Facts, Known
from ecs_medic.incident import Incident


def words_of(incident: Incident, facts: Facts) -> str:
    """Everything that was said of the failure: by the event, and, untruncated, by the task and its containers."""
    said = [incident.message.stopped_reason, incident.message.container_reason]
    for task in (incident.task, facts.task.value if isinstance(facts.task, Known) else None):
        if task is not None:
            said.append(task.stopped_reason)
            said.extend(container.reason for container in task.containers)
    return "\n".join(dict.fromkeys(part for part in said if part))


def told[T](items: Sequence[T], names: Callable[[T], Iterable[str]], words: str) -> tuple[T, ...]:
    """The items that the words name; all of them where none is named."""
    named = tuple(item for item in items if any(name and name in words for name in names(item)))
    return named or tuple(items)
