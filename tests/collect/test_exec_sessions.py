"""Collecting for sessions that were refused or broke, over the wire: the log of sessions, its key, and the caller."""

import json
from dataclasses import replace
from typing import Any

import pytest

from ecs_medic.aws.reader import Reader
from ecs_medic.collect import collect
from ecs_medic.events.parse import parse
from ecs_medic.facts import Absent, Facts, Known
from ecs_medic.finding import Confidence
from ecs_medic.incident import Incident, Kind, Message
from ecs_medic.rules.judge import Judgement, judge
from ecs_medic.symptoms.recognise import recognise
from ecs_medic.vocabulary import Id
from sandbox.client import REGION, Sandbox
from sandbox.gallery import Scenario, build
from tests.builders import ACCOUNT, NOW

NOT_ENCRYPTED = (
    "We couldn't start the session because encryption is not set up on the selected CloudWatch Logs log group. "
    "Either encrypt the log group or choose an option to enable logging without encryption."
)
GROUP = "/shop/sessions"
BUCKET = "shop-sessions"
TASK_ROLE = f"arn:aws:iam::{ACCOUNT}:role/orders-task"


@pytest.fixture
def enabled(account: Sandbox) -> Scenario:
    """A task of `orders`, whatever its session may fail by."""
    return build(account, "exec_not_enabled")


def configure(account: Sandbox, **settings: Any) -> None:
    account.client("ecs").update_cluster(
        cluster="shop", configuration={"executeCommandConfiguration": {"logging": "OVERRIDE", **settings}}
    )


def grant(account: Sandbox, role: str, *statements: tuple[list[str], str]) -> None:
    document = [{"Effect": "Allow", "Action": actions, "Resource": on} for actions, on in statements]
    account.client("iam").put_role_policy(
        RoleName=role,
        PolicyName="sessions",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": document}),
    )


def failed(scenario: Scenario, message: str = NOT_ENCRYPTED) -> Incident:
    """The session of the scenario's task, with these words of the client's."""
    words = Message(Kind.EXEC_ERROR, stopped_reason=message)
    said = recognise(words)
    return replace(parse(scenario.event), message=words, symptom=said.symptom, symptom_confidence=said.confidence)


def read(incident: Incident) -> tuple[Facts, Judgement]:
    facts = collect(incident, Reader(REGION), NOW)
    assert len([one for one in facts.calls if one != "sts:GetCallerIdentity"]) <= 20, facts.calls
    return facts, judge(incident, facts)


LOGS = ["logs:DescribeLogGroups", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]


def test_a_log_group_without_the_key_that_is_demanded(account, enabled):
    configure(account, logConfiguration={"cloudWatchLogGroupName": GROUP, "cloudWatchEncryptionEnabled": True})
    account.client("logs").create_log_group(logGroupName=GROUP)
    grant(account, "orders-task", (LOGS, "*"))
    facts, judgement = read(failed(enabled))
    assert isinstance(facts.log_group(REGION, GROUP), Known)
    best = judgement.findings[0]
    assert (best.cause, best.confidence) == (Id.EXEC_AUDIT_TARGET_UNENCRYPTED, Confidence.CONFIRMED)
    assert best.params["log_group"] == GROUP


def test_the_same_words_for_a_task_role_that_may_not_look(account, enabled):
    key = account.client("kms").create_key()["KeyMetadata"]["Arn"]
    configure(account, logConfiguration={"cloudWatchLogGroupName": GROUP, "cloudWatchEncryptionEnabled": True})
    account.client("logs").create_log_group(logGroupName=GROUP, kmsKeyId=key)
    _, judgement = read(failed(enabled))
    best = judgement.findings[0]
    assert (best.cause, best.confidence) == (Id.EXEC_AUDIT_TARGET_DENIED, Confidence.CONFIRMED)
    assert best.params["actions"] == LOGS
    assert best.subject == TASK_ROLE
    assert Id.EXEC_AUDIT_TARGET_UNENCRYPTED in {one.cause for one in judgement.ruled_out}
    grant(account, "orders-task", (LOGS, "*"))
    _, repaired = read(failed(enabled))
    assert not repaired.explained


def test_a_log_group_that_is_not_there(account, enabled):
    configure(account, logConfiguration={"cloudWatchLogGroupName": GROUP, "cloudWatchEncryptionEnabled": True})
    facts, judgement = read(failed(enabled))
    assert isinstance(facts.log_group(REGION, GROUP), Absent)
    assert judgement.findings[0].cause is Id.EXEC_AUDIT_TARGET_DENIED
    assert judgement.findings[0].confidence is Confidence.CONFIRMED


@pytest.mark.parametrize(("made", "encrypted"), [(False, False), (True, False), (True, True)])
def test_a_bucket_that_is_missing_plain_or_encrypted(account, enabled, made, encrypted):
    configure(account, logConfiguration={"s3BucketName": BUCKET, "s3EncryptionEnabled": True, "s3KeyPrefix": "exec"})
    grant(
        account,
        "orders-task",
        (["s3:PutObject"], f"arn:aws:s3:::{BUCKET}/exec/*"),
        (["s3:GetEncryptionConfiguration"], f"arn:aws:s3:::{BUCKET}"),
    )
    s3 = account.client("s3")
    if made:
        s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        s3.delete_bucket_encryption(Bucket=BUCKET)
    if encrypted:
        rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
        s3.put_bucket_encryption(Bucket=BUCKET, ServerSideEncryptionConfiguration={"Rules": [rule]})
    facts, judgement = read(failed(enabled))
    assert facts.failed_reads == ()
    causes = {one.cause: one.confidence for one in judgement.findings}
    if not made:
        assert isinstance(facts.audit_bucket, Absent)
        assert causes[Id.EXEC_AUDIT_TARGET_DENIED] is Confidence.CONFIRMED
    elif not encrypted:
        assert causes[Id.EXEC_AUDIT_TARGET_UNENCRYPTED] is Confidence.CONFIRMED
    else:
        assert isinstance(facts.audit_bucket, Known)
        assert not causes.keys() & {Id.EXEC_AUDIT_TARGET_DENIED, Id.EXEC_AUDIT_TARGET_UNENCRYPTED}


def test_each_read_denied_by_itself_is_named_and_confirms_nothing(account, enabled):
    configure(account, logConfiguration={"s3BucketName": BUCKET, "s3EncryptionEnabled": True})
    for service, operation, permission in (
        ("s3", "GetBucketEncryption", "s3:GetEncryptionConfiguration"),
        ("ecs", "DescribeClusters", "ecs:DescribeClusters"),
    ):
        account.clear_faults()
        account.fault(service, operation, "access_denied")
        _, judgement = read(failed(enabled))
        assert permission in {one.missing_permission for one in judgement.not_checked}
        assert all(
            one.cause is not Id.EXEC_AUDIT_TARGET_UNENCRYPTED or one.confidence is not Confidence.CONFIRMED
            for one in judgement.findings
        )


def test_an_alias_is_looked_up_before_the_role_is_asked_about_its_key(account, enabled):
    kms = account.client("kms")
    key = kms.create_key()["KeyMetadata"]["Arn"]
    kms.create_alias(AliasName="alias/sessions", TargetKeyId=key)
    configure(account, kmsKeyId="alias/sessions")
    message = "SessionId: x : Fetching data key failed: Unable to retrieve data key, Error when decrypting data key"
    grant(account, "orders-task", (["kms:Decrypt"], key))
    _, allowed = read(failed(enabled, message))
    assert Id.EXEC_TASK_ROLE_LACKS_KMS in {one.cause for one in allowed.ruled_out}
    account.client("iam").delete_role_policy(RoleName="orders-task", PolicyName="sessions")
    _, denied = read(failed(enabled, message))
    (finding,) = [one for one in denied.findings if one.cause is Id.EXEC_TASK_ROLE_LACKS_KMS]
    assert finding.params["resources"] == [key]


def test_a_caller_that_aws_refused_is_judged_by_the_callers_own_policies(account):
    scenario = build(account, "exec_caller_denied")
    assert scenario.event["detail"]["requestParameters"] is None
    incident = parse(scenario.event)
    assert incident.symptom is Id.EXEC_CALLER_DENIED
    assert incident.cluster == "shop"
    facts, judgement = read(incident)
    assert isinstance(facts.task, Known)
    best = judgement.findings[0]
    assert (best.cause, best.confidence) == (Id.EXEC_CALLER_DENIED, Confidence.CONFIRMED)
    assert scenario.params.items() <= best.params.items()
    account.fault("iam", "*", "access_denied")
    said = judge(incident, collect(incident, Reader(REGION), NOW))
    assert [one.confidence for one in said.findings] == [Confidence.LIKELY]
    assert "iam:SimulatePrincipalPolicy" in {one.missing_permission for one in said.not_checked}


def test_a_task_that_was_not_found_though_it_runs_is_not_the_wrong_target_but_has_no_way_out(account):
    scenario = build(account, "ssmmessages_endpoint_missing")
    incident = failed(scenario, "The specified task was not found.")
    assert incident.symptom is Id.EXEC_WRONG_TARGET
    _, judgement = read(incident)
    best = judgement.findings[0]
    assert (best.cause, best.confidence) == (Id.VPC_ENDPOINT_MISSING, Confidence.CONFIRMED)
    assert best.params["services"] == scenario.params["services"]
    assert Id.EXEC_WRONG_TARGET in {one.cause for one in judgement.ruled_out}
    assert Id.EXEC_WRONG_TARGET not in {one.cause for one in judgement.findings}
    account.fault("ecs", "DescribeTasks", "access_denied")
    _, blind = read(incident)
    assert all(one.confidence is not Confidence.CONFIRMED for one in blind.findings)
    assert "ecs:DescribeTasks" in {one.missing_permission for one in blind.not_checked}


def test_a_task_that_is_not_there_is_the_wrong_target_by_describe_tasks(account):
    incident = failed(build(account, "ssmmessages_endpoint_missing"), "The specified task was not found.")
    assert incident.task_arn is not None
    gone = replace(incident, task_arn=incident.task_arn[:-4] + "0000", occurred_at=NOW)
    _, judgement = read(gone)
    best = judgement.findings[0]
    assert (best.cause, best.confidence) == (Id.EXEC_WRONG_TARGET, Confidence.CONFIRMED)
    assert best.evidence[0].source == "ecs:DescribeTasks"
