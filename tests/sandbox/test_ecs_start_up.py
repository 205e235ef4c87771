"""What stops a task before its containers run: each case breaks one thing behind a NAT gateway that works."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from sandbox.client import Sandbox
from sandbox.gallery import network as net
from sandbox.gallery.application import CLUSTER, PULL_AND_LOG, Application, deploy
from sandbox.gallery.network import Network
from sandbox.gallery.observe import stopped
from sandbox.gallery.workbench import Workbench

SECRET_ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:"
READ_ALL = (*PULL_AND_LOG, "secretsmanager:GetSecretValue", "ssm:GetParameters", "s3:GetObject")


@pytest.fixture(scope="module")
def bench(running_account: Sandbox) -> Workbench:
    running_account.reset(seed=1)
    return Workbench(running_account)


@pytest.fixture(scope="module")
def network(bench: Workbench) -> Network:
    network, _ = net.with_nat(bench, "shared")
    return network


@pytest.fixture
def app(network: Network, request: pytest.FixtureRequest) -> Application:
    return Application(f"case{abs(hash(request.node.name)) % 10**9}", network)


def secret(bench: Workbench, text: str, name: str, **settings: Any) -> str:
    made = bench.client("secretsmanager").create_secret(Name=name, SecretString=text, **settings)
    return str(made["ARN"])


def reading(app: Application, value_from: str, actions: tuple[str, ...] = READ_ALL) -> None:
    app.secrets, app.execution_actions = {"PASSWORD": value_from}, actions


def json_secret(bench: Workbench, app: Application) -> str:
    return secret(bench, json.dumps({"password": "example"}), app.name)


def parameter(bench: Workbench, app: Application, kind: str) -> str:
    bench.client("ssm").put_parameter(Name=f"/shop/{app.name}", Value="example", Type=kind)
    return f"/shop/{app.name}"


def env_file(bench: Workbench, app: Application, actions: tuple[str, ...], *, create: bool) -> None:
    bench.client("s3").create_bucket(Bucket=app.name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    if create:
        bench.client("s3").put_object(Bucket=app.name, Key="production.env", Body=b"MODE=production\n")
    app.container = {"environmentFiles": [{"type": "s3", "value": f"arn:aws:s3:::{app.name}/production.env"}]}
    app.execution_actions = actions


def without(action: str) -> list[str]:
    return [a for a in PULL_AND_LOG if a != action]


type Break = Callable[[Workbench, Application], object]

FAILURES: dict[str, tuple[Break, tuple[str, ...]]] = {
    "registry credentials denied": (
        lambda _, a: setattr(a, "execution_actions", without("ecr:GetAuthorizationToken")),
        ("ResourceInitializationError: unable to pull secrets or registry auth", "ecr:GetAuthorizationToken"),
    ),
    "pull denied": (
        lambda _, a: setattr(a, "execution_actions", without("ecr:BatchGetImage")),
        ("CannotPullContainerError: pull image manifest has been retried", "403 Forbidden"),
    ),
    "tag missing": (
        lambda _, a: setattr(a, "image_tag", "9.9.9"),
        ("CannotPullContainerError: pull image manifest has been retried", ":9.9.9: not found"),
    ),
    "secret denied": (
        lambda b, a: reading(a, json_secret(b, a), PULL_AND_LOG),
        ("unable to retrieve secret from asm", "AccessDeniedException", "secretsmanager:GetSecretValue"),
    ),
    "secret missing": (
        lambda _, a: reading(a, f"{SECRET_ARN}nowhere-AbCdEf"),
        ("unable to retrieve secret from asm", "ResourceNotFoundException: Secrets Manager can't find"),
    ),
    "secret lacks the key": (
        lambda b, a: reading(a, f"{json_secret(b, a)}:token::"),
        ("retrieved secret from Secrets Manager did not contain json key token",),
    ),
    "secret is not JSON": (
        lambda b, a: reading(a, f"{secret(b, 'hunter', a.name)}:password::"),
        ("invalid character 'h' looking for beginning of value",),
    ),
    "secret's own key denied": (
        lambda b, a: reading(a, secret(b, "example", a.name, KmsKeyId="arn:aws:kms:eu-west-1:123456789012:key/shop")),
        ("unable to retrieve secret from asm", "kms:Decrypt"),
    ),
    "parameter missing": (
        lambda _, a: reading(a, "/shop/nothing"),
        ("unable to retrieve secrets from ssm", "invalid parameters: /shop/nothing"),
    ),
    "parameter denied": (
        lambda _, a: reading(a, "/shop/nothing", PULL_AND_LOG),
        ("unable to retrieve secrets from ssm", "AccessDeniedException", "ssm:GetParameters"),
    ),
    "environment file denied": (
        lambda b, a: env_file(b, a, PULL_AND_LOG, create=True),
        ("failed to download env files", "StatusCode: 403"),
    ),
    "environment file missing": (
        lambda b, a: env_file(b, a, READ_ALL, create=False),
        # Without s3:ListBucket, S3 says 403 of an object that does not exist.
        ("failed to download env files", "StatusCode: 403"),
    ),
    "log stream denied": (
        lambda _, a: setattr(a, "execution_actions", without("logs:CreateLogStream")),
        ("failed to create Cloudwatch log stream: AccessDeniedException", "logs:CreateLogStream"),
    ),
    "log group missing": (
        lambda _, a: setattr(a, "create_log_group", False),
        ("failed to validate logger args", "The specified log group does not exist."),
    ),
}


@pytest.mark.parametrize("case", FAILURES)
def test_the_task_stops_with_aws_wording(bench, app, case):
    broken, phrases = FAILURES[case]
    broken(bench, app)
    service = deploy(bench, app)
    detail = stopped(bench, app.name)["detail"]
    assert detail["stopCode"] == "TaskFailedToStart"
    assert all(phrase in detail["stoppedReason"] for phrase in phrases), detail["stoppedReason"]
    assert service["runningCount"] == 0
    assert service["deployments"][0]["failedTasks"] == 1


SUCCESSES: dict[str, Break] = {
    "nothing special": lambda *_: None,
    "secret with its key": lambda b, a: reading(a, f"{json_secret(b, a)}:password::"),
    "secret by partial ARN": lambda b, a: reading(a, json_secret(b, a).rpartition("-")[0]),
    "environment file": lambda b, a: env_file(b, a, READ_ALL, create=True),
    "parameter": lambda b, a: reading(a, parameter(b, a, "String")),
    "parameter by ARN": lambda b, a: reading(
        a, f"arn:aws:ssm:eu-west-1:123456789012:parameter{parameter(b, a, 'SecureString')}"
    ),
    "a public registry": lambda _, a: setattr(a, "container", {"image": "nginx:1.29"}),
    "an image of another account": lambda _, a: setattr(
        a, "container", {"image": "111122223333.dkr.ecr.eu-west-1.amazonaws.com/base/app:1"}
    ),
}


@pytest.mark.parametrize("case", SUCCESSES)
def test_the_task_starts(bench, app, case):
    SUCCESSES[case](bench, app)
    assert deploy(bench, app)["runningCount"] == 1


def test_awslogs_creates_its_group_where_it_is_told_to_and_may(bench, network):
    for name, extra, running in (("auto1", ["logs:CreateLogGroup"], 1), ("auto2", [], 0)):
        app = Application(name, network, create_log_group=False, execution_actions=[*PULL_AND_LOG, *extra])
        options = {
            "awslogs-group": app.log_group,
            "awslogs-region": "eu-west-1",
            "awslogs-stream-prefix": name,
            "awslogs-create-group": "true",
        }
        app.container = {"logConfiguration": {"logDriver": "awslogs", "options": options}}
        assert deploy(bench, app)["runningCount"] == running
    assert (
        "failed to create Cloudwatch log group: AccessDeniedException"
        in (stopped(bench, "auto2")["detail"]["stoppedReason"])
    )
    groups = bench.client("logs").describe_log_groups(logGroupNamePrefix="/shop/auto")["logGroups"]
    assert [group["logGroupName"] for group in groups] == ["/shop/auto1"]


@pytest.mark.parametrize(("boundary", "because"), [
    ("Allow", "no permissions boundary allows the ecr:GetAuthorizationToken action"),
    ("Deny", "explicit deny in a permissions boundary"),
])  # fmt: skip
def test_a_permissions_boundary_counts(bench, network, boundary, because):
    name = f"bounded{boundary.lower()}"
    deploy(bench, Application(name, network))
    iam, ecs = bench.client("iam"), bench.client("ecs")
    actions = "s3:*" if boundary == "Allow" else "ecr:*"
    statements = [{"Effect": boundary, "Action": actions, "Resource": "*"}]
    if boundary == "Deny":
        statements.append({"Effect": "Allow", "Action": "*", "Resource": "*"})
    document = {"Version": "2012-10-17", "Statement": statements}
    made = iam.create_policy(PolicyName=name, PolicyDocument=json.dumps(document))["Policy"]["Arn"]
    iam.put_role_permissions_boundary(RoleName=f"{name}-execution", PermissionsBoundary=made)
    ecs.update_service(cluster=CLUSTER, service=name, forceNewDeployment=True)
    assert because in stopped(bench, name)["detail"]["stoppedReason"]


def test_an_endpoints_policy_answers_with_access_denied(bench):
    network = net.isolated(bench, "narrow")
    nobody = {"Version": "2012-10-17", "Statement": []}
    net.add_endpoints(bench, network, ["ecr.api"], PolicyDocument=json.dumps(nobody))
    deploy(bench, Application("narrow", network))
    reason = stopped(bench, "narrow")["detail"]["stoppedReason"]
    assert "no VPC endpoint policy allows the ecr:GetAuthorizationToken action" in reason
