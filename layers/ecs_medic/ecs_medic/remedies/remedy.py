"""What a remedy is: one kind of change, with everything that is needed to make it safely."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from ecs_medic.aws.reader import Reader
from ecs_medic.facts.network import Network
from ecs_medic.plan import Action, Change
from ecs_medic.remedies.receipt import Receipt
from ecs_medic.remedies.run import Run


@dataclass(frozen=True, slots=True)
class Grant:
    """IAM permissions that a remedy uses: the actions on these resources, where conditions can narrow them.

    `resources` and `conditions` are patterns of IAM's own form; `{partition}`, `{region}`, `{account}`,
    `{exec_policy_arn}` and `{cluster}`, the pattern of clusters that may be changed, stand for the stack's.
    """

    actions: tuple[str, ...]
    resources: tuple[str, ...] = ("*",)
    conditions: Mapping[str, Mapping[str, str | tuple[str, ...]]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why the change would fail, found out before anything is changed."""

    check: str
    words: str
    missing_permission: str | None = None


class State(StrEnum):
    """Whether what was changed has taken effect."""

    SETTLED = "settled"
    WAITING = "waiting"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Settling:
    """How far the effect has come, in words for a reader."""

    state: State
    words: str


type Obstacles = Callable[[Change, Run], tuple[Obstacle, ...]]
type Apply = Callable[[Change, Run, Receipt], Receipt]
type Settled = Callable[[Receipt, Reader], Settling]
type Undo = Callable[[Receipt, Run], Receipt]
type Foreseen = Callable[[Change, Network], Network]


def no_obstacles(_: Change, __: Run) -> tuple[Obstacle, ...]:
    """Nothing that could be asked beforehand."""
    return ()


def at_once(_: Receipt, __: Reader) -> Settling:
    """The change has its effect when AWS confirms it."""
    return Settling(State.SETTLED, "in effect")


def nothing_to_undo(receipt: Receipt, _: Run) -> Receipt:
    """The change left nothing behind that could be taken back."""
    return receipt


def network_unchanged(_: Change, network: Network) -> Network:
    """The change is not one of the network."""
    return network


@dataclass(frozen=True, slots=True)
class Remedy:
    """One kind of change.

    `obstacles` are looked for before anything is changed. `apply` goes on from a receipt, whether it is new or was left
    by a crash, and stops at the first step that is refused. `settled` says whether the effect is there. `undo` takes
    back what this run has made, last things first; while a step stays `undoing`, it is to be called again.
    `foreseen` is the network as the change will leave it.
    """

    action: Action
    grants: tuple[Grant, ...]
    apply: Apply
    obstacles: Obstacles = no_obstacles
    settled: Settled = at_once
    undo: Undo = nothing_to_undo
    foreseen: Foreseen = network_unchanged
    reversible: bool = True
