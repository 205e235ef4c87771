"""Everything that was read for one diagnosis. Rules see this and the incident, and nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

from ecs_medic.facts.ecs import Cluster, ContainerInstance, Service, Task, TaskDefinition
from ecs_medic.facts.exec_audit import AuditBucket
from ecs_medic.facts.fact import NOT_READ, Absent, Fact, Known, Unknown
from ecs_medic.facts.health import LoadBalancer, Target, TargetGroup
from ecs_medic.facts.iam import PolicyDocument, Role
from ecs_medic.facts.images import Repository, RepositoryId
from ecs_medic.facts.logs import LogGroup, LogTail
from ecs_medic.facts.network import Interface, Network
from ecs_medic.facts.placement import Placement
from ecs_medic.facts.secrets import EncryptionKey, StoredParameter, StoredSecret
from ecs_medic.facts.storage import AccessPoint, FileSystem

__all__ = ["NOT_READ", "Absent", "Fact", "Facts", "Known", "Unknown"]


@dataclass(frozen=True, slots=True)
class Facts:
    """One diagnosis's worth of facts.

    `task_interface` carries the task's own traffic (awsvpc mode); `host_interface` is the primary interface of the
    container instance, which carries pulls, secrets and logs on EC2 and Managed Instances. `networks` are keyed by
    VPC id, `roles` by ARN, `log_groups` by (region, name).
    """

    read_at: datetime
    account: str
    region: str
    partition: str = "aws"
    task: Fact[Task] = NOT_READ
    task_definition: Fact[TaskDefinition] = NOT_READ
    service: Fact[Service] = NOT_READ
    cluster: Fact[Cluster] = NOT_READ
    container_instance: Fact[ContainerInstance] = NOT_READ
    task_interface: Fact[Interface] = NOT_READ
    host_interface: Fact[Interface] = NOT_READ
    networks: Mapping[str, Network] = field(default_factory=dict)
    roles: Mapping[str, Fact[Role]] = field(default_factory=dict)
    log_groups: Mapping[tuple[str, str], Fact[LogGroup]] = field(default_factory=dict)
    resource_policies: Mapping[str, Fact[PolicyDocument]] = field(default_factory=dict)
    """By ARN of the repository, secret or key; absent where it has no policy of its own."""
    host_role: Fact[str] = NOT_READ
    """ARN of the role in the container instance's instance profile; absent where it has no profile."""
    placement: Placement = field(default_factory=Placement)
    """Where tasks could run, where that is in question."""
    log_tail: Fact[LogTail] = NOT_READ
    """The last lines of the container that failed."""
    target_groups: Mapping[str, Fact[TargetGroup]] = field(default_factory=dict)
    """By ARN, as `targets`: those that the service registers its tasks with."""
    targets: Mapping[str, Fact[tuple[Target, ...]]] = field(default_factory=dict)
    load_balancers: Mapping[str, Fact[LoadBalancer]] = field(default_factory=dict)
    """By ARN."""
    file_systems: Mapping[str, Fact[FileSystem]] = field(default_factory=dict)
    """By id: those that the task definition mounts."""
    access_points: Mapping[str, Fact[AccessPoint]] = field(default_factory=dict)
    """By id."""
    repositories: Mapping[RepositoryId, Repository] = field(default_factory=dict)
    """Those of Amazon ECR that the task's images are pulled from."""
    secrets: Mapping[str, Fact[StoredSecret]] = field(default_factory=dict)
    """By ARN as the task definition writes it; `secrets_at_home` by name, in the task's own account and Region."""
    secrets_at_home: Mapping[str, Fact[StoredSecret]] = field(default_factory=dict)
    parameters: Mapping[tuple[str, str], Fact[StoredParameter]] = field(default_factory=dict)
    """By (Region, name as the task definition writes it)."""
    encryption_keys: Mapping[str, Fact[EncryptionKey]] = field(default_factory=dict)
    """By ARN as the secret or parameter names it, which may be an alias's."""
    environment_files: Mapping[str, Fact[str]] = field(default_factory=dict)
    """By ARN of the S3 object: its key, absent where the bucket has no such object."""
    bucket_regions: Mapping[str, Fact[str]] = field(default_factory=dict)
    """By name of the bucket."""
    audit_bucket: Fact[AuditBucket] = NOT_READ
    """Where the cluster keeps the log of ECS Exec sessions."""
    calls: tuple[str, ...] = ()
    """Every AWS call that was made, "service:Operation", in the order in which they started."""
    failed_reads: tuple[Unknown, ...] = ()
    """What AWS was asked and did not answer: denied, throttled, timed out, unreadable."""

    def network_of(self, interface: Interface) -> Network:
        """The VPC that the interface is in; a VPC that was not read is one of which everything is unknown."""
        return self.networks.get(interface.vpc_id) or _unread(interface.vpc_id)

    def role(self, arn: str) -> Fact[Role]:
        """What is known of that role."""
        return self.roles.get(arn, NOT_READ)

    def resource_policy(self, arn: str) -> Fact[PolicyDocument]:
        """What is known of that resource's own policy."""
        return self.resource_policies.get(arn, NOT_READ)

    def repository(self, identifier: RepositoryId) -> Repository:
        """What is known of that repository."""
        return self.repositories.get(identifier, Repository(identifier))

    def log_group(self, region: str, name: str) -> Fact[LogGroup]:
        """What is known of that log group."""
        return self.log_groups.get((region, name), NOT_READ)


@lru_cache(maxsize=64)
def _unread(vpc_id: str) -> Network:
    """The same value every time: what is worked out of a VPC is kept for that very value."""
    return Network(vpc_id)
