"""What a load balancer says of a task, and why it may never hear from it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ecs_medic.facts.ecs import ContainerInstance
from ecs_medic.facts.fact import Absent, Unknown
from ecs_medic.facts.health import LoadBalancer, Target, TargetGroup
from ecs_medic.facts.network import (
    AclEntry,
    Interface,
    Network,
    NetworkAcl,
    Permission,
    Route,
    RouteTable,
    SecurityGroup,
    Subnet,
    Vpc,
)
from ecs_medic.finding import Confidence, Finding, NotChecked
from ecs_medic.rules.health.elb_health_check_failed import elb_health_check_failed
from ecs_medic.rules.health.elb_zone_not_enabled import elb_zone_not_enabled
from ecs_medic.rules.health.target_group_missing import target_group_missing
from ecs_medic.rules.health.target_not_registered import target_not_registered
from ecs_medic.vocabulary import Id
from tests.builders import (
    DENIED,
    NOW,
    assert_not_checked,
    assert_quiet,
    assert_silent,
    container,
    container_definition,
    definition,
    facts,
    incident,
    known,
    outcomes,
    service,
    task,
    the_finding,
)

GROUP = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/orders/0123456789abcdef"
BALANCER = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/orders/fedcba9876543210"
ADDRESS = "10.0.1.20"
FAILED = f"Task failed ELB health checks in (target-group {GROUP})"
ABOUT = incident(Id.ELB_HEALTH_CHECK_FAILED)
ALLOW_ALL = tuple(AclEntry(100, egress=egress, allow=True, protocol="-1", cidr="0.0.0.0/0") for egress in (True, False))
EVERYTHING = Permission("-1", cidrs=("0.0.0.0/0",))


def network(admitted=("sg-lb",), **changes):
    """A task subnet and one of the load balancer's; the task's group admits 8080 from `admitted`."""
    rule = Permission("tcp", (8080, 8080), group_ids=tuple(admitted))
    groups = {
        "sg-1": SecurityGroup("sg-1", "tasks", "vpc-1", (rule,) if admitted else (), (EVERYTHING,)),
        "sg-lb": SecurityGroup("sg-lb", "front", "vpc-1", (), (EVERYTHING,)),
    }
    well = Network(
        "vpc-1",
        vpc=known(Vpc("vpc-1", ("10.0.0.0/16",))),
        subnets=known(
            {
                "subnet-1": Subnet("subnet-1", "vpc-1", "10.0.1.0/24", "eu-west-1a"),
                "subnet-2": Subnet("subnet-2", "vpc-1", "10.0.2.0/24", "eu-west-1a"),
            }
        ),
        route_tables=known((RouteTable("rtb-1", (Route("10.0.0.0/16", "local"),), main=True),)),
        network_acls=known((NetworkAcl("acl-1", ALLOW_ALL, default=True),)),
        security_groups=known(groups),
    )
    return replace(well, **changes)


def group(**changes):
    well = TargetGroup(
        GROUP, "orders", "ip", "HTTP", 8080, "vpc-1", (BALANCER,), "HTTP", "traffic-port", "/health", 30, 5, 2, "200"
    )
    return replace(well, **changes)


def read(target=None, *, inside=None, balanced=None, **changes):
    interface = Interface("subnet-1", "vpc-1", private_ip=ADDRESS, security_group_ids=known(("sg-1",)))
    gone = task(
        last_status="STOPPED",
        stop_code="ServiceSchedulerInitiated",
        stopped_reason=FAILED,
        started_at=NOW - timedelta(seconds=70),
        stopping_at=NOW,
    )
    balancer = LoadBalancer(BALANCER, "orders", "application", "vpc-1", ("sg-lb",), {"eu-west-1a": "subnet-2"})
    given = {
        "task": gone,
        "service": service(target_group_arns=(GROUP,), target_ports={GROUP: 8080}, health_check_grace_period=0),
        "task_interface": known(interface),
        "networks": {"vpc-1": inside or network()},
        "target_groups": {GROUP: known(group(), "elbv2:DescribeTargetGroups")},
        "targets": {GROUP: known((target,) if target else ())},
        "load_balancers": {BALANCER: known(balanced or balancer, "elbv2:DescribeLoadBalancers")},
        **changes,
    }
    return facts(**given)


def ill(reason, description=None, **changes):
    return replace(Target(ADDRESS, 8080, "eu-west-1a", "unhealthy", reason, description), **changes)


def test_the_targets_own_reason_is_told():
    codes = "Health checks failed with these codes: [404]"
    finding = the_finding(elb_health_check_failed, ABOUT, read(ill("Target.ResponseCodeMismatch", codes)))
    assert finding.confidence is Confidence.CONFIRMED
    assert finding.params["target_group_arn"] == GROUP
    assert finding.params["reason"] == "Target.ResponseCodeMismatch"
    assert "404" in finding.summary


def test_a_task_security_group_that_does_not_admit_the_load_balancer():
    finding = the_finding(elb_health_check_failed, ABOUT, read(ill("Target.Timeout"), inside=network(())))
    assert finding.confidence is Confidence.CONFIRMED
    assert finding.params["security_group_ids"] == ["sg-1"]
    assert "--source-group sg-lb" in finding.fix.cli[0]
    assert "--port 8080" in finding.fix.cli[0]


def test_admission_by_address_counts_as_well_as_by_group():
    by_address = Permission("tcp", (8080, 8080), cidrs=("10.0.2.0/24",))
    groups = dict(network().security_groups.value)
    groups["sg-1"] = replace(groups["sg-1"], ingress=(by_address,))
    opened = network(security_groups=known(groups))
    finding = the_finding(elb_health_check_failed, ABOUT, read(ill("Target.Timeout"), inside=opened))
    assert "security_group_ids" not in finding.params


def test_a_target_that_has_gone_leaves_the_message_and_the_next_task():
    leaving = ill("Target.DeregistrationInProgress", state="draining")
    finding = the_finding(elb_health_check_failed, ABOUT, read(leaving))
    assert (finding.confidence, finding.params["reason"]) == (Confidence.LIKELY, None)
    following = replace(ill("Target.FailedHealthChecks"), id="10.0.1.77")
    both = read(leaving, targets={GROUP: known((leaving, following))})
    finding = the_finding(elb_health_check_failed, ABOUT, both)
    assert (finding.confidence, finding.params["reason"]) == (Confidence.CONFIRMED, "Target.FailedHealthChecks")


def test_a_grace_period_that_ended_before_the_start_up():
    finding = the_finding(elb_health_check_failed, ABOUT, read(ill("Target.FailedHealthChecks")))
    assert (finding.params["lived_seconds"], finding.params["grace_period_seconds"]) == (70, 0)
    assert any("health-check-grace-period-seconds" in line for line in finding.fix.cli)
    long_lived = read(ill("Target.FailedHealthChecks"))
    old = replace(long_lived.task.value, started_at=NOW - timedelta(hours=5))
    late = the_finding(elb_health_check_failed, ABOUT, replace(long_lived, task=known(old, "ecs:DescribeTasks")))
    assert "lived_seconds" not in late.params


def test_a_healthy_target_is_not_the_cause():
    assert_quiet(elb_health_check_failed, ABOUT, read(replace(ill(None), state="healthy")))


def test_what_could_not_be_read_names_its_permission():
    denied = Unknown("elbv2:DescribeTargetHealth", "denied", "elasticloadbalancing:DescribeTargetHealth")
    said = outcomes(elb_health_check_failed, ABOUT, read(targets={GROUP: denied}))
    assert "elasticloadbalancing:DescribeTargetHealth" in {getattr(one, "missing_permission", None) for one in said}
    assert [one.confidence for one in said if isinstance(one, Finding)] == [Confidence.LIKELY]
    assert_not_checked(elb_health_check_failed, ABOUT, facts(service=DENIED), "ecs:DescribeTasks")


def test_unread_security_groups_block_nothing():
    blind = network(security_groups=Unknown("ec2:DescribeSecurityGroups", "denied", "ec2:DescribeSecurityGroups"))
    finding = the_finding(elb_health_check_failed, ABOUT, read(inside=blind))
    assert finding.confidence is Confidence.LIKELY


def test_a_network_load_balancer_without_groups_is_judged_by_its_addresses():
    nlb = LoadBalancer(BALANCER, "orders", "network", "vpc-1", (), {"eu-west-1a": "subnet-2"})
    closed = Permission("tcp", (8080, 8080), cidrs=("10.0.9.0/24",))
    groups = dict(network().security_groups.value)
    groups["sg-1"] = replace(groups["sg-1"], ingress=(closed,))
    finding = the_finding(
        elb_health_check_failed, ABOUT, read(inside=network(security_groups=known(groups)), balanced=nlb)
    )
    assert finding.params["security_group_ids"] == ["sg-1"]


def test_a_target_group_that_is_gone():
    about = incident(Id.TARGET_GROUP_MISSING)
    gone = read(target_groups={GROUP: Absent("elbv2:DescribeTargetGroups", "TargetGroupNotFound")})
    finding = the_finding(target_group_missing, about, gone)
    assert (finding.confidence, finding.params["target_group_arn"]) == (Confidence.CONFIRMED, GROUP)
    assert_quiet(target_group_missing, about, read())
    denied = Unknown("elbv2:DescribeTargetGroups", "denied", "elasticloadbalancing:DescribeTargetGroups")
    unread = read(target_groups={GROUP: denied})
    assert_not_checked(target_group_missing, about, unread, "elasticloadbalancing:DescribeTargetGroups")


def test_a_task_that_its_group_does_not_know():
    about = incident(Id.TARGET_NOT_REGISTERED)
    running = {"task": task()}
    elsewhere = replace(ill("Target.Timeout"), id="10.0.1.99")
    finding = the_finding(target_not_registered, about, read(elsewhere, **running))
    assert finding.confidence is Confidence.CONFIRMED
    assert ADDRESS in finding.summary
    assert_quiet(target_not_registered, about, read(ill("Target.Timeout"), **running))
    assert_silent(target_not_registered, about, read(elsewhere))
    denied = Unknown("elbv2:DescribeTargetHealth", "denied", "elasticloadbalancing:DescribeTargetHealth")
    unread = read(targets={GROUP: denied}, **running)
    assert_not_checked(target_not_registered, about, unread, "elasticloadbalancing:DescribeTargetHealth")


def test_a_group_that_cannot_serve_this_task_at_all():
    about = incident(Id.TARGET_NOT_REGISTERED)
    for wrong in (group(load_balancer_arns=()), group(target_type="instance")):
        finding = the_finding(target_not_registered, about, read(target_groups={GROUP: known(wrong)}))
        assert finding.confidence is Confidence.CONFIRMED


def test_a_zone_that_is_not_enabled():
    about = incident(Id.ELB_ZONE_NOT_ENABLED)
    other = LoadBalancer(BALANCER, "orders", "application", "vpc-1", ("sg-lb",), {"eu-west-1b": "subnet-9"})
    finding = the_finding(elb_zone_not_enabled, about, read(balanced=other))
    assert finding.confidence is Confidence.CONFIRMED
    assert finding.params["zone"] == "eu-west-1a"
    assert finding.params["subnet_ids"] == ["subnet-9", "subnet-1"]
    assert_quiet(elb_zone_not_enabled, about, read())
    denied = Unknown("elbv2:DescribeLoadBalancers", "denied", "elasticloadbalancing:DescribeLoadBalancers")
    unread = read(load_balancers={BALANCER: denied})
    assert_not_checked(elb_zone_not_enabled, about, unread, "elasticloadbalancing:DescribeLoadBalancers")


def test_rules_on_targets_are_silent_where_there_are_none():
    for rule in (target_group_missing, target_not_registered, elb_zone_not_enabled, elb_health_check_failed):
        assert_silent(rule, incident(Id.APP_EXITED), facts())


INSTANCE = "i-0123456789abcdef0"
HOST_PORT = 49200
FIXED = container_definition(host_ports=(("tcp", HOST_PORT),))


def on_instance(*targets, ingress=(), ports=((8080, HOST_PORT),), definition_changes=None, **changes):
    """The service registers its instance; the group of the instance, sg-1, admits the load balancer as given."""
    groups = dict(network().security_groups.value)
    groups["sg-1"] = replace(groups["sg-1"], ingress=tuple(ingress))
    host = Interface(
        "subnet-1", "vpc-1", private_ip="10.0.1.5", security_group_ids=known(("sg-1",)), belongs_to="container instance"
    )
    bridged = definition(**{"network_mode": "bridge", **(definition_changes or {})})
    given = {
        "task": task(
            launch_type="EC2", last_status="STOPPED", stopped_reason=FAILED, containers=(container(host_ports=ports),)
        ),
        "task_definition": bridged,
        "target_groups": {GROUP: known(group(target_type="instance"), "elbv2:DescribeTargetGroups")},
        "targets": {GROUP: known(targets, "elbv2:DescribeTargetHealth")},
        "task_interface": Absent("ecs:DescribeTaskDefinition", "network mode bridge"),
        "host_interface": known(host, "ec2:DescribeInstances"),
        "container_instance": known(ContainerInstance("arn", INSTANCE, "ACTIVE")),
        "inside": network(security_groups=known(groups)),
        **changes,
    }
    return read(**given)


def from_front(first, last):
    return Permission("tcp", (first, last), group_ids=("sg-lb",))


OWN = Target(INSTANCE, HOST_PORT, "eu-west-1a", "unhealthy", "Target.Timeout", "Request timed out")


@pytest.mark.parametrize(
    ("ingress", "blocked"),
    [
        ((), True),
        ((from_front(8080, 8080),), True),
        ((from_front(32768, 49152),), True),
        ((from_front(32768, 65535),), False),
        ((from_front(HOST_PORT, HOST_PORT),), False),
    ],
)
def test_the_hosts_port_has_to_be_open_and_not_the_containers(ingress, blocked):
    finding = the_finding(elb_health_check_failed, ABOUT, on_instance(OWN, ingress=ingress))
    assert finding.confidence is Confidence.CONFIRMED
    assert ("security_group_ids" in finding.params) is blocked
    assert finding.params["port"] == HOST_PORT
    assert ("--port 32768-65535" in finding.fix.cli[0]) is blocked


@pytest.mark.parametrize("mode", [{"network_mode": "host"}, {"containers": (FIXED,)}])
def test_a_fixed_port_of_the_host_is_opened_alone(mode):
    finding = the_finding(elb_health_check_failed, ABOUT, on_instance(OWN, definition_changes=mode))
    assert f"--port {HOST_PORT} " in finding.fix.cli[0]


def test_another_task_on_the_same_instance_is_another_target():
    neighbour = replace(OWN, port=49201, state="healthy", reason=None)
    finding = the_finding(elb_health_check_failed, ABOUT, on_instance(neighbour, OWN))
    assert finding.params["reason"] == "Target.Timeout"
    assert_quiet(elb_health_check_failed, ABOUT, on_instance(replace(OWN, state="healthy", reason=None)))
    running = {"task": task(last_status="RUNNING", containers=(container(host_ports=((8080, HOST_PORT),)),))}
    about = incident(Id.TARGET_NOT_REGISTERED)
    assert_quiet(target_not_registered, about, on_instance(neighbour, OWN, **running))
    missing = the_finding(target_not_registered, about, on_instance(neighbour, **running))
    assert f"{INSTANCE}:{HOST_PORT}" in missing.summary
    dark = {"task": task(last_status="RUNNING")}
    assert_not_checked(target_not_registered, about, on_instance(neighbour, **dark))


def test_an_unknown_port_or_instance_closes_nothing():
    denied = Unknown("ecs:DescribeContainerInstances", "denied", "ecs:DescribeContainerInstances")
    for changes, permission in (
        ({"ports": ()}, None),
        ({"container_instance": denied, "host_interface": denied}, denied.missing_permission),
    ):
        said = outcomes(elb_health_check_failed, ABOUT, on_instance(**changes))
        assert [one.confidence for one in said if isinstance(one, Finding)] == [Confidence.LIKELY]
        assert {one.missing_permission for one in said if isinstance(one, NotChecked)} == {permission}
