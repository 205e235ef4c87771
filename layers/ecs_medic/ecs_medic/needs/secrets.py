"""What a container's secrets, private registry credentials and environment files need."""

from collections.abc import Iterator
from dataclasses import dataclass

from ecs_medic.facts.ecs import ContainerDefinition
from ecs_medic.facts.secrets import UNKNOWN_SUFFIX, is_whole
from ecs_medic.finding import Phase
from ecs_medic.needs.endpoints import destination, s3_bucket
from ecs_medic.needs.need import Need, Purpose
from ecs_medic.needs.surroundings import Surroundings

_SECRET_ARN_FIELDS = 7
"""arn : partition : secretsmanager : region : account : secret : name"""
_PARAMETER_ARN_FIELDS = 6
"""arn : partition : ssm : region : account : parameter/name"""


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
    """A `valueFrom` of Systems Manager Parameter Store: a name (in the task's Region) or an ARN.

    The `:version` or `:label` that may select one of the parameter's values is no part of the ARN.
    Source: https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-versions.html
    """

    arn: str
    name: str
    region: str


def read_value_from(
    value_from: str, region: str, account: str, partition: str
) -> SecretReference | ParameterReference | None:
    """What a `valueFrom` refers to; None where it is an ARN of neither service."""
    if not value_from.startswith("arn:"):
        name = value_from
        plain = name.partition(":")[0].removeprefix("/")
        arn = f"arn:{partition}:ssm:{region}:{account}:parameter/{plain}"
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
        return ParameterReference(":".join(fields[:_PARAMETER_ARN_FIELDS]), name, fields[3] or region)
    return None


def read_credentials(value: str, region: str, account: str, partition: str) -> SecretReference | None:
    """What `credentialsParameter` refers to: a secret, by its ARN or, in the task's own Region, by its name.

    Source: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RepositoryCredentials.html
    """
    arn = value if value.startswith("arn:") else f"arn:{partition}:secretsmanager:{region}:{account}:secret:{value}"
    found = read_value_from(arn, region, account, partition)
    return found if isinstance(found, SecretReference) else None


def secret_needs(container: ContainerDefinition, around: Surroundings) -> Iterator[Need]:
    """One need for each secret and parameter of the container, those of its log driver included.

    A secret's key is used by Secrets Manager on its side, so KMS is never reached from here.
    """
    for secret in container.secrets:
        yield from _value_need(_read(secret.value_from, around), Phase.SECRETS, container, around)
    if container.repository_credentials:
        found = read_credentials(container.repository_credentials, around.region, around.account, around.partition)
        yield from _value_need(found, Phase.REGISTRY_AUTH, container, around)
    if container.log_configuration is not None:
        for secret in container.log_configuration.secret_options:
            yield from _value_need(_read(secret.value_from, around), Phase.SECRETS, container, around)


def _read(value_from: str, around: Surroundings) -> SecretReference | ParameterReference | None:
    return read_value_from(value_from, around.region, around.account, around.partition)


def _value_need(
    reference: SecretReference | ParameterReference | None,
    phase: Phase,
    container: ContainerDefinition,
    around: Surroundings,
) -> Iterator[Need]:
    home, by, role = around.region, around.carriers.start, around.carriers.execution_role
    if isinstance(reference, SecretReference):
        yield Need(
            Purpose.SECRET, phase, by, destination("secretsmanager", reference.region, home), reference.arn,
            container.name, role, ("secretsmanager:GetSecretValue",), (_full_arn(reference.arn, around),),
        )  # fmt: skip
    elif isinstance(reference, ParameterReference):
        yield Need(
            Purpose.PARAMETER, phase, by, destination("ssm", reference.region, home), reference.name,
            container.name, role, ("ssm:GetParameters",), (reference.arn,),
        )  # fmt: skip


def _full_arn(arn: str, around: Surroundings) -> str:
    """The ARN that policies are held against: of a secret, it always ends with the suffix, known or not."""
    return around.secret_arns.get(arn) or (arn if is_whole(arn) else arn + UNKNOWN_SUFFIX)


def environment_file_needs(container: ContainerDefinition, around: Surroundings) -> Iterator[Need]:
    """One need for each environment file; a bucket whose Region nobody knows is taken to be in the task's."""
    for arn in container.environment_files:
        path = arn.split(":", 5)[-1]
        bucket = path.partition("/")[0]
        bucket_arn = arn.partition("/")[0]
        where = s3_bucket(bucket, around.bucket_regions.get(bucket, around.region), around.region)
        yield Need(
            Purpose.ENVIRONMENT_FILE, Phase.ENVIRONMENT_FILES, around.carriers.start, where, arn, container.name,
            around.carriers.execution_role, ("s3:GetObject", "s3:GetBucketLocation"), (arn, bucket_arn),
        )  # fmt: skip
