"""Calls of ECS and ECR that AWS refused, read from CloudTrail's events."""

from typing import Any

import pytest

from ecs_medic.events.bad_event import BadEventError
from ecs_medic.events.parse import parse
from ecs_medic.events.push_call import PUSH_CALLS
from ecs_medic.incident import Incident, Kind, SymptomConfidence
from ecs_medic.vocabulary import Id
from tests.events.samples import ACCOUNT, REGION, envelope

BUILDS = f"arn:aws:iam::{ACCOUNT}:role/ci/builds"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/builds/main-217"
ECS = f"arn:aws:ecs:{REGION}:{ACCOUNT}"
REPOSITORY = f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/shop/orders"
SERVICE = f"{ECS}:service/shop/orders"


def denied(action: str, on: str, by: str = SESSION) -> str:
    nobody = f"because no identity-based policy allows the {action} action"
    return f"User: {by} is not authorized to perform: {action} on resource: {on} {nobody}"


def call(source: str, name: str, **changes: Any) -> dict[str, Any]:
    detail: dict[str, Any] = {
        "eventSource": f"{source}.amazonaws.com",
        "eventName": name,
        "eventID": "22222222-2222-2222-2222-222222222222",
        "userAgent": "docker/28.3.2" if source == "ecr" else "aws-cli/2.31.0",
        "userIdentity": {
            "type": "AssumedRole",
            "arn": SESSION,
            "sessionContext": {"sessionIssuer": {"arn": BUILDS}},
        },
        "errorCode": "AccessDenied",
        "requestParameters": None,
        **changes,
    }
    event = envelope("AWS API Call via CloudTrail", {k: v for k, v in detail.items() if v is not ...}, resources=[])
    return {**event, "source": f"aws.{source}"}


def push(name: str = "InitiateLayerUpload", *, on: str = REPOSITORY, **changes: Any) -> Incident:
    return parse(call("ecr", name, **{"errorMessage": denied(f"ecr:{name}", on), **changes}))


def update(name: str = "UpdateService", *, action: str | None = None, on: str = SERVICE, **changes: Any) -> Incident:
    return parse(call("ecs", name, **{"errorMessage": denied(action or f"ecs:{name}", on), **changes}))


@pytest.mark.parametrize("name", PUSH_CALLS[1:])
def test_every_refused_call_of_a_push_names_its_repository_by_awss_words(name):
    incident = push(name)
    refused = incident.refused_call
    assert refused is not None
    assert (incident.kind, incident.symptom) == (Kind.ECR_PUSH, Id.PUSH_DENIED)
    assert incident.symptom_confidence is SymptomConfidence.CERTAIN
    assert (refused.registry, refused.repository, refused.action) == (ACCOUNT, "shop/orders", f"ecr:{name}")
    assert (refused.principal_arn, refused.about) == (BUILDS, "shop/orders")
    assert (incident.cluster, incident.service, incident.subject) == ("", None, "shop/orders")


def test_a_refused_login_has_no_repository():
    incident = push("GetAuthorizationToken", on="*")
    assert incident.symptom is Id.PUSH_DENIED
    assert incident.refused_call
    assert incident.refused_call.repository is None
    assert incident.subject == "GetAuthorizationToken"


def test_the_requests_own_parameters_come_before_the_words():
    asked = {"registryId": "444455556666", "repositoryName": "shop/web", "imageTag": "1.4"}
    refused = push("PutImage", requestParameters=asked).refused_call
    assert refused
    assert (refused.registry, refused.repository, refused.tag) == ("444455556666", "shop/web", "1.4")


@pytest.mark.parametrize(
    ("code", "message", "symptom"),
    [
        (
            "RepositoryNotFoundException",
            f"The repository with name 'shop/ordres' does not exist in the registry with id '{ACCOUNT}'",
            Id.PUSH_REPOSITORY_MISSING,
        ),
        (
            "ImageTagAlreadyExistsException",
            (
                "The image tag '1.4' already exists in the 'shop/orders' repository and cannot be overwritten because "
                "the repository is immutable."
            ),
            Id.PUSH_REJECTED,
        ),
        ("LimitExceededException", "Maximum number of images exceeded", Id.PUSH_REJECTED),
        ("SomethingNewException", "No words that anybody knows.", Id.PUSH_REJECTED),
        ("AccessDeniedException", ..., Id.PUSH_DENIED),
    ],
)
def test_what_ecr_itself_refuses_is_told_apart(code, message, symptom):
    assert push("PutImage", errorCode=code, errorMessage=message).symptom is symptom


@pytest.mark.parametrize(
    "changes",
    [
        {"errorCode": ..., "errorMessage": ...},
        {"errorCode": "ImageAlreadyExistsException", "errorMessage": "Image with digest 'sha256:1' already exists"},
        {"errorCode": "LayerAlreadyExistsException", "errorMessage": "The image layer already exists"},
        {"errorCode": "ThrottlingException", "errorMessage": "Rate exceeded"},
        {"userAgent": "Amazon ECS Agent - v1.100.0 (0123456) (+http://aws.amazon.com/ecs/)"},
        {"userIdentity": {"arn": SESSION, "invokedBy": "ecs-tasks.amazonaws.com"}},
    ],
    ids=["accepted", "image there already", "layer there already", "throttled", "agent", "task"],
)
def test_a_push_that_went_well_and_a_pull_are_normal_operation(changes):
    assert push("PutImage", **changes).symptom is Id.NORMAL_OPERATION


def test_other_calls_of_ecr_are_none_of_ours():
    with pytest.raises(BadEventError, match=r"^detail\.eventName: expected one of GetAuthorizationToken, .*'Batch"):
        parse(call("ecr", "BatchGetImage", errorMessage="x"))


def test_the_calls_of_one_push_are_one_incident_and_those_of_others_are_not():
    first, later = push("InitiateLayerUpload"), push("PutImage")
    other_repository = push(on=REPOSITORY.replace("orders", "web"))
    other_role = push(userIdentity={"arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/release/x"})
    other_session = push(userIdentity={"arn": f"{SESSION}8", "sessionContext": {"sessionIssuer": {"arn": BUILDS}}})
    assert first.id == later.id == other_session.id
    assert len({first.id, other_repository.id, other_role.id}) == 3


def test_a_refused_update_names_cluster_and_service():
    incident = update()
    refused = incident.refused_call
    assert refused is not None
    assert (incident.kind, incident.symptom) == (Kind.API_CALL, Id.CALLER_DENIED)
    assert (incident.cluster, incident.service) == ("shop", "orders")
    assert (refused.action, refused.principal_arn, incident.caller_arn) == ("ecs:UpdateService", BUILDS, SESSION)
    assert refused.context == {"ecs:cluster": f"{ECS}:cluster/shop"}


@pytest.mark.parametrize(
    ("name", "action", "on", "cluster", "service", "family"),
    [
        ("RunTask", "ecs:RunTask", f"{ECS}:task-definition/orders:7", "", None, "orders"),
        ("RegisterTaskDefinition", "ecs:RegisterTaskDefinition", "*", "", None, None),
        ("RegisterTaskDefinition", "iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/orders-task", "", None, None),
        ("StopTask", "ecs:StopTask", f"{ECS}:task/shop/{'0' * 32}", "shop", None, None),
        ("CreateService", "ecs:CreateService", f"{ECS}:service/shop/orders", "shop", "orders", None),
        ("RunTask", "ecs:TagResource", f"{ECS}:task/shop/*", "shop", None, None),
        ("ListTasks", "ecs:ListTasks", f"{ECS}:container-instance/shop/*", "shop", None, None),
        ("DeleteService", "ecs:DeleteService", f"{ECS}:service/orders", "", "orders", None),
    ],
)
def test_what_a_refused_call_was_for_is_read_from_the_words(  # noqa: PLR0917 - what is refused, and what is read
    name, action, on, cluster, service, family
):
    incident = update(name, action=action, on=on)
    assert incident.symptom is Id.CALLER_DENIED
    assert (incident.cluster, incident.service, incident.family) == (cluster, service, family)


def test_condition_keys_are_taken_from_the_request_where_it_is_shown():
    asked = {
        "cluster": CLUSTER,
        "serviceName": "orders",
        "taskDefinition": "orders:7",
        "enableExecuteCommand": True,
        "tags": [{"key": "team", "value": "shop"}, {"key": 1}, "x"],
    }
    incident = update("CreateService", requestParameters=asked)
    assert incident.task_definition == "orders:7"
    assert incident.refused_call
    assert incident.refused_call.context == {
        "ecs:cluster": CLUSTER,
        "ecs:enable-execute-command": "true",
        "aws:RequestTag/team": "shop",
    }


CLUSTER = f"{ECS}:cluster/shop"


@pytest.mark.parametrize(
    "changes",
    [
        {"errorCode": ..., "errorMessage": ...},
        {"errorCode": "ServiceNotFoundException", "errorMessage": "Service not found."},
        {"errorCode": "InvalidParameterException", "errorMessage": "Creation of service was not idempotent."},
    ],
)
def test_a_call_that_nobody_forbade_is_its_callers_own_affair(changes):
    assert update(**changes).symptom is Id.NORMAL_OPERATION


def test_a_refusal_without_words_is_likely():
    incident = update(errorMessage=...)
    assert (incident.symptom, incident.symptom_confidence) == (Id.CALLER_DENIED, SymptomConfidence.LIKELY)


def test_two_callers_and_two_calls_are_two_matters():
    ids = {
        update().id,
        update("DeleteService").id,
        update(userIdentity={"arn": f"arn:aws:iam::{ACCOUNT}:user/ann"}).id,
    }
    assert len(ids) == 3
    nobody = update(userIdentity=None, errorMessage="not authorized to perform: ecs:UpdateService").refused_call
    assert nobody is not None
    assert nobody.principal_arn is None


def test_a_caller_of_another_account_is_named_by_awss_words_alone():
    stranger = "arn:aws:sts::444455556666:assumed-role/builds/x"
    said = denied("ecr:PutImage", REPOSITORY, by=stranger)
    refused = push("PutImage", errorMessage=said, userIdentity={"type": "AWSAccount", "accountId": "444455556666"})
    assert refused.caller_arn == stranger
    assert refused.refused_call
    assert refused.refused_call.principal_arn == "arn:aws:iam::444455556666:role/builds"


@pytest.mark.parametrize("name", ["requestParameters", "userIdentity", "errorMessage"])
def test_a_field_of_another_type_is_named(name):
    with pytest.raises(BadEventError, match=rf"^detail\.{name}"):
        parse(call("ecs", "UpdateService", **{name: ["x"]}))
