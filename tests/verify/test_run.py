"""The whole verification against the embedded account; and that nothing is left of it, wherever it ends."""

import json
import re
import time
from functools import partial

import boto3
import pytest

from verify import believed, probes, removal, watching
from verify.guard import RefusedError
from verify.names import LOG_GROUP, NAME
from verify.place import Place
from verify.record import ALERT, EXEC_DELIVERED, OWN_REPAIR, PUSH_DELIVERED, REPAIR, Verdict
from verify.run import STEPS, verify


def everything(account):
    """What there is of all that a verification makes, asked otherwise than the removal asks."""
    ec2, ecs = account.client("ec2"), account.client("ecs")
    return {
        "vpcs": sorted(one["VpcId"] for one in ec2.describe_vpcs()["Vpcs"]),
        "subnets": sorted(one["SubnetId"] for one in ec2.describe_subnets()["Subnets"]),
        "groups": sorted(one["GroupId"] for one in ec2.describe_security_groups()["SecurityGroups"]),
        "tables": sorted(one["RouteTableId"] for one in ec2.describe_route_tables()["RouteTables"]),
        "endpoints": [one["VpcEndpointId"] for one in ec2.describe_vpc_endpoints()["VpcEndpoints"]],
        "clusters": [
            c["clusterName"] for c in ecs.describe_clusters(clusters=[NAME])["clusters"] if c["status"] == "ACTIVE"
        ],
        "definitions": ecs.list_task_definitions()["taskDefinitionArns"],
        "roles": [one["RoleName"] for one in account.client("iam").list_roles()["Roles"]],
        "repositories": [
            one["repositoryName"] for one in account.client("ecr").describe_repositories()["repositories"]
        ],
        "log groups": [one["logGroupName"] for one in account.client("logs").describe_log_groups()["logGroups"]],
        "rules": [one["Name"] for one in account.client("events").list_rules()["Rules"]],
        "queues": [url for url in account.client("sqs").list_queues().get("QueueUrls", []) if NAME in url],
        "trails": [t["Name"] for t in account.client("cloudtrail").describe_trails()["trailList"] if t["Name"] == NAME],
        "buckets": [b["Name"] for b in account.client("s3").list_buckets()["Buckets"] if NAME in b["Name"]],
    }


def test_it_goes_all_the_way(staged, tmp_path, monkeypatch):
    monkeypatch.setattr(watching, "SECONDS_UP", 1)
    before = everything(staged.account)
    journey = staged.journey()

    def probe_lists():
        logs = journey.place.client("logs")
        streams = {"logGroupName": LOG_GROUP, "logStreamName": "probe/app/1"}
        logs.create_log_stream(**streams)
        lines = ("/managed-agents/execute-command", "listed")
        now = [{"timestamp": round(time.time() * 1000), "message": line} for line in lines]
        logs.put_log_events(**streams, logEvents=now)

    steps = [*STEPS]
    where = next(number for number, step in enumerate(steps) if step.work.__name__ == "_agent")
    look = steps[where].work
    steps[where] = type(steps[where])("see the agent", lambda journey: (probe_lists(), look(journey))[1])
    page = verify(journey, tmp_path, steps)

    assert [step for step in journey.record.steps if step.trouble] == []
    verdicts = {one.fact: one.verdict for one in journey.record.observations}
    assert verdicts == {
        ALERT: Verdict.SEEN,
        REPAIR: Verdict.SEEN,
        OWN_REPAIR: Verdict.OTHERWISE,
        believed.EXEC_EVENT: Verdict.SEEN,
        believed.PUSH_EVENT: Verdict.SEEN,
        EXEC_DELIVERED: Verdict.SEEN,
        PUSH_DELIVERED: Verdict.SEEN,
        believed.AGENT_PLACE: Verdict.SEEN,
        # The embedded account's token is no real one.
        believed.LOGIN_EXPIRY: Verdict.OTHERWISE,
        believed.RUNS_END: Verdict.NOT_CHECKED,
    }
    assert not journey.record.succeeded
    assert journey.record.left == []
    assert everything(staged.account) == before
    [exec_event] = [one for one in journey.record.observations if one.fact == believed.EXEC_EVENT]
    assert {one["code"] for one in exec_event.evidence["attempts"]} == {
        "InvalidParameterException",
        "AccessDeniedException",
        "TargetNotConnectedException",
    }
    written = json.loads(page.with_suffix(".json").read_text())
    assert [one["fact"] for one in written["observations"]] == [*verdicts]
    assert "| see the alert |" in page.read_text()
    assert not re.search(r"A[KS]IA[A-Z0-9]{12}", page.read_text())


class BrokenOffError(BaseException):
    """As Ctrl-C: nothing that catches failures catches it."""


class Crashing:
    """A session whose n-th call to AWS never happens; counted until everything is being removed."""

    def __init__(self, staged, calls, error):
        self.left, self.error = calls, error
        self.session = boto3.session.Session()
        self.session.events.register("before-call", self.count)
        self.journey = staged.journey()
        say = staged.said.append
        self.journey.place = Place(
            "123456789012", "eu-west-1", partial(self.say, say), staged.sleep, lambda: staged.seconds, self.session
        )

    def say(self, say, words):
        say(words)
        if words == "remove everything":
            self.left = -1

    def count(self, **_):
        if self.left == 0:
            self.left = -1
            raise self.error
        self.left -= 1


SETUP = STEPS[:6]
# Some 60 calls ask first whether anything is there; then come some 45 that make things.
SOME = (57, 71, 91)


def broken_off(staged, tmp_path, calls, error):
    before = everything(staged.account)
    crashing = Crashing(staged, calls, error)
    try:
        verify(crashing.journey, tmp_path, SETUP)
    except (BrokenOffError, RuntimeError):
        made = crashing.journey.record.steps != []
    else:
        made = True
    assert crashing.left < 0 or calls > 93, "it was over before"
    after = everything(staged.account)
    ours = {kind: [one for one in there if one not in before[kind]] for kind, there in after.items()}
    assert {kind: there for kind, there in ours.items() if there} == {}
    if made:
        assert list(tmp_path.glob("*.md"))
        assert crashing.journey.record.left == []


@pytest.mark.parametrize("calls", SOME)
def test_whichever_call_it_is_broken_off_at_nothing_is_left_and_the_record_is_written(staged, tmp_path, calls):
    broken_off(staged, tmp_path, calls, BrokenOffError())


@pytest.mark.parametrize("calls", [79])
def test_whichever_call_fails_nothing_is_left_and_the_record_is_written(staged, tmp_path, calls):
    broken_off(staged, tmp_path, calls, RuntimeError("no such luck"))


@pytest.mark.soak
@pytest.mark.parametrize("calls", range(125))
def test_any_call(staged, tmp_path, calls):
    broken_off(staged, tmp_path, calls, BrokenOffError())


def test_what_cannot_be_removed_is_named_and_can_be_removed_later(staged, tmp_path, monkeypatch):
    monkeypatch.setattr(removal, "MINUTES", 1.0)
    before = everything(staged.account)
    fault = staged.account.fault("ec2", "DeleteSubnet", "access_denied")
    journey = staged.journey()
    verify(journey, tmp_path, SETUP[:2])
    # The roles go last: by them another Region knows where the rest is.
    assert [one.split(":")[0] for one in journey.record.left] == ["subnet", "VPC", "role", "role", "role"]
    assert "UnauthorizedOperation" in journey.record.left[0]
    assert not journey.record.succeeded
    with pytest.raises(RefusedError, match="an earlier run has left subnet"):
        verify(staged.journey(), tmp_path, [])
    staged.account.clear_faults(fault)
    assert removal.remove(journey.place) == []
    assert everything(staged.account) == before


def test_a_stack_that_is_never_diagnosed_is_a_step_that_failed_and_all_is_removed(staged, tmp_path, monkeypatch):
    monkeypatch.setattr(watching, "MINUTES_TO_ALERT", 1.0)
    monkeypatch.setattr(probes, "MINUTES_TO_HEAR", 1.0)
    journey = staged.journey()
    deploy = journey.deploy

    def deaf(place, environment):
        outputs = deploy(place, environment)
        staged.deployed = None
        return outputs

    journey.deploy = deaf
    verify(journey, tmp_path, STEPS[:8])
    assert [step.step for step in journey.record.steps if step.trouble] == ["see the alert"]
    assert journey.record.left == []
