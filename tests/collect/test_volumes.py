"""The infrastructure role of an EBS volume, over the wire: what it may do, whom it trusts, and each read denied."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from ecs_medic.aws.reader import Reader
from ecs_medic.diagnosis import diagnose
from ecs_medic.events.parse import parse
from ecs_medic.report.model import Report
from sandbox.client import REGION, Sandbox
from sandbox.gallery import network as net
from sandbox.gallery.application import ACCOUNT, Application, create_role, deploy
from sandbox.gallery.observe import stopped
from sandbox.gallery.workbench import Workbench

SAID = "Encountered an error while attaching the EBS volume: the infrastructure role could not be used"
OWN_TAG = {"StringEquals": {"aws:RequestTag/AmazonECSManaged": "true"}}
ON_CREATION = {"StringEquals": {"ec2:CreateAction": "CreateVolume", "aws:RequestTag/AmazonECSManaged": "true"}}
MANAGED = {"StringEquals": {"aws:ResourceTag/AmazonECSManaged": "true"}}


def statement(*actions: str, **condition: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": list(actions), "Resource": "*", **condition}


WHOLE = (
    statement("ec2:CreateVolume", Condition=OWN_TAG),
    statement("ec2:CreateTags", Condition=ON_CREATION),
    statement("ec2:DescribeVolumes"),
    statement("ec2:AttachVolume", Condition=MANAGED),
)
"""With conditions like those of AWS's own policy for this role."""


def report_of(
    account: Sandbox, *statements: dict[str, Any], trusts: str = "ecs.amazonaws.com", denied: str = ""
) -> Report:
    bench = Workbench(account)
    role = create_role(bench, "orders-volumes", (), trusts=trusts)
    document = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
    bench.client("iam").put_role_policy(RoleName="orders-volumes", PolicyName="volumes", PolicyDocument=document)
    deploy(bench, Application("orders", net.with_nat(bench, "orders")[0], create_log_group=False))
    event = stopped(bench, "orders")
    details = [{"name": "volumeName", "value": "scratch"}, {"name": "roleArn", "value": role}]
    volume = {"id": "volume", "type": "AmazonElasticBlockStorage", "status": "DELETED", "details": details}
    event["detail"]["attachments"].append(volume)
    event["detail"]["stoppedReason"] = SAID
    if denied:
        account.fault(service="iam", operation=denied, kind="access_denied")
    reader = Reader(REGION, account=ACCOUNT)
    report = diagnose(parse(event), reader, datetime.now(UTC))
    assert len(reader.calls) <= 20
    assert not {"iam:GetRole", "iam:SimulatePrincipalPolicy"} - set(reader.calls)
    return report


def test_a_role_without_the_tagging_of_volumes(account: Sandbox):
    report = report_of(account, WHOLE[0], *WHOLE[2:])
    assert (report.verdict.cause, report.verdict.confidence) == ("ebs_attach_failed", "confirmed")
    assert report.verdict.params["actions"] == ["ec2:CreateTags"]
    assert report.verdict.params["denied_by"] == "identity"


def test_the_tags_that_ecs_gives_are_known_to_the_simulation(account: Sandbox):
    report = report_of(account, *WHOLE)
    assert report.verdict.cause == "ebs_attach_failed"
    assert report.verdict.confidence != "confirmed"
    assert "actions" not in report.verdict.params
    assert {"role_trust_policy_wrong", "role_not_found"} <= {one.cause for one in report.ruled_out}


def test_a_role_that_trusts_tasks_alone(account: Sandbox):
    report = report_of(account, *WHOLE, trusts="ecs-tasks.amazonaws.com")
    assert (report.verdict.cause, report.verdict.confidence) == ("role_trust_policy_wrong", "confirmed")


@pytest.mark.parametrize("operation", ["SimulatePrincipalPolicy", "GetRole", "GetRolePolicy"])
def test_a_read_that_is_denied_is_named(account: Sandbox, operation: str):
    report = report_of(account, WHOLE[0], *WHOLE[2:], denied=operation)
    assert f"iam:{operation}" in {gap.missing_permission for gap in report.not_checked}
    if operation == "GetRolePolicy":
        assert report.verdict.confidence == "likely"
