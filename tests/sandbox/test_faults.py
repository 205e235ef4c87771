import time

import pytest
from botocore.config import Config
from botocore.exceptions import ConnectionClosedError, HTTPClientError, ReadTimeoutError
from botocore.parsers import ResponseParserError

from tests.sandbox.refusals import refusal

READS = [
    ("ecs", "list_clusters", {}, "ecs:ListClusters"),
    ("logs", "describe_log_groups", {}, "logs:DescribeLogGroups"),
    ("dynamodb", "list_tables", {}, "dynamodb:ListTables"),
    ("ecr", "describe_repositories", {}, "ecr:DescribeRepositories"),
    ("secretsmanager", "list_secrets", {}, "secretsmanager:ListSecrets"),
    ("ssm", "describe_parameters", {}, "ssm:DescribeParameters"),
    ("kms", "list_keys", {}, "kms:ListKeys"),
    ("cloudtrail", "describe_trails", {}, "cloudtrail:DescribeTrails"),
    ("ec2", "describe_vpcs", {}, "ec2:DescribeVpcs"),
    ("iam", "list_roles", {}, "iam:ListRoles"),
    ("sts", "get_caller_identity", {}, "sts:GetCallerIdentity"),
    ("elbv2", "describe_load_balancers", {}, "elasticloadbalancing:DescribeLoadBalancers"),
    ("efs", "describe_file_systems", {}, "elasticfilesystem:DescribeFileSystems"),
    ("lambda", "invoke", {"FunctionName": "shop"}, "lambda:InvokeFunction"),
    ("s3", "list_objects_v2", {"Bucket": "shop"}, "s3:ListBucket"),
    ("sqs", "list_queues", {}, "sqs:ListQueues"),
    ("application-autoscaling", "describe_scaling_policies", {"ServiceNamespace": "ecs"}, None),
]
DENIED = {
    "ec2": ("UnauthorizedOperation", 403),
    "iam": ("AccessDenied", 403),
    "sts": ("AccessDenied", 403),
    "elbv2": ("AccessDenied", 403),
    "s3": ("AccessDenied", 403),
    "sqs": ("AccessDenied", 403),
    "efs": ("AccessDeniedException", 403),
    "lambda": ("AccessDeniedException", 403),
}
THROTTLED = {
    "ec2": ("RequestLimitExceeded", 503),
    "iam": ("Throttling", 400),
    "sts": ("Throttling", 400),
    "elbv2": ("Throttling", 400),
    "s3": ("SlowDown", 503),
    "sqs": ("RequestThrottled", 403),
    "efs": ("ThrottlingException", 429),
    "lambda": ("TooManyRequestsException", 429),
}


@pytest.mark.parametrize(("service", "method", "arguments", "action"), READS)
def test_a_denial_has_the_service_s_own_form_and_names_the_action(account, service, method, arguments, action):
    account.fault(service, "*", "access_denied", times=1)
    denied = refusal(getattr(account.client(service), method), **arguments)
    assert denied[:2] == DENIED.get(service, ("AccessDeniedException", 400))
    if action:
        assert f"is not authorized to perform: {action}" in denied.message
        assert f"no identity-based policy allows the {action} action" in denied.message


@pytest.mark.parametrize(("service", "method", "arguments", "action"), READS)
def test_throttling_has_the_service_s_own_form(account, service, method, arguments, action):
    account.fault(service, "*", "throttled", times=1)
    throttled = refusal(getattr(account.client(service), method), **arguments)
    assert throttled[:2] == THROTTLED.get(service, ("ThrottlingException", 400))


@pytest.mark.parametrize(("service", "method", "arguments", "action"), READS)
def test_a_service_s_own_failure_is_a_5xx(account, service, method, arguments, action):
    account.fault(service, "*", "server_error", times=1)
    assert refusal(getattr(account.client(service), method), **arguments).status >= 500


@pytest.mark.parametrize(
    ("service", "method", "expired", "invalid"),
    [
        ("ecs", "list_clusters", "ExpiredTokenException", "UnrecognizedClientException"),
        ("ec2", "describe_vpcs", "RequestExpired", "AuthFailure"),
        ("sts", "get_caller_identity", "ExpiredToken", "InvalidClientTokenId"),
    ],
)
def test_credentials_that_are_no_good(account, service, method, expired, invalid):
    account.fault("*", "*", "expired_credentials", times=1)
    account.fault("*", "*", "invalid_credentials", times=1)
    call = getattr(account.client(service), method)
    assert refusal(call).code == expired
    assert refusal(call).code == invalid
    call()


def test_the_caller_and_the_resource_of_a_denial_can_be_named(account):
    role = "arn:aws:sts::123456789012:assumed-role/reader/session"
    account.fault("ecs", "ListClusters", "access_denied", principal=role, resource="arn:aws:ecs:eu-west-1:1:cluster/a")
    assert refusal(account.client("ecs").list_clusters).message == (
        f"User: {role} is not authorized to perform: ecs:ListClusters on resource: arn:aws:ecs:eu-west-1:1:cluster/a "
        "because no identity-based policy allows the ecs:ListClusters action"
    )


def test_a_fault_strikes_only_its_operation_and_only_so_often(account):
    account.fault("ec2", "DescribeVpcs", "throttled", times=2)
    ec2 = account.client("ec2")
    ec2.describe_subnets()
    assert [refusal(ec2.describe_vpcs).code for _ in range(2)] == ["RequestLimitExceeded"] * 2
    ec2.describe_vpcs()
    assert account.faults()[0]["hits"] == 2


def test_without_times_a_fault_lasts_until_it_is_removed(account):
    fault = account.fault("ec2", "*", "access_denied")
    ec2 = account.client("ec2")
    for _ in range(3):
        refusal(ec2.describe_vpcs)
    account.clear_faults(fault)
    ec2.describe_vpcs()


def test_a_denied_write_changes_nothing(account):
    account.fault("logs", "CreateLogGroup", "access_denied", times=1)
    logs = account.client("logs")
    refusal(logs.create_log_group, logGroupName="/ecs/shop")
    assert logs.describe_log_groups()["logGroups"] == []


def test_any_error_can_be_set(account):
    account.fault("ecs", "*", "error", code="ClusterNotFoundException", message="Cluster not found.", times=1)
    assert refusal(account.client("ecs").list_services) == ("ClusterNotFoundException", 400, "Cluster not found.")


def test_a_cut_off_answer_cannot_be_read(account):
    account.fault("ec2", "*", "truncated", times=1)
    with pytest.raises((ResponseParserError, HTTPClientError)):
        account.client("ec2").describe_vpcs()


def test_a_connection_can_be_closed_without_an_answer(account):
    account.fault("ecs", "*", "disconnect", times=1)
    with pytest.raises(ConnectionClosedError):
        account.client("ecs").list_clusters()
    assert account.calls("ecs")[0]["status"] is None


def test_a_delay_passes(account):
    account.fault("ecs", "*", "delay", seconds=0.5, times=1)
    start = time.monotonic()
    account.client("ecs").list_clusters()
    assert time.monotonic() - start >= 0.5


def test_a_time_out_lasts_longer_than_the_client_waits_and_ends_when_faults_are_cleared(account):
    account.fault("ecs", "*", "timeout", seconds=60)
    client = account.client("ecs", config=Config(read_timeout=1))
    with pytest.raises(ReadTimeoutError):
        client.list_clusters()
    start = time.monotonic()
    account.clear_faults()
    account.client("ecs").list_clusters()
    assert time.monotonic() - start < 10


def test_botocore_retries_what_it_should(account):
    """A throttled call that works again is invisible behind retries: the form on the wire is right."""
    account.fault("ecs", "ListClusters", "throttled", times=2)
    account.fault("ec2", "DescribeVpcs", "throttled", times=2)
    thrice = Config(retries={"total_max_attempts": 3, "mode": "standard"})
    for service, method in (("ecs", "list_clusters"), ("ec2", "describe_vpcs")):
        getattr(account.client(service, config=thrice), method)()
        assert [c["status"] != 200 for c in account.calls(service)] == [True, True, False]
