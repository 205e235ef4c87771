"""Image references, and whether ECR has the image."""

import json
import re
from dataclasses import dataclass
from typing import Any

from moto.ecr.models import ecr_backends

from sandbox.ecs.policies import Verdict, judge, load

_ECR_HOST = re.compile(r"^(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(\.cn)?$")


@dataclass(frozen=True, slots=True)
class ImageReference:
    """A container image split up; `account` and `region` only where the registry is a private ECR."""

    text: str
    host: str
    repository: str
    reference: str
    account: str | None = None
    region: str | None = None


def parse(image: str) -> ImageReference:
    """Splits an image as a container runtime does: docker.io and `latest` where nothing is said."""
    first, _, rest = image.partition("/")
    named_host = bool(rest) and ("." in first or ":" in first or first == "localhost")
    host, path = (first, rest) if named_host else ("registry-1.docker.io", image)
    if "@" in path:
        repository, _, reference = path.partition("@")
        repository = repository.partition(":")[0]
    else:
        repository, _, reference = path.partition(":")
    if not named_host and "/" not in repository:
        repository = f"library/{repository}"
    ecr = _ECR_HOST.match(host)
    return ImageReference(
        text=image,
        host=host,
        repository=repository,
        reference=reference or "latest",
        account=ecr["account"] if ecr else None,
        region=ecr["region"] if ecr else None,
    )


def digest_in_ecr(image: ImageReference) -> str | None:
    """The digest of an ECR image that exists in the embedded account, else None."""
    stored = _stored(image)
    return str(stored.get_image_digest()) if stored else None


def _stored(image: ImageReference) -> Any:
    if image.account is None or image.region is None:
        return None
    repository: Any = ecr_backends[image.account][image.region].repositories.get(image.repository)
    for candidate in repository.images if repository else ():
        if image.reference in {str(candidate.get_image_digest()), *candidate.image_tags}:
            return candidate
    return None


def platforms_in_ecr(image: ImageReference) -> set[str]:
    """What the index behind an image of this account serves ("linux/amd64"); nothing where it is a single image."""
    stored = _stored(image)
    manifests = json.loads(stored.image_manifest).get("manifests", []) if stored else []
    return {f"{one['platform']['os']}/{one['platform']['architecture']}" for one in manifests}


def admitted(image: ImageReference, role_arn: str) -> bool:
    """Whether the policy of another account's repository lets the role pull; one that nobody keeps here does."""
    if image.account is None or image.region is None:
        return True
    repository: Any = ecr_backends[image.account][image.region].repositories.get(image.repository)
    if repository is None:
        return True
    documents = [load(repository.policy)] if repository.policy else []
    return judge(documents, "ecr:BatchGetImage", "*", {}, role_arn) is Verdict.ALLOW
