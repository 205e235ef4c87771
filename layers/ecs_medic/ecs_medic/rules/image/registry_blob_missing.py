"""The registry knows the image and lacks a part of it.

Amazon ECR can be asked for the layers that the manifest of a single image names. The layers behind an index and the
configuration, a blob like them, are beyond what it says without a pull; of other registries there is only the message.

Source: https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchCheckLayerAvailability.html
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from ecs_medic.catalogue.fix import fix_for
from ecs_medic.facts import Facts
from ecs_medic.facts.fact import NOT_READ, Fact, Known, Unknown
from ecs_medic.facts.images import Manifest, Repository
from ecs_medic.finding import Confidence, Evidence, Finding, NotChecked, Outcome, Phase
from ecs_medic.incident import Incident
from ecs_medic.needs.pulls import Pull, pulls
from ecs_medic.rules.image.about import meant, params_of, shown_by_message
from ecs_medic.vocabulary import Id

_CAUSE = Id.REGISTRY_BLOB_MISSING
_MOST_SHOWN = 3


def registry_blob_missing(incident: Incident, facts: Facts) -> Iterable[Outcome]:
    """Certain where ECR says that it lacks a layer; else what the message says, and how far it was looked behind."""
    if incident.symptom is not _CAUSE:
        return
    shown = False
    for pull in pulls(incident, facts):
        if pull.repository is not None:
            for outcome in _judged(pull, facts.repository(pull.repository), incident):
                shown = shown or isinstance(outcome, Finding)
                yield outcome
    if not shown:
        yield from _by_the_message(incident, facts)


def _judged(pull: Pull, repository: Repository, incident: Incident) -> Iterator[Outcome]:
    manifest = repository.manifest(pull.reference)
    image = pull.container.image
    if isinstance(manifest, Unknown) and manifest is not NOT_READ:
        yield NotChecked(f"{_CAUSE}: {image}", manifest.reason, manifest.missing_permission)
    if not isinstance(manifest, Known):
        return
    if not manifest.value.layers:
        yield NotChecked(f"{_CAUSE}: {image}", "its tag leads to an index, whose images' layers were not looked up")
        return
    layers = {digest: repository.layers.get(digest, NOT_READ) for digest in manifest.value.layers}
    lacking = [digest for digest, there in layers.items() if isinstance(there, Known) and not there.value]
    if lacking:
        yield _finding(pull, lacking, layers[lacking[0]], manifest, incident)
    for unread in dict.fromkeys(one for one in layers.values() if isinstance(one, Unknown) and one is not NOT_READ):
        yield NotChecked(f"{_CAUSE}: the layers of {image}", unread.reason, unread.missing_permission)


def _finding(
    pull: Pull, lacking: list[str], read: Fact[bool], manifest: Known[Manifest], incident: Incident
) -> Finding:
    image = pull.container.image
    shown = ", ".join(lacking[:_MOST_SHOWN]) + (" …" if len(lacking) > _MOST_SHOWN else "")
    params = params_of(pull, incident, layers=list(lacking))
    return Finding(
        cause=_CAUSE,
        confidence=Confidence.CONFIRMED,
        summary=f"The registry lacks {len(lacking)} of the {len(manifest.value.layers)} layers of {image}: {shown}.",
        subject=image,
        phase=Phase.IMAGE,
        fix=fix_for(_CAUSE, params),
        params=params,
        evidence=(
            Evidence(read.source, image, f"not available: {shown}"),
            Evidence(manifest.source, image, f"its manifest {manifest.value.digest} names them"),
        ),
    )


def _by_the_message(incident: Incident, facts: Facts) -> Iterator[Finding]:
    """Only possible where every layer is there now."""
    also, complete = [], False
    for pull in meant(incident, facts):
        repository = facts.repository(pull.repository) if pull.repository else None
        manifest = repository.manifest(pull.reference) if repository else None
        if repository is None or not isinstance(manifest, Known):
            continue
        image, names = pull.container.image, manifest.value.layers
        also.append(Evidence(manifest.source, image, f"its manifest is there: {manifest.value.digest}"))
        there = [one for one in map(repository.layers.get, names) if isinstance(one, Known) and one.value]
        if there and len(there) == len(names):
            complete = True
            also.append(Evidence(there[0].source, image, f"all {len(names)} layers that it names are available now"))
    for finding in shown_by_message(_CAUSE, incident, facts, also=also):
        yield replace(finding, confidence=Confidence.POSSIBLE) if complete else finding
