"""What a change did, written down before it is done and completed afterwards.

A receipt is all that is needed to go on after a crash, and to take the change back.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from ecs_medic.finding import JsonValue
from ecs_medic.plan import Change, change_from_json, change_to_json


class Stage(StrEnum):
    """How far a step has come."""

    INTENDED = "intended"
    """Written down, and perhaps made: whoever goes on has to look."""
    DONE = "done"
    ALREADY_SO = "already_so"
    """It was so before, by somebody else's doing: nothing was changed, and nothing will be taken back."""
    REFUSED = "refused"
    """Not made; `words` say why."""
    UNSURE = "unsure"
    """Sent, and nobody could find out whether it was made; `words` say why."""
    UNDOING = "undoing"
    UNDONE = "undone"
    KEPT = "kept"
    """Made by this run and left as it is; `words` say why."""


FINISHED = frozenset({Stage.DONE, Stage.ALREADY_SO})
FAILED = frozenset({Stage.REFUSED, Stage.UNSURE})
TO_UNDO = frozenset({Stage.INTENDED, Stage.DONE, Stage.UNSURE, Stage.UNDOING})


@dataclass(frozen=True, slots=True)
class Step:
    """One write: its name within the change, the call, and what it is about.

    `before` is what stood there, as far as taking it back needs it; `made` the ids of what came into being.
    `reason` is that of a refusal.
    """

    name: str
    call: str
    resource: str
    stage: Stage
    before: Mapping[str, JsonValue] = field(default_factory=dict)
    made: Mapping[str, JsonValue] = field(default_factory=dict)
    words: str | None = None
    reason: str | None = None
    missing_permission: str | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """One change of one run, step by step."""

    run_id: str
    incident_id: str
    change: Change
    steps: tuple[Step, ...] = ()

    def step(self, name: str) -> Step | None:
        """The step of that name, if it has been begun."""
        return next((one for one in self.steps if one.name == name), None)

    def with_step(self, step: Step) -> "Receipt":
        """The receipt with this step in the place of the one of its name, or at the end."""
        if self.step(step.name) is None:
            return replace(self, steps=(*self.steps, step))
        return replace(self, steps=tuple(step if one.name == step.name else one for one in self.steps))

    def finished(self, name: str) -> bool:
        """Whether that step is as it should be: what comes after it may be begun."""
        found = self.step(name)
        return found is not None and found.stage in FINISHED

    @property
    def failed(self) -> Step | None:
        """The step at which it came to a halt."""
        return next((one for one in self.steps if one.stage in FAILED), None)

    @property
    def changed_anything(self) -> bool:
        """Whether anything may stand that this run has made."""
        return any(one.stage in TO_UNDO or one.stage is Stage.KEPT for one in self.steps)

    @property
    def undone(self) -> bool:
        """Whether nothing is left to take back, or nothing that may be."""
        return not any(one.stage in TO_UNDO for one in self.steps)

    def made(self, step: str, name: str) -> str | None:
        """An id that the step brought into being, or found."""
        found = self.step(step)
        value = found.made.get(name) if found else None
        return value if isinstance(value, str) else None


def as_json(receipt: Receipt) -> dict[str, Any]:
    """The receipt as it is stored and shown."""
    return {
        "run_id": receipt.run_id,
        "incident_id": receipt.incident_id,
        "change": change_to_json(receipt.change),
        "steps": [
            {
                "name": one.name,
                "call": one.call,
                "resource": one.resource,
                "stage": one.stage.value,
                "before": dict(one.before),
                "made": dict(one.made),
                "words": one.words,
                "reason": one.reason,
                "missing_permission": one.missing_permission,
            }
            for one in receipt.steps
        ],
    }


def from_json(stored: Mapping[str, Any]) -> Receipt:
    """The receipt that `as_json` stored.

    Raises:
        KeyError, TypeError, ValueError: it is no receipt.
    """
    return Receipt(
        run_id=str(stored["run_id"]),
        incident_id=str(stored["incident_id"]),
        change=change_from_json(stored["change"]),
        steps=tuple(_step(one) for one in stored["steps"]),
    )


def _step(stored: Mapping[str, Any]) -> Step:
    return Step(**{**stored, "stage": Stage(stored["stage"])})
