"""The task itself, and what it names: its definition, service, cluster and container instance."""

from dataclasses import fields, replace

from ecs_medic.aws.call import Call
from ecs_medic.collect import ecs
from ecs_medic.collect.question import Answers, Questions, answer_to
from ecs_medic.collect.stopped_tasks import NOT_ALL, are_too_many
from ecs_medic.facts import Facts
from ecs_medic.facts.ecs import Attachment, Task
from ecs_medic.facts.fact import Fact, Known, Unknown
from ecs_medic.incident import Incident, Kind

NO_TASK = "the event names no task"


def questions(incident: Incident, facts: Facts, *, cluster: bool) -> Questions:
    """What can be asked about the task now; the event often names all of it, so that one wave is enough."""
    task = facts.task.value if isinstance(facts.task, Known) else None
    serving = facts.service.value if isinstance(facts.service, Known) and named_task(incident) is None else None
    definition = (
        incident.task_definition_arn
        or (task.task_definition_arn if task else None)
        or (serving.task_definition_arn if serving else None)
    )
    service = incident.service or (task.service_name if task else None)
    asked: Questions = {}
    if cluster:
        asked["cluster",] = Call(
            "ecs",
            "DescribeClusters",
            {"clusters": [incident.cluster], "include": ["CONFIGURATIONS", "SETTINGS", "TAGS"]},
        )
    if (task_name := named_task(incident)) and not _just_described(incident):
        asked["task",] = task_question(incident.cluster, task_name)
    if definition:
        asked["definition",] = definition_question(definition)
    if service:
        asked["service",] = service_question(incident.cluster, service)
    if task and task.container_instance_arn:
        asked["container_instance",] = Call(
            "ecs",
            "DescribeContainerInstances",
            {"cluster": incident.cluster, "containerInstances": [task.container_instance_arn]},
        )
    return asked


def task_question(cluster: str, task: str) -> Call:
    """What ECS says of one task, by id or ARN."""
    return Call("ecs", "DescribeTasks", {"cluster": cluster, "tasks": [task], "include": ["TAGS"]})


def definition_question(definition: str) -> Call:
    """One revision of a task definition, by ARN."""
    return Call("ecs", "DescribeTaskDefinition", {"taskDefinition": definition})


def service_question(cluster: str, service: str) -> Call:
    """What ECS says of one service."""
    return Call("ecs", "DescribeServices", {"cluster": cluster, "services": [service], "include": ["TAGS"]})


def with_task(facts: Facts, incident: Incident, answers: Answers) -> Facts:
    """The facts with everything that ECS answered so far."""
    task = _task(incident, answers)
    service = incident.service or (task.value.service_name if isinstance(task, Known) else None)
    return replace(
        facts,
        task=task,
        task_definition=ecs.task_definition_from_answer(answer_to(answers, "definition")),
        service=ecs.service_from_answer(answer_to(answers, "service"), service or ""),
        cluster=ecs.cluster_from_answer(answer_to(answers, "cluster"), incident.cluster),
        container_instance=ecs.container_instance_from_answer(answer_to(answers, "container_instance")),
    )


def named_task(incident: Incident) -> str | None:
    """The task that the event is about, by id or ARN as the event writes it."""
    return incident.task_arn or (incident.exec_attempt.task if incident.exec_attempt else None)


def _just_described(incident: Incident) -> bool:
    """Whether the incident's task comes from DescribeTasks itself, a moment ago, and not from a task's event."""
    return incident.task is not None and incident.kind in {Kind.ON_DEMAND, Kind.SERVICE_EVENT}


def _task(incident: Incident, answers: Answers) -> Fact[Task]:
    """What DescribeTasks says, completed by the event; the event alone once ECS has forgotten the task."""
    described = ecs.task_from_answer(answer_to(answers, "task"), named_task(incident) or "")
    if incident.task is None:
        if named_task(incident) is None:
            too_many = are_too_many(answer_to(answers, "stopped_tasks"))
            return Unknown("event", f"{NO_TASK}, and {NOT_ALL}" if too_many else NO_TASK)
        return described
    if isinstance(described, Known):
        return Known(_completed(described.value, incident.task), described.source)
    return Known(incident.task, "ecs:DescribeTasks" if _just_described(incident) else "event")


def _completed(described: Task, event: Task) -> Task:
    """What DescribeTasks leaves out is taken from the event: a stopped task's interface, above all."""
    missing = {
        field.name: getattr(event, field.name)
        for field in fields(Task)
        if _is_empty(getattr(described, field.name)) and not _is_empty(getattr(event, field.name))
    }
    kinds = {_kind(one) for one in described.attachments}
    if gone := tuple(one for one in event.attachments if _kind(one) not in kinds):
        missing["attachments"] = (*described.attachments, *gone)
    return replace(described, **missing)


def _kind(attachment: Attachment) -> str:
    return "interface" if attachment.is_network_interface else attachment.type.lower()


def _is_empty(value: object) -> bool:
    return value is None or value in ("", (), {})
