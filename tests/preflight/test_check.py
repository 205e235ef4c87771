"""Services that have not failed yet, over the wire: what would break them today is found, and what would not is not."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from ecs_medic.aws.reader import Reader
from ecs_medic.preflight.check import NothingToCheckError, check
from ecs_medic.report.check_model import Check, Trouble
from ecs_medic.vocabulary import Id
from sandbox.client import REGION, Sandbox
from sandbox.gallery import network as net
from sandbox.gallery.application import CLUSTER, Application, deploy
from sandbox.gallery.instances import HOST_CIDR, managed_provider
from sandbox.gallery.workbench import Workbench

ALL = (*net.START, "ssmmessages")


@pytest.fixture
def bench(account: Sandbox) -> Iterator[Workbench]:
    with account.environ():
        yield Workbench(account)


def checked(service: str | None = None, *, cluster: str = CLUSTER, later: timedelta = timedelta()) -> Check:
    return check(Reader(REGION), cluster, datetime.now(UTC) + later, service=service)


def found(result: Check) -> dict[tuple[str, str, str], str]:
    """(service, what breaks, cause): confidence."""
    return {
        (one.service, one.breaks, trouble.cause): trouble.confidence
        for trouble in result.findings
        for one in trouble.services
    }


def about(result: Check, cause: Id) -> Trouble:
    (trouble,) = [one for one in result.findings if one.cause is cause]
    return trouble


def test_services_that_run_are_left_alone(bench: Workbench):
    deploy(bench, Application("orders", net.with_endpoints(bench, "orders", ALL), enable_exec=True))
    network, _ = net.with_nat(bench, "billing")
    deploy(bench, Application("billing", network, enable_exec=True))
    result = checked()
    assert (result.findings, result.not_checked) == ((), ())
    assert result.services == ("billing", "orders")


def test_what_would_break_the_next_start_is_found_while_everything_still_runs(bench: Workbench):
    network = net.with_endpoints(bench, "orders", ALL)
    deploy(bench, Application("orders", network, enable_exec=True))
    assert not checked().findings
    bench.client("logs").delete_log_group(logGroupName="/shop/orders")
    bench.client("ec2").delete_vpc_endpoints(VpcEndpointIds=[network.endpoints["ecr.dkr"]])
    result = checked()
    assert found(result) == {
        ("orders", "start", "log_group_missing"): "confirmed",
        ("orders", "start", "vpc_endpoint_missing"): "confirmed",
    }
    trouble = about(result, Id.VPC_ENDPOINT_MISSING)
    assert trouble.params["services"] == ["com.amazonaws.eu-west-1.ecr.dkr"]
    assert [(one.desired, one.running) for one in trouble.services] == [(1, 1)]


def test_what_would_break_exec_is_found_where_it_is_enabled_and_only_there(bench: Workbench):
    network = net.with_endpoints(bench, "orders")
    deploy(bench, Application("orders", network, enable_exec=True, task_actions=("s3:GetObject",)))
    deploy(bench, Application("billing", network, task_actions=("s3:GetObject",)))
    assert found(checked()) == {
        ("orders", "exec", "exec_task_role_lacks_ssmmessages"): "confirmed",
        ("orders", "exec", "vpc_endpoint_missing"): "confirmed",
    }


def test_one_resource_that_breaks_several_services_is_one_trouble_and_comes_first(bench: Workbench):
    network = net.with_endpoints(bench, "orders", ("ecr.api", "ecr.dkr"))
    for name in ("orders", "billing", "stock"):
        deploy(bench, Application(name, network, desired_count=0))
    deploy(bench, Application("alone", net.with_endpoints(bench, "alone"), create_log_group=False, desired_count=0))
    result = checked()
    assert [(one.cause, [a.service for a in one.services]) for one in result.findings] == [
        (Id.VPC_ENDPOINT_MISSING, ["billing", "orders", "stock"]),
        (Id.LOG_GROUP_MISSING, ["alone"]),
    ]
    assert result.untroubled == ()


def test_a_task_is_judged_in_every_subnet_that_it_may_be_put_in(bench: Workbench):
    """S3's gateway is on the route table of one subnet only."""
    network = net.with_endpoints(bench, "orders")
    other = net.add_subnet(bench, network, "10.0.9.0/24")
    deploy(bench, Application("orders", network, desired_count=0))
    bench.client("ecs").update_service(
        cluster=CLUSTER,
        service="orders",
        networkConfiguration={
            "awsvpcConfiguration": {"subnets": [network.subnet, other], "securityGroups": [network.task_group]}
        },
    )
    trouble = about(checked(), Id.S3_GATEWAY_NOT_ON_ROUTE_TABLE)
    assert [one.subnet_ids for one in trouble.services] == [(other,)]


def test_a_service_that_silently_runs_nothing(bench: Workbench, account: Sandbox):
    deploy(bench, Application("orders", net.with_endpoints(bench, "orders"), create_log_group=False))
    bench.client("logs").create_log_group(logGroupName="/shop/orders")
    assert not any(one.cause is Id.SERVICE_SILENTLY_AT_ZERO for one in checked().findings)
    trouble = checked(later=timedelta(hours=2)).findings[0]
    assert (trouble.cause, trouble.confidence) == (Id.SERVICE_SILENTLY_AT_ZERO, "confirmed")
    assert [(one.service, one.running) for one in trouble.services] == [("orders", 0)]


@pytest.mark.parametrize(
    ("service", "operation", "permission"),
    [
        ("logs", "DescribeLogGroups", "logs:DescribeLogGroups"),
        ("ecs", "DescribeTaskDefinition", "ecs:DescribeTaskDefinition"),
        ("ec2", "DescribeRouteTables", "ec2:DescribeRouteTables"),
        ("ecs", "DescribeServices", "ecs:DescribeServices"),
        ("ecs", "ListTasks", "ecs:ListTasks"),
    ],
)
def test_what_nobody_may_read_is_unknown_and_confirms_nothing(
    bench: Workbench, account: Sandbox, service: str, operation: str, permission: str
):
    deploy(bench, Application("orders", net.with_endpoints(bench, "orders", ALL), enable_exec=True))
    account.fault(service, operation, "access_denied")
    result = checked()
    assert not result.shown
    assert permission in {gap.missing_permission for gap in result.not_checked}


def test_tasks_that_were_not_read_are_not_taken_for_none(bench: Workbench, account: Sandbox):
    deploy(bench, Application("orders", net.with_endpoints(bench, "orders", ALL), enable_exec=True))
    account.fault("ecs", "DescribeTasks", "access_denied")
    reasons = [gap.reason for gap in checked().not_checked]
    assert "none of the tasks that run was read" in reasons
    assert "no task of the service runs" not in reasons


def test_one_service(bench: Workbench):
    network = net.with_endpoints(bench, "orders")
    deploy(bench, Application("orders", network, create_log_group=False, desired_count=0))
    deploy(bench, Application("billing", network, create_log_group=False, desired_count=0))
    assert found(checked("billing")) == {("billing", "start", "log_group_missing"): "confirmed"}


def test_on_instances_the_hosts_interface_and_role_are_judged(bench: Workbench):
    """The provider's subnet has no way out: a task of managed instances pulls by its instance's interface."""
    network, _ = net.with_nat(bench, "ledger")
    hosts = net.add_subnet(bench, network, HOST_CIDR)
    provider = managed_provider(bench, "ledger", hosts, network.endpoint_group)
    app = Application("ledger", network, cluster="ledger", launch_type="MANAGED_INSTANCES", capacity_provider=provider)
    deploy(bench, app)
    result = checked(cluster="ledger")
    # Nothing of Fargate's is said of it, and what no task shows is not made up.
    assert not {Id.PUBLIC_SUBNET_WITHOUT_PUBLIC_IP, Id.VPC_ENDPOINT_MISSING} & {one.cause for one in result.shown}


def test_what_is_not_there(bench: Workbench):
    with pytest.raises(NothingToCheckError, match="no cluster shop in eu-west-1"):
        checked()
    deploy(bench, Application("orders", net.with_endpoints(bench, "orders"), desired_count=0))
    with pytest.raises(NothingToCheckError, match="no service stock in cluster shop"):
        checked("stock")
