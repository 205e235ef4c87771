"""Amazon ECR answers for its own account's registry, keeps pull-through cache rules, and names the digests it lacks.

Another account's registry is asked with `registryId`: it answers only what its repository's policy admits, and says
AccessDenied for everything else, existing or not.

Source: https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchGetImage.html
"""

import time
from typing import Any

from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult
from moto.ecr.models import ECRBackend, ecr_backends
from moto.ecr.responses import ECRResponse

from sandbox.ecs.policies import Verdict, judge, load
from sandbox.moto_patches.patching import replace

_RULES = "_sandbox_cache_rules"
_OF_A_REPOSITORY = {
    "batch_get_image": "ecr:BatchGetImage",
    "describe_images": "ecr:DescribeImages",
    "get_repository_policy": "ecr:GetRepositoryPolicy",
}


class AccessDeniedError(ServiceException):
    """What IAM answers for a registry that admits nobody from outside."""

    code = "AccessDeniedException"


def install() -> None:
    """Replaces the reads, and adds the two operations on cache rules."""
    for operation, action in _OF_A_REPOSITORY.items():
        _guard(operation, action)
    _guard("describe_repositories", "ecr:DescribeRepositories")
    _missing_digests()
    _cache_rules()


def _guard(operation: str, action: str) -> None:
    original = getattr(ECRResponse, operation)

    @replace(ECRResponse, operation)
    def guarded(self: Any) -> Any:
        registry = self._get_param("registryId")
        if not registry or registry == self.current_account:
            return original(self)
        repository = self._get_param("repositoryName")
        _admit(self, registry, repository, action)
        asked_from, self.current_account = self.current_account, registry
        try:
            return original(self)
        finally:
            self.current_account = asked_from


def _admit(response: Any, registry: str, repository: str | None, action: str) -> None:
    found = ecr_backends[registry][response.region].repositories.get(repository) if repository else None
    caller = f"arn:aws:iam::{response.current_account}:root"
    if found is None or not found.policy or judge([load(found.policy)], action, "*", {}, caller) is not Verdict.ALLOW:
        resource = f"arn:aws:ecr:{response.region}:{registry}:repository/{repository or '*'}"
        raise AccessDeniedError(
            f"User: {caller} is not authorized to perform: {action} on resource: {resource} because no resource-based "
            f"policy allows the {action} action"
        )


def _missing_digests() -> None:
    original = ECRBackend.batch_get_image

    @replace(ECRBackend)
    def batch_get_image(
        self: Any, repository_name: str, registry_id: str | None = None, image_ids: list[Any] | None = None
    ) -> Any:
        answer = original(self, repository_name, registry_id, image_ids)
        wanted = [one for one in image_ids or [] if not _has(self.repositories[repository_name], one)]
        for failure, identifier in zip(answer["failures"], wanted, strict=True):
            failure["imageId"] = dict(identifier)
        return answer


def _has(repository: Any, identifier: dict[str, str]) -> bool:
    return any(
        identifier.get("imageDigest") == image.get_image_digest() or identifier.get("imageTag") in image.image_tags
        for image in repository.images
    )


def _cache_rules() -> None:
    @replace(ECRResponse)
    def create_pull_through_cache_rule(self: Any) -> ActionResult:
        rule = {
            "ecrRepositoryPrefix": self._get_param("ecrRepositoryPrefix"),
            "upstreamRegistryUrl": self._get_param("upstreamRegistryUrl"),
            "registryId": self.current_account,
            "createdAt": time.time(),
        }
        _rules(self).append(rule)
        return ActionResult(rule)

    @replace(ECRResponse)
    def describe_pull_through_cache_rules(self: Any) -> ActionResult:
        return ActionResult({"pullThroughCacheRules": _rules(self)})


def _rules(response: Any) -> list[dict[str, Any]]:
    backend = response.ecr_backend
    if not hasattr(backend, _RULES):
        setattr(backend, _RULES, [])
    rules: list[dict[str, Any]] = getattr(backend, _RULES)
    return rules
