"""Whose interface and whose role carry each need, by launch type.

Sources: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-networking-awsvpc.html,
managed-instances-awsvpc-mode.html and task_execution_IAM_role.html of the same guide.
"""

from dataclasses import dataclass

from ecs_medic.facts import Facts
from ecs_medic.facts.ecs import TaskDefinition
from ecs_medic.facts.fact import Known
from ecs_medic.needs.need import Carrier

FARGATE = "FARGATE"
EC2 = "EC2"
MANAGED_INSTANCES = "MANAGED_INSTANCES"
EXTERNAL = "EXTERNAL"
_AWSLOGS_OVERRIDE = "ecs.capability.execution-role-awslogs"


@dataclass(frozen=True, slots=True)
class Carriers:
    """Interfaces and roles of one task.

    `start` carries pulls, secrets, environment files and log drivers, `application` the containers' own traffic and
    ECS Exec. A role is None where there is none, or where it is the container instance's and that was not read.
    """

    start: Carrier
    application: Carrier
    pull_role: str | None
    execution_role: str | None
    log_role: str | None
    task_role: str | None


def launch_type(facts: Facts) -> str | None:
    """The task's launch type, or None where nothing that was read tells."""
    task = facts.task.value if isinstance(facts.task, Known) else None
    service = facts.service.value if isinstance(facts.service, Known) else None
    if task is not None:
        if task.launch_type:
            return task.launch_type.upper()
        if (task.capacity_provider or "").startswith(FARGATE) or (task.platform_version and not task.launch_type):
            return FARGATE
        if task.container_instance_arn:
            return EC2
    if service is not None:
        if service.launch_type:
            return service.launch_type.upper()
        if service.platform_version:
            return FARGATE
    return None


def _logs_with_the_execution_role(facts: Facts) -> bool:
    """Whether the instance's agent is set to open log streams with the task's execution role, as its attributes say.

    Source: ECS_ENABLE_AWSLOGS_EXECUTIONROLE_OVERRIDE in
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-agent-config.html
    """
    instance = facts.container_instance
    return isinstance(instance, Known) and _AWSLOGS_OVERRIDE in instance.value.attributes


def carriers(facts: Facts, definition: TaskDefinition) -> Carriers:
    """The interfaces and roles of the task; an unknown launch type is told by which interface was found."""
    task = facts.task.value if isinstance(facts.task, Known) else None
    execution_role = (task.execution_role_override if task else None) or definition.execution_role_arn
    task_role = (task.task_role_override if task else None) or definition.task_role_arn
    launch = launch_type(facts)
    if launch is None:
        launch = EC2 if isinstance(facts.host_interface, Known) or definition.network_mode != "awsvpc" else FARGATE
    own_interface = launch == FARGATE or definition.network_mode == "awsvpc"
    roles_of_the_host = launch in {EC2, EXTERNAL}
    host_role = facts.host_role.value if launch == EC2 and isinstance(facts.host_role, Known) else None
    logs_by_host = roles_of_the_host and not (execution_role and _logs_with_the_execution_role(facts))
    return Carriers(
        start=Carrier.TASK if launch == FARGATE else Carrier.HOST,
        application=Carrier.TASK if own_interface else Carrier.HOST,
        pull_role=host_role if roles_of_the_host else execution_role,
        execution_role=execution_role,
        log_role=host_role if logs_by_host else execution_role,
        task_role=task_role,
    )
