"""Which registry, repository and tag of Amazon ECR a message names: docker's words, ECR's own, or IAM's.

Source: https://docs.aws.amazon.com/AmazonECR/latest/userguide/Registries.html
"""

import re
from dataclasses import dataclass

_NAME = r"[a-z0-9]+(?:[._/-]+[a-z0-9]+)*"
_HOST = re.compile(
    r"(?P<account>\d{12})\.dkr[.-]ecr(?:-fips)?\.(?P<region>[a-z]{2,}(?:-[a-z0-9]+)+)\.(?P<suffix>amazonaws\.com(?:\.cn)?"
    rf"|on\.aws)(?:/v2)?(?:/(?P<repository>{_NAME})(?::(?P<tag>[A-Za-z0-9_][\w.-]{{0,127}}))?)?"
)
_ARN = re.compile(
    rf"arn:aws[a-z-]*:ecr:(?P<region>[a-z0-9-]+):(?P<account>\d{{12}}):repository/(?P<repository>{_NAME})"
)
_REGISTRY_ID = re.compile(r"registry with id ['\"‘“]?(?P<account>\d{12})")
_REPOSITORY = re.compile(
    rf"repository with name ['\"‘“]?(?P<repository>{_NAME})|in the ['\"‘“](?P<other>{_NAME})['\"’”] repository"
)
_TAG = re.compile(r"image tag ['\"‘“](?P<tag>[A-Za-z0-9_][\w.-]{0,127})['\"’”]")
_PUBLIC = re.compile(rf"public\.ecr\.aws(?:/(?P<repository>{_NAME}))?")
_PARTS_OF_A_PATH = ("/manifests", "/blobs", "/tags")
_PUBLIC_REGION = "us-east-1"
"""Where ECR Public's API is."""


@dataclass(frozen=True, slots=True)
class EcrNamed:
    """What the message names; None for what it leaves out. `public` is the registry public.ecr.aws."""

    account: str | None = None
    region: str | None = None
    repository: str | None = None
    tag: str | None = None
    public: bool = False

    @property
    def registry(self) -> str | None:
        """The host to log in to."""
        if self.public:
            return "public.ecr.aws"
        if not (self.account and self.region):
            return None
        suffix = "amazonaws.com.cn" if self.region.startswith("cn-") else "amazonaws.com"
        return f"{self.account}.dkr.ecr.{self.region}.{suffix}"


def ecr_named(message: str | None) -> EcrNamed:
    """The first of each that the message names, a registry's host before an ARN before a sentence."""
    text = " ".join((message or "").split())
    host, arn, sentence = _longest(_HOST, text), _ARN.search(text), _REPOSITORY.search(text)
    account, tag = _REGISTRY_ID.search(text), _TAG.search(text)
    if host is None and arn is None and (public := _PUBLIC.search(text)):
        return EcrNamed(None, _PUBLIC_REGION, public["repository"], tag["tag"] if tag else None, public=True)
    return EcrNamed(
        account=_of(host, "account") or _of(arn, "account") or _of(account, "account"),
        region=_of(host, "region") or _of(arn, "region"),
        repository=_repository(host) or _of(arn, "repository") or _of(sentence, "repository") or _of(sentence, "other"),
        tag=_of(host, "tag") or _of(tag, "tag"),
    )


def _longest(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    """The first match that names a repository, else the first one."""
    found = list(pattern.finditer(text))
    return next((one for one in found if one["repository"]), found[0] if found else None)


def _repository(host: re.Match[str] | None) -> str | None:
    """Without the parts of the registry's own addresses, and never what merely asks for its version."""
    name = _of(host, "repository")
    if name is None:
        return None
    for part in _PARTS_OF_A_PATH:
        name = name.partition(part)[0]
    return None if name == "v2" else name


def _of(match: re.Match[str] | None, group: str) -> str | None:
    return match[group] if match else None
