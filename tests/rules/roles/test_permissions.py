"""Rules on what roles may do: ECS Exec's, the image's, the secrets', the logs'."""

from typing import Any

import pytest

from ecs_medic.facts import Absent, Facts, Unknown
from ecs_medic.facts.ecs import Cluster, ExecConfiguration, Secret
from ecs_medic.facts.iam import SimulatedAction
from ecs_medic.finding import Confidence
from ecs_medic.needs.exec import CHANNEL_ACTIONS
from ecs_medic.needs.images import PULL_ACTIONS
from ecs_medic.rules.exec.exec_task_role_lacks_kms import exec_task_role_lacks_kms
from ecs_medic.rules.exec.exec_task_role_lacks_ssmmessages import exec_task_role_lacks_ssmmessages
from ecs_medic.rules.logs.execution_role_cannot_create_log_group import execution_role_cannot_create_log_group
from ecs_medic.rules.logs.execution_role_cannot_write_logs import execution_role_cannot_write_logs
from ecs_medic.rules.roles.execution_role_cannot_pull import execution_role_cannot_pull
from ecs_medic.rules.roles.execution_role_cannot_read_parameter import execution_role_cannot_read_parameter
from ecs_medic.rules.roles.execution_role_cannot_read_secret import execution_role_cannot_read_secret
from ecs_medic.vocabulary import Id
from tests.builders import (
    ACCOUNT,
    CLUSTER_ARN,
    EXECUTION_ROLE,
    REGION,
    TASK_ROLE,
    allow,
    assert_not_checked,
    assert_quiet,
    assert_silent,
    awslogs,
    container_definition,
    definition,
    deny,
    document,
    exec_incident,
    facts,
    incident,
    known,
    log_group,
    no_log_group,
    role,
    simulated,
    task,
    the_finding,
)

DENIED_ROLE = Unknown("iam:SimulatePrincipalPolicy", "denied: AccessDenied", "iam:SimulatePrincipalPolicy")
SECRET = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:orders-db-AbC123"
PARAMETER = f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/orders/db"
REPOSITORY = f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/shop/orders"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/11111111-2222-3333-4444-555555555555"


def with_task_role(*statements: object, **changes: Any) -> Facts:
    return facts(roles={TASK_ROLE: known(role(TASK_ROLE, *statements, **changes), "iam:GetRolePolicy")})


def with_execution_role(*statements: object, containers: object = None, **changes: Any) -> Facts:
    read = {"task_definition": definition(containers=containers)} if containers else {}
    arn = EXECUTION_ROLE
    extra = {name: changes.pop(name) for name in ("log_groups", "resource_policies") if name in changes}
    return facts(roles={arn: known(role(arn, *statements, **changes), "iam:GetRolePolicy")}, **read, **extra)


def test_all_policies_read_and_none_allows_is_confirmed_with_exactly_the_missing_actions():
    read = with_task_role(allow(["ssmmessages:Create*", "s3:GetObject"]))
    finding = the_finding(exec_task_role_lacks_ssmmessages, exec_incident(), read)
    assert finding.confidence is Confidence.CONFIRMED
    assert finding.params["actions"] == ["ssmmessages:OpenControlChannel", "ssmmessages:OpenDataChannel"]
    assert finding.params["denied_by"] == "identity"
    assert finding.params["role_arn"] == TASK_ROLE
    assert finding.fix.policy == document({"Effect": "Allow", "Action": finding.params["actions"], "Resource": "*"})


def test_no_policy_at_all_is_confirmed_too():
    assert the_finding(exec_task_role_lacks_ssmmessages, exec_incident(), with_task_role()).params["actions"] == list(
        CHANNEL_ACTIONS
    )


def test_a_deny_is_named_and_no_allow_is_advised():
    read = with_task_role(allow("*"), deny("ssmmessages:*"))
    finding = the_finding(exec_task_role_lacks_ssmmessages, exec_incident(), read)
    assert finding.confidence is Confidence.CONFIRMED
    assert finding.fix.policy is None
    assert "Remove the Deny" in finding.fix.summary


def test_allowed_by_the_simulation_rules_it_out():
    read = with_task_role(simulation=simulated(dict.fromkeys(CHANNEL_ACTIONS, "allowed")), policies=DENIED_ROLE)
    assert_quiet(exec_task_role_lacks_ssmmessages, exec_incident(), read)


def test_the_simulation_alone_is_only_likely():
    read = with_task_role(simulation=simulated(dict.fromkeys(CHANNEL_ACTIONS, "implicitDeny")), policies=DENIED_ROLE)
    finding = the_finding(exec_task_role_lacks_ssmmessages, exec_incident(), read)
    assert finding.confidence is Confidence.LIKELY
    assert finding.params["denied_by"] == "identity"


@pytest.mark.parametrize(
    ("changes", "who"),
    [
        ({"allowed_by_organizations": False, "allowed_by_boundary": False}, "scp"),
        ({"allowed_by_boundary": False, "allowed_by_organizations": True}, "boundary"),
        ({}, "unknown"),
    ],
)
def test_whoever_stands_above_the_role_is_named_and_the_role_is_not_to_be_edited(changes, who):
    decisions = simulated(dict.fromkeys(CHANNEL_ACTIONS, "implicitDeny"), **changes)
    read = with_task_role(allow("ssmmessages:*"), simulation=decisions)
    finding = the_finding(exec_task_role_lacks_ssmmessages, exec_incident(), read)
    assert finding.params["denied_by"] == who
    assert finding.confidence is Confidence.LIKELY
    assert finding.fix.policy is None


def test_policies_that_allow_do_not_speak_for_boundary_and_scp():
    read = with_task_role(allow("ssmmessages:*"), simulation=DENIED_ROLE)
    assert_not_checked(exec_task_role_lacks_ssmmessages, exec_incident(), read, "iam:SimulatePrincipalPolicy")


def test_an_open_condition_is_not_judged():
    read = with_task_role(allow("ssmmessages:*", Condition={"StringEquals": {"aws:PrincipalTag/team": "shop"}}))
    assert_not_checked(exec_task_role_lacks_ssmmessages, exec_incident(), read)


def test_an_unread_role_is_not_judged_and_an_unasked_one_not_mentioned():
    read = facts(roles={TASK_ROLE: DENIED_ROLE})
    assert_not_checked(exec_task_role_lacks_ssmmessages, exec_incident(), read, "iam:SimulatePrincipalPolicy")
    assert_silent(exec_task_role_lacks_ssmmessages, exec_incident(), facts())


def encrypted() -> dict[str, Any]:
    return {"cluster": Cluster(CLUSTER_ARN, "shop", "ACTIVE", ExecConfiguration(kms_key_id=KEY))}


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        (Absent("kms:GetKeyPolicy"), "confirmed"),
        (known(document({**allow("kms:*"), "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}})), "confirmed"),
        (known(document({**allow("kms:Decrypt"), "Principal": {"AWS": TASK_ROLE}})), None),
        (Unknown("kms:GetKeyPolicy", "denied", "kms:GetKeyPolicy"), "likely"),
    ],
)
def test_a_key_policy_may_allow_in_the_roles_stead_but_not_by_naming_the_account(policy, expected):
    read = facts(
        roles={TASK_ROLE: known(role(TASK_ROLE, allow("ssmmessages:*")), "iam:GetRolePolicy")},
        resource_policies={KEY: policy},
        **encrypted(),
    )
    if expected is None:
        assert_quiet(exec_task_role_lacks_kms, exec_incident(), read)
    else:
        assert the_finding(exec_task_role_lacks_kms, exec_incident(), read).confidence == expected


def test_no_session_key_no_matter():
    assert_silent(exec_task_role_lacks_kms, exec_incident(), with_task_role())


PULL = allow(list(PULL_ACTIONS), REPOSITORY)
TOKEN = allow("ecr:GetAuthorizationToken")


def test_the_least_policy_is_for_exactly_that_repository_and_the_token_for_all():
    read = with_execution_role(TOKEN, resource_policies={REPOSITORY: Absent("ecr:GetRepositoryPolicy")})
    finding = the_finding(execution_role_cannot_pull, incident(Id.IMAGE_PULL_FORBIDDEN), read)
    assert finding.confidence is Confidence.CONFIRMED
    assert finding.params["image"].endswith("shop/orders:1.4.2")
    assert finding.fix.policy is not None
    assert finding.fix.policy["Statement"] == [
        {
            "Effect": "Allow",
            "Action": ["ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage"],
            "Resource": REPOSITORY,
        }
    ]
    without_token = with_execution_role(PULL)
    finding = the_finding(execution_role_cannot_pull, incident(Id.IMAGE_PULL_FORBIDDEN), without_token)
    assert finding.fix.policy == document({"Effect": "Allow", "Action": ["ecr:GetAuthorizationToken"], "Resource": "*"})


def test_pulling_is_fine_with_both():
    allowed = dict.fromkeys((*PULL["Action"], "ecr:GetAuthorizationToken"), "allowed")  # type: ignore[misc]
    read = with_execution_role(TOKEN, PULL, simulation=simulated(allowed))
    assert_quiet(execution_role_cannot_pull, incident(Id.IMAGE_PULL_FORBIDDEN), read)


def test_a_repository_policy_that_was_not_read_leaves_it_likely_unless_aws_itself_refused():
    read = with_execution_role(TOKEN)
    assert the_finding(execution_role_cannot_pull, incident(Id.IMAGE_PULL_FORBIDDEN), read).confidence == "likely"
    refused = incident(Id.EXECUTION_ROLE_CANNOT_PULL)
    assert the_finding(execution_role_cannot_pull, refused, read).confidence == "confirmed"


def test_on_ec2_the_execution_role_does_not_pull():
    read = facts(
        task=task(launch_type="EC2"),
        roles={EXECUTION_ROLE: known(role(EXECUTION_ROLE))},
    )
    assert_silent(execution_role_cannot_pull, incident(Id.IMAGE_PULL_FORBIDDEN), read)


@pytest.mark.parametrize(
    ("rule", "value", "resource", "action", "param"),
    [
        (execution_role_cannot_read_secret, f"{SECRET}:password::", SECRET, "secretsmanager:GetSecretValue", "secret"),
        (execution_role_cannot_read_parameter, PARAMETER, PARAMETER, "ssm:GetParameters", "parameter"),
    ],
)
def test_secrets_and_parameters(rule, value, resource, action, param):
    containers = (container_definition(secrets=(Secret("DB", value),)),)
    policies = {SECRET: Absent("secretsmanager:GetResourcePolicy")}
    about = incident(Id.SECRETS_OR_REGISTRY_AUTH_FAILED)
    finding = the_finding(rule, about, with_execution_role(TOKEN, containers=containers, resource_policies=policies))
    assert finding.confidence is Confidence.CONFIRMED
    assert finding.params["container"] == "app"
    assert param in finding.params
    assert finding.fix.policy == document({"Effect": "Allow", "Action": [action], "Resource": resource})
    fine = with_execution_role(allow(action), simulation=simulated({action: "allowed"}), containers=containers)
    assert_quiet(rule, about, fine)
    assert_not_checked(
        rule, about, facts(task_definition=definition(containers=containers), roles={EXECUTION_ROLE: DENIED_ROLE})
    )
    assert_silent(rule, about, with_execution_role())


def test_decisions_are_taken_for_the_resource_that_was_asked_for():
    other = f"{SECRET}-other"
    containers = (container_definition(secrets=(Secret("A", SECRET), Secret("B", other))),)
    action = "secretsmanager:GetSecretValue"
    result = SimulatedAction(action, "implicitDeny", by_resource={SECRET: "allowed", other: "implicitDeny"})
    read = with_execution_role(simulation=known({action.lower(): result}), policies=DENIED_ROLE, containers=containers)
    finding = the_finding(execution_role_cannot_read_secret, incident(Id.SECRET_FETCH_FAILED), read)
    assert finding.params["secret"] == other


WRITES = ("logs:CreateLogStream", "logs:PutLogEvents")


def test_writing_logs():
    about = incident(Id.LOG_STREAM_FAILED)
    finding = the_finding(execution_role_cannot_write_logs, about, with_execution_role(TOKEN))
    assert finding.confidence is Confidence.CONFIRMED
    assert finding.params["log_group"] == "/shop/orders"
    fine = with_execution_role(simulation=simulated(dict.fromkeys(WRITES, "allowed")))
    assert_quiet(execution_role_cannot_write_logs, about, fine)
    assert_not_checked(execution_role_cannot_write_logs, about, facts(roles={EXECUTION_ROLE: DENIED_ROLE}))


@pytest.mark.parametrize(
    ("group", "expected"),
    [
        (no_log_group(), "confirmed"),
        (log_group(), None),
        (Unknown("logs:DescribeLogGroups", "denied", "logs:DescribeLogGroups"), "likely"),
    ],
)
def test_creating_the_group_matters_only_while_it_is_missing(group, expected):
    containers = (container_definition(log_configuration=awslogs(create_group="true")),)
    read = with_execution_role(allow(list(WRITES)), containers=containers, log_groups={(REGION, "/shop/orders"): group})
    about = incident(Id.LOG_STREAM_FAILED)
    if expected is None:
        assert_quiet(execution_role_cannot_create_log_group, about, read)
    else:
        finding = the_finding(execution_role_cannot_create_log_group, about, read)
        assert finding.confidence == expected
        assert finding.params["actions"] == ["logs:CreateLogGroup"]


def test_without_create_group_nothing_has_to_be_created():
    assert_silent(execution_role_cannot_create_log_group, incident(Id.LOG_STREAM_FAILED), with_execution_role())
