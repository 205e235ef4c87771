"""The whole line over the wire: every failure of the gallery, as it is, and with reads that AWS refuses."""

import functools
import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from ecs_medic.aws.reader import Reader
from ecs_medic.diagnosis import diagnose
from ecs_medic.events.parse import parse
from ecs_medic.finding import Confidence
from ecs_medic.report.model import Report
from ecs_medic.vocabulary import Id
from sandbox.client import Sandbox
from sandbox.gallery import build, names
from sandbox.gallery.scenario import Scenario

# One failure of each kind of evidence: network, role, log group, exec, run, service event.
REPRESENTATIVE = (
    "ecr_dkr_endpoint_missing",
    "s3_gateway_not_on_route_table",
    "endpoint_security_group_closed",
    "nat_present_execution_role_cannot_pull",
    "log_group_missing",
    "exec_task_role_lacks_ssmmessages",
    "exec_not_enabled",
    "app_exited",
    "service_deployment_failed",
)


@pytest.fixture
def aws(account: Sandbox) -> Iterator[Sandbox]:
    with account.environ():
        yield account


@functools.cache
def reader(endpoint: str, region: str) -> Reader:
    """One for all diagnoses of one account, as in a warm function: its clients are slow to make."""
    return Reader(region)


def report_of(scenario: Scenario) -> Report:
    incident = parse(scenario.event)
    asked = reader(os.environ["AWS_ENDPOINT_URL"], incident.region).again()
    return diagnose(incident, asked, datetime.now(UTC))


def test_every_failure_of_the_gallery_is_diagnosed_as_it_was_built(aws: Sandbox, subtests: pytest.Subtests):
    for name in names():
        with subtests.test(name):
            scenario = build(aws, name)
            report = report_of(scenario)
            verdict = report.verdict
            assert (verdict.cause, verdict.confidence) == (scenario.cause, scenario.confidence)
            assert report.action == scenario.action
            assert {key: verdict.params.get(key) for key in scenario.params} == dict(scenario.params)
            confirmed = {finding.cause for finding in report.findings if finding.confidence is Confidence.CONFIRMED}
            assert confirmed <= {scenario.cause, *scenario.also}
            assert not {out.cause for out in report.ruled_out} & {finding.cause for finding in report.findings}


def assert_honest(scenario: Scenario, report: Report) -> None:
    """Whatever could not be read: nothing is confirmed that is not so, and what was missed is told."""
    true = {scenario.cause, *scenario.also}
    confirmed = {finding.cause for finding in report.findings if finding.confidence is Confidence.CONFIRMED}
    assert confirmed <= true
    assert report.verdict.cause in true or report.verdict.confidence is not Confidence.CONFIRMED
    assert report.action == scenario.action


def denied_one_at_a_time(aws: Sandbox, name: str) -> None:
    scenario = build(aws, name)
    aws.clear_calls()
    report_of(scenario)
    calls = {(call["service"], call["operation"]) for call in aws.calls()}
    # Whose credentials they are, needs no permission, and a warm reader knows it.
    for service, operation in sorted(calls - {("sts", "GetCallerIdentity")}):
        fault = aws.fault(service, operation, "access_denied")
        report = report_of(scenario)
        aws.clear_faults(fault)
        assert_honest(scenario, report)
        told = {gap.missing_permission for gap in report.not_checked}
        assert any(permission and permission.split(":")[0] in {service, _prefix(service)} for permission in told), (
            service,
            operation,
            told,
        )


def _prefix(service: str) -> str:
    return {"elbv2": "elasticloadbalancing", "efs": "elasticfilesystem"}.get(service, service)


@pytest.mark.parametrize("name", REPRESENTATIVE)
def test_each_read_denied_alone_gives_an_honest_report(aws: Sandbox, name: str):
    denied_one_at_a_time(aws, name)


@pytest.mark.soak
@pytest.mark.parametrize("name", [name for name in names() if name not in REPRESENTATIVE])
def test_each_read_denied_alone_gives_an_honest_report_for_all_others(aws: Sandbox, name: str):
    if build(aws, name).action == "alert":
        aws.reset(seed=1)
        denied_one_at_a_time(aws, name)


@pytest.mark.parametrize("kind", ["access_denied", "throttled", "server_error", "truncated"])
@pytest.mark.parametrize("name", ["ecr_dkr_endpoint_missing", "exec_not_enabled"])
def test_every_read_failing_at_once_gives_an_honest_report(aws: Sandbox, name: str, kind: str):
    scenario = build(aws, name)
    aws.fault("*", "*", kind)
    report = report_of(scenario)
    assert_honest(scenario, report)
    assert report.not_checked
    assert report.verdict.confidence is not Confidence.CONFIRMED


def test_nothing_explains_a_message_whose_cause_the_account_refutes(aws: Sandbox):
    """AWS says that the group is missing; it is there, and everything is open."""
    scenario = build(aws, "nat_present_log_group_missing")
    aws.client("logs").create_log_group(logGroupName=str(scenario.params["log_group"]))
    report = report_of(scenario)
    assert report.verdict.cause is Id.UNKNOWN
    assert Id.LOG_GROUP_MISSING in {out.cause for out in report.ruled_out}


@pytest.mark.parametrize("kind", ["server_error", "throttled", "truncated"])
@pytest.mark.parametrize("name", ["nat_present_log_group_missing", "exec_not_enabled"])
def test_nothing_is_confirmed_in_an_account_that_may_be_another(aws: Sandbox, name: str, kind: str):
    """Everything looks absent with the credentials of 123456789012, and would be reported as broken."""
    scenario = build(aws, name)
    incident = parse(json.loads(json.dumps(scenario.event).replace("123456789012", "999999999999")))
    aws.clear_calls()
    aws.fault("sts", "GetCallerIdentity", kind)
    report = diagnose(incident, Reader(incident.region), datetime.now(UTC))
    assert Confidence.CONFIRMED not in {finding.confidence for finding in report.findings}
    assert any("whose account the credentials are of could not be read" in gap.reason for gap in report.not_checked)
    assert {call["operation"] for call in aws.calls()} == {"GetCallerIdentity"}
