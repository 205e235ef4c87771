"""The registry refused the user name and password of repositoryCredentials; their values are never read."""

from collections.abc import Iterable

from ecs_medic.catalogue.fix import fix_for
from ecs_medic.facts import Facts
from ecs_medic.facts.fact import Known
from ecs_medic.finding import Confidence, Evidence, Finding, Outcome, Phase, RuledOut
from ecs_medic.incident import Incident, SymptomConfidence
from ecs_medic.needs.pulls import Pull, pulls
from ecs_medic.needs.secrets import SecretReference, read_value_from
from ecs_medic.rules.image.about import params_of, said
from ecs_medic.vocabulary import Id

_CAUSE = Id.REGISTRY_CREDENTIALS_WRONG


def registry_credentials_wrong(incident: Incident, facts: Facts) -> Iterable[Outcome]:
    """Likely where credentials are given and the registry speaks of them; impossible where none are given."""
    if incident.symptom not in {_CAUSE, Id.REGISTRY_CREDENTIALS_MISSING, Id.IMAGE_ACCESS_DENIED}:
        return
    for pull in pulls(incident, facts):
        if pull.image is None:
            continue
        if pull.container.repository_credentials:
            yield _finding(pull, pull.container.repository_credentials, incident, facts)
        elif pull.image.ecr is None:
            seen = Evidence(facts.task_definition.source, pull.container.name, "no repositoryCredentials")
            yield RuledOut(_CAUSE, (seen,))


def _finding(pull: Pull, secret: str, incident: Incident, facts: Facts) -> Finding:
    certain = incident.symptom is _CAUSE and incident.symptom_confidence is not SymptomConfidence.UNKNOWN
    registry = pull.image.registry if pull.image else ""
    params = params_of(pull, incident, secret=secret, registry=registry)
    return Finding(
        cause=_CAUSE,
        confidence=Confidence.LIKELY if certain else Confidence.POSSIBLE,
        summary=f"{registry} does not accept the credentials that container {pull.container.name} takes from {secret}.",
        subject=pull.container.image,
        phase=Phase.IMAGE,
        fix=fix_for(_CAUSE, params),
        params=params,
        evidence=(
            said(incident),
            Evidence(facts.task_definition.source, pull.container.name, f"repositoryCredentials name {secret}"),
            *_last_changed(secret, facts),
        ),
    )


def _last_changed(value_from: str, facts: Facts) -> Iterable[Evidence]:
    reference = read_value_from(value_from, facts.region, facts.account, facts.partition)
    stored = facts.secrets.get(reference.arn) if isinstance(reference, SecretReference) else None
    if isinstance(stored, Known) and stored.value.last_changed_at:
        yield Evidence(stored.source, stored.value.name, f"last changed {stored.value.last_changed_at.isoformat()}")
