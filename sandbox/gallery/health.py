"""Tasks that run and are given up: by their own health check, or by their load balancer's."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sandbox.gallery import network as net
from sandbox.gallery.application import CLUSTER, Application, deploy
from sandbox.gallery.instances import add_instance
from sandbox.gallery.observe import stopped
from sandbox.gallery.scenario import Builder, Scenario
from sandbox.gallery.workbench import Workbench
from sandbox.json_types import Json

PORT = 8080
SECOND_ZONE_CIDR = "10.0.4.0/24"


@dataclass(frozen=True, slots=True)
class Front:
    """A load balancer before a service's tasks, its security group and its target group."""

    load_balancer: str
    group: str
    target_group: str

    def entry(self) -> dict[str, Any]:
        """As CreateService takes it."""
        return {"targetGroupArn": self.target_group, "containerName": "app", "containerPort": PORT}


def container_health_check_failed(bench: Workbench) -> Scenario:
    """The container's own health check never succeeds."""
    service = "logins"
    network = net.with_endpoints(bench, service)
    check = {"command": ["CMD-SHELL", "curl -f http://localhost:8080/health || exit 1"], "interval": 10, "retries": 2}
    environment = {"SANDBOX_UNHEALTHY": "1", "SANDBOX_LOG": "listening on 9090"}
    deploy(bench, Application(service, network, container={"healthCheck": check}, environment=environment))
    return _scenario(
        "container_health_check_failed",
        "The container's health check asks the wrong port",
        (service, network, stopped(bench, service)),
        "container_health_check_failed",
        {"container": "app"},
    )


def elb_cannot_reach_task(bench: Workbench) -> Scenario:
    """The task's security group does not let the load balancer in."""
    service = "shopfront"
    network = net.with_endpoints(bench, service)
    front = with_load_balancer(bench, network, service)
    deploy(bench, Application(service, network, load_balancers=[front.entry()]))
    params: dict[str, Json] = {
        "target_group_arn": front.target_group,
        "reason": "Target.Timeout",
        "port": PORT,
        "security_group_ids": [network.task_group],
    }
    title = "The load balancer cannot reach the task's port"
    placed = (service, network, stopped(bench, service))
    return _scenario("elb_cannot_reach_task", title, placed, "elb_health_check_failed", params)


def elb_wrong_answer(bench: Workbench) -> Scenario:
    """The load balancer reaches the task, which answers its health check with 404."""
    service = "box-office"
    network = net.with_endpoints(bench, service)
    front = with_load_balancer(bench, network, service)
    admit(bench, network.task_group, front.group)
    environment = {"SANDBOX_HTTP_STATUS": "404", "SANDBOX_LOG": "GET /health 404"}
    deploy(bench, Application(service, network, load_balancers=[front.entry()], environment=environment))
    params: dict[str, Json] = {"target_group_arn": front.target_group, "reason": "Target.ResponseCodeMismatch"}
    title = "The task answers its load balancer's health check with 404"
    placed = (service, network, stopped(bench, service))
    return _scenario("elb_wrong_answer", title, placed, "elb_health_check_failed", params)


def elb_cannot_reach_instance(bench: Workbench) -> Scenario:
    """In bridge mode the load balancer asks the instance on a port of its own, and the instance's group is closed."""
    service = "turnstile"
    network = net.with_endpoints(bench, service)
    front = with_load_balancer(bench, network, service, targets="instance")
    add_instance(bench, service, network.subnet, [network.task_group])
    app = Application(
        service, network, cluster=service, launch_type="EC2", network_mode="bridge", load_balancers=[front.entry()]
    )
    deploy(bench, app)
    params: dict[str, Json] = {
        "target_group_arn": front.target_group,
        "reason": "Target.Timeout",
        "security_group_ids": [network.task_group],
    }
    title = "The load balancer cannot reach the container instance's dynamic ports"
    placed = (service, network, stopped(bench, service))
    return replace(
        _scenario("elb_cannot_reach_instance", title, placed, "elb_health_check_failed", params), cluster=service
    )


def with_load_balancer(bench: Workbench, network: net.Network, name: str, *, targets: str = "ip") -> Front:
    """An application load balancer in two zones, which asks GET /health of whatever it forwards to."""
    ec2, elbv2 = bench.client("ec2"), bench.client("elbv2")
    zone = f"{net.ZONE[:-1]}b"
    second = ec2.create_subnet(VpcId=network.vpc, CidrBlock=SECOND_ZONE_CIDR, AvailabilityZone=zone)["Subnet"][
        "SubnetId"
    ]
    group = ec2.create_security_group(VpcId=network.vpc, GroupName=f"{name}-front", Description="front")["GroupId"]
    balancer = elbv2.create_load_balancer(
        Name=name, Subnets=[network.endpoint_subnet, second], SecurityGroups=[group], Scheme="internal"
    )["LoadBalancers"][0]["LoadBalancerArn"]
    target_group = elbv2.create_target_group(
        Name=name, Protocol="HTTP", Port=PORT, VpcId=network.vpc, TargetType=targets, HealthCheckPath="/health"
    )["TargetGroups"][0]["TargetGroupArn"]
    forward = [{"Type": "forward", "TargetGroupArn": target_group}]
    elbv2.create_listener(LoadBalancerArn=balancer, Protocol="HTTP", Port=80, DefaultActions=forward)
    return Front(balancer, group, target_group)


def admit(bench: Workbench, group: str, client: str) -> None:
    """Lets the members of one security group in to the application's port of another's."""
    rule = {"IpProtocol": "tcp", "FromPort": PORT, "ToPort": PORT, "UserIdGroupPairs": [{"GroupId": client}]}
    bench.client("ec2").authorize_security_group_ingress(GroupId=group, IpPermissions=[rule])


def _scenario(
    name: str,
    title: str,
    placed: tuple[str, net.Network, Mapping[str, Any]],
    cause: str,
    params: Mapping[str, Json],
) -> Scenario:
    service, network, event = placed
    return Scenario(
        name=name,
        title=title,
        trigger="the service starts a task, which runs and is given up",
        event=event,
        cause=cause,
        params=params,
        cluster=CLUSTER,
        service=service,
        resources=network.ids(),
    )


BUILDERS: tuple[Builder, ...] = (
    container_health_check_failed,
    elb_cannot_reach_task,
    elb_cannot_reach_instance,
    elb_wrong_answer,
)
