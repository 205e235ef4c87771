"""The repository of a push: missing, there by now, or not to be looked at; and tags that cannot be moved."""

from dataclasses import replace
from typing import Any

import pytest

from ecs_medic.facts import Absent, Facts, Unknown
from ecs_medic.facts.images import Repository, RepositoryId
from ecs_medic.finding import Confidence, Finding, NotChecked
from ecs_medic.incident import Incident, Kind, Message
from ecs_medic.rules.push.push_rejected import push_rejected
from ecs_medic.rules.push.push_repository_missing import push_repository_missing
from ecs_medic.vocabulary import Id
from tests.builders import (
    ACCOUNT,
    assert_not_checked,
    assert_quiet,
    assert_silent,
    exec_incident,
    facts,
    known,
    outcomes,
    the_finding,
)
from tests.rules.refused import NAMED, refused_push, there

DENIED = Unknown("ecr:DescribeRepositories", "denied", "ecr:DescribeRepositories")
SAID = f"The repository with name 'shop/orders' does not exist in the registry with id '{ACCOUNT}'"
IMMUTABLE = (
    "The image tag '1.4' already exists in the 'shop/orders' repository and cannot be overwritten because the "
    "repository is immutable."
)


def missing(**changes: Any) -> Incident:
    message = Message(Kind.ECR_PUSH, stopped_reason=SAID, error_code="RepositoryNotFoundException")
    return refused_push(symptom=Id.PUSH_REPOSITORY_MISSING, message=message, **changes)


def rejected(code: str = "ImageTagAlreadyExistsException", text: str = IMMUTABLE, **changes: Any) -> Incident:
    message = Message(Kind.ECR_PUSH, stopped_reason=text, error_code=code)
    call = {"tag": "1.4", "operation": "PutImage"}
    return refused_push(symptom=Id.PUSH_REJECTED, message=message, call=call, **changes)


def reading(repository: Repository) -> Facts:
    return facts(repositories={NAMED: repository})


def test_a_repository_that_is_not_there_is_confirmed_with_the_nearest_names():
    gone = Absent("ecr:DescribeRepositories", SAID)
    names = known(("shop/order", "shop/web", "tools"), "ecr:DescribeRepositories")
    finding = the_finding(push_repository_missing, missing(), reading(Repository(NAMED, gone, siblings=names)))
    assert finding.confidence is Confidence.CONFIRMED
    assert str(finding.params["closest"]).startswith("['shop/order',")
    assert finding.fix.cli[0] == "aws ecr create-repository --region eu-west-1 --repository-name shop/orders"
    assert "shop/order," in finding.fix.steps[0]


def test_one_that_is_there_by_now_is_no_more_than_likely():
    finding = the_finding(push_repository_missing, missing(), reading(there()))
    assert finding.confidence is Confidence.LIKELY
    assert "push again" in finding.summary


def test_one_that_is_there_is_ruled_out_for_another_symptom():
    assert_quiet(push_repository_missing, refused_push(), reading(there()))
    assert_quiet(push_repository_missing, replace(missing(), symptom=Id.UNKNOWN), reading(there()))


def test_one_that_could_not_be_read_is_not_checked():
    unread = reading(Repository(NAMED, DENIED))
    assert_not_checked(push_repository_missing, refused_push(), unread, "ecr:DescribeRepositories")
    said = outcomes(push_repository_missing, missing(), unread)
    assert [one.confidence for one in said if isinstance(one, Finding)] == [Confidence.LIKELY]


def test_another_accounts_registry_is_not_asked():
    other = RepositoryId("444455556666", NAMED.region, NAMED.name)
    said = outcomes(push_repository_missing, missing(call={"registry": other.account}), facts())
    assert any(isinstance(one, NotChecked) and "444455556666" in one.reason for one in said)


@pytest.mark.parametrize("rule", [push_repository_missing, push_rejected])
def test_other_incidents_are_none_of_their_business(rule):
    assert_silent(rule, exec_incident(), facts())


def test_a_tag_that_exists_in_an_immutable_repository_is_confirmed():
    finding = the_finding(push_rejected, rejected(), reading(there("IMMUTABLE")))
    assert finding.confidence is Confidence.CONFIRMED
    assert "1.4" in finding.summary
    assert "new" in finding.fix.summary


def test_tags_that_can_be_moved_by_now_rule_it_out():
    assert_quiet(push_rejected, rejected(), reading(there("MUTABLE")))


def test_mutability_that_could_not_be_read_leaves_awss_words():
    said = outcomes(push_rejected, rejected(), reading(Repository(NAMED, DENIED, tag_mutability=DENIED)))
    assert [one.confidence for one in said if isinstance(one, Finding)] == [Confidence.LIKELY]
    assert [one.missing_permission for one in said if isinstance(one, NotChecked)] == ["ecr:DescribeRepositories"]


def test_what_else_the_registry_refuses_stands_in_its_own_words():
    incident = rejected("LimitExceededException", "The repository has reached its maximum of 100000 images")
    finding = the_finding(push_rejected, incident, reading(there()))
    assert finding.confidence is Confidence.LIKELY
    assert "100000" in finding.evidence[0].observed
