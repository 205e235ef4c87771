"""Telling AWS's errors apart."""

import pytest
from botocore import exceptions
from botocore.exceptions import ClientError

from ecs_medic.aws.errors import AwsUnavailable, from_botocore_error, from_client_error
from ecs_medic.facts.fact import Absent, Unknown


def error(code: str, message: str = "", status: int = 400) -> ClientError:
    response = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(response, "Operation")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("service", "operation", "code", "permission"),
    [
        ("ecs", "DescribeTasks", "AccessDeniedException", "ecs:DescribeTasks"),
        ("iam", "GetRole", "AccessDenied", "iam:GetRole"),
        ("ec2", "DescribeVpcs", "UnauthorizedOperation", "ec2:DescribeVpcs"),
        ("ec2", "DescribeVpcs", "Client.UnauthorizedOperation", "ec2:DescribeVpcs"),
        ("sns", "Publish", "AuthorizationError", "sns:Publish"),
        ("s3", "HeadObject", "403", "s3:GetObject"),
        ("elbv2", "DescribeTargetHealth", "AccessDenied", "elasticloadbalancing:DescribeTargetHealth"),
        ("efs", "DescribeMountTargets", "AccessDeniedException", "elasticfilesystem:DescribeMountTargets"),
    ],
)
def test_denials_name_the_permission(service, operation, code, permission):
    fact = from_client_error(service, operation, error(code))
    assert isinstance(fact, Unknown)
    assert fact.source == f"{service}:{operation}"
    assert fact.missing_permission == permission


def test_a_denial_that_names_its_action_is_believed():
    words = (
        "User: arn:aws:sts::123456789012:assumed-role/reader/x is not authorized to perform: "
        "kms:Decrypt on resource: * because no identity-based policy allows the kms:Decrypt action"
    )
    fact = from_client_error("secretsmanager", "DescribeSecret", error("AccessDeniedException", words))
    assert isinstance(fact, Unknown)
    assert fact.missing_permission == "kms:Decrypt"


def test_the_encoded_message_is_left_out_and_long_words_are_cut():
    words = "You are not authorized. Encoded authorization failure message: " + "x" * 2000
    fact = from_client_error("ec2", "DescribeVpcs", error("UnauthorizedOperation", words))
    assert isinstance(fact, Unknown)
    assert "xxx" not in fact.reason
    fact = from_client_error("ec2", "DescribeVpcs", error("Odd", "y" * 2000))
    assert isinstance(fact, Unknown)
    assert len(fact.reason) <= 300


@pytest.mark.parametrize(
    ("service", "operation", "code", "message"),
    [
        ("ecs", "DescribeTasks", "ClusterNotFoundException", "Cluster not found."),
        ("ecs", "ListTasks", "ServiceNotFoundException", "Service not found."),
        ("ecs", "DescribeTaskDefinition", "ClientException", "Unable to describe task definition."),
        ("iam", "SimulatePrincipalPolicy", "NoSuchEntity", ""),
        ("ec2", "DescribeVpcs", "InvalidVpcID.NotFound", ""),
        ("ec2", "DescribeNetworkInterfaces", "InvalidNetworkInterfaceID.NotFound", ""),
        ("ec2", "DescribeNatGateways", "NatGatewayNotFound", ""),
        ("logs", "DescribeLogStreams", "ResourceNotFoundException", ""),
        ("ecr", "GetRepositoryPolicy", "RepositoryPolicyNotFoundException", ""),
        ("secretsmanager", "DescribeSecret", "ResourceNotFoundException", ""),
        ("s3", "GetBucketEncryption", "ServerSideEncryptionConfigurationNotFoundError", ""),
    ],
)
def test_each_services_own_word_for_not_there_is_an_absence(service, operation, code, message):
    assert isinstance(from_client_error(service, operation, error(code, message)), Absent)


@pytest.mark.parametrize(
    ("service", "operation", "code", "message"),
    [
        ("ecs", "DescribeTasks", "ClientException", "Unable to describe task definition."),
        ("ecs", "DescribeTaskDefinition", "ClientException", "Tagging is not authorized"),
        ("iam", "GetRole", "ResourceNotFoundException", ""),
        ("ecs", "DescribeTasks", "ThrottlingException", "Rate exceeded"),
        ("ec2", "DescribeVpcs", "RequestLimitExceeded", ""),
        ("iam", "GetRole", "Throttling", "Rate exceeded"),
        ("ec2", "DescribeVpcs", "InternalError", ""),
        ("ec2", "DescribeVpcs", "", ""),
        ("ecs", "DescribeTasks", "404", ""),
        ("s3", "GetBucketEncryption", "404", "Not Found"),
    ],
)
def test_everything_else_is_unknown_and_blames_no_permission(service, operation, code, message):
    fact = from_client_error(service, operation, error(code, message))
    assert isinstance(fact, Unknown)
    assert fact.missing_permission is None


@pytest.mark.parametrize(
    "code",
    [
        "ExpiredToken",
        "ExpiredTokenException",
        "RequestExpired",
        "InvalidClientTokenId",
        "UnrecognizedClientException",
        "InvalidSignatureException",
        "SignatureDoesNotMatch",
        "AuthFailure",
        "InvalidAccessKeyId",
    ],
)
def test_refused_credentials_end_everything_at_home_but_not_in_a_region_never_opted_into(code):
    with pytest.raises(AwsUnavailable):
        from_client_error("ecs", "DescribeTasks", error(code))
    assert isinstance(from_client_error("logs", "DescribeLogGroups", error(code), at_home=False), Unknown)


@pytest.mark.parametrize(
    "failure",
    [
        exceptions.NoCredentialsError(),
        exceptions.PartialCredentialsError(provider="env", cred_var="AWS_SECRET_ACCESS_KEY"),
        exceptions.CredentialRetrievalError(provider="sso", error_msg="expired"),
        exceptions.UnauthorizedSSOTokenError(),
        exceptions.ProfileNotFound(profile="nobody"),
        exceptions.ConfigParseError(path="config"),
    ],
)
def test_no_credentials_end_everything(failure):
    with pytest.raises(AwsUnavailable):
        from_botocore_error("ecs", "DescribeTasks", failure)


@pytest.mark.parametrize(
    "failure",
    [
        exceptions.EndpointConnectionError(endpoint_url="https://ecs"),
        exceptions.ConnectTimeoutError(endpoint_url="https://ecs"),
        exceptions.ReadTimeoutError(endpoint_url="https://ecs"),
        exceptions.ConnectionClosedError(endpoint_url="https://ecs"),
        exceptions.ParamValidationError(report="bad"),
        exceptions.IncompleteReadError(actual_bytes=1, expected_bytes=2),
    ],
)
def test_one_call_that_fails_is_one_unknown_fact(failure):
    fact = from_botocore_error("ecs", "DescribeTasks", failure)
    assert isinstance(fact, Unknown)
    assert fact.missing_permission is None
