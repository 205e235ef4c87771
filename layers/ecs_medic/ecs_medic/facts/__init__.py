"""Everything that was read for one diagnosis. Rules see this and the incident, and nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from ecs_medic.facts.ecs import Cluster, ContainerInstance, Service, Task, TaskDefinition
from ecs_medic.facts.fact import NOT_READ, Absent, Fact, Known, Unknown
from ecs_medic.facts.iam import PolicyDocument, Role
from ecs_medic.facts.logs import LogGroup
from ecs_medic.facts.network import Interface, Network

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
    calls: tuple[str, ...] = ()
    """Every AWS call that was made, "service:Operation", in the order in which they started."""
    failed_reads: tuple[Unknown, ...] = ()
    """What AWS was asked and did not answer: denied, throttled, timed out, unreadable."""

    def network_of(self, interface: Interface) -> Network:
        """The VPC that the interface is in; a VPC that was not read is one of which everything is unknown."""
        return self.networks.get(interface.vpc_id, Network(interface.vpc_id))

    def role(self, arn: str) -> Fact[Role]:
        """What is known of that role."""
        return self.roles.get(arn, NOT_READ)

    def resource_policy(self, arn: str) -> Fact[PolicyDocument]:
        """What is known of that resource's own policy."""
        return self.resource_policies.get(arn, NOT_READ)

    def log_group(self, region: str, name: str) -> Fact[LogGroup]:
        """What is known of that log group."""
        return self.log_groups.get((region, name), NOT_READ)
