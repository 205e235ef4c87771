"""A service's tasks that stopped within the hour or so for which ECS remembers them."""

from collections.abc import Iterable
from datetime import UTC, datetime

from ecs_medic.aws.call import Call
from ecs_medic.aws.reader import Answer
from ecs_medic.facts.ecs import Task
from ecs_medic.facts.fact import Fact, Known
from ecs_medic.facts.from_task import task_from_description
from ecs_medic.facts.reading import mappings, texts
from ecs_medic.symptoms.of_task import message_of
from ecs_medic.symptoms.recognise import Recognition, recognise
from ecs_medic.vocabulary import NORMAL_LIFE

_MOST_DESCRIBED = 100
"""DescribeTasks takes no more at once."""
NOT_ALL = f"of its service's stopped tasks at most {_MOST_DESCRIBED} are looked at"
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


def listing(cluster: str, service: str) -> Call:
    """The question that lists a service's stopped tasks."""
    return Call("ecs", "ListTasks", {"cluster": cluster, "serviceName": service, "desiredStatus": "STOPPED"})


def description(cluster: str, listed: Fact[Answer]) -> Call | None:
    """The question what the listed tasks are; None where none is listed, or the list could not be read."""
    arns = texts(listed.value, "taskArns") if isinstance(listed, Known) else ()
    if not arns:
        return None
    return Call(
        "ecs", "DescribeTasks", {"cluster": cluster, "tasks": list(arns[:_MOST_DESCRIBED]), "include": ["TAGS"]}
    )


def are_too_many(listed: Fact[Answer]) -> bool:
    """Whether there are more than are described: then `NOT_ALL` is to be said where none of those tells anything."""
    if not isinstance(listed, Known):
        return False
    return "nextToken" in listed.value or len(texts(listed.value, "taskArns")) > _MOST_DESCRIBED


def tasks_in(answer: Fact[Answer]) -> tuple[Task, ...]:
    """The tasks of the answer that have stopped, newest first; none where they could not be read."""
    if not isinstance(answer, Known):
        return ()
    tasks = (task_from_description(item) for item in mappings(answer.value, "tasks"))
    return tuple(sorted((one for one in tasks if one.last_status == "STOPPED"), key=stopped_at, reverse=True))


def newest_failure(tasks: Iterable[Task]) -> tuple[Task, Recognition] | None:
    """The first of the tasks whose end was not normal life, and what its message says."""
    for task in tasks:
        recognition = recognise(message_of(task))
        if recognition.symptom not in NORMAL_LIFE:
            return task, recognition
    return None


def stopped_at(task: Task) -> datetime:
    """When it stopped, as well as that is known."""
    return task.stopped_at or task.stopping_at or task.created_at or _LONG_AGO
