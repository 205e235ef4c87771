"""Which roles IAM is asked about, and what else is read of a refusal that AWS has told."""

import pytest

from ecs_medic.collect import questions_about
from ecs_medic.collect.question import Answers
from ecs_medic.collect.roles import explain_it, policy_questions, questions, requests_of, role_from, trust_questions
from ecs_medic.collect.scope import scope_of
from ecs_medic.facts.ecs import Secret
from ecs_medic.facts.fact import Known, Unknown
from ecs_medic.facts.secrets import StoredSecret
from ecs_medic.finding import Phase
from ecs_medic.needs.need import Carrier, Destination, Need, Purpose
from ecs_medic.vocabulary import Id
from tests.builders import ACCOUNT, EXECUTION_ROLE, REGION, container_definition, definition, facts, incident, known
from tests.rules.network.worlds import INTERFACE

OTHER = "arn:aws:iam::999999999999:role/orders-execution"
READ = "secretsmanager:GetSecretValue"
PARTIAL = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:shop/db"
FULL = f"{PARTIAL}-AbC123"
SAYS_YES: dict[str, object] = {
    "EvaluationResults": [{"EvalActionName": READ, "EvalDecision": "allowed", "EvalResourceName": FULL}],
}


def need(role: str) -> Need:
    where = Destination("secretsmanager", REGION)
    return Need(Purpose.SECRET, Phase.SECRETS, Carrier.TASK, where, FULL, "app", role, (READ,), (FULL,))


def test_a_role_of_another_account_is_not_asked_for_by_its_name() -> None:
    assert set(requests_of([need(EXECUTION_ROLE), need(OTHER)], ACCOUNT)) == {EXECUTION_ROLE}
    assert set(trust_questions([EXECUTION_ROLE, OTHER], ACCOUNT)) == {("role", EXECUTION_ROLE)}


def test_a_told_refusal_makes_the_secrets_own_policy_worth_reading() -> None:
    requests = {EXECUTION_ROLE: ((READ, FULL),)}
    answers: Answers = {("simulation", EXECUTION_ROLE): Known(SAYS_YES, "iam:SimulatePrincipalPolicy")}
    assert ("resource_policy", FULL) not in questions(requests, answers)
    assert ("resource_policy", FULL) in questions(requests, answers, refused=True)


def test_the_role_is_simulated_with_the_arn_that_secrets_manager_names() -> None:
    told = incident(Id.EXECUTION_ROLE_CANNOT_READ_SECRET)
    containers = (container_definition(secrets=(Secret("DB", PARTIAL),)),)
    read = facts(task_definition=definition(containers=containers))
    settled: Answers = {(name,): Known({}, "test:Read") for name in ("task", "definition", "cluster")}
    first = questions_about(told, scope_of(told), read, settled)
    assert ("secret", PARTIAL) in first
    assert ("simulation", EXECUTION_ROLE) not in first
    # What does not depend on the ARN is not waited for.
    assert ("attached", EXECUTION_ROLE) in first

    stored = {PARTIAL: known(StoredSecret(FULL, "shop/db"))}
    again = facts(task_definition=definition(containers=containers), secrets=stored)
    answered: Answers = {**settled, ("secret", PARTIAL): Known({"ARN": FULL}, "secretsmanager:DescribeSecret")}
    simulation = questions_about(told, scope_of(told), again, answered)["simulation", EXECUTION_ROLE]
    assert FULL in simulation.params["ResourceArns"]
    assert PARTIAL not in simulation.params["ResourceArns"]


def test_a_simulation_that_comes_last_does_not_keep_the_network_waiting() -> None:
    """The layers' bucket answered 403: on Fargate no wave is left after a role whose secret's ARN comes first."""
    told = incident(Id.IMAGE_PULL_FORBIDDEN)
    containers = (container_definition(secrets=(Secret("DB", PARTIAL),)),)
    read = facts(task_definition=definition(containers=containers), task_interface=known(INTERFACE))
    settled: Answers = {(name,): Known({}, "test:Read") for name in ("task", "definition", "cluster")}
    asked = {key[0] for key in questions_about(told, scope_of(told), read, settled)}
    assert "simulation" not in asked
    assert {"vpc", "endpoints"} <= asked


MANAGED = f"arn:aws:iam::{ACCOUNT}:policy/orders"
ATTACHED: Answers = {
    ("attached", EXECUTION_ROLE): Known({"AttachedPolicies": [{"PolicyArn": MANAGED}]}, "iam:ListAttachedRolePolicies"),
    ("inline", EXECUTION_ROLE): Known({"PolicyNames": []}, "iam:ListRolePolicies"),
}


def version(name: str, *, default: bool, action: str = READ) -> Known[dict[str, object]]:
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]}
    read = {"VersionId": name, "IsDefaultVersion": default, "Document": document}
    return Known({"PolicyVersion": read}, "iam:GetPolicyVersion")


def default_is(name: str) -> Known[dict[str, object]]:
    return Known({"Policy": {"Arn": MANAGED, "DefaultVersionId": name}}, "iam:GetPolicy")


def test_the_first_version_of_a_policy_is_asked_for_without_waiting() -> None:
    asked = policy_questions(EXECUTION_ROLE, ATTACHED)
    assert ("policy_version", MANAGED, "v1") in asked
    assert ("policy", MANAGED) in asked


def test_the_default_version_is_the_one_that_counts() -> None:
    answers: Answers = {
        **ATTACHED,
        ("policy", MANAGED): default_is("v3"),
        ("policy_version", MANAGED, "v1"): version("v1", default=False),
    }
    assert ("policy_version", MANAGED, "v3") in policy_questions(EXECUTION_ROLE, answers)
    role = role_from(EXECUTION_ROLE, answers)
    assert isinstance(role, Known)
    assert isinstance(role.value.policies, Unknown)
    whole = {**answers, ("policy_version", MANAGED, "v3"): version("v3", default=True, action="s3:GetObject")}
    role = role_from(EXECUTION_ROLE, whole)
    assert isinstance(role, Known)
    assert isinstance(role.value.policies, Known)
    [policy] = role.value.policies.value
    assert "s3:GetObject" in str(policy.document)


@pytest.mark.parametrize("default", [True, False])
def test_a_first_version_that_says_it_is_the_default_needs_no_further_word(default: bool) -> None:
    denied = Unknown("iam:GetPolicy", "denied", "iam:GetPolicy")
    answers: Answers = {
        **ATTACHED,
        ("policy", MANAGED): denied,
        ("policy_version", MANAGED, "v1"): version("v1", default=default),
    }
    role = role_from(EXECUTION_ROLE, answers)
    assert isinstance(role, Known)
    assert isinstance(role.value.policies, Known if default else Unknown)


def test_a_role_that_may_be_the_reason_is_waited_for() -> None:
    requests = {EXECUTION_ROLE: ((READ, FULL),)}
    allowed: Answers = {("simulation", EXECUTION_ROLE): Known(SAYS_YES, "iam:SimulatePrincipalPolicy")}
    says_no: dict[str, object] = {"EvaluationResults": [{"EvalActionName": READ, "EvalDecision": "implicitDeny"}]}
    denied: Answers = {("simulation", EXECUTION_ROLE): Known(says_no, "iam:SimulatePrincipalPolicy")}
    unread: Answers = {("simulation", EXECUTION_ROLE): Unknown("iam:SimulatePrincipalPolicy", "denied")}
    assert [explain_it(requests, one) for one in ({}, denied, allowed, unread)] == [True, True, False, False]
    assert not explain_it({}, {})
