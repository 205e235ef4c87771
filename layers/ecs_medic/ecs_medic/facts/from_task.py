"""A task as DescribeTasks or a Task State Change event describes it, as a fact.

The two differ: an event calls the network interface's attachment `eni` and DescribeTasks `ElasticNetworkInterface`, an
event gives a managed agent's `status` where DescribeTasks gives `lastStatus`, and events have been seen with numbers
and booleans as text.
Sources: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Task.html and
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_task_events.html
"""

from ecs_medic.facts.ecs import Attachment, Container, ManagedAgent, Task
from ecs_medic.facts.reading import Json, flag, mapping, mappings, moment, number, pairs, tags, text


def task_from_description(description: Json) -> Task:
    """The task; every field that is missing, null or of another type is left out, none raises."""
    overrides = mapping(description, "overrides")
    return Task(
        arn=text(description, "taskArn") or "",
        cluster_arn=text(description, "clusterArn") or "",
        task_definition_arn=text(description, "taskDefinitionArn"),
        group=text(description, "group"),
        launch_type=text(description, "launchType"),
        capacity_provider=text(description, "capacityProviderName"),
        platform_version=text(description, "platformVersion"),
        platform_family=text(description, "platformFamily"),
        last_status=text(description, "lastStatus"),
        desired_status=text(description, "desiredStatus"),
        stop_code=text(description, "stopCode"),
        stopped_reason=text(description, "stoppedReason"),
        started_by=text(description, "startedBy"),
        availability_zone=text(description, "availabilityZone"),
        container_instance_arn=text(description, "containerInstanceArn"),
        enable_execute_command=flag(description, "enableExecuteCommand"),
        created_at=moment(description, "createdAt"),
        started_at=moment(description, "startedAt"),
        stopping_at=moment(description, "stoppingAt"),
        stopped_at=moment(description, "stoppedAt"),
        execution_stopped_at=moment(description, "executionStoppedAt"),
        task_role_override=text(overrides, "taskRoleArn"),
        execution_role_override=text(overrides, "executionRoleArn"),
        containers=tuple(_container(item) for item in mappings(description, "containers")),
        attachments=tuple(_attachment(item) for item in mappings(description, "attachments")),
        tags=tags(description),
        version=number(description, "version"),
    )


def _container(item: Json) -> Container:
    return Container(
        name=text(item, "name") or "",
        last_status=text(item, "lastStatus"),
        reason=text(item, "reason"),
        exit_code=number(item, "exitCode"),
        image=text(item, "image"),
        image_digest=text(item, "imageDigest"),
        runtime_id=text(item, "runtimeId"),
        health_status=text(item, "healthStatus"),
        managed_agents=_agents(item) if isinstance(item.get("managedAgents"), list | tuple) else None,
        host_ports=tuple(
            (inside, outside)
            for binding in mappings(item, "networkBindings")
            if (inside := number(binding, "containerPort")) and (outside := number(binding, "hostPort"))
        ),
    )


def _agents(item: Json) -> tuple[ManagedAgent, ...]:
    return tuple(
        ManagedAgent(
            name=text(agent, "name") or "",
            last_status=text(agent, "lastStatus", "status"),
            reason=text(agent, "reason"),
            last_started_at=moment(agent, "lastStartedAt"),
        )
        for agent in mappings(item, "managedAgents")
    )


def _attachment(item: Json) -> Attachment:
    return Attachment(
        type=text(item, "type") or "",
        status=text(item, "status"),
        details=pairs(item, "details"),
    )
