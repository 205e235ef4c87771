"""The secrets, parameters and environment files that a task definition refers to."""

from collections.abc import Iterator
from dataclasses import dataclass

from ecs_medic.facts import Facts, Known
from ecs_medic.facts.ecs import ContainerDefinition
from ecs_medic.facts.secrets import is_whole
from ecs_medic.finding import Phase
from ecs_medic.incident import Incident
from ecs_medic.needs.secrets import ParameterReference, SecretReference, read_credentials, read_value_from
from ecs_medic.needs.told import told, words_of

_SECRETS_BEHIND_PARAMETERS = "/aws/reference/secretsmanager/"


@dataclass(frozen=True, slots=True)
class Reference:
    """One `valueFrom`: the container that it is for, the name that it is given there, and when it is fetched.

    `to` is None where it is an ARN of neither Secrets Manager nor Parameter Store.
    """

    container: str
    name: str
    value_from: str
    to: SecretReference | ParameterReference | None
    phase: Phase = Phase.SECRETS

    @property
    def secret_behind_parameter(self) -> str | None:
        """The secret's name, where a parameter's name stands for one: Parameter Store lists no such parameter.

        Source: https://docs.aws.amazon.com/systems-manager/latest/userguide/integration-ps-secretsmanager.html
        """
        if not isinstance(self.to, ParameterReference):
            return None
        name = "/" + self.to.name.removeprefix("/")
        return name.removeprefix(_SECRETS_BEHIND_PARAMETERS) if name.startswith(_SECRETS_BEHIND_PARAMETERS) else None


def references(facts: Facts) -> tuple[Reference, ...]:
    """Every `valueFrom` of the task definition: secrets, log driver options and registry credentials."""
    if not isinstance(facts.task_definition, Known):
        return ()
    return tuple(one for container in facts.task_definition.value.containers for one in _of(container, facts))


def secrets(incident: Incident, facts: Facts) -> tuple[tuple[Reference, SecretReference], ...]:
    """The references to Secrets Manager that the messages name; all of them where none is named."""
    found = [(one, one.to) for one in references(facts) if isinstance(one.to, SecretReference)]
    return told(found, lambda pair: (pair[1].arn,), words_of(incident, facts))


def parameters(facts: Facts) -> tuple[tuple[Reference, ParameterReference], ...]:
    """The references to Parameter Store."""
    return tuple((one, one.to) for one in references(facts) if isinstance(one.to, ParameterReference))


def environment_files(facts: Facts) -> tuple[tuple[str, str], ...]:
    """(container, S3 object's ARN) of each environment file."""
    if not isinstance(facts.task_definition, Known):
        return ()
    return tuple(
        (container.name, arn)
        for container in facts.task_definition.value.containers
        for arn in container.environment_files
    )


def bucket_and_key(arn: str) -> tuple[str, str]:
    """The two parts of an S3 object's ARN."""
    bucket, _, key = arn.split(":", 5)[-1].partition("/")
    return bucket, key


def secret_name(arn: str) -> str:
    """The name in a secret's ARN, without the hyphen and the six characters that Secrets Manager adds."""
    name = arn.split(":", 6)[-1]
    return name.rpartition("-")[0] if is_whole(name) else name


def key_arn(key_id: str, region: str, account: str, partition: str) -> str:
    """The ARN of a key that may be named by its id, its alias or its ARN."""
    if key_id.startswith("arn:"):
        return key_id
    kind = "" if key_id.startswith("alias/") else "key/"
    return f"arn:{partition}:kms:{region}:{account}:{kind}{key_id}"


def is_aws_managed_alias(key_id: str) -> bool:
    """Whether a key is one that AWS keeps for a service: it needs no permission inside its account."""
    return ":alias/aws/" in f":{key_id}"


def _of(container: ContainerDefinition, facts: Facts) -> Iterator[Reference]:
    where = (facts.region, facts.account, facts.partition)

    def reference(name: str, value_from: str) -> Reference:
        return Reference(container.name, name, value_from, read_value_from(value_from, *where))

    for secret in container.secrets:
        yield reference(secret.name, secret.value_from)
    if container.log_configuration is not None:
        for secret in container.log_configuration.secret_options:
            yield reference(secret.name, secret.value_from)
    if container.repository_credentials:
        value = container.repository_credentials
        yield Reference(
            container.name, "repositoryCredentials", value, read_credentials(value, *where), Phase.REGISTRY_AUTH
        )
