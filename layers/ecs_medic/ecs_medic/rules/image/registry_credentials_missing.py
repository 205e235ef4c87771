"""A private registry that is not Amazon ECR, and a container definition without repositoryCredentials.

Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/private-auth.html
"""

from collections.abc import Iterable

from ecs_medic.catalogue.fix import fix_for
from ecs_medic.facts import Facts
from ecs_medic.finding import Confidence, Evidence, Finding, Outcome, Phase, RuledOut
from ecs_medic.incident import Incident, SymptomConfidence
from ecs_medic.needs.carriers import EC2, EXTERNAL, launch_type
from ecs_medic.needs.pulls import Pull, pulls
from ecs_medic.rules.image.about import params_of, said
from ecs_medic.vocabulary import Id

_CAUSE = Id.REGISTRY_CREDENTIALS_MISSING
_ASKED_FOR = frozenset({_CAUSE, Id.REGISTRY_CREDENTIALS_WRONG})
_REFUSED = frozenset({Id.IMAGE_ACCESS_DENIED, Id.IMAGE_PULL_FORBIDDEN, Id.IMAGE_NOT_FOUND})


def registry_credentials_missing(incident: Incident, facts: Facts) -> Iterable[Outcome]:
    """That the registry wants a login is its own word; that none is given, the task definition's."""
    if incident.symptom not in _ASKED_FOR | _REFUSED:
        return
    for pull in pulls(incident, facts):
        if pull.image is None:
            continue
        source = facts.task_definition.source
        if pull.image.ecr is not None:
            seen = Evidence(source, pull.container.image, "a private registry of Amazon ECR takes the role's token")
            yield RuledOut(_CAUSE, (seen,))
        elif pull.container.repository_credentials:
            named = f"repositoryCredentials name {pull.container.repository_credentials}"
            yield RuledOut(_CAUSE, (Evidence(source, pull.container.name, named),))
        else:
            yield _finding(pull, source, incident, facts)


def _finding(pull: Pull, source: str, incident: Incident, facts: Facts) -> Finding:
    registry = pull.image.registry if pull.image else ""
    asked = incident.symptom in _ASKED_FOR and incident.symptom_confidence is not SymptomConfidence.UNKNOWN
    params = params_of(pull, incident, registry=registry)
    by_host = launch_type(facts) in {EC2, EXTERNAL}
    note = (
        " The instance's agent may have a login of its own (ECS_ENGINE_AUTH_DATA), which was not read."
        if by_host
        else ""
    )
    return Finding(
        cause=_CAUSE,
        confidence=Confidence.LIKELY if asked else Confidence.POSSIBLE,
        summary=f"{registry} wants a login for {pull.container.image}, and container {pull.container.name} has no "
        f"repositoryCredentials.{note}"
        if asked
        else f"If {pull.container.image} is private: container {pull.container.name} has no repositoryCredentials "
        f"for {registry}.{note}",
        subject=pull.container.image,
        phase=Phase.IMAGE,
        fix=fix_for(_CAUSE, params),
        params=params,
        evidence=(said(incident), Evidence(source, pull.container.name, "no repositoryCredentials")),
    )
