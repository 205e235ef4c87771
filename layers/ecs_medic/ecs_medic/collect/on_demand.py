"""Incidents that somebody asks about, without an event: one task, or one service."""

from collections.abc import Iterable
from datetime import datetime

from ecs_medic.aws.reader import Reader
from ecs_medic.collect.ecs import service_from_answer, task_from_answer
from ecs_medic.collect.identify import Identified
from ecs_medic.collect.question import Questions, answer_to
from ecs_medic.collect.stopped_tasks import description, listing, newest_failure, stopped_at, tasks_in
from ecs_medic.collect.task import service_question, task_question
from ecs_medic.facts.ecs import Deployment, Service, Task
from ecs_medic.facts.fact import Absent, Fact, Known
from ecs_medic.incident import Incident, Kind, Message, SymptomConfidence
from ecs_medic.partition import partition_of
from ecs_medic.symptoms.of_task import message_of
from ecs_medic.symptoms.recognise import Recognition, recognise
from ecs_medic.vocabulary import NORMAL_LIFE, Id

_NO_ACCOUNT = "unknown"
_NOTHING = Message(Kind.ON_DEMAND)
_HEALTHY = Recognition(Id.HEALTHY, SymptomConfidence.CERTAIN)
_UNKNOWN = Recognition(Id.UNKNOWN, SymptomConfidence.UNKNOWN)


def incident_for_task(reader: Reader, task_arn: str, now: datetime) -> Identified:
    """What is to be said of one task; `healthy` where it runs and nothing about it looks wrong.

    Raises:
        AwsUnavailable: the credentials are missing, expired or refused, or AWS does not answer at all.
    """
    cluster = _cluster_of(task_arn)
    asked: Questions = {("task",): task_question(cluster, task_arn)}
    answers = reader.together(asked)
    reader.ensure_reached()
    found = task_from_answer(answer_to(answers, "task"), task_arn)
    if isinstance(found, Known):
        return Identified(_incident_of_task(found.value, reader, cluster, now), answers, calls=1)
    incident = Incident(
        kind=Kind.ON_DEMAND,
        account=_account_in(task_arn) or _account(reader),
        region=reader.region,
        partition=reader.partition,
        cluster=cluster,
        symptom=Id.UNKNOWN,
        symptom_confidence=SymptomConfidence.UNKNOWN,
        message=Message(Kind.ON_DEMAND, stopped_reason=_why_nothing(found, "task")),
        occurred_at=now,
        task_arn=task_arn,
    )
    return Identified(incident, answers, calls=1)


def incident_for_service(reader: Reader, cluster: str, service: str, now: datetime) -> Identified:
    """What is to be said of one service: its newest failed task, else what its deployment and its events say.

    Raises:
        AwsUnavailable: the credentials are missing, expired or refused, or AWS does not answer at all.
    """
    asked: Questions = {
        ("service",): service_question(cluster, service),
        ("stopped_tasks",): listing(cluster, service),
    }
    answers = reader.together(asked)
    reader.ensure_reached()
    found = service_from_answer(answer_to(answers, "service"), service)
    question = description(cluster, answer_to(answers, "stopped_tasks"))
    if question:
        answers |= reader.together({("stopped",): question})
    failure = newest_failure(tasks_in(answer_to(answers, "stopped")))
    if failure and not (isinstance(found, Known) and _is_past(failure[0], found.value)):
        incident = _incident_of_task(failure[0], reader, cluster, now, service)
        return Identified(incident, answers, calls=len(answers))
    recognition, message, moment = _state(found, now)
    arn = found.value.arn if isinstance(found, Known) else ""
    incident = Incident(
        kind=Kind.ON_DEMAND,
        account=_account_in(arn) or _account(reader),
        region=reader.region,
        partition=partition_of(reader.region, arn),
        cluster=cluster.rsplit("/", 1)[-1],
        symptom=recognition.symptom,
        symptom_confidence=recognition.confidence,
        message=message,
        occurred_at=moment,
        service=service,
        task_definition_arn=found.value.task_definition_arn if isinstance(found, Known) else None,
        launch_type=found.value.launch_type if isinstance(found, Known) else None,
    )
    return Identified(incident, answers, calls=len(answers))


def _incident_of_task(task: Task, reader: Reader, cluster: str, now: datetime, service: str | None = None) -> Incident:
    stopped = task.last_status == "STOPPED"
    message = message_of(task) if stopped else _NOTHING
    recognition = recognise(message) if stopped else _living(task)
    return Incident(
        kind=Kind.ON_DEMAND,
        account=_account_in(task.arn) or _account(reader),
        region=reader.region,
        partition=partition_of(reader.region, task.arn),
        cluster=cluster.rsplit("/", 1)[-1],
        symptom=recognition.symptom,
        symptom_confidence=recognition.confidence,
        message=message,
        occurred_at=stopped_at(task) if stopped else now,
        service=service or task.service_name,
        task_arn=task.arn,
        task_definition_arn=task.task_definition_arn,
        launch_type=task.launch_type,
        task=task,
    )


def _living(task: Task) -> Recognition:
    """What a task that has not stopped shows of itself."""
    if any(container.health_status == "UNHEALTHY" for container in task.containers):
        return Recognition(Id.CONTAINER_HEALTH_CHECK_FAILED, SymptomConfidence.CERTAIN)
    agents = [container.exec_agent for container in task.containers if container.exec_agent]
    if task.last_status == "RUNNING" and any(agent.last_status == "STOPPED" for agent in agents):
        return Recognition(Id.EXEC_AGENT_STOPPED, SymptomConfidence.CERTAIN)
    return _HEALTHY


def _is_past(task: Task, service: Service) -> bool:
    """Whether the service has got over that failure: everything runs, by a deployment that the task was no part of."""
    if not 0 < service.desired_count <= service.running_count or len(service.deployments) != 1:
        return False
    deployment = service.deployments[0]
    return _completed(deployment) and deployment.failed_tasks == 0 and task.started_by != deployment.id


def _completed(deployment: Deployment) -> bool:
    return (deployment.rollout_state or "COMPLETED") == "COMPLETED"


def _state(found: Fact[Service], now: datetime) -> tuple[Recognition, Message, datetime]:
    """What the newest deployment and the service's events say, where no task does."""
    if not isinstance(found, Known):
        words = _why_nothing(found, "service")
        symptom = _UNKNOWN
        if isinstance(found, Absent) and "ClusterNotFound" in found.detail:
            symptom = Recognition(Id.CLUSTER_NOT_FOUND, SymptomConfidence.CERTAIN)
        return symptom, Message(Kind.ON_DEMAND, stopped_reason=words), now
    service = found.value
    if service.desired_count <= service.running_count and all(_completed(one) for one in service.deployments):
        # More than it should have: on its way down, unless something keeps it from getting there.
        surplus = service.desired_count < service.running_count
        return (_newest_trouble(service, now) if surplus else None) or (_HEALTHY, _NOTHING, now)
    for deployment in service.deployments:
        if deployment.rollout_state == "FAILED" and deployment.rollout_state_reason:
            message = Message(Kind.SERVICE_EVENT, stopped_reason=deployment.rollout_state_reason)
            return recognise(message), message, now
    return _newest_trouble(service, now) or (_HEALTHY if _in_progress(service) else _UNKNOWN, _NOTHING, now)


def _newest_trouble(service: Service, now: datetime) -> tuple[Recognition, Message, datetime] | None:
    """The newest of the service's events that is neither normal life nor unread; older than a steady state is past."""
    for event in _newest_first(service):
        message = Message(Kind.SERVICE_EVENT, stopped_reason=event[1])
        recognition = recognise(message)
        if "has reached a steady state" in event[1]:
            return None
        if recognition.symptom not in NORMAL_LIFE and recognition.symptom is not Id.UNKNOWN:
            return recognition, message, min(event[0], now)
    return None


def _newest_first(service: Service) -> Iterable[tuple[datetime, str]]:
    return sorted(((event.created_at, event.message) for event in service.events), reverse=True)


def _in_progress(service: Service) -> bool:
    """Whether tasks are on their way, and none of the deployment's has failed."""
    return service.pending_count > 0 and not any(one.failed_tasks for one in service.deployments)


def _why_nothing(fact: Fact[Task] | Fact[Service], what: str) -> str:
    if isinstance(fact, Absent):
        return f"ECS knows no such {what}: {fact.detail} (a stopped task is forgotten after about an hour)"
    return "" if isinstance(fact, Known) else f"the {what} could not be read: {fact.reason}"


def _cluster_of(task_arn: str) -> str:
    """The cluster in a task's ARN; the old form names none, and its tasks are looked for in the default one."""
    parts = task_arn.split(":", 5)[-1].split("/")
    return parts[1] if len(parts) >= 3 else "default"


def _account_in(arn: str) -> str | None:
    fields = arn.split(":")
    return fields[4] if len(fields) > 5 and fields[4] else None


def _account(reader: Reader) -> str:
    account = reader.account()
    return account.value if isinstance(account, Known) else _NO_ACCOUNT
