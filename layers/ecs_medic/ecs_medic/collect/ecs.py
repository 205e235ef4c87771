"""What Amazon ECS answers, as facts. Every field may be missing; none of these functions raises.

Source: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Types.html
"""

from datetime import UTC, datetime

from ecs_medic.facts.ecs import (
    AwsvpcConfiguration,
    Cluster,
    ContainerDefinition,
    ContainerInstance,
    Deployment,
    DeploymentConfiguration,
    EfsVolume,
    ExecConfiguration,
    HealthCheck,
    LogConfiguration,
    Resources,
    Secret,
    Service,
    ServiceEvent,
    Task,
    TaskDefinition,
)
from ecs_medic.facts.fact import Absent, Fact, Known, Unknown
from ecs_medic.facts.from_task import task_from_description
from ecs_medic.facts.reading import Json, flag, mapping, mappings, moment, number, pairs, tags, text, texts
from ecs_medic.facts.same import once

_BEGINNING = datetime.fromtimestamp(0, UTC)


def task_from_answer(answer: Fact[Json], task: str) -> Fact[Task]:
    """The task, by id or ARN, in an answer of DescribeTasks.

    Absent only where ECS says so; a task that is in neither of the answer's lists is unknown.
    """
    if not isinstance(answer, Known):
        return answer
    wanted = task.rsplit("/", 1)[-1]
    for item in mappings(answer.value, "tasks"):
        if (text(item, "taskArn") or "").rsplit("/", 1)[-1] == wanted:
            return Known(task_from_description(item), answer.source)
    return _from_failures(answer.value, answer.source, task)


@once
def task_definition_from_answer(answer: Fact[Json]) -> Fact[TaskDefinition]:
    """The task definition in an answer of DescribeTaskDefinition."""
    if not isinstance(answer, Known):
        return answer
    item = mapping(answer.value, "taskDefinition")
    arn = text(item, "taskDefinitionArn")
    if arn is None:
        return Unknown(answer.source, "the answer holds no task definition")
    family, _, revision = arn.rsplit("/", 1)[-1].rpartition(":")
    runtime = mapping(item, "runtimePlatform")
    return Known(
        TaskDefinition(
            arn=arn,
            family=text(item, "family") or family,
            revision=number(item, "revision") or (int(revision) if revision.isdecimal() else 0),
            network_mode=text(item, "networkMode"),
            task_role_arn=text(item, "taskRoleArn"),
            execution_role_arn=text(item, "executionRoleArn"),
            pid_mode=text(item, "pidMode"),
            cpu=text(item, "cpu"),
            memory=text(item, "memory"),
            cpu_architecture=text(runtime, "cpuArchitecture"),
            operating_system=text(runtime, "operatingSystemFamily"),
            ephemeral_storage_gib=number(mapping(item, "ephemeralStorage"), "sizeInGiB"),
            containers=tuple(_container_definition(one) for one in mappings(item, "containerDefinitions")),
            efs_volumes=tuple(
                _efs_volume(one) for one in mappings(item, "volumes") if mapping(one, "efsVolumeConfiguration")
            ),
            compatibilities=texts(item, "compatibilities"),
            requires_compatibilities=texts(item, "requiresCompatibilities"),
            requires_attributes=pairs(item, "requiresAttributes"),
        ),
        answer.source,
    )


def service_from_answer(answer: Fact[Json], service: str) -> Fact[Service]:
    """The service of that name in an answer of DescribeServices."""
    if not isinstance(answer, Known):
        return answer
    for item in mappings(answer.value, "services"):
        if text(item, "serviceName") == service or (text(item, "serviceArn") or "").rsplit("/", 1)[-1] == service:
            return Known(_service(item), answer.source)
    return _from_failures(answer.value, answer.source, service)


def cluster_from_answer(answer: Fact[Json], cluster: str) -> Fact[Cluster]:
    """The cluster of that name in an answer of DescribeClusters."""
    if not isinstance(answer, Known):
        return answer
    for item in mappings(answer.value, "clusters"):
        arn = text(item, "clusterArn") or ""
        name = text(item, "clusterName") or arn.rsplit("/", 1)[-1]
        if name == cluster.rsplit("/", 1)[-1]:
            return Known(
                Cluster(
                    arn=arn,
                    name=name,
                    status=text(item, "status") or "",
                    exec_configuration=_exec_configuration(item),
                    capacity_providers=texts(item, "capacityProviders"),
                    default_capacity_providers=_strategy(item, "defaultCapacityProviderStrategy"),
                    registered_container_instances=number(item, "registeredContainerInstancesCount") or 0,
                    tags=tags(item),
                ),
                answer.source,
            )
    return _from_failures(answer.value, answer.source, cluster)


@once
def container_instance_from_answer(answer: Fact[Json]) -> Fact[ContainerInstance]:
    """The one container instance in an answer of DescribeContainerInstances."""
    if not isinstance(answer, Known):
        return answer
    for item in mappings(answer.value, "containerInstances"):
        return Known(container_instance_from(item), answer.source)
    return _from_failures(answer.value, answer.source, "the container instance")


def container_instance_from(item: Json) -> ContainerInstance:
    """A container instance of DescribeContainerInstances."""
    return ContainerInstance(
        arn=text(item, "containerInstanceArn") or "",
        ec2_instance_id=text(item, "ec2InstanceId"),
        agent_version=text(mapping(item, "versionInfo"), "agentVersion"),
        agent_connected=flag(item, "agentConnected"),
        status=text(item, "status"),
        capacity_provider=text(item, "capacityProviderName"),
        registered=_resources(mappings(item, "registeredResources")),
        remaining=_resources(mappings(item, "remainingResources")),
        attributes=pairs(item, "attributes"),
    )


def _resources(items: tuple[Json, ...]) -> Resources:
    named = {text(one, "name") or "": one for one in items}

    def amount(name: str) -> int | None:
        return number(named.get(name, {}), "integerValue")

    def ports(name: str) -> frozenset[int]:
        return frozenset(int(port) for port in texts(named.get(name, {}), "stringSetValue") if port.isdecimal())

    return Resources(
        cpu=amount("CPU"),
        memory=amount("MEMORY"),
        gpus=len(texts(named.get("GPU", {}), "stringSetValue")),
        ports=ports("PORTS"),
        udp_ports=ports("PORTS_UDP"),
    )


def _strategy(item: Json, name: str) -> tuple[str, ...]:
    return tuple(found for one in mappings(item, name) if (found := text(one, "capacityProvider")) is not None)


def _from_failures(answer: Json, source: str, wanted: str) -> Absent | Unknown:
    reasons = [text(failure, "reason") or "" for failure in mappings(answer, "failures")]
    if "MISSING" in reasons:
        return Absent(source, f"{wanted}: MISSING")
    return Unknown(source, f"the answer does not hold {wanted}" + (f" ({', '.join(reasons)})" if reasons else ""))


def _container_definition(item: Json) -> ContainerDefinition:
    return ContainerDefinition(
        name=text(item, "name") or "",
        image=text(item, "image") or "",
        essential=flag(item, "essential") is not False,
        environment=pairs(item, "environment"),
        environment_files=tuple(
            found for one in mappings(item, "environmentFiles") if (found := text(one, "value")) is not None
        ),
        secrets=_secrets(item, "secrets"),
        repository_credentials=text(mapping(item, "repositoryCredentials"), "credentialsParameter"),
        log_configuration=_log_configuration(mapping(item, "logConfiguration")),
        readonly_root_filesystem=flag(item, "readonlyRootFilesystem") is True,
        init_process_enabled=flag(mapping(item, "linuxParameters"), "initProcessEnabled") is True,
        restart_policy_enabled=flag(mapping(item, "restartPolicy"), "enabled") is True,
        health_check=bool(mapping(item, "healthCheck")),
        health_check_settings=_health_check(mapping(item, "healthCheck")),
        stop_timeout=number(item, "stopTimeout"),
        memory=number(item, "memory"),
        firelens=bool(mapping(item, "firelensConfiguration")),
        depends_on=tuple(
            (text(one, "containerName") or "", text(one, "condition") or "") for one in mappings(item, "dependsOn")
        ),
        cpu=number(item, "cpu"),
        memory_reservation=number(item, "memoryReservation"),
        host_ports=tuple(
            (text(one, "protocol") or "tcp", port)
            for one in mappings(item, "portMappings")
            if (port := number(one, "hostPort"))
        ),
        container_ports=tuple(port for one in mappings(item, "portMappings") if (port := number(one, "containerPort"))),
        gpus=sum(
            number(one, "value") or 0
            for one in mappings(item, "resourceRequirements")
            if (text(one, "type") or "").upper() == "GPU"
        ),
    )


def _health_check(item: Json) -> HealthCheck | None:
    if not item:
        return None
    default = HealthCheck()

    def seconds(name: str, otherwise: int) -> int:
        found = number(item, name)
        return otherwise if found is None else found

    return HealthCheck(
        command=texts(item, "command"),
        interval=seconds("interval", default.interval),
        timeout=seconds("timeout", default.timeout),
        retries=seconds("retries", default.retries),
        start_period=seconds("startPeriod", default.start_period),
    )


def _secrets(item: Json, name: str) -> tuple[Secret, ...]:
    return tuple(
        Secret(text(one, "name") or "", found)
        for one in mappings(item, name)
        if (found := text(one, "valueFrom")) is not None
    )


def _log_configuration(item: Json) -> LogConfiguration | None:
    driver = text(item, "logDriver")
    if driver is None:
        return None
    options = mapping(item, "options")
    return LogConfiguration(
        driver=driver,
        options={str(name): str(value) for name, value in options.items() if value is not None},
        secret_options=_secrets(item, "secretOptions"),
    )


def _efs_volume(item: Json) -> EfsVolume:
    configuration = mapping(item, "efsVolumeConfiguration")
    authorization = mapping(configuration, "authorizationConfig")
    return EfsVolume(
        name=text(item, "name") or "",
        file_system_id=text(configuration, "fileSystemId") or "",
        access_point_id=text(authorization, "accessPointId"),
        root_directory=text(configuration, "rootDirectory"),
        iam=(text(authorization, "iam") or "").upper() == "ENABLED",
    )


def _awsvpc(item: Json) -> AwsvpcConfiguration | None:
    configuration = mapping(mapping(item, "networkConfiguration"), "awsvpcConfiguration")
    if not configuration:
        return None
    return AwsvpcConfiguration(
        subnet_ids=texts(configuration, "subnets"),
        security_group_ids=texts(configuration, "securityGroups"),
        assign_public_ip=(text(configuration, "assignPublicIp") or "").upper() == "ENABLED",
    )


@once
def _service(item: Json) -> Service:
    return Service(
        arn=text(item, "serviceArn") or "",
        name=text(item, "serviceName") or "",
        status=text(item, "status") or "",
        desired_count=number(item, "desiredCount") or 0,
        running_count=number(item, "runningCount") or 0,
        pending_count=number(item, "pendingCount") or 0,
        launch_type=text(item, "launchType"),
        platform_version=text(item, "platformVersion"),
        task_definition_arn=text(item, "taskDefinition"),
        enable_execute_command=flag(item, "enableExecuteCommand") is True,
        awsvpc=_awsvpc(item),
        deployments=tuple(_deployment(one) for one in mappings(item, "deployments")),
        events=tuple(
            ServiceEvent(moment(one, "createdAt") or _BEGINNING, text(one, "message") or "")
            for one in mappings(item, "events")
        ),
        health_check_grace_period=number(item, "healthCheckGracePeriodSeconds"),
        target_group_arns=tuple(
            found for one in mappings(item, "loadBalancers") if (found := text(one, "targetGroupArn")) is not None
        ),
        target_ports={
            text(one, "targetGroupArn") or "": port
            for one in mappings(item, "loadBalancers")
            if (port := number(one, "containerPort")) is not None
        },
        tags=tags(item),
        deployment_configuration=_deployment_configuration(mapping(item, "deploymentConfiguration")),
        scheduling_strategy=text(item, "schedulingStrategy"),
        capacity_providers=_strategy(item, "capacityProviderStrategy"),
        service_registry_arns=tuple(
            found for one in mappings(item, "serviceRegistries") if (found := text(one, "registryArn")) is not None
        ),
    )


def _deployment_configuration(item: Json) -> DeploymentConfiguration:
    breaker = mapping(item, "deploymentCircuitBreaker")
    return DeploymentConfiguration(
        minimum_healthy_percent=number(item, "minimumHealthyPercent"),
        maximum_percent=number(item, "maximumPercent"),
        circuit_breaker=flag(breaker, "enable") is True,
        rollback=flag(breaker, "rollback") is True,
        strategy=text(item, "strategy"),
    )


def _deployment(item: Json) -> Deployment:
    return Deployment(
        id=text(item, "id") or "",
        status=text(item, "status") or "",
        rollout_state=text(item, "rolloutState"),
        rollout_state_reason=text(item, "rolloutStateReason"),
        task_definition_arn=text(item, "taskDefinition"),
        desired_count=number(item, "desiredCount") or 0,
        running_count=number(item, "runningCount") or 0,
        failed_tasks=number(item, "failedTasks") or 0,
        awsvpc=_awsvpc(item),
        created_at=moment(item, "createdAt"),
        updated_at=moment(item, "updatedAt"),
        volume_role_arns=tuple(
            role
            for one in mappings(item, "volumeConfigurations")
            if (role := text(mapping(one, "managedEBSVolume"), "roleArn")) is not None
        ),
    )


def _exec_configuration(item: Json) -> ExecConfiguration:
    configuration = mapping(mapping(item, "configuration"), "executeCommandConfiguration")
    audit = mapping(configuration, "logConfiguration")
    return ExecConfiguration(
        kms_key_id=text(configuration, "kmsKeyId"),
        logging=text(configuration, "logging"),
        log_group=text(audit, "cloudWatchLogGroupName"),
        log_group_encrypted=flag(audit, "cloudWatchEncryptionEnabled") is True,
        s3_bucket=text(audit, "s3BucketName"),
        s3_encrypted=flag(audit, "s3EncryptionEnabled") is True,
        s3_key_prefix=text(audit, "s3KeyPrefix"),
    )
