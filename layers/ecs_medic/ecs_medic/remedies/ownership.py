"""Who owns a resource: infrastructure as code, nobody, or somebody of whom nothing is known.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-resource-tags.html
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from ecs_medic.remedies.policy import RepairPolicy
from ecs_medic.remedies.run import RUN_TAG

_STACK = "aws:cloudformation:stack-name"
_CLOUDFORMATION = "aws:cloudformation:"


class Owner(StrEnum):
    """Whether a change by anybody else would be undone, or in the way, at the next deployment."""

    CODE = "code"
    NOBODY = "nobody"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Owned:
    """A resource that would be changed; `tags` is None where they were not read."""

    resource: str
    tags: Mapping[str, str] | None


@dataclass(frozen=True, slots=True)
class Ownership:
    """Who owns it, in words where it is code."""

    owner: Owner
    words: str = ""


def ownership(one: Owned, policy: RepairPolicy) -> Ownership:
    """What the resource's tags say."""
    if one.tags is None:
        return Ownership(Owner.UNKNOWN, f"the tags of {one.resource} were not read")
    if any(key.startswith(_CLOUDFORMATION) for key in one.tags):
        stack = one.tags.get(_STACK)
        return Ownership(Owner.CODE, f"{one.resource} belongs to the CloudFormation stack {stack or '(unnamed)'}")
    marked = next((key for key in policy.owner_tag_keys if key in one.tags), None)
    if marked is not None:
        return Ownership(Owner.CODE, f"{one.resource} is marked as managed by code ({marked}={one.tags[marked]})")
    if RUN_TAG in one.tags or policy.untagged_is_free:
        return Ownership(Owner.NOBODY)
    return Ownership(Owner.UNKNOWN, f"nothing says who owns {one.resource}")


def of_all(resources: Iterable[Owned], policy: RepairPolicy) -> Ownership:
    """Code's where any of them is, nobody's where all are."""
    found = [ownership(one, policy) for one in resources]
    for owner in (Owner.CODE, Owner.UNKNOWN):
        words = [one.words for one in found if one.owner is owner]
        if words:
            return Ownership(owner, "; ".join(dict.fromkeys(words)))
    return Ownership(Owner.NOBODY)
