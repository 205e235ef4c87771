"""Whoever tried to open a session: what AWS refused them, who denies it, and the least policy that helps."""

from dataclasses import replace
from typing import Any

import pytest

from ecs_medic.facts import Absent, Facts, Known, Unknown
from ecs_medic.facts.ecs import Cluster, ExecConfiguration
from ecs_medic.facts.secrets import EncryptionKey
from ecs_medic.finding import Confidence, Finding
from ecs_medic.incident import ExecAttempt, Incident, Kind, Message
from ecs_medic.rules.exec.exec_caller_denied import exec_caller_denied
from ecs_medic.rules.exec.exec_caller_lacks_kms import exec_caller_lacks_kms
from ecs_medic.rules.exec.exec_task_role_lacks_kms import exec_task_role_lacks_kms
from ecs_medic.vocabulary import Id
from tests.builders import (
    ACCOUNT,
    CLUSTER_ARN,
    REGION,
    TASK_ARN,
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

SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/on-call/alex"
ON_CALL = f"arn:aws:iam::{ACCOUNT}:role/on-call"
ANN = f"arn:aws:iam::{ACCOUNT}:user/people/ann"
SIGN_ON = f"arn:aws:iam::{ACCOUNT}:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Ops_0123456789abcdef"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/0123"
ALIAS = f"arn:aws:kms:{REGION}:{ACCOUNT}:alias/sessions"
NOBODY_ALLOWS = "because no identity-based policy allows the {} action"


def refused(
    because: str, *, action: str = "ecs:ExecuteCommand", on: str | None = CLUSTER_ARN, by: str = SESSION
) -> str:
    resource = f" on resource: {on}" if on else ""
    return f"User: {by} is not authorized to perform: {action}{resource} {because.format(action)}"


def call(message: str, *, caller: str | None = SESSION, issuer: str | None = ON_CALL, **changes: Any) -> Incident:
    attempt = ExecAttempt(caller, TASK_ARN, "app", issuer_arn=issuer)
    words = Message(Kind.EXEC_ERROR, stopped_reason=message, error_code="AccessDeniedException")
    return exec_incident(Id.EXEC_CALLER_DENIED, **{"exec_attempt": attempt, "message": words, **changes})


def policies_of(*statements: object, decision: str = "implicitDeny", **changes: Any) -> Facts:
    calls = simulated({"ecs:ExecuteCommand": decision, "kms:GenerateDataKey": decision}, **changes)
    return facts(roles={ON_CALL: known(role(ON_CALL, *statements, simulation=calls))})


def test_a_role_without_the_action_is_confirmed_with_the_least_policy():
    incident = call(refused(NOBODY_ALLOWS))
    finding = the_finding(exec_caller_denied, incident, policies_of(allow("ecs:DescribeTasks")))
    assert finding.confidence is Confidence.CONFIRMED
    assert finding.subject == ON_CALL
    assert finding.params["caller"] == SESSION
    assert finding.params["denied_by"] == "identity"
    assert finding.params["container"] == "app"
    assert finding.fix.policy == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": ["ecs:ExecuteCommand"],
                "Resource": f"arn:aws:ecs:{REGION}:{ACCOUNT}:task/shop/*",
            },
            {"Effect": "Allow", "Action": ["ecs:ExecuteCommand"], "Resource": CLUSTER_ARN},
        ],
    }
    assert finding.fix.cli[0].startswith("aws iam put-role-policy --role-name on-call ")


def test_allowed_on_the_task_alone_is_not_enough():
    read = policies_of(allow("ecs:ExecuteCommand", f"arn:aws:ecs:{REGION}:{ACCOUNT}:task/shop/*"))
    finding = the_finding(exec_caller_denied, call(refused(NOBODY_ALLOWS)), read)
    assert finding.confidence is Confidence.CONFIRMED
    assert finding.params["resources"] == [CLUSTER_ARN]


def test_a_condition_on_the_containers_name_is_no_more_than_likely():
    only_web = {"StringEquals": {"ecs:container-name": "web"}}
    read = policies_of(allow("ecs:ExecuteCommand", Condition=only_web))
    finding = the_finding(exec_caller_denied, call(refused(NOBODY_ALLOWS)), read)
    assert finding.confidence is Confidence.LIKELY
    assert any("ecs:container-name" in step for step in finding.fix.steps)


def test_a_deny_of_the_roles_own_is_named():
    read = policies_of(allow("ecs:*"), deny("ecs:ExecuteCommand"), decision="explicitDeny")
    finding = the_finding(exec_caller_denied, call(refused("with an explicit deny in an identity-based policy")), read)
    assert finding.confidence is Confidence.CONFIRMED
    assert "Remove the Deny" in finding.fix.summary
    assert finding.fix.policy is None


@pytest.mark.parametrize(
    ("because", "denied_by", "advice"),
    [
        (
            "with an explicit deny in a service control policy",
            "scp",
            "Remove the Deny of ecs:ExecuteCommand in a service",
        ),
        ("because no service control policy allows the {} action", "scp", "Allow ecs:ExecuteCommand in a service"),
        ("because no permissions boundary allows the {} action", "boundary", "permissions boundary"),
        ("with an explicit deny in a permissions boundary", "boundary", "permissions boundary"),
        ("because no session policy allows the {} action", "session", "session policy"),
        ("because no VPC endpoint policy allows the {} action", "endpoint", "policy of the VPC endpoint"),
        ("with an explicit deny in a resource control policy", "rcp", "resource control policy"),
    ],
)
def test_who_denies_is_taken_from_awss_words_where_nothing_was_read(because, denied_by, advice):
    incident = call(refused(because), caller=None, issuer=None)
    finding = the_finding(exec_caller_denied, incident, facts())
    assert finding.confidence is Confidence.LIKELY
    assert finding.params["denied_by"] == denied_by
    assert advice in finding.fix.summary
    assert finding.fix.policy is None
    assert finding.fix.cli == ()


def test_a_simulation_that_allows_what_aws_refused_confirms_nothing():
    read = policies_of(allow("ecs:ExecuteCommand"), decision="allowed")
    said = outcomes(exec_caller_denied, call(refused("with an explicit deny in a service control policy")), read)
    (finding,) = [one for one in said if isinstance(one, Finding)]
    assert finding.confidence is Confidence.LIKELY
    assert finding.params["denied_by"] == "scp"
    assert len(said) == 2


def test_a_user_gets_a_users_policy():
    decisions = simulated({"ecs:ExecuteCommand": "implicitDeny"})
    read = facts(roles={ANN: known(replace(role(ANN), policies=Unknown("-", "not read"), simulation=decisions))})
    finding = the_finding(exec_caller_denied, call(refused(NOBODY_ALLOWS, by=ANN), caller=ANN, issuer=None), read)
    assert finding.confidence is Confidence.LIKELY
    assert finding.fix.cli[0].startswith("aws iam put-user-policy --user-name ann ")


def test_a_role_of_single_sign_on_is_changed_elsewhere():
    calls = simulated({"ecs:ExecuteCommand": "implicitDeny"})
    read = facts(roles={SIGN_ON: known(role(SIGN_ON, allow("s3:GetObject"), simulation=calls))})
    finding = the_finding(exec_caller_denied, call(refused(NOBODY_ALLOWS), issuer=SIGN_ON), read)
    assert finding.confidence is Confidence.CONFIRMED
    assert finding.fix.cli == ()
    assert finding.fix.policy is not None


def test_ssm_start_session_is_not_what_ecs_exec_needs():
    incident = call(refused(NOBODY_ALLOWS, action="ssm:StartSession", on=TASK_ARN))
    read = facts(roles={ON_CALL: known(role(ON_CALL, allow("ecs:ExecuteCommand")))})
    finding = next(one for one in outcomes(exec_caller_denied, incident, read) if isinstance(one, Finding))
    assert "execute-command" in finding.fix.summary
    assert finding.fix.policy is not None
    assert finding.fix.policy["Statement"] == [
        {"Effect": "Allow", "Action": ["ssm:StartSession"], "Resource": TASK_ARN}
    ]


def test_a_read_that_was_denied_is_named_and_awss_words_stand():
    unread = Unknown("iam:SimulatePrincipalPolicy", "denied", "iam:SimulatePrincipalPolicy")
    incident, read = call(refused(NOBODY_ALLOWS)), facts(roles={ON_CALL: unread})
    said = outcomes(exec_caller_denied, incident, read)
    assert [one.confidence for one in said if isinstance(one, Finding)] == [Confidence.LIKELY]
    assert [getattr(one, "missing_permission", None) for one in said if not isinstance(one, Finding)] == [
        "iam:SimulatePrincipalPolicy"
    ]


def test_a_caller_of_another_account_is_not_looked_up():
    elsewhere = "arn:aws:iam::111122223333:role/on-call"
    said = outcomes(exec_caller_denied, call(refused(NOBODY_ALLOWS), issuer=elsewhere), facts())
    assert [one.confidence for one in said if isinstance(one, Finding)] == [Confidence.LIKELY]
    assert any("another account" in getattr(one, "reason", "") for one in said)


def test_a_bare_refusal_asks_for_both_resources():
    finding = the_finding(exec_caller_denied, call("Access denied"), facts())
    assert finding.params["resources"] == [CLUSTER_ARN, TASK_ARN]


def test_a_session_that_failed_otherwise_was_not_refused():
    assert_silent(exec_caller_denied, exec_incident(), policies_of())


@pytest.mark.parametrize(
    ("caller", "issuer", "principal"),
    [
        (SESSION, SIGN_ON, SIGN_ON),
        (SESSION, None, ON_CALL),
        (ANN, None, ANN),
        (f"arn:aws:iam::{ACCOUNT}:root", None, None),
        (f"arn:aws-cn:sts::{ACCOUNT}:assumed-role/on-call/alex", None, f"arn:aws-cn:iam::{ACCOUNT}:role/on-call"),
        (None, None, None),
        ("somebody", None, None),
    ],
)
def test_whose_policies_decide(caller, issuer, principal):
    assert ExecAttempt(caller, None, None, issuer_arn=issuer).principal_arn == principal


# The session's key.


def with_key(*statements: object, key: str = KEY, policy: Any = None, **changes: Any) -> Facts:
    calls = simulated({"kms:GenerateDataKey": "implicitDeny"})
    cluster = Cluster(CLUSTER_ARN, "shop", "ACTIVE", ExecConfiguration(kms_key_id=key))
    own = Absent("kms:GetKeyPolicy") if policy is None else Known(policy, "kms:GetKeyPolicy")
    given = {
        "roles": {ON_CALL: known(role(ON_CALL, *statements, simulation=calls))},
        "resource_policies": {KEY: own},
        **changes,
    }
    return facts(cluster=cluster, **given)


def key_failure(symptom: Id = Id.EXEC_KMS_FAILED, message: str = "Fetching data key failed") -> Incident:
    return replace(call(message), symptom=symptom)


def test_a_caller_without_the_key_is_confirmed_with_the_least_policy():
    finding = the_finding(exec_caller_lacks_kms, key_failure(), with_key(allow("ecs:*")))
    assert finding.confidence is Confidence.CONFIRMED
    assert finding.fix.policy == {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": ["kms:GenerateDataKey"], "Resource": KEY}],
    }
    assert finding.fix.cli[0].startswith("aws iam put-role-policy --role-name on-call ")


def test_the_keys_own_policy_may_allow_it():
    grant = {"Statement": [{"Effect": "Allow", "Principal": {"AWS": ON_CALL}, "Action": "kms:*", "Resource": "*"}]}
    assert_quiet(exec_caller_lacks_kms, key_failure(), with_key(allow("ecs:*"), policy=grant))


def test_a_cluster_without_a_key_rules_it_out():
    assert_quiet(exec_caller_lacks_kms, key_failure(), facts())


def test_an_unread_cluster_leaves_it_open():
    unread = Unknown("ecs:DescribeClusters", "denied", "ecs:DescribeClusters")
    assert_not_checked(exec_caller_lacks_kms, key_failure(), facts(cluster=unread), "ecs:DescribeClusters")


def test_what_the_message_names_stands_where_the_caller_is_not_known():
    message = refused(NOBODY_ALLOWS, action="kms:GenerateDataKey", on=KEY)
    incident = replace(key_failure(Id.EXEC_CALLER_LACKS_KMS, message), exec_attempt=None)
    finding = the_finding(exec_caller_lacks_kms, incident, with_key())
    assert finding.confidence is Confidence.LIKELY
    assert finding.fix.policy is not None
    assert finding.fix.policy["Statement"] == [{"Effect": "Allow", "Action": ["kms:GenerateDataKey"], "Resource": KEY}]


def test_other_failures_say_nothing_of_the_key():
    assert_silent(exec_caller_lacks_kms, exec_incident(), with_key())


def test_an_alias_is_judged_by_the_key_that_it_stands_for():
    found = {ALIAS: Known(EncryptionKey(KEY, "Enabled"), "kms:DescribeKey")}
    read = with_key(allow("kms:GenerateDataKey", KEY), key="alias/sessions", encryption_keys=found)
    allowed = simulated({"kms:GenerateDataKey": "allowed"})
    well = replace(read, roles={ON_CALL: known(role(ON_CALL, simulation=allowed))})
    assert_quiet(exec_caller_lacks_kms, key_failure(), well)
    decrypts = replace(
        read,
        roles={
            TASK_ROLE: known(
                role(TASK_ROLE, allow("kms:Decrypt", KEY), simulation=simulated({"kms:Decrypt": "allowed"}))
            )
        },
    )
    assert_quiet(exec_task_role_lacks_kms, key_failure(), decrypts)


def test_an_alias_of_which_nobody_knows_the_key_is_not_judged():
    unread = Unknown("kms:DescribeKey", "denied", "kms:DescribeKey")
    for rule in (exec_caller_lacks_kms, exec_task_role_lacks_kms):
        read = with_key(allow("ecs:*"), key="alias/sessions", encryption_keys={ALIAS: unread})
        assert_not_checked(rule, key_failure(), read, "kms:DescribeKey")
        gone = with_key(key="alias/sessions", encryption_keys={ALIAS: Absent("kms:DescribeKey")})
        assert_not_checked(rule, key_failure(), gone)
