"""What Amazon ECS says of tasks, task definitions, services and clusters.

Field meanings follow the API reference: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Types.html
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ManagedAgent:
    """An agent that ECS runs beside a container; `ExecuteCommandAgent` carries ECS Exec."""

    name: str
    last_status: str | None
    reason: str | None = None
    last_started_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Container:
    """One container of a task, as it is or was."""

    name: str
    last_status: str | None = None
    reason: str | None = None
    exit_code: int | None = None
    image: str | None = None
    image_digest: str | None = None
    runtime_id: str | None = None
    health_status: str | None = None
    managed_agents: tuple[ManagedAgent, ...] | None = None
    """None where the source does not speak of managed agents at all; empty where there are none."""
    host_ports: tuple[tuple[int, int], ...] = ()
    """(port of the container, port of the host that leads to it), in bridge and host mode."""

    @property
    def exec_agent(self) -> ManagedAgent | None:
        """The agent that ECS Exec needs in this container, if the source shows one."""
        return next((agent for agent in self.managed_agents or () if agent.name == "ExecuteCommandAgent"), None)


@dataclass(frozen=True, slots=True)
class Attachment:
    """Something attached to the task: its network interface, an EBS volume, Service Connect."""

    type: str
    status: str | None = None
    details: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_network_interface(self) -> bool:
        """Events call the type `eni`, DescribeTasks calls it `ElasticNetworkInterface`."""
        return self.type.lower() in {"eni", "elasticnetworkinterface"}


@dataclass(frozen=True, slots=True)
class Task:
    """A task as an event or DescribeTasks shows it."""

    arn: str
    cluster_arn: str
    task_definition_arn: str | None = None
    group: str | None = None
    launch_type: str | None = None
    capacity_provider: str | None = None
    platform_version: str | None = None
    platform_family: str | None = None
    last_status: str | None = None
    desired_status: str | None = None
    stop_code: str | None = None
    stopped_reason: str | None = None
    started_by: str | None = None
    availability_zone: str | None = None
    container_instance_arn: str | None = None
    enable_execute_command: bool | None = None
    created_at: datetime | None = None
    started_at: datetime | None = None
    stopping_at: datetime | None = None
    stopped_at: datetime | None = None
    execution_stopped_at: datetime | None = None
    """When the last container ended; the task itself stops later, once its network is gone."""
    task_role_override: str | None = None
    execution_role_override: str | None = None
    containers: tuple[Container, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    version: int | None = None

    @property
    def id(self) -> str:
        """The last part of the ARN, in its old and its new form."""
        return self.arn.rsplit("/", 1)[-1]

    @property
    def service_name(self) -> str | None:
        """The service that started it, or None for a standalone task."""
        group = self.group or ""
        return group.removeprefix("service:") if group.startswith("service:") else None

    @property
    def interface_attachment(self) -> Attachment | None:
        """The attachment of its own network interface (awsvpc mode), whatever its place in the list."""
        return next((attachment for attachment in self.attachments if attachment.is_network_interface), None)

    def container(self, name: str) -> Container | None:
        """The container of that name."""
        return next((container for container in self.containers if container.name == name), None)


@dataclass(frozen=True, slots=True)
class Secret:
    """One entry of `secrets` (or of a log driver's `secretOptions`): an environment name and where its value is."""

    name: str
    value_from: str


@dataclass(frozen=True, slots=True)
class LogConfiguration:
    """The container's log driver and its options."""

    driver: str
    options: Mapping[str, str] = field(default_factory=dict)
    secret_options: tuple[Secret, ...] = ()


@dataclass(frozen=True, slots=True)
class HealthCheck:
    """The command by which ECS asks a container for its health; times in seconds, else as AWS defaults them."""

    command: tuple[str, ...] = ()
    interval: int = 30
    timeout: int = 5
    retries: int = 3
    start_period: int = 0


@dataclass(frozen=True, slots=True)
class ContainerDefinition:
    """What a container is meant to be."""

    name: str
    image: str
    essential: bool = True
    environment: Mapping[str, str] = field(default_factory=dict)
    environment_files: tuple[str, ...] = ()
    """S3 object ARNs."""
    secrets: tuple[Secret, ...] = ()
    repository_credentials: str | None = None
    log_configuration: LogConfiguration | None = None
    readonly_root_filesystem: bool = False
    init_process_enabled: bool = False
    restart_policy_enabled: bool = False
    health_check: bool = False
    health_check_settings: HealthCheck | None = None
    stop_timeout: int | None = None
    """Seconds."""
    memory: int | None = None
    """MiB, the hard limit."""
    firelens: bool = False
    depends_on: tuple[tuple[str, str], ...] = ()
    """(container, condition)."""
    cpu: int | None = None
    """CPU units, 1024 a core."""
    memory_reservation: int | None = None
    """MiB, the soft limit."""
    host_ports: tuple[tuple[str, int], ...] = ()
    """(protocol, port) of each port of the host that is asked for by number; a dynamic one is left out."""
    gpus: int = 0
    container_ports: tuple[int, ...] = ()
    """The ports that it listens on: in host mode, those of the instance."""


@dataclass(frozen=True, slots=True)
class EfsVolume:
    """A volume of the task that lives on Amazon EFS."""

    name: str
    file_system_id: str
    access_point_id: str | None = None
    root_directory: str | None = None
    iam: bool = False


@dataclass(frozen=True, slots=True)
class TaskDefinition:
    """One revision of a task definition family."""

    arn: str
    family: str
    revision: int
    network_mode: str | None = None
    task_role_arn: str | None = None
    execution_role_arn: str | None = None
    pid_mode: str | None = None
    cpu: str | None = None
    memory: str | None = None
    cpu_architecture: str | None = None
    operating_system: str | None = None
    ephemeral_storage_gib: int | None = None
    containers: tuple[ContainerDefinition, ...] = ()
    efs_volumes: tuple[EfsVolume, ...] = ()
    compatibilities: tuple[str, ...] = ()
    """What ECS found the definition to be fit for when it was registered: EC2, FARGATE, EXTERNAL, MANAGED_INSTANCES."""
    requires_compatibilities: tuple[str, ...] = ()
    """What whoever registered it asked for."""
    requires_attributes: Mapping[str, str] = field(default_factory=dict)
    """Attributes that an instance must have, by name; an empty value: any."""

    @property
    def name(self) -> str:
        """`family:revision`."""
        return f"{self.family}:{self.revision}"

    def container(self, name: str) -> ContainerDefinition | None:
        """The container of that name."""
        return next((container for container in self.containers if container.name == name), None)


@dataclass(frozen=True, slots=True)
class AwsvpcConfiguration:
    """Where a service puts its tasks' network interfaces."""

    subnet_ids: tuple[str, ...] = ()
    security_group_ids: tuple[str, ...] = ()
    assign_public_ip: bool = False


@dataclass(frozen=True, slots=True)
class Deployment:
    """One deployment of a service."""

    id: str
    status: str
    rollout_state: str | None = None
    rollout_state_reason: str | None = None
    task_definition_arn: str | None = None
    desired_count: int = 0
    running_count: int = 0
    failed_tasks: int = 0
    awsvpc: AwsvpcConfiguration | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    volume_role_arns: tuple[str, ...] = ()
    """Infrastructure roles of the EBS volumes that ECS creates for each task."""


@dataclass(frozen=True, slots=True)
class DeploymentConfiguration:
    """How many tasks a deployment may take away and add, in percent of the desired count, and when it gives up."""

    minimum_healthy_percent: int | None = None
    maximum_percent: int | None = None
    circuit_breaker: bool = False
    rollback: bool = False
    strategy: str | None = None
    """ROLLING, BLUE_GREEN, LINEAR, CANARY; None where AWS does not say, as for older services."""


@dataclass(frozen=True, slots=True)
class ServiceEvent:
    """A line of the service's event list."""

    created_at: datetime
    message: str


@dataclass(frozen=True, slots=True)
class Service:
    """A service as DescribeServices shows it."""

    arn: str
    name: str
    status: str
    desired_count: int = 0
    running_count: int = 0
    pending_count: int = 0
    launch_type: str | None = None
    platform_version: str | None = None
    task_definition_arn: str | None = None
    enable_execute_command: bool = False
    awsvpc: AwsvpcConfiguration | None = None
    deployments: tuple[Deployment, ...] = ()
    events: tuple[ServiceEvent, ...] = ()
    """Newest first."""
    health_check_grace_period: int | None = None
    """Seconds."""
    target_group_arns: tuple[str, ...] = ()
    target_ports: Mapping[str, int] = field(default_factory=dict)
    """The container's port, by target group ARN."""
    tags: Mapping[str, str] = field(default_factory=dict)
    deployment_configuration: DeploymentConfiguration = field(default_factory=DeploymentConfiguration)
    scheduling_strategy: str | None = None
    """REPLICA or DAEMON."""
    capacity_providers: tuple[str, ...] = ()
    """Those of its capacity provider strategy; none where a launch type is given instead."""
    service_registry_arns: tuple[str, ...] = ()

    @property
    def on_fargate(self) -> bool | None:
        """Whether its tasks run on Fargate; None where nothing says."""
        if self.launch_type:
            return self.launch_type.upper() == "FARGATE"
        if self.capacity_providers:
            return all(name.startswith("FARGATE") for name in self.capacity_providers)
        return None


@dataclass(frozen=True, slots=True)
class ExecConfiguration:
    """How the cluster encrypts and audits ECS Exec sessions."""

    kms_key_id: str | None = None
    logging: str | None = None
    log_group: str | None = None
    log_group_encrypted: bool = False
    s3_bucket: str | None = None
    s3_encrypted: bool = False
    s3_key_prefix: str | None = None


@dataclass(frozen=True, slots=True)
class Cluster:
    """A cluster as DescribeClusters shows it."""

    arn: str
    name: str
    status: str
    exec_configuration: ExecConfiguration = field(default_factory=ExecConfiguration)
    capacity_providers: tuple[str, ...] = ()
    default_capacity_providers: tuple[str, ...] = ()
    """Those of the default strategy, for whoever names neither a launch type nor a strategy."""
    registered_container_instances: int = 0
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Resources:
    """What a container instance has, in all or still free; None where nothing is said.

    `ports` and `udp_ports` are those in use, in both readings: ECS lists no free ones.
    """

    cpu: int | None = None
    """CPU units, 1024 a core."""
    memory: int | None = None
    """MiB."""
    gpus: int = 0
    ports: frozenset[int] = frozenset()
    udp_ports: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class ContainerInstance:
    """The EC2 instance, registered with the cluster, that a task was placed on."""

    arn: str
    ec2_instance_id: str | None = None
    agent_version: str | None = None
    agent_connected: bool | None = None
    status: str | None = None
    capacity_provider: str | None = None
    registered: Resources = field(default_factory=Resources)
    remaining: Resources = field(default_factory=Resources)
    attributes: Mapping[str, str] = field(default_factory=dict)
    """By name; an attribute without a value has the empty one."""

    @property
    def id(self) -> str:
        """The last part of the ARN, in its old and its new form."""
        return self.arn.rsplit("/", 1)[-1]

    @property
    def availability_zone(self) -> str | None:
        """The zone that it runs in."""
        return self.attributes.get("ecs.availability-zone")

    @property
    def instance_type(self) -> str | None:
        """The EC2 instance type."""
        return self.attributes.get("ecs.instance-type")
