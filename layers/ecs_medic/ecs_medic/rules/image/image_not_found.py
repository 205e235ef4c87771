"""The repository, the tag or the digest that a container definition names does not exist.

Certain where Amazon ECR itself was asked; for another registry, the message is all there is. A repository of a
pull-through cache comes into being with its first pull, so that its absence proves nothing.

Sources: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_cannot_pull_image.html and
https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache.html
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from ecs_medic.catalogue.fix import fix_for
from ecs_medic.facts import Facts
from ecs_medic.facts.fact import NOT_READ, Absent, Known, Unknown
from ecs_medic.facts.images import CacheRule, Manifest, Repository, Tag
from ecs_medic.finding import Confidence, Evidence, Finding, JsonValue, NotChecked, Outcome, Phase, RuledOut
from ecs_medic.incident import Incident
from ecs_medic.needs.pulls import Pull, pulls
from ecs_medic.rules.image.about import params_of, said, shown_by_message
from ecs_medic.rules.image.closest import closest
from ecs_medic.vocabulary import Id

_CAUSE = Id.IMAGE_NOT_FOUND


def image_not_found(incident: Incident, facts: Facts) -> Iterable[Outcome]:
    """Each image by itself."""
    found = [outcome for pull in pulls(incident, facts) for outcome in _judged(pull, incident, facts)]
    yield from found
    if not any(isinstance(outcome, Finding | RuledOut) for outcome in found):
        yield from shown_by_message(_CAUSE, incident, facts, summary=_unchecked(incident, facts))


def _judged(pull: Pull, incident: Incident, facts: Facts) -> Iterator[Outcome]:
    if pull.repository is None:
        return
    repository = facts.repository(pull.repository)
    if isinstance(repository.found, Absent):
        yield _missing(pull, repository, incident, repository.found)
        return
    references = (pull.reference, *((pull.pinned,) if pull.pinned else ()))
    for reference in references:
        manifest = repository.manifest(reference)
        if isinstance(manifest, Absent):
            yield _missing(pull, repository, incident, manifest, reference)
            return
        if isinstance(manifest, Unknown) and manifest is not NOT_READ:
            yield NotChecked(f"{_CAUSE}: {pull.container.image}", manifest.reason, manifest.missing_permission)
            return
    manifest = repository.manifest(pull.reference)
    if isinstance(manifest, Known):
        yield _present(pull, repository, manifest, incident)


def _missing(pull: Pull, repository: Repository, incident: Incident, absent: Absent, reference: str = "") -> Finding:
    what = ("digest" if ":" in reference else "tag") if reference else "repository"
    options = _options(repository, what)
    near = closest(reference or repository.id.name, options)
    params = params_of(pull, incident, missing=what, closest=list[JsonValue](near))
    where = f"{repository.id.account}'s registry in {repository.id.region}"
    if what == "repository":
        summary = f"Container {pull.container.name} pulls from {repository.id.name}, a repository that {where} has not"
    else:
        summary = f"Container {pull.container.name} pulls {repository.id.name} by the {what} {reference}, which is gone"
        summary = summary if what == "digest" else summary.replace("which is gone", "which does not exist")
    hint = f"; nearest: {', '.join(near)}." if near else "."
    evidence = [Evidence(absent.source, repository.id.name, absent.detail)]
    if near and isinstance(repository.tags, Known) and what != "repository":
        evidence.append(
            Evidence(repository.tags.source, repository.id.name, f"newest tags: {_newest(repository.tags)}")
        )
    finding = Finding(
        cause=_CAUSE,
        confidence=Confidence.CONFIRMED,
        summary=summary + hint,
        subject=pull.container.image,
        phase=Phase.IMAGE,
        fix=fix_for(_CAUSE, params),
        params=params,
        evidence=tuple(evidence),
    )
    return _through_cache(finding, repository, what)


def _options(repository: Repository, what: str) -> list[str]:
    if what == "repository":
        return list(repository.siblings.value) if isinstance(repository.siblings, Known) else []
    tags = repository.tags.value if isinstance(repository.tags, Known) else ()
    return [tag.name for tag in tags]


def _newest(tags: Known[tuple[Tag, ...]]) -> str:
    return ", ".join(tag.name + (f" ({tag.pushed_at:%Y-%m-%d})" if tag.pushed_at else "") for tag in tags.value[:3])


def _through_cache(finding: Finding, repository: Repository, what: str) -> Finding:
    """A cache's repository is filled by the pull: what is not there may be with the upstream registry all the same."""
    rules = repository.cache_rules
    rule = _rule_of(repository)
    if rule is not None:
        seen = Evidence(rules.source, rule.prefix, f"a pull-through cache of {rule.upstream}")
        return replace(
            finding,
            confidence=Confidence.LIKELY,
            summary=f"{finding.summary} The {what} would come from {rule.upstream} with the first pull, which failed.",
            evidence=(*finding.evidence, seen),
        )
    if isinstance(rules, Unknown) and rules is not NOT_READ and "/" in repository.id.name:
        seen = Evidence(rules.source, repository.id.name, f"whether a pull-through cache serves it: {rules.reason}")
        return replace(finding, confidence=Confidence.LIKELY, evidence=(*finding.evidence, seen))
    return finding


def _rule_of(repository: Repository) -> CacheRule | None:
    if not isinstance(repository.cache_rules, Known):
        return None
    return next((rule for rule in repository.cache_rules.value if rule.serves(repository.id.name)), None)


def _present(pull: Pull, repository: Repository, manifest: Known[Manifest], incident: Incident) -> Outcome:
    """It is there now; pushed after the task had failed, it was not there then."""
    tags = repository.tags.value if isinstance(repository.tags, Known) else ()
    pushed = next((tag.pushed_at for tag in tags if tag.name == pull.reference), None)
    seen = Evidence(manifest.source, pull.container.image, f"exists as {manifest.value.digest}")
    if incident.symptom is not _CAUSE or pushed is None or pushed <= incident.occurred_at:
        return RuledOut(_CAUSE, (seen,))
    params = params_of(pull, incident, pushed_at=pushed.isoformat())
    return Finding(
        cause=_CAUSE,
        confidence=Confidence.LIKELY,
        summary=f"{pull.container.image} was pushed only after the task had failed: the next start finds it.",
        subject=pull.container.image,
        phase=Phase.IMAGE,
        fix=fix_for(_CAUSE, params),
        params=params,
        evidence=(
            said(incident),
            seen,
            Evidence(repository.tags.source, pull.reference, f"pushed {pushed.isoformat()}"),
        )
        if isinstance(repository.tags, Known)
        else (said(incident), seen),
    )


def _unchecked(incident: Incident, facts: Facts) -> str:
    found = pulls(incident, facts)
    names = ", ".join(pull.container.image for pull in found)
    foreign = next((pull.repository for pull in found if pull.repository), None)
    if foreign is not None and foreign.account != facts.account:
        return (
            f"The registry says that {names} does not exist. It is account {foreign.account}'s registry, where nothing "
            "could be looked up from here; a registry may answer so to those whom it does not admit."
        )
    return f"The registry says that {names or 'the image'} does not exist; that could not be looked up from here."
