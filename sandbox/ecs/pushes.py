"""Amazon ECR's calls of a push: who may make them, and what CloudTrail tells of those that were refused.

Source: https://docs.aws.amazon.com/AmazonECR/latest/userguide/logging-using-cloudtrail.html
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult
from moto.ecr.models import ecr_backends

from sandbox.ecs import errors, identity
from sandbox.ecs.authorization import refusal_of
from sandbox.ecs.events import api_call
from sandbox.ecs.world import World


@dataclass(frozen=True, slots=True)
class PushCall:
    """A call of a push by its API name; those that change nothing are read-only to CloudTrail."""

    name: str
    read_only: bool = False


PUSH: Mapping[str, PushCall] = {
    "get_authorization_token": PushCall("GetAuthorizationToken", read_only=True),
    "batch_check_layer_availability": PushCall("BatchCheckLayerAvailability", read_only=True),
    "initiate_layer_upload": PushCall("InitiateLayerUpload"),
    "upload_layer_part": PushCall("UploadLayerPart"),
    "complete_layer_upload": PushCall("CompleteLayerUpload"),
    "put_image": PushCall("PutImage"),
}


class RefusedError(ServiceException):
    """What IAM answers."""

    code = errors.ACCESS_DENIED


class NoRepositoryError(ServiceException):
    """What ECR answers for a repository that it does not have."""

    code = "RepositoryNotFoundException"


class TagExistsError(ServiceException):
    """What ECR answers where tags are immutable."""

    code = "ImageTagAlreadyExistsException"


def perform(world: World, response: Any, name: str, original: Callable[[Any], ActionResult]) -> ActionResult:
    """One call of a push, with its event where it was refused."""
    try:
        _admit(world, response, PUSH[name])
        return original(response)
    except (RefusedError, NoRepositoryError, TagExistsError) as error:
        _report(world, response, PUSH[name], error)
        raise


def _admit(world: World, response: Any, call: PushCall) -> None:
    repository, registry, tag = (_asked(response, name) for name in ("repositoryName", "registryId", "imageTag"))
    registry = registry or world.account
    arn = world.arn("ecr", f"repository/{repository}", account=registry) if repository else "*"
    caller = identity.of_request(world, response.headers)
    if message := refusal_of(world, caller, f"ecr:{call.name}", arn):
        raise RefusedError(message)
    if repository is None:
        return
    found = ecr_backends[registry][world.region].repositories.get(repository)
    if found is None:
        raise NoRepositoryError(
            f"The repository with name '{repository}' does not exist in the registry with id '{registry}'"
        )
    immutable = found.image_tag_mutability == "IMMUTABLE"
    if call.name == "PutImage" and immutable and any(tag in image.image_tags for image in found.images):
        raise TagExistsError(
            f"The image tag '{tag}' already exists in the '{repository}' repository and cannot be overwritten because "
            "the repository is immutable."
        )


def _report(world: World, response: Any, call: PushCall, error: ServiceException) -> None:
    """Of a call that was not authorized, CloudTrail leaves the parameters out; manifests are never shown."""
    names = ("registryId", "repositoryName", "imageTag")
    request = {name: value for name in names if (value := _asked(response, name)) is not None}
    event = api_call(
        world,
        world.clock(),
        name=call.name,
        identity=identity.of_request(world, response.headers),
        request=None if isinstance(error, RefusedError) else request,
        error=(str(error.code), str(error.message)),
        response=None,
        user_agent="docker/28.3.2 go/go1.24.5 git-commit/e77ff99 os/linux arch/amd64",
        service="ecr",
        read_only=call.read_only,
    )
    world.outbox.emit(event)


def _asked(response: Any, name: str) -> Any:
    return response._get_param(name)  # noqa: SLF001 - moto's way to the parameters
