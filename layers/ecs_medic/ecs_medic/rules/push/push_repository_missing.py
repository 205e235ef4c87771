"""The repository of the push does not exist: ECR creates none by a push, unless a template of the registry says so.

Source: https://docs.aws.amazon.com/AmazonECR/latest/userguide/docker-push-ecr-image.html
"""

from collections.abc import Iterable
from dataclasses import replace

from ecs_medic.catalogue.fix import fix_for
from ecs_medic.facts import Facts
from ecs_medic.facts.fact import NOT_READ, Absent, Known, Unknown
from ecs_medic.facts.images import Repository
from ecs_medic.finding import Confidence, Evidence, Finding, JsonValue, NotChecked, Outcome, Phase, RuledOut
from ecs_medic.incident import Incident
from ecs_medic.needs.push import pushed_to
from ecs_medic.rules.image.closest import closest
from ecs_medic.rules.push.about import push_params
from ecs_medic.rules.reported import words
from ecs_medic.vocabulary import Id

_CAUSE = Id.PUSH_REPOSITORY_MISSING


def push_repository_missing(incident: Incident, facts: Facts) -> Iterable[Outcome]:
    """Certain where the registry was asked and has none of that name; one that is there by now was made since."""
    identifier = pushed_to(incident)
    if identifier is None:
        return
    repository = facts.repository(identifier)
    where = f"account {identifier.account}'s registry in {identifier.region}"
    if isinstance(repository.found, Absent):
        yield _finding(incident, repository, Confidence.CONFIRMED, f"{where} has no repository {identifier.name}")
        return
    if isinstance(repository.found, Known):
        if incident.symptom is _CAUSE:
            since = f"{where} had no repository {identifier.name}; it has one by now, so push again"
            yield _finding(incident, repository, Confidence.LIKELY, since)
            return
        yield RuledOut(_CAUSE, (Evidence(repository.found.source, identifier.name, f"exists in {where}"),))
        return
    if incident.symptom is _CAUSE:
        yield _finding(incident, repository, Confidence.LIKELY, f"ECR says that {where} has no {identifier.name}")
    yield _not_checked(repository.found, identifier.account, facts)


def _finding(incident: Incident, repository: Repository, confidence: Confidence, what: str) -> Finding:
    existing = repository.siblings.value if isinstance(repository.siblings, Known) else ()
    near = closest(repository.id.name, existing) if isinstance(repository.found, Absent) else []
    params: dict[str, JsonValue] = {**push_params(incident), "closest": list[JsonValue](near)}
    evidence = list(words(incident)) if not isinstance(repository.found, Absent) else []
    if isinstance(repository.found, Absent):
        evidence.append(Evidence(repository.found.source, repository.id.name, repository.found.detail))
    return Finding(
        cause=_CAUSE,
        confidence=confidence,
        summary=f"{what[0].upper()}{what[1:]}{f'; nearest: {", ".join(near)}' if near else ''}.",
        subject=repository.id.arn(incident.partition),
        phase=Phase.REGISTRY_AUTH,
        fix=replace(fix_for(_CAUSE, params), steps=tuple(f"Or push to {name}, which exists." for name in near)),
        params=params,
        evidence=tuple(evidence),
    )


def _not_checked(found: Unknown, account: str, facts: Facts) -> NotChecked:
    check = f"{_CAUSE}: whether the repository exists"
    if found is NOT_READ and account != facts.account:
        return NotChecked(check, f"the registry is account {account}'s, which answers strangers as if it were empty")
    return NotChecked(check, found.reason, found.missing_permission)
