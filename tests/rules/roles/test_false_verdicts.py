"""What roles must not be accused of, and not be cleared of either."""

import json
import shlex

import pytest

from ecs_medic.facts import Absent, Facts
from ecs_medic.facts.ecs import Secret
from ecs_medic.facts.network import Endpoint
from ecs_medic.facts.secrets import StoredSecret
from ecs_medic.finding import Confidence, Finding, NotChecked, Outcome, RuledOut
from ecs_medic.incident import Message
from ecs_medic.needs.derive import needs_of
from ecs_medic.needs.images import PULL_ACTIONS
from ecs_medic.needs.need import Purpose
from ecs_medic.reachability.endpoint_policy import policy_hops
from ecs_medic.reachability.path import Verdict
from ecs_medic.reachability.request import requests_of
from ecs_medic.rules.exec.exec_task_role_lacks_ssmmessages import exec_task_role_lacks_ssmmessages
from ecs_medic.rules.roles.execution_role_cannot_pull import execution_role_cannot_pull
from ecs_medic.rules.roles.execution_role_cannot_read_parameter import execution_role_cannot_read_parameter
from ecs_medic.rules.roles.execution_role_cannot_read_secret import execution_role_cannot_read_secret
from ecs_medic.vocabulary import Id
from tests.builders import (
    ACCOUNT,
    EXECUTION_ROLE,
    REGION,
    TASK_ROLE,
    allow,
    container_definition,
    definition,
    deny,
    document,
    exec_incident,
    facts,
    incident,
    known,
    role,
    simulated,
    the_finding,
)

PARTIAL = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:shop/db"
FULL = f"{PARTIAL}-AbC123"
REPOSITORY = f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/shop/orders"
READ = "secretsmanager:GetSecretValue"
STORED = {PARTIAL: known(StoredSecret(FULL, "shop/db"), "secretsmanager:DescribeSecret")}


def reading(value_from: str, *statements: object, **changes: object) -> Facts:
    containers = (container_definition(secrets=(Secret("DB", value_from),)),)
    simulation = changes.pop("simulation", {})
    read = known(role(EXECUTION_ROLE, *statements, **({"simulation": simulation} if simulation else {})))
    return facts(task_definition=definition(containers=containers), roles={EXECUTION_ROLE: read}, **changes)


def endpoint_verdict(what: Facts, granted: str) -> Verdict:
    policy = document({"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": granted})
    need = next(one for one in needs_of(what) if one.purpose is Purpose.SECRET)
    endpoint = Endpoint("vpce-1", f"com.amazonaws.{REGION}.secretsmanager", "Interface", "available", policy=policy)
    return policy_hops(endpoint, "vpc-1", requests_of(need))[0].verdict


@pytest.mark.parametrize("granted", [f"{PARTIAL}-??????", f"{PARTIAL}-*", FULL, f"{PARTIAL}-A*", PARTIAL])
@pytest.mark.parametrize("symptom", [Id.UNKNOWN, Id.EXECUTION_ROLE_CANNOT_READ_SECRET])
def test_a_partial_arn_denies_nothing_that_its_suffix_decides(granted: str, symptom: Id) -> None:
    seen = reading(PARTIAL, allow(READ, granted))
    assert not [one for one in execution_role_cannot_read_secret(incident(symptom), seen) if isinstance(one, Finding)]


@pytest.mark.parametrize("word", ["backup", "Backup", "BACKUP", "202607"])
@pytest.mark.parametrize("ending", ["{word}", "??????", "{word}-??????", "{word}-AbC123", "{word}-*"])
def test_a_name_that_ends_like_an_arn_denies_nothing_that_either_reading_allows(word: str, ending: str) -> None:
    base = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:orders"
    seen = reading(f"{base}-{word}", allow(READ, f"{base}-{ending.format(word=word)}"))
    for symptom in (Id.UNKNOWN, Id.EXECUTION_ROLE_CANNOT_READ_SECRET):
        said = list(execution_role_cannot_read_secret(incident(symptom), seen))
        assert not [one for one in said if isinstance(one, Finding | RuledOut)]


def test_a_partial_arn_that_nothing_grants_is_likely_and_the_advice_fits_any_suffix() -> None:
    seen = reading(PARTIAL, allow("logs:*"), resource_policies={f"{PARTIAL}-??????": Absent("test:Read", "none")})
    finding = the_finding(execution_role_cannot_read_secret, incident(Id.UNKNOWN), seen)
    assert finding.confidence is Confidence.LIKELY
    assert finding.fix.policy is not None
    assert f"{PARTIAL}-??????" in json.dumps(finding.fix.policy)


def test_the_arn_that_secrets_manager_names_decides() -> None:
    told = incident(Id.EXECUTION_ROLE_CANNOT_READ_SECRET)
    fits = reading(PARTIAL, allow(READ, FULL), secrets=STORED)
    assert not [one for one in execution_role_cannot_read_secret(told, fits) if isinstance(one, Finding)]
    misses = reading(PARTIAL, allow(READ, PARTIAL), secrets=STORED)
    assert the_finding(execution_role_cannot_read_secret, told, misses).confidence is Confidence.CONFIRMED


@pytest.mark.parametrize(
    ("granted", "verdict"),
    [
        (f"{PARTIAL}-??????", Verdict.OPEN),
        (FULL, Verdict.UNKNOWN),
        (PARTIAL, Verdict.UNKNOWN),
        (f"{PARTIAL}x-AbC123", Verdict.BLOCKED),
    ],
)
def test_an_endpoint_policy_judges_a_partial_arn_alike(granted: str, verdict: Verdict) -> None:
    assert endpoint_verdict(reading(PARTIAL), granted) is verdict


def test_an_endpoint_policy_judges_the_known_arn() -> None:
    assert endpoint_verdict(reading(PARTIAL, secrets=STORED), FULL) is Verdict.OPEN
    assert endpoint_verdict(reading(PARTIAL, secrets=STORED), PARTIAL) is Verdict.BLOCKED


@pytest.mark.parametrize("selector", ["", ":3", ":prod"])
@pytest.mark.parametrize("prefix", ["", f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/"])
def test_a_parameters_selector_is_no_part_of_its_arn(prefix: str, selector: str) -> None:
    arn = f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/shop-db"
    seen = reading(f"{prefix}shop-db{selector}", allow("ssm:GetParameters", arn))
    told = incident(Id.EXECUTION_ROLE_CANNOT_READ_PARAMETER)
    assert not [one for one in execution_role_cannot_read_parameter(told, seen) if isinstance(one, Finding)]
    need = next(one for one in needs_of(seen) if one.purpose is Purpose.PARAMETER)
    assert need.resources == (arn,)


def pulling(*statements: object) -> list[Outcome]:
    seen = facts(
        roles={EXECUTION_ROLE: known(role(EXECUTION_ROLE, *statements))},
        resource_policies={REPOSITORY: Absent("ecr:GetRepositoryPolicy", "none")},
    )
    return list(execution_role_cannot_pull(incident(Id.EXECUTION_ROLE_CANNOT_PULL), seen))


def test_the_check_for_layers_alone_is_merely_possible() -> None:
    needed = ["ecr:GetAuthorizationToken", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    (finding,) = [one for one in pulling(allow(needed)) if isinstance(one, Finding)]
    assert finding.confidence is Confidence.POSSIBLE
    (finding,) = [one for one in pulling(allow(needed[:2])) if isinstance(one, Finding)]
    assert finding.confidence is Confidence.CONFIRMED
    assert "ecr:BatchCheckLayerAvailability" in json.dumps(finding.fix.policy)


def test_the_namesake_of_another_accounts_role_proves_nothing() -> None:
    other = "arn:aws:iam::999999999999:role/orders-execution"
    seen = facts(
        task_definition=definition(execution_role_arn=other), roles={other: known(role(other, allow("logs:*")))}
    )
    outcomes = list(execution_role_cannot_pull(incident(Id.EXECUTION_ROLE_CANNOT_PULL), seen))
    assert outcomes
    assert all(isinstance(one, NotChecked) for one in outcomes)


ALLOWED = simulated({READ: "allowed"})
REFUSED = incident(Id.EXECUTION_ROLE_CANNOT_READ_SECRET)


def test_a_secrets_own_deny_comes_before_the_simulation() -> None:
    own = {"Effect": "Deny", "Principal": "*", "Action": READ, "Resource": "*"}
    seen = reading(FULL, allow("*"), simulation=ALLOWED, resource_policies={FULL: known(document(own))})
    finding = the_finding(execution_role_cannot_read_secret, REFUSED, seen)
    assert finding.confidence is Confidence.CONFIRMED
    assert finding.params["denied_by"] == "resource_policy"
    assert "own policy" in finding.summary
    assert finding.fix.policy is None


def test_the_simulation_does_not_overrule_what_the_message_says() -> None:
    seen = reading(FULL, allow("*"), simulation=ALLOWED)
    outcomes = list(execution_role_cannot_read_secret(REFUSED, seen))
    assert outcomes
    assert not [one for one in outcomes if isinstance(one, RuledOut | Finding)]
    other = list(execution_role_cannot_read_secret(incident(Id.UNKNOWN), seen))
    assert [one for one in other if isinstance(one, RuledOut)]


def test_a_policys_deny_against_the_simulation_is_likely_at_most() -> None:
    seen = reading(FULL, allow("*"), deny(READ), simulation=ALLOWED)
    assert the_finding(execution_role_cannot_read_secret, REFUSED, seen).confidence is Confidence.LIKELY


def test_several_actions_are_and_one_is_and_the_command_can_be_pasted() -> None:
    seen = facts(roles={TASK_ROLE: known(role(TASK_ROLE, allow("s3:*")))})
    finding = the_finding(exec_task_role_lacks_ssmmessages, exec_incident(), seen)
    assert "are not granted by its policies" in finding.summary
    words = shlex.split(finding.fix.cli[0])
    assert words[:3] == ["aws", "iam", "put-role-policy"]
    assert json.loads(words[words.index("--policy-document") + 1]) == finding.fix.policy

    one = reading(FULL, allow("logs:*"))
    finding = the_finding(execution_role_cannot_read_secret, REFUSED, one)
    assert f"{READ} is not granted by its policies" in finding.summary
    words = shlex.split(finding.fix.cli[0])
    assert words[3:5] == ["--role-name", "orders-execution"]
    assert json.loads(words[words.index("--policy-document") + 1]) == finding.fix.policy


def test_a_refusal_of_one_call_says_nothing_of_the_others() -> None:
    """AWS refused the registry's token; that it refuses the pull as well is nowhere said."""
    token = "ecr:GetAuthorizationToken"
    words = f"User: arn:aws:sts::{ACCOUNT}:assumed-role/x/y is not authorized to perform: {token} on resource: *"
    told = incident(Id.EXECUTION_ROLE_CANNOT_PULL, message=Message(stopped_reason=words))
    decisions = dict.fromkeys(PULL_ACTIONS, "allowed") | {token: "implicitDeny"}
    read = known(role(EXECUTION_ROLE, allow(list(PULL_ACTIONS)), simulation=simulated(decisions)))
    (said,) = execution_role_cannot_pull(told, facts(roles={EXECUTION_ROLE: read}))
    assert isinstance(said, Finding)
    assert said.params["actions"] == [token]


def test_a_refusal_that_the_simulation_does_not_know_is_not_excluded_by_calls_that_are_allowed() -> None:
    token = "ecr:GetAuthorizationToken"
    words = f"User: arn:aws:sts::{ACCOUNT}:assumed-role/x/y is not authorized to perform: {token} on resource: *"
    told = incident(Id.EXECUTION_ROLE_CANNOT_PULL, message=Message(stopped_reason=words))
    decisions = dict.fromkeys((*PULL_ACTIONS, token), "allowed")
    read = known(role(EXECUTION_ROLE, allow([*PULL_ACTIONS, token]), simulation=simulated(decisions)))
    (said,) = execution_role_cannot_pull(told, facts(roles={EXECUTION_ROLE: read}))
    assert isinstance(said, NotChecked)
    assert token in said.reason
