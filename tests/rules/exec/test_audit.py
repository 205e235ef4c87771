"""The log of sessions: what the cluster demands, what its log group or bucket is, and what the task role may do."""

from dataclasses import replace
from typing import Any

import pytest

from ecs_medic.facts import NOT_READ, Absent, Facts, Known, Unknown
from ecs_medic.facts.ecs import Cluster, ExecConfiguration
from ecs_medic.facts.exec_audit import AuditBucket
from ecs_medic.facts.logs import LogGroup
from ecs_medic.finding import Confidence, RuledOut
from ecs_medic.rules.exec.exec_audit_target_denied import exec_audit_target_denied
from ecs_medic.rules.exec.exec_audit_target_unencrypted import exec_audit_target_unencrypted
from ecs_medic.rules.judge import judge
from ecs_medic.vocabulary import Id
from tests.builders import (
    ACCOUNT,
    CLUSTER_ARN,
    REGION,
    TASK_ROLE,
    allow,
    assert_not_checked,
    assert_quiet,
    assert_silent,
    deny,
    exec_incident,
    facts,
    known,
    outcomes,
    role,
    simulated,
    the_finding,
)

GROUP = "/shop/exec"
BUCKET = "shop-sessions"
GROUP_ARN = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{GROUP}"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/0123"
LOG_ACTIONS = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
LOGS = (allow("logs:DescribeLogGroups"), allow(LOG_ACTIONS, f"{GROUP_ARN}:*"))
NO_LOG_GROUP = Absent("logs:DescribeLogGroups", f"no log group {GROUP} in {REGION}")
UNREAD_GROUP = Unknown("logs:DescribeLogGroups", "denied", "logs:DescribeLogGroups")
UNREAD_BUCKET = Unknown("s3:GetBucketEncryption", "denied", "s3:GetEncryptionConfiguration")
REFUSED = exec_incident(Id.EXEC_AUDIT_TARGET_UNENCRYPTED)


def audited(configuration: ExecConfiguration, **changes: Any) -> Facts:
    cluster = Cluster(CLUSTER_ARN, "shop", "ACTIVE", replace(configuration, logging="OVERRIDE"))
    return facts(cluster=cluster, **changes)


def with_group(group: Any = None, *, encrypted: bool = True, statements: Any = LOGS, **changes: Any) -> Facts:
    """The log group, encrypted unless another is given, and a task role with these statements."""
    found = Known(LogGroup(GROUP, REGION, kms_key_id=KEY), "logs:DescribeLogGroups") if group is None else group
    given = {"log_groups": {(REGION, GROUP): found}, "roles": {TASK_ROLE: known(_role(*statements))}, **changes}
    return audited(ExecConfiguration(log_group=GROUP, log_group_encrypted=encrypted), **given)


def with_bucket(bucket: Any = None, *, encrypted: bool = True, statements: Any = (), prefix: str = "") -> Facts:
    found = Known(AuditBucket(BUCKET, "AES256"), "s3:GetBucketEncryption") if bucket is None else bucket
    configuration = ExecConfiguration(s3_bucket=BUCKET, s3_encrypted=encrypted, s3_key_prefix=prefix or None)
    return audited(configuration, audit_bucket=found, roles={TASK_ROLE: known(_role(*statements))})


def _role(*statements: object) -> Any:
    """A role of which AWS's simulation has nothing to say: its policies decide."""
    decisions = dict.fromkeys(
        ["logs:DescribeLogGroups", *LOG_ACTIONS, "s3:PutObject", "s3:GetEncryptionConfiguration"], "allowed"
    )
    allowed = {one for statement in statements for one in _actions(statement) if statement["Effect"] == "Allow"}  # type: ignore[index]
    verdicts = {one: "allowed" if one in allowed else "implicitDeny" for one in decisions}
    return role(TASK_ROLE, *statements, simulation=simulated(verdicts))


def _actions(statement: Any) -> list[str]:
    named = statement["Action"]
    return named if isinstance(named, list) else [named]


def test_a_log_group_without_a_key_is_refused_where_the_cluster_demands_one():
    read = with_group(known(LogGroup(GROUP, REGION), "logs:DescribeLogGroups"))
    finding = the_finding(exec_audit_target_unencrypted, REFUSED, read)
    assert finding.confidence is Confidence.CONFIRMED
    assert finding.params["log_group"] == GROUP
    assert finding.params["container"] == "app"
    assert finding.fix.cli[0].startswith("aws logs associate-kms-key")
    assert [one.source for one in finding.evidence] == ["ecs:DescribeClusters", "logs:DescribeLogGroups"]


def test_a_bucket_without_encryption_is_refused_where_the_cluster_demands_it():
    read = with_bucket(known(AuditBucket(BUCKET), "s3:GetBucketEncryption"))
    finding = the_finding(exec_audit_target_unencrypted, REFUSED, read)
    assert finding.confidence is Confidence.CONFIRMED
    assert finding.params["bucket"] == BUCKET
    assert "put-bucket-encryption" in finding.fix.cli[0]


@pytest.mark.parametrize(
    "read",
    [
        with_group(),
        with_bucket(),
        with_group(known(LogGroup(GROUP, REGION)), encrypted=False),
        with_bucket(known(AuditBucket(BUCKET)), encrypted=False),
        facts(),
    ],
)
def test_what_is_encrypted_or_need_not_be_is_ruled_out(read):
    assert_quiet(exec_audit_target_unencrypted, REFUSED, read)


@pytest.mark.parametrize("logging", ["DEFAULT", "NONE", None])
def test_only_an_override_names_a_target(logging):
    configuration = ExecConfiguration(logging=logging, log_group=GROUP, log_group_encrypted=True)
    read = facts(cluster=Cluster(CLUSTER_ARN, "shop", "ACTIVE", configuration))
    assert_quiet(exec_audit_target_unencrypted, REFUSED, read)
    assert_quiet(exec_audit_target_denied, REFUSED, read)


def test_what_was_not_read_is_named():
    rules = (exec_audit_target_unencrypted, exec_audit_target_denied)
    unread = Unknown("ecs:DescribeClusters", "denied", "ecs:DescribeClusters")
    for rule in rules:
        assert_not_checked(rule, REFUSED, facts(cluster=unread), "ecs:DescribeClusters")
        assert_not_checked(rule, REFUSED, with_group(UNREAD_GROUP), "logs:DescribeLogGroups")
    assert_not_checked(
        exec_audit_target_unencrypted, REFUSED, with_bucket(UNREAD_BUCKET), "s3:GetEncryptionConfiguration"
    )


def test_a_log_group_that_does_not_exist_stops_a_session_only_where_encryption_is_demanded():
    finding = the_finding(exec_audit_target_denied, REFUSED, with_group(NO_LOG_GROUP))
    assert finding.confidence is Confidence.CONFIRMED
    assert finding.fix.cli[0].startswith("aws logs create-log-group")
    assert finding.fix.policy is None
    assert_silent(exec_audit_target_unencrypted, REFUSED, with_group(NO_LOG_GROUP))
    lax = the_finding(exec_audit_target_denied, REFUSED, with_group(NO_LOG_GROUP, encrypted=False))
    assert lax.confidence is Confidence.LIKELY


def test_a_bucket_that_does_not_exist():
    finding = the_finding(
        exec_audit_target_denied, REFUSED, with_bucket(Absent("s3:GetBucketEncryption", "NoSuchBucket"))
    )
    assert finding.params["bucket"] == BUCKET
    assert finding.fix.cli[0].startswith("aws s3 mb")


def test_a_task_role_that_may_not_look_is_what_the_misleading_message_means():
    read = with_group(statements=(allow(LOG_ACTIONS, f"{GROUP_ARN}:*"),))
    found = judge(REFUSED, read).findings[0]
    assert found.cause is Id.EXEC_AUDIT_TARGET_DENIED
    assert found.confidence is Confidence.CONFIRMED
    assert found.params["actions"] == ["logs:DescribeLogGroups"]
    assert found.fix.policy == {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": ["logs:DescribeLogGroups"], "Resource": "*"}],
    }
    assert any(one.cause is Id.EXEC_AUDIT_TARGET_UNENCRYPTED for one in judge(REFUSED, read).ruled_out)


def test_the_least_policy_names_the_group():
    finding = the_finding(exec_audit_target_denied, REFUSED, with_group(statements=()))
    assert finding.fix.policy == {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": ["logs:DescribeLogGroups"], "Resource": "*"},
            {"Effect": "Allow", "Action": LOG_ACTIONS, "Resource": f"{GROUP_ARN}:*"},
        ],
    }


def test_a_bucket_is_written_below_its_prefix():
    writes = allow("s3:PutObject", f"arn:aws:s3:::{BUCKET}/exec/*")
    looks = allow("s3:GetEncryptionConfiguration", f"arn:aws:s3:::{BUCKET}")
    assert_quiet(exec_audit_target_denied, REFUSED, with_bucket(statements=(writes, looks), prefix="/exec/"))
    finding = the_finding(exec_audit_target_denied, REFUSED, with_bucket(statements=(writes,), prefix="exec"))
    assert finding.params["actions"] == ["s3:GetEncryptionConfiguration"]
    assert_quiet(exec_audit_target_denied, REFUSED, with_bucket(statements=(writes,), prefix="exec", encrypted=False))


def test_without_the_demand_a_missing_permission_is_no_more_than_likely():
    finding = the_finding(exec_audit_target_denied, REFUSED, with_group(encrypted=False, statements=()))
    assert finding.confidence is Confidence.LIKELY


def test_a_deny_is_to_be_removed():
    read = with_group(statements=(*LOGS, deny("logs:*")))
    read = replace(read, roles={TASK_ROLE: known(role(TASK_ROLE, *LOGS, deny("logs:*")))})
    assert "Remove the Deny" in the_finding(exec_audit_target_denied, REFUSED, read).fix.summary


def test_all_allowed_is_ruled_out_only_where_the_target_was_seen():
    assert_quiet(exec_audit_target_denied, REFUSED, with_group())
    unseen = outcomes(exec_audit_target_denied, REFUSED, with_group(UNREAD_GROUP))
    assert not any(isinstance(one, RuledOut) for one in unseen)


def test_a_role_that_was_not_read_leaves_it_open():
    unread = Unknown("iam:SimulatePrincipalPolicy", "denied", "iam:SimulatePrincipalPolicy")
    read = with_group(roles={TASK_ROLE: unread})
    assert_not_checked(exec_audit_target_denied, REFUSED, read, "iam:SimulatePrincipalPolicy")


def test_nothing_is_said_of_what_nobody_asked_for():
    assert_silent(exec_audit_target_denied, REFUSED, with_group(NOT_READ, roles={}))
