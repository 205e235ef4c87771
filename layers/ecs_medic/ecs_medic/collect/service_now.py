"""A service as it is at this moment: what runs of it, and what stopped within the hour that ECS remembers."""

from dataclasses import dataclass

from ecs_medic.aws.call import Call
from ecs_medic.aws.reader import Answer, Reader
from ecs_medic.collect.ecs import service_from_answer
from ecs_medic.collect.stopped_tasks import listing
from ecs_medic.facts.ecs import Service, Task
from ecs_medic.facts.fact import Fact, Known, Unknown
from ecs_medic.facts.from_task import task_from_description
from ecs_medic.facts.reading import mappings, texts

_MOST_DESCRIBED = 100
"""DescribeTasks takes no more at once; so many of each kind are looked at."""


@dataclass(frozen=True, slots=True)
class ServiceNow:
    """Unknown where AWS was asked and did not answer; `more_stopped`: tasks have stopped that were not looked at."""

    service: Fact[Service]
    tasks: Fact[tuple[Task, ...]]
    more_stopped: bool = False


def service_now(reader: Reader, cluster: str, service: str) -> ServiceNow:
    """Read it in two waves: the service with the list of its tasks, then the tasks.

    Source: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListTasks.html (a stopped task is listed
    where `desiredStatus` is STOPPED, for at least an hour).

    Raises:
        AwsUnavailable: the credentials are missing, expired or refused.
    """
    answers = reader.together(
        {
            "service": Call(
                "ecs", "DescribeServices", {"cluster": cluster, "services": [service], "include": ["TAGS"]}
            ),
            "running": Call("ecs", "ListTasks", {"cluster": cluster, "serviceName": service}),
            "stopped": listing(cluster, service),
        }
    )
    found = service_from_answer(answers["service"], service)
    lists = {name: _arns(answers[name]) for name in ("running", "stopped")}
    for listed in lists.values():
        if not isinstance(listed, Known):
            return ServiceNow(found, Unknown(listed.source, getattr(listed, "reason", "not listed")))
    arns = {name: listed.value for name, listed in lists.items() if isinstance(listed, Known)}
    described = reader.together(
        {
            name: Call(
                "ecs", "DescribeTasks", {"cluster": cluster, "tasks": list(some[:_MOST_DESCRIBED]), "include": ["TAGS"]}
            )
            for name, some in arns.items()
            if some
        }
    )
    tasks: list[Task] = []
    for answer in described.values():
        if not isinstance(answer, Known):
            return ServiceNow(found, Unknown(answer.source, getattr(answer, "reason", "not described")))
        tasks.extend(task_from_description(item) for item in mappings(answer.value, "tasks"))
    more_stopped = len(arns.get("stopped", ())) > _MOST_DESCRIBED
    return ServiceNow(found, Known(tuple(tasks), "ecs:DescribeTasks"), more_stopped)


def _arns(answer: Fact[Answer]) -> Fact[tuple[str, ...]]:
    return Known(texts(answer.value, "taskArns"), answer.source) if isinstance(answer, Known) else answer
