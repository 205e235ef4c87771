"""What is read of a refused call: its caller, and the repository of a push; nothing that runs."""

from ecs_medic.collect.question import Answers
from ecs_medic.collect.refused_call import questions, repositories_from
from ecs_medic.facts import Absent, Known
from ecs_medic.vocabulary import Id
from tests.builders import ACCOUNT, REGION, SERVICE_ARN, TASK_ROLE, facts
from tests.rules.refused import CALLER, NAMED, REPOSITORY, refused_call, refused_push

DESCRIBED = ("push_repository", ACCOUNT, REGION, "shop/orders")
TOKEN = ("more_simulation", CALLER, "ecr:GetAuthorizationToken")
PUSH = ("more_simulation", CALLER, "ecr:BatchCheckLayerAvailability")


def test_the_login_is_simulated_by_itself_and_the_push_on_its_repository():
    asked = questions(refused_push(), facts(), {})
    assert asked[TOKEN].params["ResourceArns"] == ["*"]
    assert asked[PUSH].params["ResourceArns"] == [REPOSITORY]
    assert len(asked[PUSH].params["ActionNames"]) == 5
    assert {key[0] for key in asked} == {"push_repository", "resource_policy", "more_simulation", "attached", "inline"}


def test_nothing_is_simulated_where_ecr_itself_refused():
    assert set(questions(refused_push(symptom=Id.PUSH_REPOSITORY_MISSING), facts(), {})) == {DESCRIBED}


def test_the_registrys_other_names_are_asked_for_once_the_repository_is_missing():
    missing = refused_push(symptom=Id.PUSH_REPOSITORY_MISSING)
    gone = Absent("ecr:DescribeRepositories", "no such repository")
    answers: Answers = {DESCRIBED: gone}
    assert ("repositories", ACCOUNT, REGION) in questions(missing, facts(), answers)
    listed = Known({"repositories": [{"repositoryName": "shop/order"}]}, "ecr:DescribeRepositories")
    found = repositories_from(missing, {**answers, ("repositories", ACCOUNT, REGION): listed})
    assert found[NAMED].found is gone
    assert found[NAMED].siblings == Known(("shop/order",), "ecr:DescribeRepositories")


def test_another_accounts_registry_and_another_accounts_caller_are_not_asked_about():
    theirs = questions(refused_push(call={"registry": "444455556666"}), facts(), {})
    assert not {key for key in theirs if key[0] in {"push_repository", "resource_policy"}}
    stranger = {"issuer_arn": "arn:aws:iam::444455556666:role/builds"}
    asked = questions(refused_push(call=stranger), facts(), {})
    assert {key[0] for key in asked} == {"push_repository", "resource_policy"}


def test_a_users_policies_are_left_to_the_simulation():
    ann = f"arn:aws:iam::{ACCOUNT}:user/ann"
    asked = questions(refused_push(call={"caller_arn": ann, "issuer_arn": None}), facts(), {})
    assert {key[0] for key in asked} == {"push_repository", "resource_policy", "more_simulation"}


def test_of_a_refused_update_the_service_is_read_for_its_tags():
    about = refused_call("UpdateService", "ecs:UpdateService", SERVICE_ARN, service="orders", cluster="shop")
    asked = questions(about, facts(), {})
    assert asked["service",].params["services"] == ["orders"]
    assert asked["more_simulation", CALLER, "ecs:UpdateService"].params["ResourceArns"] == [SERVICE_ARN]


def test_the_service_that_a_role_would_be_handed_on_to_is_part_of_the_simulation():
    asked = questions(refused_call("RegisterTaskDefinition", "iam:PassRole", TASK_ROLE), facts(), {})
    (entry,) = asked["more_simulation", CALLER, "iam:PassRole"].params["ContextEntries"]
    assert entry["ContextKeyName"] == "iam:PassedToService"
    assert asked["role", TASK_ROLE].operation == "GetRole"


def test_nobody_is_asked_about_who_is_neither_user_nor_role():
    root = {"caller_arn": f"arn:aws:iam::{ACCOUNT}:root", "issuer_arn": None}
    about = refused_call("UpdateService", "ecs:UpdateService", SERVICE_ARN, call=root)
    assert questions(about, facts(), {}) == {}
