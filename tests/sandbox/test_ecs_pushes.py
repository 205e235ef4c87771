"""Pushes of the embedded account: who may, what ECR refuses by itself, and what CloudTrail tells of it."""

import json
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from sandbox.client import CONFIG, REGION, Sandbox

TRUST = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}


def session(account: Sandbox, service: str, *actions: str) -> Any:
    """A client of a session whose role may do this much on everything."""
    iam = account.client("iam")
    trust = json.dumps({"Version": "2012-10-17", "Statement": [TRUST]})
    arn = iam.create_role(RoleName="ci", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_role_policy(RoleName="ci", PolicyName="own", PolicyDocument=document)
    given = account.client("sts").assume_role(RoleArn=arn, RoleSessionName="main")["Credentials"]
    own: Any = boto3.session.Session()
    return own.client(
        service,
        endpoint_url=account.aws_url,
        region_name=REGION,
        aws_access_key_id=given["AccessKeyId"],
        aws_secret_access_key=given["SecretAccessKey"],
        aws_session_token=given["SessionToken"],
        config=CONFIG,
    )


def refused(account: Sandbox, call: Any, **parameters: Any) -> dict[str, Any]:
    """The detail of the event of a call that is refused, in the same words as to its caller."""
    with pytest.raises(ClientError) as caught:
        call(**parameters)
    event = account.events()[-1]
    detail: dict[str, Any] = event["detail"]
    assert event["source"] == f"aws.{detail['eventSource'].split('.')[0]}"
    error = caught.value.response["Error"]
    assert (detail["errorCode"], detail["errorMessage"]) == (error["Code"], error["Message"])
    return detail


def test_a_refused_login_is_read_only_and_shows_no_parameters(account):
    detail = refused(account, session(account, "ecr", "ecr:PutImage").get_authorization_token)
    assert (detail["eventName"], detail["readOnly"], detail["requestParameters"]) == (
        "GetAuthorizationToken",
        True,
        None,
    )
    assert "ecr:GetAuthorizationToken on resource: *" in detail["errorMessage"]


def test_a_tag_of_an_immutable_repository_is_not_moved(account):
    ecr = session(account, "ecr", "ecr:PutImage")
    account.client("ecr").create_repository(repositoryName="orders", imageTagMutability="IMMUTABLE")
    media_type = "application/vnd.oci.image.manifest.v1+json"
    manifest = json.dumps(
        {"schemaVersion": 2, "mediaType": media_type, "config": {"digest": f"sha256:{'1' * 64}"}, "layers": []}
    )
    ecr.put_image(repositoryName="orders", imageTag="1.4", imageManifest=manifest)
    detail = refused(account, ecr.put_image, repositoryName="orders", imageTag="1.4", imageManifest=manifest + " ")
    assert detail["errorCode"] == "ImageTagAlreadyExistsException"
    assert detail["requestParameters"] == {"repositoryName": "orders", "imageTag": "1.4"}


def test_tasks_are_run_and_stopped_only_by_whom_a_policy_allows(account):
    account.client("ecs").create_cluster(clusterName="shop")
    ecs = session(account, "ecs", "ecs:StopTask")
    run = refused(account, ecs.run_task, cluster="shop", taskDefinition="orders:1")
    assert "ecs:RunTask on resource: arn:aws:ecs:eu-west-1:123456789012:task-definition/orders:1" in run["errorMessage"]
    stop = refused(account, ecs.stop_task, cluster="shop", task="0" * 32)
    assert stop["errorCode"] != "AccessDeniedException"
