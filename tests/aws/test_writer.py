"""What AWS answers to a change, told apart; and nothing is sent while changes are switched off."""

import pytest

from ecs_medic.aws.errors import AwsUnavailable
from ecs_medic.aws.refusals import Reason, Refused
from ecs_medic.aws.writer import Done, Writer
from sandbox.client import REGION, Sandbox


def open_writer() -> Writer:
    return Writer(REGION, gate=lambda: None)


def create(writer: Writer, name: str = "/shop/orders"):
    return writer.write("logs", "CreateLogGroup", {"logGroupName": name})


def test_a_change_is_confirmed_and_traced(account: Sandbox):
    writer = open_writer()
    assert isinstance(create(writer), Done)
    assert [one.name for one in writer.trace] == ["logs:CreateLogGroup"]
    names = [one["logGroupName"] for one in account.client("logs").describe_log_groups()["logGroups"]]
    assert names == ["/shop/orders"]


def test_another_region_can_be_changed(account: Sandbox):
    open_writer().write("logs", "CreateLogGroup", {"logGroupName": "/shop/x"}, region="eu-central-1")
    assert account.client("logs").describe_log_groups()["logGroups"] == []
    assert len(account.client("logs", region="eu-central-1").describe_log_groups()["logGroups"]) == 1


@pytest.mark.parametrize(
    ("kind", "settings", "reason"),
    [
        ("access_denied", {}, Reason.DENIED),
        ("throttled", {}, Reason.THROTTLED),
        ("server_error", {}, Reason.UNSURE),
        ("disconnect", {}, Reason.UNSURE),
        ("error", {"code": "LimitExceededException", "status": 400, "message": "quota"}, Reason.LIMIT),
        ("error", {"code": "OperationAbortedException", "status": 400, "message": "busy"}, Reason.CONFLICT),
        ("error", {"code": "InvalidParameterException", "status": 400, "message": "no"}, Reason.INVALID),
    ],
)
def test_refusals_are_told_apart(account: Sandbox, kind: str, settings: dict[str, object], reason: Reason):
    account.fault("logs", "CreateLogGroup", kind, **settings)
    answer = create(open_writer())
    assert isinstance(answer, Refused)
    assert answer.reason is reason
    assert answer.source == "logs:CreateLogGroup"
    assert (answer.missing_permission == "logs:CreateLogGroup") == (reason is Reason.DENIED)


def test_what_exists_already_is_a_conflict(account: Sandbox):
    create(open_writer())
    assert create(open_writer()).reason is Reason.CONFLICT


@pytest.mark.parametrize("kind", ["expired_credentials", "invalid_credentials"])
def test_refused_credentials_end_the_run(account: Sandbox, kind: str):
    account.fault("logs", "CreateLogGroup", kind)
    with pytest.raises(AwsUnavailable):
        create(open_writer())


def test_nothing_is_sent_while_changes_are_off(account: Sandbox):
    writer = Writer(REGION, gate=lambda: "the kill switch is thrown")
    account.clear_calls()
    answer = create(writer)
    assert (answer.reason, answer.words) == (Reason.STOPPED, "the kill switch is thrown")
    assert writer.try_out("CreateSecurityGroup", {"GroupName": "x", "Description": "x"}).reason is Reason.STOPPED
    assert account.calls() == []
    assert writer.trace == ()


def test_a_dry_run_changes_nothing(account: Sandbox):
    ec2 = account.client("ec2")
    before = len(ec2.describe_security_groups()["SecurityGroups"])
    request = {"GroupName": "x", "Description": "x", "VpcId": "vpc-0a1b2c3d"}
    assert open_writer().try_out("CreateSecurityGroup", request) is None
    account.fault("ec2", "CreateSecurityGroup", "access_denied")
    refused = open_writer().try_out("CreateSecurityGroup", request)
    assert refused.missing_permission == "ec2:CreateSecurityGroup"
    account.clear_faults()
    assert len(ec2.describe_security_groups()["SecurityGroups"]) == before


def test_a_request_that_cannot_be_made_is_no_exception(account: Sandbox):
    assert open_writer().write("logs", "CreateLogGroup", {"nonsense": 1}).reason is Reason.INVALID
