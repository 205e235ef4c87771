"""How a task lives and ends, over the wire: its last lines, its targets, its mounts; and each of their reads denied."""

from collections import Counter

import pytest

from ecs_medic.aws.reader import Reader
from ecs_medic.collect import collect
from ecs_medic.diagnosis import diagnose
from ecs_medic.events.parse import parse
from ecs_medic.facts import Known
from ecs_medic.finding import Confidence
from ecs_medic.rules.judge import judge
from sandbox.client import REGION
from sandbox.gallery import build, health, running, storage
from sandbox.gallery.application import Application, deploy
from sandbox.gallery.network import with_endpoints
from sandbox.gallery.observe import stopped
from sandbox.gallery.workbench import Workbench
from tests.builders import NOW

SCENARIOS = [builder.__name__ for module in (running, health, storage) for builder in module.BUILDERS]
MOST_CALLS, MOST_WAVES = 20, 3


class CountingReader(Reader):
    """A reader that also counts its waves."""

    waves = 0

    def together(self, calls):
        self.waves += bool(calls)
        return super().together(calls)


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_right_verdict_in_few_calls_and_waves(account, name):
    scenario = build(account, name)
    reader = CountingReader(REGION)
    report = diagnose(parse(scenario.event), reader, NOW)
    assert (report.verdict.cause, report.verdict.confidence) == (scenario.cause, scenario.confidence)
    assert {key: report.verdict.params.get(key) for key in scenario.params} == scenario.params
    assert {one.cause for one in report.findings[1:]} <= set(scenario.also)
    assert len(reader.calls) <= MOST_CALLS, reader.calls
    assert reader.waves <= (5 if scenario.event["detail"].get("launchType") == "EC2" else MOST_WAVES)
    asked = Counter((call.name, repr(sorted(call.params.items())), call.region) for call in reader.trace)
    assert max(asked.values()) == 1


@pytest.mark.parametrize(
    "name",
    [
        "elb_cannot_reach_task",
        "elb_cannot_reach_instance",
        "efs_security_group_closed",
        "efs_access_point_missing",
        "app_exited",
    ],
)
def test_each_read_denied_by_itself_is_named_and_confirms_nothing_new(account, name):
    incident = parse(build(account, name).event)
    whole = collect(incident, Reader(REGION), NOW)
    expected = _confirmed(incident, whole)
    for call in sorted(set(whole.calls)):
        service, operation = call.split(":")
        account.clear_faults()
        account.fault(service, operation, "access_denied")
        facts = collect(incident, Reader(REGION), NOW)
        judgement = judge(incident, facts)
        assert _confirmed(incident, facts) <= expected, call
        prefix = {"elbv2": "elasticloadbalancing", "efs": "elasticfilesystem"}.get(service, service)
        assert f"{prefix}:{operation}" in {gap.missing_permission for gap in judgement.not_checked}, call


def _confirmed(incident, facts):
    return {one.cause for one in judge(incident, facts).findings if one.confidence is Confidence.CONFIRMED}


def test_the_last_lines_come_from_the_containers_own_configuration_redacted(account):
    scenario = build(account, "app_exited")
    report = diagnose(parse(scenario.event), Reader(REGION), NOW)
    assert report.log_tail is not None
    assert report.log_tail.lines == ("starting with 4 workers", "cannot connect to the database: connection refused")
    assert report.log_tail.log_stream == f"workers/app/{report.incident.task_id}"


def test_a_log_group_that_is_gone_is_no_line_and_no_error(account):
    scenario = build(account, "app_exited")
    account.client("logs").delete_log_group(logGroupName="/shop/workers")
    report = diagnose(parse(scenario.event), Reader(REGION), NOW)
    assert report.verdict.cause == "app_exited"
    assert report.log_tail is None
    assert any("last log lines" in gap.check for gap in report.not_checked)


def test_only_the_newest_lines_are_read(account):
    bench = Workbench(account)
    log = "\n".join(f"line {number}" for number in range(100))
    variables = {"SANDBOX_EXIT_CODE": "1", "SANDBOX_LOG": log}
    deploy(bench, Application("chatty", with_endpoints(bench, "chatty"), environment=variables))
    facts = collect(parse(stopped(bench, "chatty")), Reader(REGION), NOW)
    assert isinstance(facts.log_tail, Known)
    assert facts.log_tail.value.lines == tuple(f"line {number}" for number in range(70, 100))


def test_a_deleted_target_group_is_absent(account):
    scenario = build(account, "elb_wrong_answer")
    elbv2 = account.client("elbv2")
    balancer = elbv2.describe_load_balancers()["LoadBalancers"][0]["LoadBalancerArn"]
    elbv2.delete_listener(ListenerArn=elbv2.describe_listeners(LoadBalancerArn=balancer)["Listeners"][0]["ListenerArn"])
    elbv2.delete_target_group(TargetGroupArn=scenario.params["target_group_arn"])
    incident = parse(scenario.event)
    assert "target_group_missing" in _confirmed(incident, collect(incident, Reader(REGION), NOW))


def test_a_missing_file_system_policy_is_no_failed_read(account):
    incident = parse(build(account, "efs_access_point_missing").event)
    facts = collect(incident, Reader(REGION), NOW)
    assert facts.failed_reads == ()
