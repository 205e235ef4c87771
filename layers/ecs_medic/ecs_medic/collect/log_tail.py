"""The last lines that the failed container wrote, from its own log configuration.

Sources: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html (the stream's name) and
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogEvents.html (the newest come last).
"""

from dataclasses import dataclass

from ecs_medic.aws.call import Call
from ecs_medic.collect.question import Answers, Questions, answer_to
from ecs_medic.facts import Facts
from ecs_medic.facts.ecs import Container, ContainerDefinition
from ecs_medic.facts.fact import NOT_READ, Fact, Known, Unknown
from ecs_medic.facts.logs import LogTail
from ecs_medic.facts.reading import mappings, moment_of_millis, text
from ecs_medic.redaction import redact
from ecs_medic.symptoms.of_task import failed_container

LINES = 30
"""The newest lines that are read: about one screen."""


@dataclass(frozen=True, slots=True)
class _Stream:
    container: str
    group: str
    stream: str
    region: str


def questions(facts: Facts) -> Questions:
    """One call, where the container that failed writes to CloudWatch Logs."""
    stream = _stream(facts)
    if not isinstance(stream, _Stream):
        return {}
    return {
        ("log_tail", stream.region, stream.group, stream.stream): Call(
            "logs",
            "GetLogEvents",
            {
                "logGroupName": stream.group,
                "logStreamName": stream.stream,
                "startFromHead": False,
                "limit": LINES,
            },
            region=stream.region,
        )
    }


def log_tail_from(facts: Facts, answers: Answers) -> Fact[LogTail]:
    """The lines, oldest first; absent where the container has written none, unknown where nobody can read them."""
    stream = _stream(facts)
    if not isinstance(stream, _Stream):
        return stream
    answer = answer_to(answers, "log_tail", stream.region, stream.group, stream.stream)
    if not isinstance(answer, Known):
        return answer
    events = mappings(answer.value, "events")
    return Known(
        LogTail(
            container=stream.container,
            group=stream.group,
            stream=stream.stream,
            region=stream.region,
            # As a whole, before anybody takes a part of them: a private key has several lines.
            lines=tuple(redact("\n".join((text(one, "message") or "").rstrip() for one in events)).split("\n"))
            if events
            else (),
            last_at=moment_of_millis(events[-1], "timestamp") if events else None,
        ),
        answer.source,
    )


def _stream(facts: Facts) -> _Stream | Unknown:
    """Where the failed container's lines are, or why nobody can say."""
    if not isinstance(facts.task, Known) or not isinstance(facts.task_definition, Known):
        return NOT_READ
    task, definition = facts.task.value, facts.task_definition.value
    essential = {one.name for one in definition.containers if one.essential}
    container = _told(task.containers, essential)
    defined = definition.container(container.name) if container else None
    if container is None or defined is None:
        return NOT_READ
    return _stream_of(container, defined, task.id, facts.region)


def _told(containers: tuple[Container, ...], essential: set[str]) -> Container | None:
    """The container to listen to: the unhealthy one, the one that ended, or the only essential one that there is."""
    candidates = tuple(one for one in containers if one.name in essential) or containers
    unhealthy = next((one for one in candidates if (one.health_status or "").upper() == "UNHEALTHY"), None)
    only = candidates[0] if len(candidates) == 1 else None
    return unhealthy or failed_container(candidates) or only


def _stream_of(container: Container, defined: ContainerDefinition, task_id: str, home: str) -> _Stream | Unknown:
    configuration = defined.log_configuration
    if configuration is None:
        return Unknown("ecs:DescribeTaskDefinition", f"container {container.name} has no log configuration")
    group = configuration.options.get("awslogs-group")
    if configuration.driver != "awslogs" or not group:
        return Unknown(
            "ecs:DescribeTaskDefinition",
            f"container {container.name} logs by {configuration.driver}, which cannot be read from here",
        )
    prefix = configuration.options.get("awslogs-stream-prefix")
    # Without a prefix, which Fargate demands, the stream has the name that the container runtime gave the container.
    stream = f"{prefix}/{container.name}/{task_id}" if prefix else container.runtime_id
    if not stream:
        return Unknown("ecs:DescribeTasks", f"container {container.name} never ran: it has no log stream")
    return _Stream(container.name, group, stream, configuration.options.get("awslogs-region") or home)
