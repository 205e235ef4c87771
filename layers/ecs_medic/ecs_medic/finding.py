"""What the evidence shows: findings, what was ruled out, and what could not be checked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum

from ecs_medic.vocabulary import Id

type JsonValue = str | int | float | bool | list[JsonValue] | dict[str, JsonValue] | None


class Confidence(StrEnum):
    """How well a cause is established.

    `confirmed` is a promise: the account's state was read and shows it. `likely`: AWS's own verdict is approximate, or
    part of the state is gone. `possible`: wrong in itself, but not shown to be why *this* failed.
    """

    CONFIRMED = "confirmed"
    LIKELY = "likely"
    POSSIBLE = "possible"
    UNKNOWN = "unknown"


class Phase(IntEnum):
    """The order in which ECS starts a task: what blocks first is the verdict, whatever else is broken too."""

    SERVICE = 0
    PLACEMENT = 10
    INTERFACE = 20
    ROLE = 30
    REGISTRY_AUTH = 40
    SECRETS = 50
    ENVIRONMENT_FILES = 60
    IMAGE = 70
    STORAGE = 80
    LOGS = 90
    CONTAINER_START = 100
    RUN = 110
    HEALTH = 120
    EXEC = 130


@dataclass(frozen=True, slots=True)
class Evidence:
    """One observation: the call ("ec2:DescribeRouteTables", or "event"), the resource, and what was seen."""

    source: str
    resource: str
    observed: str


@dataclass(frozen=True, slots=True)
class Fix:
    """What a person does about it.

    `cli` lines can be pasted; `policy` is the least IAM policy that grants what is missing.
    """

    summary: str
    steps: tuple[str, ...] = ()
    cli: tuple[str, ...] = ()
    policy: Mapping[str, JsonValue] | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """A cause, how sure it is, the guilty resource (`subject`) and why we say so."""

    cause: Id
    confidence: Confidence
    summary: str
    subject: str
    phase: Phase
    fix: Fix
    params: Mapping[str, JsonValue] = field(default_factory=dict)
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class RuledOut:
    """A cause that the evidence excludes."""

    cause: Id
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class NotChecked:
    """Something that could not be judged, and the permission that would have allowed it."""

    check: str
    reason: str
    missing_permission: str | None = None


type Outcome = Finding | RuledOut | NotChecked
"""What a rule yields: it fires, it stays quiet and says why, or a fact that it needs is unknown."""
