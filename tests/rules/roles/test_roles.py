"""Rules on the roles themselves: named, existing, trusting."""

import pytest

from ecs_medic.facts import Absent, Fact, Facts, Known, Unknown
from ecs_medic.facts.ecs import Secret
from ecs_medic.facts.iam import Role
from ecs_medic.finding import Confidence, Phase
from ecs_medic.rules.roles.execution_role_missing import execution_role_missing
from ecs_medic.rules.roles.role_not_found import role_not_found
from ecs_medic.rules.roles.role_trust_policy_wrong import role_trust_policy_wrong
from ecs_medic.vocabulary import Id
from tests.builders import (
    ACCOUNT,
    EXECUTION_ROLE,
    TASK_ROLE,
    assert_not_checked,
    assert_quiet,
    assert_silent,
    container_definition,
    definition,
    document,
    exec_incident,
    facts,
    incident,
    known,
    role,
    task,
    the_finding,
)

ABOUT = incident(Id.ROLE_CANNOT_BE_ASSUMED)
UNREAD = Unknown("iam:GetRole", "denied", "iam:GetRole")


def trusting(principal: object, **more: object) -> Known[Role]:
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", **more}
    return known(role(EXECUTION_ROLE, trust=known(document(statement), "iam:GetRole")), "iam:GetRole")


def both(execution: Fact[Role]) -> Facts:
    return facts(roles={EXECUTION_ROLE: execution, TASK_ROLE: known(role(TASK_ROLE), "iam:GetRole")})


def test_no_execution_role_for_an_image_from_ecr():
    read = facts(task_definition=definition(execution_role_arn=None))
    finding = the_finding(execution_role_missing, incident(Id.SECRETS_OR_REGISTRY_AUTH_FAILED), read)
    assert finding.confidence is Confidence.CONFIRMED
    assert finding.phase is Phase.REGISTRY_AUTH


def test_no_execution_role_needed_for_a_public_image_without_logs():
    plain = container_definition(image="nginx:1.27", log_configuration=None)
    read = facts(task_definition=definition(execution_role_arn=None, containers=(plain,)))
    assert_silent(execution_role_missing, ABOUT, read)


def test_on_ec2_only_secrets_need_one():
    on_ec2 = task(launch_type="EC2")
    read = facts(task=on_ec2, task_definition=definition(execution_role_arn=None))
    assert_silent(execution_role_missing, ABOUT, read)
    secret = container_definition(secrets=(Secret("DB", "db-password"),))
    read = facts(task=on_ec2, task_definition=definition(execution_role_arn=None, containers=(secret,)))
    assert the_finding(execution_role_missing, ABOUT, read).params["container"] == "app"


def test_a_role_of_the_run_or_of_the_definition_rules_it_out():
    assert_quiet(execution_role_missing, ABOUT, facts())
    read = facts(task=task(execution_role_override=EXECUTION_ROLE), task_definition=definition(execution_role_arn=None))
    assert_quiet(execution_role_missing, ABOUT, read)


def test_an_unread_definition_leaves_it_open_and_a_session_has_nothing_to_do_with_it():
    unread = Unknown("ecs:DescribeTaskDefinition", "denied", "ecs:DescribeTaskDefinition")
    assert_not_checked(execution_role_missing, ABOUT, facts(task_definition=unread), "ecs:DescribeTaskDefinition")
    assert_silent(execution_role_missing, exec_incident(), facts(task_definition=definition(execution_role_arn=None)))


def test_a_role_that_iam_does_not_know():
    finding = the_finding(role_not_found, ABOUT, both(Absent("iam:GetRole", "NoSuchEntity")))
    assert finding.confidence is Confidence.CONFIRMED
    assert finding.params["role_arn"] == EXECUTION_ROLE


def test_roles_that_exist_or_were_not_read():
    assert_quiet(role_not_found, ABOUT, both(known(role(EXECUTION_ROLE))))
    assert_not_checked(role_not_found, ABOUT, facts(roles={EXECUTION_ROLE: UNREAD}), "iam:GetRole")
    assert_silent(role_not_found, ABOUT, facts())


@pytest.mark.parametrize(
    ("principal", "more", "outcome"),
    [
        ({"Service": "ecs-tasks.amazonaws.com"}, {}, "quiet"),
        ({"Service": ["ec2.amazonaws.com", "ecs-tasks.amazonaws.com"]}, {}, "quiet"),
        ({"Service": "ecs.amazonaws.com"}, {}, "fires"),
        ({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, {}, "fires"),
        (
            {"Service": "ecs-tasks.amazonaws.com"},
            {"Condition": {"StringEquals": {"aws:SourceAccount": "111122223333"}}},
            "fires",
        ),
        (
            {"Service": "ecs-tasks.amazonaws.com"},
            {"Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}}},
            "quiet",
        ),
        (
            {"Service": "ecs-tasks.amazonaws.com"},
            {"Condition": {"ArnLike": {"aws:SourceArn": f"arn:aws:ecs:eu-west-1:{ACCOUNT}:*"}}},
            "quiet",
        ),
        *(
            ({"Service": "ecs-tasks.amazonaws.com"}, {"Condition": {operator: {"aws:SourceArn": arn}}}, outcome)
            for operator, arn, outcome in (
                ("ArnLike", [f"arn:aws:ecs:us-east-1:{ACCOUNT}:*", f"arn:aws:ecs:eu-*:{ACCOUNT}:*"], "quiet"),
                ("StringLike", f"arn:aws:ecs:*:{ACCOUNT}:*", "quiet"),
                ("ArnLike", f"arn:aws:ecs:us-east-1:{ACCOUNT}:*", "fires"),
                ("ArnLike", "arn:aws:ecs:eu-west-1:111122223333:*", "fires"),
                ("ArnLike", f"arn:aws-cn:ecs:eu-west-1:{ACCOUNT}:*", "fires"),
                ("ArnEquals", f"arn:aws:ecs:eu-west-1:{ACCOUNT}:cluster/shop", "open"),
                ("ArnLike", f"arn:aws:ecs:eu-west-1:{ACCOUNT}:cluster/other*", "open"),
                ("ArnNotLike", f"arn:aws:ecs:eu-west-1:{ACCOUNT}:task/*", "open"),
                ("ArnNotLike", f"arn:aws:ecs:eu-west-1:{ACCOUNT}:*", "fires"),
                ("StringEquals", f"arn:aws:ecs:eu-west-1:{ACCOUNT}:task/shop/??", "fires"),
            )
        ),
        (
            {"Service": "ecs-tasks.amazonaws.com"},
            {"Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-shop"}}},
            "open",
        ),
    ],
)
def test_trust_policies(principal, more, outcome):
    read = facts(roles={EXECUTION_ROLE: trusting(principal, **more)})
    if outcome == "fires":
        finding = the_finding(role_trust_policy_wrong, ABOUT, read)
        assert finding.confidence is Confidence.CONFIRMED
        assert finding.fix.policy is not None
    elif outcome == "quiet":
        assert_quiet(role_trust_policy_wrong, ABOUT, read)
    else:
        assert_not_checked(role_trust_policy_wrong, ABOUT, read)


def test_an_unread_trust_policy_is_not_judged():
    read = facts(roles={EXECUTION_ROLE: known(role(EXECUTION_ROLE, trust=UNREAD))})
    assert_not_checked(role_trust_policy_wrong, ABOUT, read, "iam:GetRole")


def test_a_role_of_another_account_is_no_role_for_a_task():
    foreign = EXECUTION_ROLE.replace(ACCOUNT, "444455556666")
    read = facts(task_definition=definition(execution_role_arn=foreign))
    finding = the_finding(role_not_found, incident(Id.ROLE_CANNOT_BE_ASSUMED), read)
    assert finding.confidence is Confidence.LIKELY
    assert finding.subject == foreign
