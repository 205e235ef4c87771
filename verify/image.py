"""Copies one tiny public image into the account's repository: no Docker, only the registries' own HTTP API.

Sources: https://distribution.github.io/distribution/spec/api/ ·
https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry_auth.html
"""

import hashlib
import json
import urllib.request
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

IMAGE = "docker/library/busybox"
PUBLIC = "https://public.ecr.aws"
_INDEX = ("application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json")
_MANIFEST = ("application/vnd.oci.image.manifest.v1+json", "application/vnd.docker.distribution.manifest.v2+json")
_SECONDS = 60


class BadImageError(Exception):
    """What was fetched is not what its digest says, or there is no image for linux/amd64."""


@dataclass(frozen=True, slots=True)
class Repository:
    """One repository of a registry: its address up to the name, and the value of the Authorization header."""

    url: str
    authorization: str

    def ask(self, method: str, path: str, data: bytes | None = None, **headers: str) -> tuple[bytes, Any]:
        """One request; the body and the headers of the answer."""
        request = urllib.request.Request(  # noqa: S310 - an address of ours
            urljoin(f"{self.url}/", path), data=data, method=method, headers={"Authorization": self.authorization}
        )
        for name, value in headers.items():
            request.add_header(name.replace("_", "-"), value)
        with urllib.request.urlopen(request, timeout=_SECONDS) as answer:  # noqa: S310 - as above
            return answer.read(), answer.headers


def public() -> Repository:
    """The public image, for anybody."""
    scope = f"{PUBLIC}/token/?service=public.ecr.aws&scope=repository:{IMAGE}:pull"
    with urllib.request.urlopen(scope, timeout=_SECONDS) as answer:  # noqa: S310 - a constant
        token = json.load(answer)["token"]
    return Repository(f"{PUBLIC}/v2/{IMAGE}", f"Bearer {token}")


def copy(source: Repository, target: Repository, tag: str = "latest") -> str:
    """Copies the image for linux/amd64 and returns its digest.

    Raises:
        BadImageError: see there.
        urllib.error.URLError: a registry refused.
    """
    manifest, kind = _manifest(source, tag)
    parts = json.loads(manifest)
    for part in (parts["config"], *parts["layers"]):
        _blob(source, target, part["digest"])
    target.ask("PUT", f"manifests/{tag}", manifest, Content_Type=kind)
    return _digest(manifest)


def _manifest(source: Repository, tag: str) -> tuple[bytes, str]:
    body, headers = source.ask("GET", f"manifests/{tag}", Accept=", ".join(_INDEX + _MANIFEST))
    if headers.get_content_type() not in _INDEX:
        return body, headers.get_content_type()
    fit = [
        one
        for one in json.loads(body)["manifests"]
        if (one["platform"]["os"], one["platform"]["architecture"]) == ("linux", "amd64")
    ]
    if not fit:
        raise BadImageError("the image is not there for linux/amd64")
    body, headers = source.ask("GET", f"manifests/{fit[0]['digest']}", Accept=", ".join(_MANIFEST))
    _compare(body, fit[0]["digest"])
    return body, headers.get_content_type()


def _blob(source: Repository, target: Repository, digest: str) -> None:
    body, _ = source.ask("GET", f"blobs/{digest}")
    _compare(body, digest)
    _, headers = target.ask("POST", "blobs/uploads/", b"")
    location = urljoin(f"{target.url}/", headers["Location"])
    join = "&" if "?" in location else "?"
    target.ask("PUT", f"{location}{join}digest={digest}", body, Content_Type="application/octet-stream")


def _compare(body: bytes, digest: str) -> None:
    if _digest(body) != digest:
        raise BadImageError(f"what was fetched as {digest} is something else")


def _digest(body: bytes) -> str:
    return f"sha256:{hashlib.sha256(body).hexdigest()}"
