"""What Amazon ECR says of the images that a task pulls.

Source: https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchGetImage.html
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from ecs_medic.facts.fact import NOT_READ, Fact


@dataclass(frozen=True, slots=True)
class RepositoryId:
    """A repository of a private registry: the account that owns it, its Region, and its whole name."""

    account: str
    region: str
    name: str

    def arn(self, partition: str) -> str:
        """As IAM and repository policies know it."""
        return f"arn:{partition}:ecr:{self.region}:{self.account}:repository/{self.name}"


@dataclass(frozen=True, slots=True)
class Platform:
    """An operating system and a CPU architecture, as image indexes write them: "linux", "arm64", "v8"."""

    os: str
    architecture: str
    variant: str | None = None

    def __str__(self) -> str:
        """As docker writes it: "linux/arm64"."""
        return "/".join(part for part in (self.os, self.architecture, self.variant) if part)


@dataclass(frozen=True, slots=True)
class Manifest:
    """The manifest behind a tag or a digest.

    `platforms` is None for the manifest of a single image: only its configuration, a blob of the registry, tells.
    """

    digest: str
    media_type: str
    platforms: tuple[Platform, ...] | None = None
    config_media_type: str | None = None
    layer_media_types: tuple[str, ...] = ()
    layers: tuple[str, ...] = ()
    """Digests of a single image's layers that the registry itself keeps; those of Windows' bases may be elsewhere."""


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag of a repository, and when its image was pushed."""

    name: str
    digest: str
    pushed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CacheRule:
    """A pull-through cache rule: repositories whose names begin with `prefix` are filled from `upstream`."""

    prefix: str
    upstream: str

    def serves(self, repository: str) -> bool:
        """Whether a repository of this name is one of the rule's."""
        return self.prefix == "ROOT" or repository.startswith(f"{self.prefix}/")


@dataclass(frozen=True, slots=True)
class Repository:
    """One repository as far as it was read.

    `found` is absent where the registry has no such repository. `manifests` are keyed by the tag or digest that was
    asked for, `tags` stand newest first. `siblings` are the names of the registry's repositories. `tag_mutability` is
    "MUTABLE", "IMMUTABLE", or either "_WITH_EXCLUSION".
    """

    id: RepositoryId
    found: Fact[RepositoryId] = NOT_READ
    manifests: Mapping[str, Fact[Manifest]] = field(default_factory=dict)
    tags: Fact[tuple[Tag, ...]] = NOT_READ
    siblings: Fact[tuple[str, ...]] = NOT_READ
    cache_rules: Fact[tuple[CacheRule, ...]] = NOT_READ
    tag_mutability: Fact[str] = NOT_READ
    layers: Mapping[str, Fact[bool]] = field(default_factory=dict)
    """Whether the registry has the layer, by digest: of those that were asked about."""

    def manifest(self, reference: str) -> Fact[Manifest]:
        """What is known of that tag or digest."""
        return self.manifests.get(reference, NOT_READ)
