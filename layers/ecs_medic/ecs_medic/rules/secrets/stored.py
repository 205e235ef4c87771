"""The secrets and parameters of a task beside what is known of them."""

from collections.abc import Iterator
from dataclasses import dataclass

from ecs_medic.facts import Facts
from ecs_medic.facts.fact import NOT_READ, Fact
from ecs_medic.facts.secrets import StoredParameter, StoredSecret
from ecs_medic.finding import JsonValue
from ecs_medic.incident import Incident
from ecs_medic.needs.references import Reference, parameters, secrets
from ecs_medic.needs.secrets import ParameterReference, SecretReference


@dataclass(frozen=True, slots=True)
class Asked:
    """A secret that a container asks for, and what Secrets Manager says of it, without its value."""

    reference: Reference
    to: SecretReference
    stored: Fact[StoredSecret]

    @property
    def account(self) -> str:
        """The account in its ARN."""
        return self.to.arn.split(":")[4]

    def params(self, **more: JsonValue) -> dict[str, JsonValue]:
        """What every finding about it carries."""
        return {
            "secret": self.to.arn,
            "container": self.reference.container,
            "name": self.reference.name,
            "region": self.to.region,
            **more,
        }


def asked_secrets(incident: Incident, facts: Facts) -> Iterator[Asked]:
    """Every secret that the messages name, or all where none is named; those behind a parameter's name too."""
    for reference, to in secrets(incident, facts):
        yield Asked(reference, to, facts.secrets.get(to.arn, NOT_READ))
    for reference, parameter in parameters(facts):
        if name := reference.secret_behind_parameter:
            arn = f"arn:{facts.partition}:secretsmanager:{parameter.region}:{facts.account}:secret:{name}"
            to = SecretReference(arn, parameter.region)
            yield Asked(reference, to, facts.secrets.get(arn, NOT_READ))


def asked_parameters(facts: Facts) -> Iterator[tuple[Reference, ParameterReference, Fact[StoredParameter]]]:
    """Every parameter, and what Parameter Store says of it, without its value."""
    for reference, to in parameters(facts):
        if not reference.secret_behind_parameter:
            yield reference, to, facts.parameters.get((to.region, to.name), NOT_READ)
