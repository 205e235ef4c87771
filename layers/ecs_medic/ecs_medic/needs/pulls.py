"""The images that an incident is about."""

import re
from dataclasses import dataclass

from ecs_medic.facts import Facts, Known
from ecs_medic.facts.ecs import ContainerDefinition
from ecs_medic.facts.images import RepositoryId
from ecs_medic.incident import Incident
from ecs_medic.needs.image import DOCKER_HUB, Image, parse_image
from ecs_medic.needs.told import told, words_of

_LATEST = "latest"


@dataclass(frozen=True, slots=True)
class Pull:
    """One container's image; `image` is None where the reference is malformed.

    `pinned` is the digest that the messages show beside a reference that names none: ECS resolves a tag once for each
    deployment, and starts every task of it from that digest.
    """

    container: ContainerDefinition
    image: Image | None
    pinned: str | None = None

    @property
    def repository(self) -> RepositoryId | None:
        """The repository, where it is one of a private ECR registry."""
        if self.image is None or self.image.ecr is None:
            return None
        return RepositoryId(self.image.ecr.account, self.image.ecr.region, self.image.repository)

    @property
    def reference(self) -> str:
        """What the registry is asked for: the digest, which outranks a tag, or the tag."""
        return (self.image.digest or self.image.tag or _LATEST) if self.image else ""

    @property
    def hostless(self) -> str | None:
        """The repository as written, where the reference names no registry, so that Docker Hub is asked."""
        if self.image is None or self.image.registry != DOCKER_HUB:
            return None
        written = self.image.repository.removeprefix("library/")
        return written if self.image.reference.startswith(written) else None


def pulls(incident: Incident, facts: Facts) -> tuple[Pull, ...]:
    """The images that the messages name, or whose containers have a reason; all of the task's where there are none."""
    if not isinstance(facts.task_definition, Known):
        return ()
    words = words_of(incident, facts)
    found = tuple(_pull(container, words) for container in facts.task_definition.value.containers)
    named = told(found, _names, words)
    if len(named) < len(found):
        return named
    return tuple(one for one in found if _has_reason(one.container.name, facts)) or found


def _pull(container: ContainerDefinition, words: str) -> Pull:
    image = parse_image(container.image)
    if image is None or image.digest:
        return Pull(container, image)
    pinned = re.search(rf"{re.escape(image.repository)}@(sha256:[0-9a-f]{{64}})", words)
    return Pull(container, image, pinned[1] if pinned else None)


def _names(pull: Pull) -> tuple[str, ...]:
    if pull.image is None:
        return (pull.container.image,)
    return (pull.container.image, f"{pull.image.registry}/{pull.image.repository}@", f"{pull.image.repository}:")


def _has_reason(name: str, facts: Facts) -> bool:
    container = facts.task.value.container(name) if isinstance(facts.task, Known) else None
    return container is not None and bool(container.reason)
