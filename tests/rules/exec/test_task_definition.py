"""Rules on ECS Exec that the task definition and the subnet answer."""

from dataclasses import replace

import pytest

from ecs_medic.facts import NOT_READ, Facts, Known, Unknown
from ecs_medic.facts.ecs import Container, Secret
from ecs_medic.facts.network import Interface, Network, Subnet
from ecs_medic.finding import Confidence
from ecs_medic.rules.exec.exec_container_restarted import exec_container_restarted
from ecs_medic.rules.exec.exec_ipv6_only import exec_ipv6_only
from ecs_medic.rules.exec.exec_pid_namespace_shared import exec_pid_namespace_shared
from ecs_medic.rules.exec.exec_proxy_hides_credentials import exec_proxy_hides_credentials
from ecs_medic.rules.exec.exec_readonly_root_filesystem import exec_readonly_root_filesystem
from ecs_medic.rules.exec.exec_static_aws_keys_in_container import exec_static_aws_keys_in_container
from ecs_medic.rules.exec.exec_task_role_missing import exec_task_role_missing
from ecs_medic.vocabulary import Id
from tests.builders import (
    TASK_ROLE,
    agent,
    assert_not_checked,
    assert_quiet,
    assert_silent,
    container,
    container_definition,
    definition,
    exec_incident,
    facts,
    known,
    outcomes,
    task,
    the_finding,
)

UNREAD = Unknown("ecs:DescribeTaskDefinition", "denied", "ecs:DescribeTaskDefinition")


@pytest.mark.parametrize(
    "rule",
    [
        exec_container_restarted,
        exec_pid_namespace_shared,
        exec_proxy_hides_credentials,
        exec_readonly_root_filesystem,
        exec_static_aws_keys_in_container,
        exec_task_role_missing,
    ],
)
def test_each_is_ruled_out_where_all_is_well_and_open_where_the_definition_was_not_read(rule):
    assert_quiet(rule, exec_incident(), facts())
    assert_not_checked(rule, exec_incident(), facts(task_definition=UNREAD), "ecs:DescribeTaskDefinition")


def test_no_task_role():
    finding = the_finding(
        exec_task_role_missing, exec_incident(), facts(task_definition=definition(task_role_arn=None))
    )
    assert finding.confidence is Confidence.CONFIRMED
    assert finding.fix.policy is not None


def test_the_run_may_bring_a_role_of_its_own():
    read = facts(task=task(task_role_override=TASK_ROLE), task_definition=definition(task_role_arn=None))
    assert_quiet(exec_task_role_missing, exec_incident(), read)


def test_on_ec2_the_instance_may_stand_in_for_the_role():
    read = facts(task=task(launch_type="EC2"), task_definition=definition(task_role_arn=None))
    assert the_finding(exec_task_role_missing, exec_incident(), read).confidence is Confidence.LIKELY


@pytest.mark.parametrize(
    ("status", "confidence"), [("STOPPED", "confirmed"), (None, "confirmed"), ("RUNNING", "possible")]
)
def test_a_readonly_root_is_no_matter_where_the_agent_runs_all_the_same(status, confidence):
    agents = (agent(status),) if status else ()
    read = facts(
        task=task(containers=(container(managed_agents=agents),)),
        task_definition=definition(containers=(container_definition(readonly_root_filesystem=True),)),
    )
    assert the_finding(exec_readonly_root_filesystem, exec_incident(), read).confidence == confidence


def test_a_readonly_root_of_another_container_does_not_count():
    both = (container_definition("app"), container_definition("proxy", readonly_root_filesystem=True))
    read = facts(task_definition=definition(containers=both))
    assert_quiet(exec_readonly_root_filesystem, exec_incident(container="app"), read)
    assert the_finding(exec_readonly_root_filesystem, exec_incident(), read).params["container"] == "proxy"


def shared(app: str | None, proxy: str | None) -> Facts:
    def with_agent(name: str, status: str | None) -> Container:
        return container(name, managed_agents=(agent(status),) if status else None)

    return facts(
        task=task(containers=(with_agent("app", app), with_agent("proxy", proxy))),
        task_definition=definition(
            pid_mode="task", containers=(container_definition("app"), container_definition("proxy"))
        ),
    )


def test_a_shared_pid_namespace_names_the_container_that_works():
    finding = the_finding(exec_pid_namespace_shared, exec_incident(container="app"), shared("STOPPED", "RUNNING"))
    assert finding.confidence is Confidence.CONFIRMED
    assert finding.params["working_container"] == "proxy"
    assert finding.params["container"] == "app"


def test_a_shared_pid_namespace_is_no_matter_for_the_container_whose_agent_runs_or_where_none_does():
    assert_quiet(exec_pid_namespace_shared, exec_incident(container="proxy"), shared("STOPPED", "RUNNING"))
    assert_quiet(exec_pid_namespace_shared, exec_incident(container="app"), shared("STOPPED", "STOPPED"))


def test_a_shared_pid_namespace_connects_one_agent_only_and_nobody_says_which():
    read = shared("RUNNING", "RUNNING")
    finding = the_finding(exec_pid_namespace_shared, exec_incident(Id.EXEC_TARGET_NOT_CONNECTED, container="app"), read)
    assert (finding.confidence, finding.params["working_container"]) == (Confidence.LIKELY, "proxy")
    other = the_finding(exec_pid_namespace_shared, exec_incident(container="app"), read)
    assert other.confidence is Confidence.POSSIBLE
    assert_quiet(exec_pid_namespace_shared, exec_incident(), read)


@pytest.mark.parametrize(
    ("status", "changes", "pid_mode", "confidence"),
    [
        ("STOPPED", {}, "task", Confidence.CONFIRMED),
        ("STOPPED", {"readonly_root_filesystem": True}, "task", Confidence.LIKELY),
        ("STOPPED", {"restart_policy_enabled": True}, "task", Confidence.LIKELY),
        ("STOPPED", {}, "host", Confidence.LIKELY),
        ("PENDING", {}, "task", Confidence.POSSIBLE),
        (None, {}, "task", Confidence.LIKELY),
    ],
)
def test_a_shared_pid_namespace_is_certain_only_where_nothing_else_stops_the_agent(
    status, changes, pid_mode, confidence
):
    read = shared(status, "RUNNING")
    containers = (container_definition("app", **changes), container_definition("proxy"))
    read = replace(read, task_definition=known(definition(pid_mode=pid_mode, containers=containers)))
    finding = the_finding(exec_pid_namespace_shared, exec_incident(container="app"), read)
    assert finding.confidence is confidence
    assert pid_mode in finding.summary
    assert "--container proxy" in finding.fix.cli[0]


def test_a_shared_pid_namespace_is_open_where_no_agent_was_read():
    assert_not_checked(exec_pid_namespace_shared, exec_incident(container="app"), shared(None, None))


@pytest.mark.parametrize(
    "changes",
    [
        {"environment": {"AWS_ACCESS_KEY_ID": "x"}},
        {
            "secrets": (
                Secret("AWS_SECRET_ACCESS_KEY", "arn:aws:secretsmanager:eu-west-1:123456789012:secret:k-abcdef"),
            )
        },
    ],
)
def test_static_keys_are_likely_and_their_values_are_not_shown(changes):
    read = facts(task_definition=definition(containers=(container_definition(**changes),)))
    finding = the_finding(exec_static_aws_keys_in_container, exec_incident(), read)
    assert finding.confidence is Confidence.LIKELY
    assert "'x'" not in repr(finding)


def test_an_environment_file_may_hold_keys_that_nobody_reads():
    read = facts(
        task_definition=definition(containers=(container_definition(environment_files=("arn:aws:s3:::b/e",)),))
    )
    assert_not_checked(exec_static_aws_keys_in_container, exec_incident(), read)


@pytest.mark.parametrize(
    ("environment", "fires"),
    [
        ({"HTTPS_PROXY": "http://proxy:3128"}, True),
        ({"http_proxy": "http://proxy:3128", "no_proxy": "localhost"}, True),
        ({"HTTP_PROXY": "http://proxy:3128", "NO_PROXY": "169.254.169.254,169.254.170.2"}, False),
        ({"HTTP_PROXY": "http://proxy:3128", "no_proxy": "*"}, False),
        ({"NO_PROXY": "localhost"}, False),
    ],
)
def test_proxies(environment, fires):
    read = facts(task_definition=definition(containers=(container_definition(environment=environment),)))
    if fires:
        assert the_finding(exec_proxy_hides_credentials, exec_incident(), read).confidence is Confidence.LIKELY
    else:
        assert_quiet(exec_proxy_hides_credentials, exec_incident(), read)


@pytest.mark.parametrize("status", ["STOPPED", "RUNNING", None])
def test_a_restarted_container_has_lost_its_agent(status):
    agents = (agent(status),) if status else None
    read = facts(
        task=task(containers=(container(managed_agents=agents),)),
        task_definition=definition(containers=(container_definition(restart_policy_enabled=True),)),
    )
    if status == "STOPPED":
        assert the_finding(exec_container_restarted, exec_incident(), read).confidence is Confidence.LIKELY
    elif status is None:
        assert_not_checked(exec_container_restarted, exec_incident(), read)
    else:
        assert_quiet(exec_container_restarted, exec_incident(), read)


def in_subnet(*, ipv6_native: bool) -> Facts:
    subnet = Subnet("subnet-1", "vpc-1", None if ipv6_native else "10.0.0.0/24", "eu-west-1a", ipv6_native=ipv6_native)
    return facts(
        task_interface=known(Interface("subnet-1", "vpc-1")),
        networks={"vpc-1": Network("vpc-1", subnets=Known({"subnet-1": subnet}, "ec2:DescribeSubnets"))},
    )


def test_ipv6_only_subnets():
    assert the_finding(exec_ipv6_only, exec_incident(), in_subnet(ipv6_native=True)).params["subnet_id"] == "subnet-1"
    assert_quiet(exec_ipv6_only, exec_incident(), in_subnet(ipv6_native=False))


def test_an_unread_subnet_is_not_judged_and_an_unasked_one_not_mentioned():
    unread = Unknown("ec2:DescribeSubnets", "denied", "ec2:DescribeSubnets")
    assert_not_checked(exec_ipv6_only, exec_incident(), facts(task_interface=unread), "ec2:DescribeSubnets")
    assert_silent(exec_ipv6_only, exec_incident(), facts())
    assert_silent(exec_ipv6_only, exec_incident(), facts(task_interface=replace(NOT_READ)))
    assert outcomes(exec_ipv6_only, exec_incident(), facts(task_interface=known(Interface("s", "v")))) == []
