"""The image string is malformed, or the registry's host was left out of it.

Source: https://github.com/distribution/reference
"""

import re
from collections.abc import Callable, Iterable

from ecs_medic.catalogue.fix import fix_for
from ecs_medic.facts import Facts
from ecs_medic.facts.fact import Known, Unknown
from ecs_medic.facts.images import RepositoryId
from ecs_medic.finding import Confidence, Evidence, Finding, Outcome, Phase, RuledOut
from ecs_medic.incident import Incident
from ecs_medic.needs.derive import is_about_exec
from ecs_medic.needs.pulls import Pull, pulls
from ecs_medic.rules.image.about import params_of, said, shown_by_message
from ecs_medic.vocabulary import Id

_CAUSE = Id.IMAGE_REFERENCE_INVALID
_UNFILLED = re.compile(r"\$\{?[A-Za-z_]|\{\{|<[A-Za-z_ ]+>|%\w+%")
_ECR_HOST_ALONE = re.compile(r"(?:library/)?\d{12}\.dkr[.-]ecr.*")


def image_reference_invalid(incident: Incident, facts: Facts) -> Iterable[Outcome]:
    """Certain for a malformed string, as soon as the task definition was read."""
    if is_about_exec(incident) or isinstance(facts.task_definition, Unknown):
        return
    source = facts.task_definition.source
    fired = False
    for pull in pulls(incident, facts):
        if why := _fault(pull):
            fired = True
            yield _malformed(pull, why, source, incident)
        elif stored := _forgotten_registry(pull, facts):
            fired = True
            yield _without_host(pull, stored, incident, facts)
        elif incident.symptom is not _CAUSE:
            seen = Evidence(source, pull.container.image, "a well-formed reference")
            yield RuledOut(_CAUSE, (seen,))
    if not fired:
        yield from shown_by_message(_CAUSE, incident, facts)


def _fault(pull: Pull) -> str | None:
    """What is wrong with the string, or None."""
    written = pull.container.image
    if pull.image is not None:
        host_alone = _ECR_HOST_ALONE.fullmatch(pull.image.repository) and pull.image.ecr is None
        return "it names a registry and no repository" if host_alone else None
    return next(why for why, applies in _FAULTS if applies(written))


def _has_capitals(written: str) -> bool:
    first, slash, rest = written.partition("@")[0].partition("/")
    path = rest if slash and ("." in first or ":" in first or first == "localhost") else written.partition("@")[0]
    repository = path.partition(":")[0]
    return repository.lower() != repository


_FAULTS: tuple[tuple[str, Callable[[str], object]], ...] = (
    ("it is empty", lambda written: not written.strip()),
    ("a variable in it was never filled in", _UNFILLED.search),
    ("it begins with a scheme, and a reference begins with the registry's host", lambda written: "://" in written),
    ("it contains white space", lambda written: len(written.split()) != 1 or written != written.strip()),
    ("its repository has capital letters", _has_capitals),
    ("its digest is not of the form sha256: and 64 hexadecimal digits", lambda written: "@" in written),
    ("it is not of the form HOST/REPOSITORY:TAG", lambda _: True),
)
"""What may be wrong, the likeliest reason of a malformed string first."""


def _malformed(pull: Pull, why: str, source: str, incident: Incident) -> Finding:
    params = params_of(pull, incident)
    return Finding(
        cause=_CAUSE,
        confidence=Confidence.CONFIRMED,
        summary=f"The image of {pull.container.name}, {pull.container.image!r}, is no valid reference: {why}.",
        subject=pull.container.image or pull.container.name,
        phase=Phase.IMAGE,
        fix=fix_for(_CAUSE, params),
        params=params,
        evidence=(Evidence(source, pull.container.name, f"image is {pull.container.image!r}: {why}"),),
    )


def _forgotten_registry(pull: Pull, facts: Facts) -> RepositoryId | None:
    """The repository of this account's own registry that has what Docker Hub was asked for."""
    if pull.hostless is None:
        return None
    identifier = RepositoryId(facts.account, facts.region, pull.hostless)
    manifest = facts.repository(identifier).manifest(pull.reference)
    return identifier if isinstance(manifest, Known) else None


def _without_host(pull: Pull, stored: RepositoryId, incident: Incident, facts: Facts) -> Finding:
    params = params_of(pull, incident)
    manifest = facts.repository(stored).manifest(pull.reference)
    seen = f"has {pull.reference}, which the reference without a registry's host asks of Docker Hub"
    return Finding(
        cause=_CAUSE,
        confidence=Confidence.LIKELY,
        summary=f"{pull.container.image} names no registry, so Docker Hub is asked; the image is in this account's "
        f"registry of {stored.region}.",
        subject=pull.container.image,
        phase=Phase.IMAGE,
        fix=fix_for(_CAUSE, params),
        params=params,
        evidence=(said(incident), Evidence(manifest.source, stored.name, seen)),
    )
