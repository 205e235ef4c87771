"""The image does not serve the operating system or the CPU architecture that the task asks for.

Certain where the tag leads to an index: that lists its platforms. The manifest of a single image does not say its own,
and its configuration is a blob that nobody here pulls.

Source: https://github.com/opencontainers/image-spec/blob/main/image-index.md
"""

from collections.abc import Iterable

from ecs_medic.catalogue.fix import fix_for
from ecs_medic.facts import Facts
from ecs_medic.facts.ecs import TaskDefinition
from ecs_medic.facts.fact import NOT_READ, Known, Unknown
from ecs_medic.facts.images import Manifest, Platform
from ecs_medic.finding import Confidence, Evidence, Finding, NotChecked, Outcome, Phase, RuledOut
from ecs_medic.incident import Incident
from ecs_medic.needs.carriers import FARGATE, launch_type
from ecs_medic.needs.pulls import Pull, pulls
from ecs_medic.rules.image.about import params_of, shown_by_message
from ecs_medic.vocabulary import Id

_CAUSE = Id.IMAGE_PLATFORM_MISMATCH
_ARCHITECTURES = {"X86_64": "amd64", "ARM64": "arm64"}


def image_platform_mismatch(incident: Incident, facts: Facts) -> Iterable[Outcome]:
    """Each image whose manifest was read."""
    found = [outcome for pull in pulls(incident, facts) for outcome in _judged(pull, incident, facts)]
    yield from found
    if not any(isinstance(outcome, Finding | RuledOut) for outcome in found):
        asked = wanted(facts)
        also = _asked_for(facts, asked) if asked else ()
        yield from shown_by_message(_CAUSE, incident, facts, also=also)


def wanted(facts: Facts) -> Platform | None:
    """What the task asks for; Fargate's default is Linux on x86-64. None where the instance decides it."""
    if not isinstance(facts.task_definition, Known):
        return None
    definition: TaskDefinition = facts.task_definition.value
    on_fargate = launch_type(facts) == FARGATE
    architecture = (definition.cpu_architecture or ("X86_64" if on_fargate else "")).upper()
    system = (definition.operating_system or "LINUX").upper()
    if architecture not in _ARCHITECTURES:
        return None
    return Platform("windows" if system.startswith("WINDOWS") else "linux", _ARCHITECTURES[architecture])


def _judged(pull: Pull, incident: Incident, facts: Facts) -> Iterable[Outcome]:
    if pull.repository is None:
        return
    manifest = facts.repository(pull.repository).manifest(pull.reference)
    image = pull.container.image
    if isinstance(manifest, Unknown) and manifest is not NOT_READ:
        yield NotChecked(_CAUSE, f"{image}: {manifest.reason}", manifest.missing_permission)
    if not isinstance(manifest, Known):
        return
    asked, platforms = wanted(facts), manifest.value.platforms
    if not platforms:
        yield NotChecked(
            _CAUSE, f"{image} is a single image, whose manifest does not say for what platform it was built"
        )
    elif asked is None:
        yield NotChecked(_CAUSE, "the task definition names no CPU architecture, and the instance's is not known")
    elif any((one.os, one.architecture) == (asked.os, asked.architecture) for one in platforms):
        seen = f"serves {', '.join(map(str, platforms))}; the task asks for {asked}"
        yield RuledOut(_CAUSE, (Evidence(manifest.source, pull.container.image, seen),))
    else:
        yield _finding(pull, manifest, asked, incident, facts)


def _finding(pull: Pull, manifest: Known[Manifest], asked: Platform, incident: Incident, facts: Facts) -> Finding:
    serves = [str(one) for one in manifest.value.platforms or ()]
    params = params_of(pull, incident, platform=str(asked), image_platforms=list(serves))
    commands = (
        f"docker buildx build --platform {asked} -t {pull.container.image} --push .",
        f"docker buildx imagetools inspect {pull.container.image}",
    )
    return Finding(
        cause=_CAUSE,
        confidence=Confidence.CONFIRMED,
        summary=f"{pull.container.image} serves {', '.join(serves)}, and the task asks for {asked}.",
        subject=pull.container.image,
        phase=Phase.IMAGE,
        fix=fix_for(_CAUSE, params, cli=commands),
        params=params,
        evidence=(
            Evidence(manifest.source, pull.container.image, f"the index lists {', '.join(serves)}"),
            *_asked_for(facts, asked),
        ),
    )


def _asked_for(facts: Facts, asked: Platform) -> tuple[Evidence, ...]:
    if not isinstance(facts.task_definition, Known):
        return ()
    definition = facts.task_definition.value
    said = "runtimePlatform says" if definition.cpu_architecture else "without runtimePlatform, Fargate runs"
    return (Evidence(facts.task_definition.source, definition.name, f"{said} {asked}"),)
