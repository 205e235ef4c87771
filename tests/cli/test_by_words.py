"""`explain` gives the corrected command line: with what the message names, and for the registry that it names."""

import json

import pytest

from ecs_medic.cli.by_words import fix_by_words, fix_in_one_line
from ecs_medic.finding import Fix
from ecs_medic.incident import Message
from ecs_medic.symptoms.guess_kind import guess_kind
from ecs_medic.symptoms.recognise import recognise
from ecs_medic.vocabulary import Id
from tests.rules.refused import statements

HOST = "123456789012.dkr.ecr.eu-west-1.amazonaws.com"
REPOSITORY = "arn:aws:ecr:eu-west-1:123456789012:repository/shop/orders"
LOGIN = f"aws ecr get-login-password --region eu-west-1 | docker login --username AWS --password-stdin {HOST}"


def fixed(text: str) -> tuple[Id, Fix]:
    message = Message(kind=guess_kind(text), stopped_reason=text)
    symptom = recognise(message).symptom
    return symptom, fix_by_words(message, symptom)


def test_without_a_login_the_command_names_account_region_and_repository():
    symptom, fix = fixed(
        f"The push refers to repository [{HOST}/shop/orders]\n5f70: Preparing\nno basic auth credentials"
    )
    assert symptom is Id.PUSH_NOT_AUTHENTICATED
    assert fix.cli == (LOGIN, f"docker push {HOST}/shop/orders:<TAG>")
    assert "sudo" in fix.summary
    assert LOGIN in fix_in_one_line(fix, symptom)


def test_after_sudo_docker_push_both_commands_take_sudo():
    _, fix = fixed(f"$ sudo docker push {HOST}/shop/orders:1.4\nno basic auth credentials")
    assert fix.cli == (LOGIN.replace("| docker", "| sudo docker"), f"sudo docker push {HOST}/shop/orders:1.4")
    assert "root" in fix.summary


def test_what_the_message_does_not_name_stays_a_visible_placeholder():
    symptom, fix = fixed("denied: Your authorization token has expired. Reauthenticate and try again.")
    assert symptom is Id.PUSH_TOKEN_EXPIRED
    assert "--region <REGION>" in fix.cli[0]
    assert "<REGISTRY_ID>.dkr.ecr.<REGION>" in fix.cli[0]


def test_expired_credentials_of_aws_are_told_from_an_expired_login():
    text = "An error occurred (ExpiredTokenException) when calling the GetAuthorizationToken operation: The security "
    symptom, fix = fixed(f"{text}token included in the request is expired")
    assert symptom is Id.PUSH_TOKEN_EXPIRED
    assert "aws sso login" in fix.summary


def test_a_missing_repository_is_created_by_its_name():
    text = "name unknown: The repository with name 'shop/orders' does not exist in the registry with id '123456789012'"
    symptom, fix = fixed(text)
    assert symptom is Id.PUSH_REPOSITORY_MISSING
    assert fix.cli == ("aws ecr create-repository --region <REGION> --repository-name shop/orders",)
    _, whole = fixed(f"The push refers to repository [{HOST}/shop/orders]\n{text}")
    assert whole.cli == ("aws ecr create-repository --region eu-west-1 --repository-name shop/orders",)


def test_a_denied_push_gets_the_least_policy_for_exactly_that_repository():
    symptom, fix = fixed(
        "denied: User: arn:aws:iam::123456789012:user/ann is not authorized to perform: ecr:InitiateLayerUpload on "
        f"resource: {REPOSITORY} because no identity-based policy allows the ecr:InitiateLayerUpload action"
    )
    assert symptom is Id.PUSH_DENIED
    token, push = statements(fix)
    assert (token["Action"], token["Resource"]) == (["ecr:GetAuthorizationToken"], "*")
    assert push["Resource"] == REPOSITORY
    assert "ecr:*" not in json.dumps(fix.policy)


@pytest.mark.parametrize(
    "because",
    ["with an explicit deny in a service control policy", "because no permissions boundary allows the x:Y action"],
)
def test_where_somebody_above_denies_no_policy_is_offered(because):
    said = "User: a is not authorized to perform: {} on resource: {} " + because
    for action, resource in (
        ("ecr:PutImage", REPOSITORY),
        ("ecs:UpdateService", "arn:aws:ecs:eu-west-1:1:service/a/b"),
    ):
        _, fix = fixed(said.format(action, resource))
        assert fix.policy is None
        assert "no policy of the caller's own can help" in fix.summary


def test_immutable_tags_ask_for_a_new_tag():
    symptom, fix = fixed(
        f"The push refers to repository [{HOST}/shop/orders]\ntag invalid: The image tag '1.4' already exists in the "
        "'shop/orders' repository and cannot be overwritten because the repository is immutable."
    )
    assert symptom is Id.PUSH_REJECTED
    assert "immutable" in fix.summary
    assert fix.cli[-1] == f"docker push {HOST}/shop/orders:<NEW_TAG>"


def test_the_public_registry_and_chinas_have_their_own_commands():
    _, public = fixed("The push refers to repository [public.ecr.aws/shop/orders]\nno basic auth credentials")
    assert public.cli[0] == (
        "aws ecr-public get-login-password --region us-east-1 | docker login --username AWS --password-stdin "
        "public.ecr.aws"
    )
    host = "123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn"
    _, china = fixed(f"The push refers to repository [{host}/orders]\nno basic auth credentials")
    assert china.cli[0].endswith(f" {host}")
    assert china.cli[1] == f"docker push {host}/orders:<TAG>"


def test_a_refused_call_of_ecs_gets_its_own_action_and_never_the_managed_policy():
    said = "User: arn:aws:iam::123456789012:user/ann is not authorized to perform: {} on resource: {}"
    symptom, fix = fixed(said.format("iam:PassRole", "arn:aws:iam::123456789012:role/orders-task"))
    assert symptom is Id.CALLER_DENIED
    assert fix.policy == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": ["iam:PassRole"],
                "Resource": "arn:aws:iam::123456789012:role/orders-task",
                "Condition": {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
            }
        ],
    }


def test_other_messages_keep_the_catalogues_fix_in_one_line():
    symptom, fix = fixed("CannotPullContainerError: pull image manifest has been retried 1 time(s): manifest unknown")
    assert fix_in_one_line(fix, symptom) == fix.summary
