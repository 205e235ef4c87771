"""An image reference taken apart, as docker and containerd read it.

Source: https://github.com/distribution/reference (the grammar), and
https://docs.aws.amazon.com/AmazonECR/latest/userguide/Registries.html for Amazon ECR's host names.
"""

import re
from dataclasses import dataclass

DOCKER_HUB = "docker.io"

_ECR_HOST = re.compile(
    r"(?P<account>\d{12})\.dkr(?:\.ecr(?P<fips>-fips)?\.(?P<region>[a-z0-9-]+)\.(?!on\.)[a-z0-9.-]+"
    r"|-ecr(?P<dual_fips>-fips)?\.(?P<dual_region>[a-z0-9-]+)\.on\.[a-z0-9.-]+)"
)
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::\d{1,5})?", re.IGNORECASE)
_REPOSITORY = re.compile(r"[a-z0-9]+(?:(?:\.|_{1,2}|-+|/)[a-z0-9]+)*")
_TAG = re.compile(r"\w[\w.-]{0,127}", re.ASCII)
_DIGEST = re.compile(r"[a-z0-9]+(?:[+._-][a-z0-9]+)*:[0-9a-fA-F]{32,}")


@dataclass(frozen=True, slots=True)
class EcrRegistry:
    """A private registry of Amazon ECR.

    No VPC endpoint answers a dual-stack host (`…on.aws`).
    Source: https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-requests.html
    """

    account: str
    region: str
    dual_stack: bool = False
    fips: bool = False


@dataclass(frozen=True, slots=True)
class Image:
    """A reference taken apart; `registry` is a host with its port, if it names one."""

    reference: str
    registry: str
    repository: str
    tag: str | None = None
    digest: str | None = None
    ecr: EcrRegistry | None = None


def parse_image(reference: str) -> Image | None:
    """The parts of an image reference, or None where it is malformed.

    A short name belongs to Docker Hub, a name without a namespace there to `library`.
    """
    name, at, digest = reference.partition("@")
    if at and not _DIGEST.fullmatch(digest):
        return None
    first, slash, rest = name.partition("/")
    if slash and ("." in first or ":" in first or first == "localhost"):
        registry, path = first, rest
    else:
        registry, path = DOCKER_HUB, name
    path, colon, tag = path.partition(":")
    if (colon and not _TAG.fullmatch(tag)) or not _HOST.fullmatch(registry) or not _REPOSITORY.fullmatch(path):
        return None
    if registry in {DOCKER_HUB, "index.docker.io", "registry-1.docker.io"}:
        registry = DOCKER_HUB
        path = path if "/" in path else f"library/{path}"
    return Image(reference, registry, path, tag or None, digest or None, _ecr_registry(registry))


def _ecr_registry(host: str) -> EcrRegistry | None:
    match = _ECR_HOST.fullmatch(host)
    if match is None:
        return None
    return EcrRegistry(
        account=match["account"],
        region=match["region"] or match["dual_region"],
        dual_stack=match["dual_region"] is not None,
        fips=bool(match["fips"] or match["dual_fips"]),
    )
