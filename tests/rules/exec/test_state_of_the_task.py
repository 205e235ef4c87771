"""Rules on ECS Exec that the task itself answers."""

from datetime import timedelta

import pytest

from ecs_medic.facts import Absent, Known, Unknown
from ecs_medic.facts.ecs import ContainerInstance
from ecs_medic.finding import Confidence
from ecs_medic.rules.exec import RULES
from ecs_medic.rules.exec.exec_agent_install_broken import exec_agent_install_broken
from ecs_medic.rules.exec.exec_agent_pending import exec_agent_pending
from ecs_medic.rules.exec.exec_agent_stopped import exec_agent_stopped
from ecs_medic.rules.exec.exec_not_enabled import exec_not_enabled
from ecs_medic.rules.exec.exec_platform_too_old import exec_platform_too_old
from ecs_medic.rules.exec.exec_wrong_target import exec_wrong_target
from ecs_medic.vocabulary import Id
from tests.builders import (
    DENIED,
    NOW,
    TASK_ARN,
    agent,
    assert_not_checked,
    assert_quiet,
    assert_silent,
    container,
    exec_incident,
    facts,
    incident,
    known,
    outcomes,
    service,
    task,
    the_finding,
)


@pytest.mark.parametrize("rule", RULES)
def test_no_rule_speaks_where_no_session_failed(rule):
    assert_silent(rule, incident(Id.ECR_UNREACHABLE), facts(task=task(enable_execute_command=False)))


@pytest.mark.parametrize("rule", RULES)
def test_no_rule_fires_where_all_is_well(rule):
    assert all(not hasattr(outcome, "confidence") for outcome in outcomes(rule, exec_incident(), facts()))


def test_not_enabled_names_the_command_for_a_service():
    finding = the_finding(exec_not_enabled, exec_incident(), facts(task=task(enable_execute_command=False)))
    assert finding.confidence is Confidence.CONFIRMED
    assert finding.params["task_arn"] == TASK_ARN
    assert finding.params["container"] == "app"
    assert "--enable-execute-command --force-new-deployment" in finding.fix.cli[0]
    assert "--service orders" in finding.fix.cli[0]


def test_not_enabled_on_a_standalone_task_means_running_it_again():
    alone = task(enable_execute_command=False, group="family:orders")
    finding = the_finding(exec_not_enabled, exec_incident(), facts(task=alone, service=Absent("-")))
    assert finding.fix.cli[0].startswith("aws ecs run-task")


def test_not_enabled_shows_what_the_service_will_do_next():
    read = facts(task=task(enable_execute_command=False), service=service(enable_execute_command=True))
    assert (
        "is true for the tasks it starts next"
        in the_finding(exec_not_enabled, exec_incident(), read).evidence[1].observed
    )


def test_enabled_is_evidence_against_it():
    assert_quiet(exec_not_enabled, exec_incident(), facts())


def test_unread_task_leaves_it_open():
    assert_not_checked(exec_not_enabled, exec_incident(), facts(task=DENIED), "ecs:DescribeTasks")


def test_an_event_that_does_not_say_leaves_it_open_and_names_the_refused_read():
    read = facts(task=Known(task(enable_execute_command=None), "event"), failed_reads=(DENIED,))
    assert_not_checked(exec_not_enabled, exec_incident(), read, "ecs:DescribeTasks")


def test_a_stopped_agent_is_confirmed_with_its_reason():
    read = facts(task=task(containers=(container(managed_agents=(agent("STOPPED", "exited with exit code: 1"),)),)))
    finding = the_finding(exec_agent_stopped, exec_incident(), read)
    assert finding.confidence is Confidence.CONFIRMED
    assert finding.params["reason"] == "exited with exit code: 1"
    assert finding.fix.cli[0].startswith("aws ecs stop-task")


def test_only_the_container_that_was_meant_counts():
    both = (container("app"), container("proxy", managed_agents=(agent("STOPPED"),)))
    read = facts(task=task(containers=both))
    assert_quiet(exec_agent_stopped, exec_incident(container="app"), read)
    assert the_finding(exec_agent_stopped, exec_incident(container="proxy"), read).params["container"] == "proxy"


def test_an_agent_that_could_not_be_installed_is_another_cause():
    reason = "Execute Command Agent Initialization failed - could not find certs"
    read = facts(task=task(containers=(container(managed_agents=(agent("STOPPED", reason),)),)))
    assert_silent(exec_agent_stopped, exec_incident(), read)
    assert the_finding(exec_agent_install_broken, exec_incident(), read).params["reason"] == reason
    assert_silent(exec_agent_install_broken, exec_incident(), facts())


@pytest.mark.parametrize("rule", [exec_agent_stopped, exec_agent_pending, exec_agent_install_broken])
def test_agents_that_were_not_read_leave_it_open(rule):
    from_event = Known(task(containers=(container(managed_agents=None),)), "event")
    assert_not_checked(rule, exec_incident(), facts(task=from_event, failed_reads=(DENIED,)), "ecs:DescribeTasks")
    assert_not_checked(rule, exec_incident(), facts(task=DENIED), "ecs:DescribeTasks")


@pytest.mark.parametrize(
    ("age", "confidence"), [(timedelta(seconds=40), Confidence.CONFIRMED), (timedelta(hours=3), Confidence.LIKELY)]
)
def test_a_pending_agent_is_merely_starting_only_in_a_young_task(age, confidence):
    pending = task(started_at=NOW - age, containers=(container(managed_agents=(agent("PENDING"),)),))
    assert the_finding(exec_agent_pending, exec_incident(), facts(task=pending)).confidence is confidence


def test_a_running_agent_is_not_pending():
    assert_quiet(exec_agent_pending, exec_incident(), facts())


@pytest.mark.parametrize(
    ("platform", "family", "old"),
    [
        ("1.3.0", "Linux", True),
        ("1.4.0", "Linux", False),
        ("1.10.0", "Linux", False),
        ("1.0.0", "Windows_Server_2022_Core", False),
    ],
)
def test_fargate_platforms(platform, family, old):
    read = facts(task=task(platform_version=platform, platform_family=family))
    if old:
        assert the_finding(exec_platform_too_old, exec_incident(), read).params["needed_version"] == "1.4.0"
    else:
        assert_quiet(exec_platform_too_old, exec_incident(), read)


def test_a_platform_that_nobody_told_is_not_judged():
    read = facts(task=task(platform_version="LATEST"))
    assert_not_checked(exec_platform_too_old, exec_incident(), read)


@pytest.mark.parametrize(("version", "old"), [("1.50.1", True), ("1.50.2", False), ("1.9.9", True)])
def test_agents_of_container_instances(version, old):
    read = facts(
        task=task(launch_type="EC2", platform_version=None),
        container_instance=known(ContainerInstance("arn", "i-1", version)),
    )
    if old:
        finding = the_finding(exec_platform_too_old, exec_incident(), read)
        assert finding.confidence is Confidence.CONFIRMED
        assert finding.params["version"] == version
    else:
        assert_quiet(exec_platform_too_old, exec_incident(), read)


@pytest.mark.parametrize(
    ("changes", "instance", "begins"),
    [
        ({"platform_version": "1.3.0"}, None, "aws ecs update-service "),
        ({"platform_version": "1.3.0", "group": "family:orders"}, None, "aws ecs run-task "),
        ({"launch_type": "EC2"}, "1.49.0", "aws ecs update-container-agent "),
        ({"launch_type": "EXTERNAL"}, "1.49.0", "aws ecs update-container-agent "),
    ],
)
def test_the_command_fits_what_is_too_old(changes, instance, begins):
    given = {"container_instance": known(ContainerInstance("arn", "i-1", instance))} if instance else {}
    read = facts(task=task(**{"platform_version": None, **changes}), service=Absent("-"), **given)
    finding = the_finding(exec_platform_too_old, exec_incident(), read)
    assert finding.fix.cli[0].startswith(begins)


@pytest.mark.parametrize(("version", "old"), [("1.55.9", True), ("1.56.0", False)])
def test_windows_needs_a_newer_agent(version, old):
    windows = task(launch_type="EC2", platform_version=None, platform_family="Windows_Server_2022_Core")
    read = facts(task=windows, container_instance=known(ContainerInstance("arn", "i-1", version)))
    if old:
        assert the_finding(exec_platform_too_old, exec_incident(), read).params["needed_version"] == "1.56.0"
    else:
        assert_quiet(exec_platform_too_old, exec_incident(), read)


def test_an_unread_container_instance_is_not_judged():
    unread = Unknown("ecs:DescribeContainerInstances", "denied", "ecs:DescribeContainerInstances")
    read = facts(task=task(launch_type="EC2", platform_version=None), container_instance=unread)
    assert_not_checked(exec_platform_too_old, exec_incident(), read, "ecs:DescribeContainerInstances")


def test_a_task_that_ecs_does_not_know_is_the_wrong_target():
    finding = the_finding(exec_wrong_target, exec_incident(), facts(task=Absent("ecs:DescribeTasks", "MISSING")))
    assert finding.confidence is Confidence.CONFIRMED


def test_a_task_forgotten_since_is_only_likely_the_wrong_target():
    late = exec_incident(occurred_at=NOW - timedelta(hours=5))
    read = facts(task=Absent("ecs:DescribeTasks", "MISSING"))
    assert the_finding(exec_wrong_target, late, read).confidence is Confidence.LIKELY


def test_a_task_that_had_stopped_is_the_wrong_target_but_one_that_stopped_later_is_not():
    stopped = task(last_status="STOPPED", stopping_at=NOW - timedelta(minutes=5), stopped_at=NOW - timedelta(minutes=5))
    finding = the_finding(exec_wrong_target, exec_incident(), facts(task=stopped))
    assert finding.confidence is Confidence.CONFIRMED
    later = task(last_status="STOPPED", stopping_at=NOW, stopped_at=NOW)
    assert_quiet(exec_wrong_target, exec_incident(), facts(task=later))


def test_a_container_that_the_task_lacks_is_the_wrong_target_and_the_others_are_named():
    finding = the_finding(exec_wrong_target, exec_incident(container="ap"), facts())
    assert finding.params["containers"] == ["app"]


def test_a_running_task_is_no_wrong_target_whatever_the_message_says():
    assert_quiet(exec_wrong_target, exec_incident(Id.EXEC_WRONG_TARGET, container="app"), facts())


def test_what_the_event_alone_says_of_the_task_does_not_decide():
    assert_silent(exec_wrong_target, exec_incident(), facts(task=Known(task(last_status="STOPPED"), "event")))
    assert_not_checked(exec_wrong_target, exec_incident(), facts(task=DENIED), "ecs:DescribeTasks")
