"""What a container's secrets, private registry credentials and environment files need."""

from collections.abc import Iterator
from dataclasses import dataclass

from ecs_medic.facts.ecs import ContainerDefinition
from ecs_medic.finding import Phase
from ecs_medic.needs.endpoints import destination, s3_bucket
from ecs_medic.needs.need import Need, Purpose
from ecs_medic.needs.surroundings import Surroundings

_SECRET_ARN_FIELDS = 7
"""arn : partition : secretsmanager : region : account : secret : name"""


@dataclass(frozen=True, slots=True)
class SecretReference:
    """A `valueFrom` of AWS Secrets Manager taken apart: what ECS appends to the ARN is no part of it.

    Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html
    """

    arn: str
    region: str
    json_key: str | None = None
    version_stage: str | None = None
    version_id: str | None = None


@dataclass(frozen=True, slots=True)
class ParameterReference:
    """A `valueFrom` of Systems Manager Parameter Store: a name (in the task's Region) or an ARN."""

    arn: str
    name: str
    region: str


def read_value_from(
    value_from: str, region: str, account: str, partition: str
) -> SecretReference | ParameterReference | None:
    """What a `valueFrom` refers to; None where it is an ARN of neither service."""
    if not value_from.startswith("arn:"):
        name = value_from
        arn = f"arn:{partition}:ssm:{region}:{account}:parameter/{name.removeprefix('/')}"
        return ParameterReference(arn, name, region) if name else None
    fields = value_from.split(":")
    service = fields[2] if len(fields) > 2 else ""
    if service == "secretsmanager" and len(fields) >= _SECRET_ARN_FIELDS:
        extra = [part or None for part in fields[_SECRET_ARN_FIELDS:]] + [None, None, None]
        return SecretReference(":".join(fields[:_SECRET_ARN_FIELDS]), fields[3] or region, *extra[:3])
    if service == "ssm" and len(fields) > 5:
        name = fields[5].removeprefix("parameter")
        # `parameter/orders` is the parameter "orders", `parameter/prod/orders` is "/prod/orders".
        name = name if name.count("/") > 1 else name.removeprefix("/")
        return ParameterReference(value_from, name, fields[3] or region)
    return None


def secret_needs(container: ContainerDefinition, around: Surroundings) -> Iterator[Need]:
    """One need for each secret and parameter of the container, those of its log driver included.

    A secret's key is used by Secrets Manager on its side, so KMS is never reached from here.
    """
    for secret in container.secrets:
        yield from _value_need(secret.value_from, Phase.SECRETS, container, around)
    if container.repository_credentials:
        yield from _value_need(container.repository_credentials, Phase.REGISTRY_AUTH, container, around)
    if container.log_configuration is not None:
        for secret in container.log_configuration.secret_options:
            yield from _value_need(secret.value_from, Phase.SECRETS, container, around)


def _value_need(value_from: str, phase: Phase, container: ContainerDefinition, around: Surroundings) -> Iterator[Need]:
    home, by, role = around.region, around.carriers.start, around.carriers.execution_role
    reference = read_value_from(value_from, home, around.account, around.partition)
    if isinstance(reference, SecretReference):
        yield Need(
            Purpose.SECRET, phase, by, destination("secretsmanager", reference.region, home), reference.arn,
            container.name, role, ("secretsmanager:GetSecretValue",), (reference.arn,),
        )  # fmt: skip
    elif isinstance(reference, ParameterReference):
        yield Need(
            Purpose.PARAMETER, phase, by, destination("ssm", reference.region, home), reference.name,
            container.name, role, ("ssm:GetParameters",), (reference.arn,),
        )  # fmt: skip


def environment_file_needs(container: ContainerDefinition, around: Surroundings) -> Iterator[Need]:
    """One need for each environment file; an S3 ARN names no Region, so the bucket is taken to be in the task's."""
    for arn in container.environment_files:
        path = arn.split(":", 5)[-1]
        bucket = path.partition("/")[0]
        bucket_arn = arn.partition("/")[0]
        yield Need(
            Purpose.ENVIRONMENT_FILE, Phase.ENVIRONMENT_FILES, around.carriers.start,
            s3_bucket(bucket, around.region, around.region), arn, container.name, around.carriers.execution_role,
            ("s3:GetObject", "s3:GetBucketLocation"), (arn, bucket_arn),
        )  # fmt: skip
