"""Collecting from the embedded account: the right facts, few calls, and no read that brings the rest down."""

from collections.abc import Iterator

import pytest

from ecs_medic.aws.reader import AwsUnavailable, Reader
from ecs_medic.collect import collect
from ecs_medic.events.parse import parse
from ecs_medic.facts import Absent, Facts, Known, Unknown
from ecs_medic.finding import Confidence, Finding, NotChecked, Outcome
from ecs_medic.incident import Incident
from ecs_medic.rules import exec as exec_rules
from ecs_medic.rules import logs, network, roles
from ecs_medic.vocabulary import Id
from sandbox.client import REGION, Sandbox
from sandbox.gallery import Scenario, build
from tests.builders import NOW

RULES = (*roles.RULES, *network.RULES, *logs.RULES, *exec_rules.RULES)
PROVEN = (
    "exec_agent_stopped",
    "exec_task_role_lacks_ssmmessages",
    "ssmmessages_endpoint_missing",
    "every_endpoint_missing",
    "s3_gateway_not_on_route_table",
    "logs_endpoint_missing",
    "log_group_missing",
    "app_exited",
)


def incident_of(scenario: Scenario) -> Incident:
    return parse(scenario.event)


def read(incident: Incident, reader: Reader | None = None) -> Facts:
    return collect(incident, reader or Reader(REGION), NOW)


def outcomes(incident: Incident, facts: Facts) -> Iterator[Outcome]:
    for rule in RULES:
        yield from rule(incident, facts)


def confirmed(incident: Incident, facts: Facts) -> set[Id]:
    return {
        one.cause
        for one in outcomes(incident, facts)
        if isinstance(one, Finding) and one.confidence is Confidence.CONFIRMED
    }


@pytest.mark.parametrize("name", PROVEN)
def test_the_right_cause_by_reads_that_all_succeed(account, name):
    scenario = build(account, name)
    incident = incident_of(scenario)
    facts = read(incident)
    assert facts.failed_reads == ()
    if scenario.cause in {rule.__name__ for rule in RULES}:
        found = [one for one in outcomes(incident, facts) if isinstance(one, Finding) and one.cause == scenario.cause]
        assert found
        assert all(one.confidence is Confidence.CONFIRMED for one in found)
        for key, value in scenario.params.items():
            assert found[0].params[key] == value


@pytest.mark.parametrize("name", ["exec_task_role_lacks_ssmmessages", "log_group_missing"])
def test_each_read_denied_by_itself_is_named_and_confirms_nothing_new(account, name):
    incident = incident_of(build(account, name))
    # One reader for all: making its clients is what takes the time.
    reader = Reader(REGION, account=incident.account)
    whole = read(incident, reader)
    expected = confirmed(incident, whole)
    assert expected
    for call in sorted(set(whole.calls)):
        service, operation = call.split(":")
        account.clear_faults()
        account.fault(service, operation, "access_denied")
        facts = read(incident, reader)
        assert call in {failed.missing_permission for failed in facts.failed_reads}, call
        assert confirmed(incident, facts) <= expected, call
        said = {one.missing_permission for one in outcomes(incident, facts) if isinstance(one, NotChecked)}
        if confirmed(incident, facts) != expected:
            assert call in said, call


def test_everything_denied_still_gives_facts_with_every_permission_named(account):
    incident = incident_of(build(account, "every_endpoint_missing"))
    account.fault("*", "*", "access_denied")
    facts = read(incident)
    assert {"ecs:DescribeTasks", "ecs:DescribeTaskDefinition", "ecs:DescribeServices"} <= {
        failed.missing_permission for failed in facts.failed_reads
    }
    assert isinstance(facts.task, Known)
    assert facts.task.source == "event"
    assert confirmed(incident, facts) == set()


def test_a_broken_read_is_unknown_and_the_rest_goes_on(account):
    incident = incident_of(build(account, "ecr_dkr_endpoint_missing"))
    account.fault("ec2", "DescribeVpcEndpoints", "truncated")
    facts = read(incident)
    (vpc,) = facts.networks.values()
    assert isinstance(vpc.endpoints, Unknown)
    assert isinstance(vpc.route_tables, Known)
    assert confirmed(incident, facts) == set()


def test_expired_credentials_are_no_report(account):
    incident = incident_of(build(account, "ecr_dkr_endpoint_missing"))
    account.fault("ec2", "DescribeVpcs", "expired_credentials")
    with pytest.raises(AwsUnavailable):
        read(incident)


def test_a_stopped_tasks_interface_is_put_together_from_what_is_left(account):
    facts = read(incident_of(build(account, "ecr_dkr_endpoint_missing")))
    assert isinstance(facts.task_interface, Known)
    interface = facts.task_interface.value
    assert isinstance(interface.public_ip, Absent)
    assert isinstance(interface.security_group_ids, Known)
    assert interface.security_group_ids.value
    assert interface.vpc_id in facts.networks
    assert isinstance(facts.host_interface, Absent)


def test_a_running_tasks_interface_is_read_itself(account):
    facts = read(incident_of(build(account, "ssmmessages_endpoint_missing")))
    assert isinstance(facts.task_interface, Known)
    assert facts.task_interface.source == "ec2:DescribeNetworkInterfaces"


def forget_the_task(account: Sandbox) -> None:
    # What DescribeTasks says of a task an hour after it has stopped.
    account.fault("ecs", "DescribeTasks", "error", code="ClusterNotFoundException", message="Cluster not found.")


def test_a_task_that_ecs_has_forgotten_lives_on_in_its_event(account):
    incident = incident_of(build(account, "every_endpoint_missing"))
    expected = confirmed(incident, read(incident))
    forget_the_task(account)
    facts = read(incident)
    assert isinstance(facts.task, Known)
    assert facts.task.source == "event"
    assert confirmed(incident, facts) == expected


def test_a_session_for_a_task_that_ecs_has_forgotten_has_the_wrong_target(account):
    incident = incident_of(build(account, "exec_agent_stopped"))
    forget_the_task(account)
    facts = read(incident)
    assert isinstance(facts.task, Absent)


def test_without_service_and_interface_the_groups_are_unknown_and_nothing_is_confirmed(account):
    incident = incident_of(build(account, "task_security_group_closed"))
    account.fault("ecs", "DescribeServices", "access_denied")
    facts = read(incident)
    assert isinstance(facts.task_interface, Known)
    groups = facts.task_interface.value.security_group_ids
    assert isinstance(groups, Unknown)
    assert groups.missing_permission == "ecs:DescribeServices"
    assert Id.TASK_SECURITY_GROUP_BLOCKS_EGRESS not in confirmed(incident, facts)
