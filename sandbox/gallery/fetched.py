"""Tasks whose network is fine, and whose images, secrets, parameters or environment files are not there to be had."""

import json
from collections.abc import Mapping
from typing import Any

from sandbox.client import REGION
from sandbox.gallery import network as net
from sandbox.gallery.application import ACCOUNT, CLUSTER, PULL_AND_LOG, TAG, Application, deploy
from sandbox.gallery.observe import stopped
from sandbox.gallery.scenario import Builder, Scenario
from sandbox.gallery.workbench import Workbench
from sandbox.json_types import Json

TRIGGER = "the service starts a task"
SECRETS = (*PULL_AND_LOG, "secretsmanager:GetSecretValue", "ssm:GetParameters")
FILES = (*PULL_AND_LOG, "s3:GetObject", "s3:GetBucketLocation")
INDEX = "application/vnd.oci.image.index.v1+json"


def image_tag_missing(bench: Workbench) -> Scenario:
    """The tag of the task definition was never pushed; a similar one was."""
    network, _ = net.with_nat(bench, "receipts")
    app = Application("receipts", network, image_tag="1.4.3")
    deploy(bench, app)
    params: dict[str, Json] = {"image": app.image, "container": "app", "missing": "tag", "closest": [TAG]}
    return _scenario(
        bench,
        app,
        title="The image's tag was never pushed",
        cause="image_not_found",
        params=params,
        name="image_tag_missing",
    )


def image_platform_mismatch(bench: Workbench) -> Scenario:
    """The image is an index for ARM alone, and the task runs on x86-64."""
    network, _ = net.with_nat(bench, "labels")
    bench.client("ecr").create_repository(repositoryName="printing/labels")
    push_index(bench, "printing/labels", "2.0.0", "arm64")
    image = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/printing/labels:2.0.0"
    app = Application("labels", network, container={"image": image})
    deploy(bench, app)
    title = "The image serves another CPU architecture than the task's"
    params: dict[str, Json] = {
        "image": image,
        "container": "app",
        "platform": "linux/amd64",
        "image_platforms": ["linux/arm64"],
    }
    return _scenario(
        bench, app, title=title, cause="image_platform_mismatch", params=params, name="image_platform_mismatch"
    )


def secret_scheduled_for_deletion(bench: Workbench) -> Scenario:
    """Somebody deleted the secret, and it waits for the end of its recovery window."""
    network, _ = net.with_nat(bench, "rewards")
    manager = bench.client("secretsmanager")
    arn = manager.create_secret(Name="rewards/database", SecretString="{}")["ARN"]
    manager.delete_secret(SecretId=arn, RecoveryWindowInDays=30)
    app = Application("rewards", network, execution_actions=SECRETS, secrets={"DATABASE": arn})
    deploy(bench, app)
    title = "The secret is scheduled for deletion"
    params = {"secret": arn, "container": "app"}
    return _scenario(
        bench, app, title=title, cause="secret_not_found", params=params, name="secret_scheduled_for_deletion"
    )


def secret_created_again(bench: Workbench) -> Scenario:
    """The secret was deleted and created again, so that its ARN has other characters at the end."""
    network, _ = net.with_nat(bench, "wallet")
    arn = bench.client("secretsmanager").create_secret(Name="wallet/database", SecretString="{}")["ARN"]
    old = arn[:-6] + ("AbCdEf" if not arn.endswith("AbCdEf") else "GhIjKl")
    app = Application("wallet", network, execution_actions=SECRETS, secrets={"DATABASE": old})
    deploy(bench, app)
    title = "The task definition still has the ARN of a secret that was created again"
    params = {"secret": old, "container": "app", "closest": arn}
    return _scenario(bench, app, title=title, cause="secret_not_found", params=params, name="secret_created_again")


def secret_without_value(bench: Workbench) -> Scenario:
    """The secret was created, and nobody has given it a value."""
    network, _ = net.with_nat(bench, "bookings")
    arn = bench.client("secretsmanager").create_secret(Name="bookings/database")["ARN"]
    app = Application("bookings", network, execution_actions=SECRETS, secrets={"DATABASE": arn})
    deploy(bench, app)
    params = {"secret": arn, "container": "app"}
    return _scenario(
        bench,
        app,
        title="The secret has no value",
        cause="secret_has_no_value",
        params=params,
        name="secret_without_value",
    )


def secret_key_denied(bench: Workbench) -> Scenario:
    """The customer key of the secret is denied to the execution role."""
    network, _ = net.with_nat(bench, "payouts")
    key = bench.client("kms").create_key(Description="payouts")["KeyMetadata"]["Arn"]
    manager = bench.client("secretsmanager")
    arn = manager.create_secret(Name="payouts/database", SecretString="{}", KmsKeyId=key)["ARN"]
    app = Application("payouts", network, execution_actions=SECRETS, secrets={"DATABASE": arn})
    deploy(bench, app)
    params = {"secret": arn, "container": "app", "kms_key_arn": key}
    title = "The execution role may not decrypt the secret with its customer key"
    return _scenario(
        bench, app, title=title, cause="execution_role_cannot_decrypt", params=params, name="secret_key_denied"
    )


def parameter_missing(bench: Workbench) -> Scenario:
    """The parameter's name is misspelt."""
    network, _ = net.with_nat(bench, "shipping")
    bench.client("ssm").put_parameter(Name="/shipping/database", Value="x", Type="SecureString")
    app = Application("shipping", network, execution_actions=SECRETS, secrets={"DATABASE": "/shipping/databse"})
    deploy(bench, app)
    params = {"parameter": "/shipping/databse", "container": "app"}
    title = "The parameter does not exist"
    return _scenario(bench, app, title=title, cause="ssm_parameter_not_found", params=params, name="parameter_missing")


def parameter_denied(bench: Workbench) -> Scenario:
    """AWS begins with its general words on secrets and registries; only the end names ssm:GetParameters."""
    network, _ = net.with_nat(bench, "quotes")
    bench.client("ssm").put_parameter(Name="/quotes/database", Value="x", Type="String")
    app = Application("quotes", network, secrets={"DATABASE": "/quotes/database"})
    deploy(bench, app)
    params = {"parameter": "/quotes/database", "container": "app", "denied_by": "identity"}
    title = "The execution role may not read the parameter"
    return _scenario(
        bench, app, title=title, cause="execution_role_cannot_read_parameter", params=params, name="parameter_denied"
    )


def environment_file_missing(bench: Workbench) -> Scenario:
    """S3 says 403, since the role may not list the bucket; the file is not there."""
    network, _ = net.with_nat(bench, "feeds")
    bench.client("s3").create_bucket(Bucket="shop-settings", CreateBucketConfiguration={"LocationConstraint": REGION})
    bench.client("s3").put_object(Bucket="shop-settings", Key="feeds/production.env", Body=b"LEVEL=info\n")
    file = "arn:aws:s3:::shop-settings/feeds/prod.env"
    container = {"environmentFiles": [{"value": file, "type": "s3"}]}
    app = Application("feeds", network, execution_actions=FILES, container=container)
    deploy(bench, app)
    params: dict[str, Json] = {
        "file": file,
        "container": "app",
        "bucket": "shop-settings",
        "key": "feeds/prod.env",
        "missing": True,
    }
    title = "The environment file does not exist, and S3 says 403"
    return _scenario(
        bench, app, title=title, cause="env_file_denied_or_missing", params=params, name="environment_file_missing"
    )


def _scenario(
    bench: Workbench, app: Application, *, name: str, title: str, cause: str, params: Mapping[str, Json]
) -> Scenario:
    return Scenario(
        name=name,
        title=title,
        trigger=TRIGGER,
        event=stopped(bench, app.name),
        cause=cause,
        params=params,
        cluster=CLUSTER,
        service=app.name,
        resources=app.network.ids(),
    )


def push_index(bench: Workbench, repository: str, tag: str, *architectures: str) -> None:
    """An index with one image for each architecture, as `docker buildx` pushes it."""
    bench.client("ecr").put_image(
        repositoryName=repository, imageTag=tag, imageManifest=json.dumps(_index(*architectures))
    )


def _index(*architectures: str) -> dict[str, Any]:
    return {
        "schemaVersion": 2,
        "mediaType": INDEX,
        "manifests": [
            {
                "mediaType": "application/vnd.oci.image.manifest.v1+json",
                "digest": f"sha256:{number:064x}",
                "size": 1024,
                "platform": {"os": "linux", "architecture": architecture},
            }
            for number, architecture in enumerate(architectures, start=1)
        ],
    }


BUILDERS: tuple[Builder, ...] = (
    image_tag_missing,
    image_platform_mismatch,
    secret_scheduled_for_deletion,
    secret_created_again,
    secret_without_value,
    secret_key_denied,
    parameter_missing,
    parameter_denied,
    environment_file_missing,
)
