"""The image is in a form that the platform cannot read, or is no container image at all."""

from collections.abc import Iterable, Iterator

from ecs_medic.catalogue.fix import fix_for
from ecs_medic.facts import Facts
from ecs_medic.facts.fact import Known
from ecs_medic.facts.images import Manifest
from ecs_medic.finding import Confidence, Evidence, Finding, Outcome, Phase
from ecs_medic.incident import Incident
from ecs_medic.needs.pulls import Pull, pulls
from ecs_medic.rules.image.about import params_of, shown_by_message
from ecs_medic.vocabulary import Id

_CAUSE = Id.IMAGE_FORMAT_UNSUPPORTED
_CONFIGURATIONS = frozenset(
    {"application/vnd.docker.container.image.v1+json", "application/vnd.oci.image.config.v1+json"}
)
"""The media types of a container image's configuration: whatever else a registry keeps has one of its own."""


def image_format_unsupported(incident: Incident, facts: Facts) -> Iterable[Outcome]:
    """Certain for what is stored as something else than an image: a chart, a signature, an attestation."""
    manifests = list(_manifests(incident, facts))
    fired = False
    for pull, manifest in manifests:
        kind = manifest.value.config_media_type
        if kind is not None and kind not in _CONFIGURATIONS:
            fired = True
            yield _no_image(pull, manifest, kind, incident)
    if not fired:
        also = [Evidence(one.source, pull.container.image, _forms(one.value)) for pull, one in manifests]
        yield from shown_by_message(_CAUSE, incident, facts, also=also)


def _manifests(incident: Incident, facts: Facts) -> Iterator[tuple[Pull, Known[Manifest]]]:
    for pull in pulls(incident, facts):
        if pull.repository is not None:
            manifest = facts.repository(pull.repository).manifest(pull.reference)
            if isinstance(manifest, Known):
                yield pull, manifest


def _forms(manifest: Manifest) -> str:
    return ", ".join(filter(None, (manifest.media_type, manifest.config_media_type, *manifest.layer_media_types)))


def _no_image(pull: Pull, manifest: Known[Manifest], kind: str, incident: Incident) -> Finding:
    params = params_of(pull, incident, media_type=kind)
    return Finding(
        cause=_CAUSE,
        confidence=Confidence.CONFIRMED,
        summary=f"{pull.container.image} is no container image: its configuration is of the type {kind}.",
        subject=pull.container.image,
        phase=Phase.IMAGE,
        fix=fix_for(_CAUSE, params),
        params=params,
        evidence=(Evidence(manifest.source, pull.container.image, f"config.mediaType is {kind}"),),
    )
