"""The container's own words say that its image is for another processor: a sign of image_platform_mismatch."""

from collections.abc import Iterable

from ecs_medic.catalogue.fix import fix_for
from ecs_medic.facts import Facts
from ecs_medic.facts.ecs import Container
from ecs_medic.facts.fact import Known
from ecs_medic.finding import Confidence, Finding, Outcome, Phase, RuledOut
from ecs_medic.incident import Incident
from ecs_medic.rules.image.image_platform_mismatch import image_platform_mismatch
from ecs_medic.rules.run.ended import container_params, exit_evidence, log_evidence
from ecs_medic.rules.run.exec_format import speaks_of_format
from ecs_medic.rules.run.said import definition_evidence
from ecs_medic.vocabulary import Id


def exec_format_error(incident: Incident, facts: Facts) -> Iterable[Outcome]:
    """Likely, no more: only the image's manifest shows what it was built for, and a bare script fails so too."""
    if not isinstance(facts.task, Known) or incident.symptom is Id.IMAGE_PLATFORM_MISMATCH:
        # Where AWS's own message says so, the rule on the image's manifest speaks.
        return
    task = facts.task.value
    architecture = (
        (facts.task_definition.value.cpu_architecture or "X86_64") if isinstance(facts.task_definition, Known) else None
    )
    speaking = [one for one in task.containers if speaks_of_format(facts, one)]
    by_manifest = list(image_platform_mismatch(incident, facts)) if speaking else []
    told = {one.params.get("container") for one in by_manifest if isinstance(one, Finding)}
    served = {seen.resource for one in by_manifest if isinstance(one, RuledOut) for seen in one.evidence}
    for container in speaking:
        if container.name in told:
            # The manifest shows it: one finding is enough.
            continue
        serves = _image_of(container, facts) in served
        params = container_params(incident, facts, container.name)
        if container.image:
            params["image"] = container.image
        if architecture:
            params["cpu_architecture"] = architecture
        yield Finding(
            cause=Id.IMAGE_PLATFORM_MISMATCH,
            confidence=Confidence.POSSIBLE if serves else Confidence.LIKELY,
            summary=f"Container {container.name} says “exec format error”: {_why(architecture, serves=serves)}",
            subject=container.image or container.name,
            phase=Phase.CONTAINER_START,
            fix=fix_for(Id.IMAGE_PLATFORM_MISMATCH, params),
            params=params,
            evidence=(
                exit_evidence(facts, container),
                *log_evidence(facts, container.name),
                *definition_evidence(facts, container.name, [f"the task's architecture is {architecture}"]),
            ),
        )


def _image_of(container: Container, facts: Facts) -> str | None:
    """As the task definition writes it."""
    defined = (
        facts.task_definition.value.container(container.name) if isinstance(facts.task_definition, Known) else None
    )
    return defined.image if defined else container.image


def _why(architecture: str | None, *, serves: bool) -> str:
    whose = f"the task's, {architecture}" if architecture else "the task's"
    if serves:
        return (
            f"its image serves {whose}, so that a program in it is for another processor after all, or a script lacks "
            "its first line (#!)."
        )
    return f"its image was built for another processor architecture than {whose}."
