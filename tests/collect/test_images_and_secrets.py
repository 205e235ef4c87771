"""What is fetched for a task before it starts, over the wire: each failure is built, read and judged."""

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest

from ecs_medic.aws.reader import Reader
from ecs_medic.collect import collect
from ecs_medic.diagnosis import diagnose
from ecs_medic.events.parse import parse
from ecs_medic.facts import Absent, Known, Unknown
from ecs_medic.facts.images import RepositoryId
from ecs_medic.report.model import Report
from sandbox.client import REGION, Sandbox
from sandbox.ecs import wording
from sandbox.gallery import fetched
from sandbox.gallery import network as net
from sandbox.gallery.application import ACCOUNT, PULL_AND_LOG, Application, deploy
from sandbox.gallery.observe import stopped
from sandbox.gallery.scenario import Builder
from sandbox.gallery.workbench import Workbench

OWNER = "444455556666"
NOW = datetime(2026, 7, 1, tzinfo=UTC)
MOST_CALLS, MOST_WAVES = 20, 3


class CountingReader(Reader):
    """Counts the waves that were not empty."""

    waves = 0

    def together(self, calls: Any) -> Any:
        self.waves += bool(calls)
        return super().together(calls)


def diagnosed(event: Any) -> tuple[Report, CountingReader]:
    reader = CountingReader(REGION, account=ACCOUNT)
    return diagnose(parse(event), reader, datetime.now(UTC)), reader


@pytest.mark.parametrize("builder", fetched.BUILDERS, ids=lambda builder: builder.__name__)
def test_the_cause_is_confirmed_within_the_budget(account: Sandbox, builder: Builder):
    scenario = builder(Workbench(account))
    report, reader = diagnosed(scenario.event)
    assert (report.verdict.cause, report.verdict.confidence) == (scenario.cause, "confirmed")
    assert {name: report.verdict.params.get(name) for name in scenario.params} == dict(scenario.params)
    assert len(reader.calls) <= MOST_CALLS, reader.calls
    assert len(set(map(repr, reader.trace))) == len(reader.trace)
    # Who changed it is asked once the verdict is there.
    assert reader.waves - ("cloudtrail:LookupEvents" in reader.calls) <= MOST_WAVES
    assert not {call for call in reader.calls if call.endswith(("GetSecretValue", "GetParameters", "GetObject"))}


@pytest.mark.parametrize(
    ("builder", "operation", "service"),
    [
        (fetched.image_tag_missing, "BatchGetImage", "ecr"),
        (fetched.image_platform_mismatch, "BatchGetImage", "ecr"),
        (fetched.secret_without_value, "DescribeSecret", "secretsmanager"),
        (fetched.parameter_missing, "DescribeParameters", "ssm"),
        (fetched.environment_file_missing, "ListObjectsV2", "s3"),
        (fetched.secret_key_denied, "DescribeSecret", "secretsmanager"),
    ],
)
def test_a_read_that_is_denied_is_no_absence(account: Sandbox, builder: Builder, operation: str, service: str):
    scenario = builder(Workbench(account))
    account.fault(service=service, operation=operation, kind="access_denied")
    report, _ = diagnosed(scenario.event)
    assert "confirmed" not in {finding.confidence for finding in report.findings if finding.cause == scenario.cause}
    assert f"{service}:" in " ".join(gap.missing_permission or "" for gap in report.not_checked)


def in_the_other_account(bench: Workbench) -> Any:
    """A client of Amazon ECR in the account that owns the shared repository."""
    role = f"arn:aws:iam::{OWNER}:role/owner"
    given = bench.client("sts").assume_role(RoleArn=role, RoleSessionName="owner")["Credentials"]
    return boto3.client(
        "ecr",
        region_name=REGION,
        aws_access_key_id=given["AccessKeyId"],
        aws_secret_access_key=given["SecretAccessKey"],
        aws_session_token=given["SessionToken"],
        endpoint_url=bench.sandbox.environment["AWS_ENDPOINT_URL"],
    )


def shared_image(bench: Workbench, name: str) -> Any:
    """An application that pulls from the other account, where its repository already is."""
    owner = in_the_other_account(bench)
    owner.create_repository(repositoryName="shared/base")
    network, _ = net.with_nat(bench, name)
    image = f"{OWNER}.dkr.ecr.{REGION}.amazonaws.com/shared/base:1"
    deploy(bench, Application(name, network, container={"image": image}))
    return owner


def test_another_accounts_repository_that_admits_nobody(account: Sandbox):
    bench = Workbench(account)
    shared_image(bench, "reports")
    report, reader = diagnosed(stopped(bench, "reports"))
    assert (report.verdict.cause, report.verdict.confidence) == ("ecr_repository_policy_denies", "likely")
    assert report.verdict.params["registry_id"] == OWNER
    assert "ecr:GetRepositoryPolicy" in {gap.missing_permission for gap in report.not_checked}
    assert len(reader.calls) <= MOST_CALLS + 2


def test_another_accounts_repository_that_shows_its_policy(account: Sandbox):
    bench = Workbench(account)
    owner = in_the_other_account(bench)
    owner.create_repository(repositoryName="shared/base")
    reads = ["ecr:GetRepositoryPolicy", "ecr:DescribeImages"]
    statement = {"Sid": "see", "Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": reads}
    owner.set_repository_policy(
        repositoryName="shared/base", policyText=json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    )
    network, _ = net.with_nat(bench, "reports")
    image = f"{OWNER}.dkr.ecr.{REGION}.amazonaws.com/shared/base:1"
    deploy(bench, Application("reports", network, container={"image": image}))
    report, _ = diagnosed(stopped(bench, "reports"))
    assert (report.verdict.cause, report.verdict.confidence) == ("ecr_repository_policy_denies", "confirmed")


def facts_of(bench: Workbench, app: Application) -> Any:
    deploy(bench, app)
    return collect(parse(stopped(bench, app.name)), Reader(REGION, account=ACCOUNT), NOW)


def nat(bench: Workbench, name: str) -> net.Network:
    return net.with_nat(bench, name)[0]


def test_a_missing_repository_is_absent_and_its_neighbours_are_read(account: Sandbox):
    bench = Workbench(account)
    bench.client("ecr").create_pull_through_cache_rule(
        ecrRepositoryPrefix="hub", upstreamRegistryUrl="registry-1.docker.io"
    )
    image = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/hub/library/redis:7"
    facts = facts_of(bench, Application("orders", nat(bench, "orders"), container={"image": image}))
    repository = facts.repository(RepositoryId(ACCOUNT, REGION, "hub/library/redis"))
    assert isinstance(repository.found, Absent)
    assert repository.siblings.value == ("orders",)
    [rule] = repository.cache_rules.value
    assert rule.serves("hub/library/redis")
    assert "ecr:batchimportupstreamimage" in next(iter(facts.roles.values())).value.simulation.value


def _another_account(arn: str) -> str:
    return arn.replace(ACCOUNT, OWNER)


def _another_region(arn: str) -> str:
    return arn.replace(REGION, "us-east-1")


@pytest.mark.parametrize(("change", "kind"), [(_another_account, Unknown), (_another_region, Absent)])
def test_a_secret_of_the_same_name_at_home(account: Sandbox, change: Callable[[str], str], kind: type):
    bench = Workbench(account)
    arn = bench.client("secretsmanager").create_secret(Name="orders/db", SecretString="{}")["ARN"]
    actions = (*PULL_AND_LOG, "secretsmanager:GetSecretValue")
    app = Application("orders", nat(bench, "orders"), execution_actions=actions, secrets={"DB": change(arn)})
    facts = facts_of(bench, app)
    assert isinstance(facts.secrets[change(arn)], kind)
    assert facts.secrets_at_home["orders/db"].value.arn == arn


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("/orders/db", "/orders/db"),
        ("orders", "orders"),
        ("/orders", f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/orders"),
    ],
)
def test_parameters_are_found_by_name_and_by_arn(account: Sandbox, name: str, written: str):
    bench = Workbench(account)
    bench.client("ssm").put_parameter(Name=name, Value="x", Type="String")
    secrets = {"DB": written, "MAIL": "/orders/mail"}
    actions = (*PULL_AND_LOG, "ssm:GetParameters")
    facts = facts_of(bench, Application("orders", nat(bench, "orders"), execution_actions=actions, secrets=secrets))
    found = {key[1]: fact for key, fact in facts.parameters.items()}
    assert isinstance(found.pop("/orders/mail"), Absent)
    [fact] = found.values()
    assert isinstance(fact, Known)
    assert fact.value.name == name


def test_the_way_to_an_environment_file_leads_to_its_buckets_region(account: Sandbox):
    bench = Workbench(account)
    boto3.client("s3", region_name="us-west-2").create_bucket(
        Bucket="far-settings", CreateBucketConfiguration={"LocationConstraint": "us-west-2"}
    )
    file = {"environmentFiles": [{"value": "arn:aws:s3:::far-settings/prod.env", "type": "s3"}]}
    network = net.with_endpoints(bench, "orders")
    deploy(bench, Application("orders", network, execution_actions=fetched.FILES, container=file))
    event = stopped(bench, "orders")
    event["detail"]["stoppedReason"] = wording.env_file_unreachable()
    report, reader = diagnosed(event)
    assert report.verdict.cause == "no_route_to_internet"
    assert len(reader.calls) <= MOST_CALLS + 1


LAYER = b"x"
MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"


def upload(bench: Workbench, repository: str) -> None:
    ecr = bench.client("ecr")
    started = ecr.initiate_layer_upload(repositoryName=repository)["uploadId"]
    where = {"repositoryName": repository, "uploadId": started}
    ecr.upload_layer_part(**where, partFirstByte=0, partLastByte=0, layerPartBlob=LAYER)
    ecr.complete_layer_upload(**where, layerDigests=[f"sha256:{hashlib.sha256(LAYER).hexdigest()}"])


def lacking_a_blob(bench: Workbench) -> Any:
    """The event of a pull that failed half-way; ECS does not look for layers here."""
    bench.client("ecr").create_repository(repositoryName="shop/orders")
    layer = {"digest": f"sha256:{hashlib.sha256(LAYER).hexdigest()}", "size": 1, "mediaType": "layer"}
    manifest = {"schemaVersion": 2, "config": {"digest": f"sha256:{'0' * 64}"}, "layers": [layer]}
    bench.client("ecr").put_image(
        repositoryName="shop/orders",
        imageTag="2",
        imageManifest=json.dumps(manifest),
        imageManifestMediaType=MANIFEST,
    )
    image = {"image": f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/shop/orders:2"}
    deploy(bench, Application("orders", nat(bench, "orders"), create_log_group=False, container=image))
    event = stopped(bench, "orders")
    event["detail"]["stoppedReason"] = "CannotPullContainerError: Error response from daemon: unknown blob"
    event["detail"]["containers"][0].pop("reason", None)
    return event


def test_a_layer_that_was_never_pushed_is_missing(account: Sandbox):
    event = lacking_a_blob(Workbench(account))
    report, reader = diagnosed(event)
    assert (report.verdict.cause, report.verdict.confidence) == ("registry_blob_missing", "confirmed")
    assert report.verdict.params["layers"] == [f"sha256:{hashlib.sha256(LAYER).hexdigest()}"]
    assert len(reader.calls) <= MOST_CALLS
    assert reader.waves <= MOST_WAVES

    account.fault(service="ecr", operation="BatchCheckLayerAvailability", kind="access_denied")
    report, _ = diagnosed(event)
    assert report.verdict.confidence == "likely"
    assert "ecr:BatchCheckLayerAvailability" in {gap.missing_permission for gap in report.not_checked}


def test_a_layer_that_is_there_now_makes_the_message_only_possible(account: Sandbox):
    bench = Workbench(account)
    event = lacking_a_blob(bench)
    upload(bench, "shop/orders")
    report, _ = diagnosed(event)
    assert (report.verdict.cause, report.verdict.confidence) == ("registry_blob_missing", "possible")


def test_a_name_that_ends_like_an_arn_is_found_by_its_whole_arn_alone(account: Sandbox):
    bench = Workbench(account)
    arn = bench.client("secretsmanager").create_secret(Name="orders-backup", SecretString="{}")["ARN"]
    partial = arn.rpartition("-")[0]
    deploy(
        bench,
        Application("orders", nat(bench, "orders"), execution_actions=fetched.SECRETS, secrets={"DB": partial}),
    )
    report, _ = diagnosed(stopped(bench, "orders"))
    assert (report.verdict.cause, report.verdict.confidence) == ("secret_not_found", "confirmed")
    assert report.verdict.params["closest"] == arn
    assert "only the whole ARN finds it" in report.verdict.summary
    account.fault(service="secretsmanager", operation="DescribeSecret", kind="access_denied")
    report, _ = diagnosed(stopped(bench, "orders"))
    assert report.verdict.confidence != "confirmed"


VPC_ONLY = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:GetObject",
    "Resource": "arn:aws:s3:::shop-settings/*",
    "Condition": {"StringNotEquals": {"aws:SourceVpce": "vpce-0123456789abcdef0"}},
}


def test_a_bucket_that_admits_only_another_vpc_endpoint(account: Sandbox):
    bench = Workbench(account)
    event = fetched.environment_file_missing(bench).event
    s3 = bench.client("s3")
    s3.put_object(Bucket="shop-settings", Key="feeds/prod.env", Body=b"LEVEL=info\n")
    s3.put_bucket_policy(Bucket="shop-settings", Policy=json.dumps({"Version": "2012-10-17", "Statement": [VPC_ONLY]}))
    report, reader = diagnosed(event)
    assert (report.verdict.cause, report.verdict.confidence) == ("env_file_denied_or_missing", "confirmed")
    assert report.verdict.params["denied_by"] == "resource_policy"
    assert len(reader.calls) <= MOST_CALLS

    account.fault(service="s3", operation="GetBucketPolicy", kind="access_denied")
    report, _ = diagnosed(event)
    assert report.verdict.confidence != "confirmed"
    assert "s3:GetBucketPolicy" in {gap.missing_permission for gap in report.not_checked}
