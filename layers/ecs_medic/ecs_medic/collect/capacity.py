"""What provides a service's capacity: capacity providers, Auto Scaling groups, EC2 instances, subnets, protection.

Sources: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/asg-capacity-providers.html and
managed-instances-concepts.html of the same guide.
"""

from ecs_medic.aws.call import Call
from ecs_medic.collect import container_instances, roles
from ecs_medic.collect.host_role import instances_in, profile_question, role_of_profile
from ecs_medic.collect.interfaces import subnet_questions
from ecs_medic.collect.network import items_of, subnet_from
from ecs_medic.collect.question import Answers, Questions, answer_to
from ecs_medic.facts import Facts
from ecs_medic.facts.ecs import Cluster, Service
from ecs_medic.facts.fact import NOT_READ, Absent, Fact, Known, Unknown, map_fact
from ecs_medic.facts.network import Subnet
from ecs_medic.facts.placement import CapacityProvider, Instance, ManagedInstances, Placement, ScalingGroup
from ecs_medic.facts.reading import Json, mapping, mappings, moment, number, text, texts
from ecs_medic.incident import Incident
from ecs_medic.vocabulary import Id

ABOUT_INSTANCES = frozenset(
    {
        Id.NO_CONTAINER_INSTANCES,
        Id.INSTANCE_NEVER_REGISTERED,
        Id.INSUFFICIENT_CPU,
        Id.INSUFFICIENT_MEMORY,
        Id.INSUFFICIENT_ENI,
        Id.HOST_PORT_IN_USE,
        Id.MISSING_ATTRIBUTE,
        Id.ECS_AGENT_DISCONNECTED,
    }
)
ABOUT_PROVIDERS = frozenset(
    {
        Id.NO_CONTAINER_INSTANCES,
        Id.INSTANCE_NEVER_REGISTERED,
        Id.MANAGED_INSTANCE_ROLE_MISCONFIGURED,
        Id.MANAGED_INSTANCE_VPC_MISMATCH,
    }
)
ABOUT_SUBNETS = frozenset(
    {
        Id.SUBNET_IN_UNSUPPORTED_AZ,
        Id.FARGATE_CAPACITY_UNAVAILABLE,
        Id.MANAGED_INSTANCE_VPC_MISMATCH,
        Id.MISSING_ATTRIBUTE,
    }
)
ALL = ABOUT_INSTANCES | ABOUT_PROVIDERS | ABOUT_SUBNETS | {Id.TASKS_PROTECTED, Id.SERVICE_ROLE_BROKEN}
"""The causes that these reads are for."""

PASS_ROLE = "iam:PassRole"
_MOST_PROTECTIONS = 10
"""GetTaskProtection takes no more tasks at once."""


def questions(incident: Incident, facts: Facts, answers: Answers, causes: frozenset[Id]) -> Questions:
    """What can be asked now about the capacity of the incident's service, as far as these causes need it."""
    if not isinstance(facts.service, Known):
        return {}
    service = facts.service.value
    asked: Questions = {}
    if service.on_fargate is not True:
        asked |= _about_instances(incident, facts, answers, causes)
    if causes & ABOUT_SUBNETS and service.awsvpc:
        asked |= subnet_questions(service.awsvpc.subnet_ids)
    if Id.SERVICE_ROLE_BROKEN in causes:
        asked |= roles.trust_questions([service_role_arn(facts)], facts.account)
    # Where nothing says that protection is in the way, only tasks beyond the desired count can mean it.
    if Id.TASKS_PROTECTED in causes and (
        incident.symptom is not Id.UNKNOWN or service.running_count > service.desired_count
    ):
        asked |= _protection(incident, service, answers)
    return asked


def placement_from(answers: Answers) -> Placement:
    """Everything that was answered."""
    return Placement(
        container_instances=container_instances.container_instances_from(answers),
        capacity_providers=providers_from(answer_to(answers, "capacity_providers")),
        scaling_groups=_scaling_groups_from(answer_to(answers, "scaling_groups")),
        instances=_merged(answers),
        most_interfaces=_most_interfaces_from(answer_to(answers, "instance_types")),
        subnets=_subnets_from(answers),
        instance_roles={key[1]: role_of_profile(key[1], answers) for key in answers if key[0] == "instance_profile"},
        protected_tasks=_protected_from(answers),
    )


def service_role_arn(facts: Facts) -> str:
    """The service-linked role with which ECS maintains services.

    Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using-service-linked-roles.html
    """
    return f"arn:{facts.partition}:iam::{facts.account}:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS"


def _about_instances(incident: Incident, facts: Facts, answers: Answers, causes: frozenset[Id]) -> Questions:
    asked: Questions = {}
    if causes & ABOUT_INSTANCES:
        asked |= container_instances.questions(incident.cluster, answers)
    if causes & ABOUT_PROVIDERS and (names := _provider_names(facts)):
        asked["capacity_providers",] = Call(
            "ecs", "DescribeCapacityProviders", {"capacityProviders": list(names)}, items="capacityProviders"
        )
    placement = facts.placement
    providers = placement.capacity_providers.value if isinstance(placement.capacity_providers, Known) else ()
    groups = sorted({one.scaling_group_arn for one in providers if one.scaling_group_arn})
    if groups and Id.INSTANCE_NEVER_REGISTERED in causes:
        names = tuple(arn.rpartition("autoScalingGroupName/")[2] for arn in groups)
        asked["scaling_groups",] = Call(
            "autoscaling",
            "DescribeAutoScalingGroups",
            {"AutoScalingGroupNames": list(names)},
            items="AutoScalingGroups",
        )
    for provider in providers:
        if provider.managed_instances:
            asked |= _about_managed_instances(provider.managed_instances, facts.account, answers, causes)
    asked |= _about_ec2(facts, causes)
    return asked


def _about_managed_instances(
    managed: ManagedInstances, account: str, answers: Answers, causes: frozenset[Id]
) -> Questions:
    asked: Questions = {}
    if Id.MANAGED_INSTANCE_VPC_MISMATCH in causes:
        asked |= subnet_questions(managed.subnet_ids)
    if Id.MANAGED_INSTANCE_ROLE_MISCONFIGURED not in causes:
        return asked
    if managed.infrastructure_role_arn:
        asked |= roles.trust_questions([managed.infrastructure_role_arn], account)
    if managed.instance_profile_arn:
        asked |= profile_question(managed.instance_profile_arn)
        role = role_of_profile(managed.instance_profile_arn, answers)
        if isinstance(role, Known) and managed.infrastructure_role_arn:
            asked |= roles.questions({managed.infrastructure_role_arn: ((PASS_ROLE, role.value),)}, answers)
    return asked


def _about_ec2(facts: Facts, causes: frozenset[Id]) -> Questions:
    """The EC2 instances behind groups and registrations, once both are settled; each of them once."""
    placement = facts.placement
    if not isinstance(placement.container_instances, Known):
        return {}
    registered = {one.ec2_instance_id for one in placement.container_instances.value if one.ec2_instance_id}
    asked: Questions = {}
    if isinstance(placement.scaling_groups, Known) and Id.INSTANCE_NEVER_REGISTERED in causes:
        grouped = {one for group in placement.scaling_groups.value for one in group.instance_ids}
        asked |= _instances(sorted(grouped - registered))
    awsvpc = isinstance(facts.task_definition, Known) and facts.task_definition.value.network_mode == "awsvpc"
    if awsvpc and Id.INSUFFICIENT_ENI in causes:
        asked |= _instances(sorted(registered))
        types = sorted({one.instance_type for one in placement.container_instances.value if one.instance_type})
        if types:
            asked["instance_types",] = Call(
                "ec2", "DescribeInstanceTypes", {"InstanceTypes": types}, items="InstanceTypes"
            )
    return asked


def _instances(ids: list[str]) -> Questions:
    if not ids:
        return {}
    return {("instances", *ids): Call("ec2", "DescribeInstances", {"InstanceIds": ids}, items="Reservations")}


def _protection(incident: Incident, service: Service, answers: Answers) -> Questions:
    asked: Questions = {
        ("running_tasks",): Call(
            "ecs",
            "ListTasks",
            {"cluster": incident.cluster, "serviceName": service.name, "desiredStatus": "RUNNING"},
        )
    }
    listed = answer_to(answers, "running_tasks")
    tasks = texts(listed.value, "taskArns")[:_MOST_PROTECTIONS] if isinstance(listed, Known) else ()
    if tasks:
        asked["protection",] = Call("ecs", "GetTaskProtection", {"cluster": incident.cluster, "tasks": list(tasks)})
    return asked


def _provider_names(facts: Facts) -> tuple[str, ...]:
    service = facts.service.value if isinstance(facts.service, Known) else None
    cluster = facts.cluster.value if isinstance(facts.cluster, Known) else None
    return tuple(name for name in _candidates(service, cluster) if not name.startswith("FARGATE"))


def _candidates(service: Service | None, cluster: Cluster | None) -> tuple[str, ...]:
    if service and service.capacity_providers:
        return service.capacity_providers
    if cluster is None:
        return ()
    return cluster.default_capacity_providers or cluster.capacity_providers


def providers_from(answer: Fact[Json]) -> Fact[tuple[CapacityProvider, ...]]:
    """Every capacity provider in an answer of DescribeCapacityProviders."""
    return items_of(answer, "capacityProviders", _provider)


def _provider(item: Json) -> CapacityProvider:
    return CapacityProvider(
        name=text(item, "name") or "",
        status=text(item, "status"),
        scaling_group_arn=text(mapping(item, "autoScalingGroupProvider"), "autoScalingGroupArn"),
        managed_instances=_managed(mapping(item, "managedInstancesProvider")),
    )


def _managed(item: Json) -> ManagedInstances | None:
    if not item:
        return None
    template = mapping(item, "instanceLaunchTemplate")
    network = mapping(template, "networkConfiguration")
    return ManagedInstances(
        infrastructure_role_arn=text(item, "infrastructureRoleArn"),
        instance_profile_arn=text(template, "ec2InstanceProfileArn"),
        subnet_ids=texts(network, "subnets"),
        security_group_ids=texts(network, "securityGroups"),
    )


def _scaling_groups_from(answer: Fact[Json]) -> Fact[tuple[ScalingGroup, ...]]:
    return items_of(answer, "AutoScalingGroups", _scaling_group)


def _scaling_group(item: Json) -> ScalingGroup:
    return ScalingGroup(
        name=text(item, "AutoScalingGroupName") or "",
        instance_ids=tuple(
            found
            for one in mappings(item, "Instances")
            if text(one, "LifecycleState") == "InService" and (found := text(one, "InstanceId")) is not None
        ),
        desired_capacity=number(item, "DesiredCapacity") or 0,
        maximum=number(item, "MaxSize") or 0,
    )


def _merged(answers: Answers) -> Fact[dict[str, Instance]]:
    found: dict[str, Instance] = {}
    source: str | None = None
    for key, answer in answers.items():
        if key[0] != "instances":
            continue
        if not isinstance(answer, Known):
            return Unknown(answer.source, answer.detail) if isinstance(answer, Absent) else answer
        source = answer.source
        found |= {one.id: one for one in map(_instance, instances_in(answer.value))}
    return NOT_READ if source is None else Known(found, source)


def _instance(item: Json) -> Instance:
    return Instance(
        id=text(item, "InstanceId") or "",
        state=text(mapping(item, "State"), "Name"),
        type=text(item, "InstanceType"),
        subnet_id=text(item, "SubnetId"),
        launched_at=moment(item, "LaunchTime"),
        instance_profile_arn=text(mapping(item, "IamInstanceProfile"), "Arn"),
        interfaces=len(mappings(item, "NetworkInterfaces")),
    )


def _most_interfaces_from(answer: Fact[Json]) -> Fact[dict[str, int]]:
    return map_fact(
        items_of(answer, "InstanceTypes", _most_interfaces),
        lambda items: {name: most for name, most in items if most is not None},
    )


def _most_interfaces(item: Json) -> tuple[str, int | None]:
    return text(item, "InstanceType") or "", number(mapping(item, "NetworkInfo"), "MaximumNetworkInterfaces")


def _subnets_from(answers: Answers) -> Fact[dict[str, Subnet]]:
    """All subnets that were read; unknown where any of these reads failed. One that is gone is not among them."""
    found: dict[str, Subnet] = {}
    source: str | None = None
    for key, answer in answers.items():
        if key[0] != "subnets":
            continue
        if isinstance(answer, Unknown):
            return answer
        source = answer.source
        read = items_of(answer, "Subnets", subnet_from)
        found |= {one.id: one for one in read.value} if isinstance(read, Known) else {}
    return NOT_READ if source is None else Known(found, source)


def _protected_from(answers: Answers) -> Fact[tuple[str, ...]]:
    listed, answer = answer_to(answers, "running_tasks"), answer_to(answers, "protection")
    if isinstance(listed, Known) and not texts(listed.value, "taskArns"):
        return Known((), listed.source)
    if not isinstance(answer, Known):
        return answer if answer is not NOT_READ else (NOT_READ if isinstance(listed, Known) else listed)
    return Known(
        tuple(
            found
            for one in mappings(answer.value, "protectedTasks")
            if one.get("protectionEnabled") is True and (found := text(one, "taskArn")) is not None
        ),
        answer.source,
    )
