"""Tasks on EC2 and on Managed Instances: the host's interface and role carry what the task's own do on Fargate."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from sandbox.client import REGION
from sandbox.gallery import network as net
from sandbox.gallery.application import ACCOUNT, PULL_AND_LOG, Application, create_role, deploy
from sandbox.gallery.observe import service_event, stopped, try_exec
from sandbox.gallery.scenario import Builder, Scenario
from sandbox.gallery.workbench import Workbench
from sandbox.json_types import Json

HOST_CIDR = "10.0.8.0/24"
PLACEMENT_FAILURE = "SERVICE_TASK_PLACEMENT_FAILURE"
AGENT = (
    "ecs:DiscoverPollEndpoint",
    "ecs:Poll",
    "ecs:RegisterContainerInstance",
    "ecs:StartTelemetrySession",
    "ecs:Submit*",
)


def managed_instance_network_blocked(bench: Workbench) -> Scenario:
    """The task's subnet has a NAT gateway; the subnet where ECS starts the instances has no way out."""
    network, _ = net.with_nat(bench, "ledger")
    hosts = net.add_subnet(bench, network, HOST_CIDR)
    provider = managed_provider(bench, "ledger", hosts, network.endpoint_group)
    app = Application("ledger", network, cluster="ledger", launch_type="MANAGED_INSTANCES", capacity_provider=provider)
    deploy(bench, app)
    return _scenario(
        "managed_instance_network_blocked",
        "A managed instance has no way to Amazon ECR, though its task has",
        stopped(bench, "ledger"),
        app,
        cause="managed_instance_network_blocked",
        params={"subnet_id": hosts, "capacity_provider": provider},
        also=("vpc_endpoint_missing",),
    )


def awsvpc_task_cannot_have_public_ip(bench: Workbench) -> Scenario:
    """On EC2 a task's own interface gets no public address, so ECS Exec does not come out of the public subnet."""
    network = net.isolated(bench, "tickets")
    gateway = net.add_internet_gateway(bench, network, network.route_table)
    nat = net.add_nat_gateway(bench, network, gateway)
    hosts = net.add_subnet(bench, network, HOST_CIDR, way_out=nat)
    add_instance(bench, "tickets", hosts, [network.task_group])
    app = Application("tickets", network, cluster="tickets", launch_type="EC2", enable_exec=True)
    deploy(bench, app)
    return _scenario(
        "awsvpc_task_cannot_have_public_ip",
        "ECS Exec on EC2 in a public subnet: the task has no public address",
        try_exec(bench, "tickets", cluster="tickets"),
        app,
        cause="awsvpc_task_cannot_have_public_ip",
        params={"subnet_id": network.subnet},
        trigger="aws ecs execute-command",
    )


def instance_role_cannot_pull(bench: Workbench) -> Scenario:
    """On EC2 the instance's role pulls: what the execution role may do does not help."""
    network, _ = net.with_nat(bench, "recipes")
    role = add_instance(bench, "recipes", network.subnet, [network.task_group], AGENT)
    app = Application("recipes", network, cluster="recipes", launch_type="EC2", network_mode="bridge")
    deploy(bench, app)
    return _scenario(
        "instance_role_cannot_pull",
        "The container instance's role may not pull, though the execution role may",
        stopped(bench, "recipes"),
        app,
        cause="execution_role_cannot_pull",
        params={"role_arn": role, "actions": ["ecr:GetAuthorizationToken"]},
    )


def instance_subnet_isolated(bench: Workbench) -> Scenario:
    """The task's subnet has a NAT gateway; the container instance's has nothing, and the instance pulls."""
    network, _ = net.with_nat(bench, "parcels")
    hosts = net.add_subnet(bench, network, HOST_CIDR)
    add_instance(bench, "parcels", hosts, [network.task_group])
    app = Application("parcels", network, cluster="parcels", launch_type="EC2")
    deploy(bench, app)
    return _scenario(
        "instance_subnet_isolated",
        "The container instance has no way to Amazon ECR, though its task has",
        stopped(bench, "parcels"),
        app,
        cause="vpc_endpoint_missing",
        params={"services": [*sorted(map(net.full_name, (*net.START, "s3")))], "subnet_ids": [hosts]},
        # Docker and the agent may have been given a proxy on the instance itself, where no API shows it.
        confidence="likely",
    )


def insufficient_memory(bench: Workbench) -> Scenario:
    """The task is larger than what the only instance has left."""
    network = net.with_endpoints(bench, "forecast")
    add_instance(bench, "forecast", network.subnet, [network.task_group], size="2048,1900")
    app = Application("forecast", network, cluster="forecast", launch_type="EC2", network_mode="bridge", memory="2048")
    return _unplaced(bench, app, "insufficient_memory", "The only instance has too little memory left")


def host_port_in_use(bench: Workbench) -> Scenario:
    """Two tasks want the same port of the only host."""
    network = net.with_endpoints(bench, "gateway")
    add_instance(bench, "gateway", network.subnet, [network.task_group])
    ports = {"portMappings": [{"containerPort": 8080, "hostPort": 8080, "protocol": "tcp"}]}
    app = Application(
        "gateway",
        network,
        cluster="gateway",
        launch_type="EC2",
        network_mode="bridge",
        desired_count=2,
        container=ports,
    )
    return _unplaced(bench, app, "host_port_in_use", "The second task finds the port of the only host taken")


def no_container_instances(bench: Workbench) -> Scenario:
    """A service for EC2 in a cluster whose instances are all elsewhere: none is registered."""
    network = net.with_endpoints(bench, "archive")
    app = Application("archive", network, cluster="archive", launch_type="EC2", network_mode="bridge")
    return _unplaced(bench, app, "no_container_instances", "The cluster has no container instance")


def ecs_agent_disconnected(bench: Workbench) -> Scenario:
    """The agent of the only instance has lost its connection."""
    network = net.with_endpoints(bench, "pricing")
    add_instance(bench, "pricing", network.subnet, [network.task_group], connected=False)
    app = Application("pricing", network, cluster="pricing", launch_type="EC2", network_mode="bridge")
    return _unplaced(bench, app, "ecs_agent_disconnected", "The agent of the only instance is disconnected")


def instance_never_registered(bench: Workbench) -> Scenario:
    """The Auto Scaling group has started an instance without a role, so its agent cannot join the cluster."""
    network = net.with_endpoints(bench, "suppliers")
    instance, provider = scaling_provider(bench, "suppliers", network.subnet)
    bench.sandbox.ecs("launched_earlier", account=ACCOUNT, region=REGION, instance=instance, minutes=30)
    app = Application(
        "suppliers", network, cluster="suppliers", launch_type="EC2", network_mode="bridge", capacity_provider=provider
    )
    deploy(bench, app)
    return _scenario(
        "instance_never_registered",
        "The capacity provider's only instance has never joined the cluster",
        service_event(bench, "suppliers", PLACEMENT_FAILURE, cluster="suppliers"),
        app,
        cause="instance_never_registered",
        params={"instance_ids": [instance], "without_instance_profile": [instance]},
        trigger="the service's scheduler finds no place for a task",
    )


def scaling_provider(bench: Workbench, name: str, subnet: str) -> tuple[str, str]:
    """An Auto Scaling group with one instance that nobody registers, and its capacity provider; ids of both."""
    ecs, scaling = bench.client("ecs"), bench.client("autoscaling")
    instance = bench.client("ec2").run_instances(
        ImageId="ami-0e5c2a5b7d1f4c3a9", MinCount=1, MaxCount=1, InstanceType="m5.large", SubnetId=subnet
    )["Instances"][0]["InstanceId"]
    scaling.create_auto_scaling_group(
        AutoScalingGroupName=name,
        MinSize=0,
        MaxSize=4,
        DesiredCapacity=0,
        InstanceId=instance,
        VPCZoneIdentifier=subnet,
    )
    scaling.attach_instances(AutoScalingGroupName=name, InstanceIds=[instance])
    groups = scaling.describe_auto_scaling_groups(AutoScalingGroupNames=[name])["AutoScalingGroups"]
    ecs.create_cluster(clusterName=name)
    ecs.create_capacity_provider(
        name=f"{name}-scaling", autoScalingGroupProvider={"autoScalingGroupArn": groups[0]["AutoScalingGroupARN"]}
    )
    return instance, f"{name}-scaling"


def managed_provider(bench: Workbench, name: str, subnet: str, group: str) -> str:
    """A capacity provider of managed instances in a cluster of the application's name."""
    profile = _profile(bench, f"ecsInstanceRole-{name}", AGENT)
    infrastructure = create_role(bench, f"{name}-infrastructure", ("ec2:*", "iam:PassRole"), trusts="ecs.amazonaws.com")
    bench.client("ecs").create_cluster(clusterName=name)
    bench.client("ecs").create_capacity_provider(
        name=f"{name}-managed",
        cluster=name,
        managedInstancesProvider={
            "infrastructureRoleArn": infrastructure,
            "instanceLaunchTemplate": {
                "ec2InstanceProfileArn": profile,
                "networkConfiguration": {"subnets": [subnet], "securityGroups": [group]},
            },
        },
    )
    return f"{name}-managed"


def add_instance(
    bench: Workbench,
    name: str,
    subnet: str,
    groups: Iterable[str],
    actions: Iterable[str] = (*AGENT, *PULL_AND_LOG),
    *,
    size: str = "2048,3904",
    connected: bool = True,
) -> str:
    """An EC2 instance that has joined a cluster of this name; returns its role's ARN."""
    ecs = bench.client("ecs")
    if not ecs.describe_clusters(clusters=[name])["clusters"]:
        ecs.create_cluster(clusterName=name)
    profile = _profile(bench, f"{name}-instance", actions)
    instance = bench.client("ec2").run_instances(
        ImageId="ami-0e5c2a5b7d1f4c3a9",
        MinCount=1,
        MaxCount=1,
        InstanceType="m5.large",
        SubnetId=subnet,
        SecurityGroupIds=list(groups),
        IamInstanceProfile={"Arn": profile},
        TagSpecifications=[{"ResourceType": "instance", "Tags": [{"Key": "sandbox:size", "Value": size}]}],
    )["Instances"][0]["InstanceId"]
    registered = ecs.register_container_instance(
        cluster=name, instanceIdentityDocument=json.dumps({"instanceId": instance})
    )["containerInstance"]["containerInstanceArn"]
    if not connected:
        ecs.tag_resource(resourceArn=registered, tags=[{"key": "sandbox:agent-connected", "value": "false"}])
    return f"arn:aws:iam::{ACCOUNT}:role/{name}-instance"


def _profile(bench: Workbench, name: str, actions: Iterable[str]) -> str:
    iam = bench.client("iam")
    create_role(bench, name, actions, trusts="ec2.amazonaws.com")
    arn = str(iam.create_instance_profile(InstanceProfileName=name)["InstanceProfile"]["Arn"])
    iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=name)
    return arn


def _unplaced(bench: Workbench, app: Application, cause: str, title: str) -> Scenario:
    deploy(bench, app)
    return _scenario(
        cause,
        title,
        service_event(bench, app.name, PLACEMENT_FAILURE, cluster=app.cluster),
        app,
        cause=cause,
        trigger="the service's scheduler finds no place for a task",
    )


def _scenario(  # noqa: PLR0917 - a row of a table
    name: str,
    title: str,
    event: Mapping[str, Any],
    app: Application,
    cause: str,
    params: Mapping[str, Json] | None = None,
    also: tuple[str, ...] = (),
    trigger: str = "the service starts a task",
    confidence: str = "confirmed",
) -> Scenario:
    return Scenario(
        name=name,
        title=title,
        trigger=trigger,
        event=event,
        cause=cause,
        params=params or {},
        confidence=confidence,
        also=also,
        cluster=app.cluster,
        service=app.name,
        resources=app.network.ids(),
    )


BUILDERS: tuple[Builder, ...] = (
    managed_instance_network_blocked,
    awsvpc_task_cannot_have_public_ip,
    instance_role_cannot_pull,
    instance_subnet_isolated,
    insufficient_memory,
    host_port_in_use,
    no_container_instances,
    ecs_agent_disconnected,
    instance_never_registered,
)
