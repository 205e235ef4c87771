"""What one round of a repair proposes, and whether anybody has to agree to it."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Self, cast

from ecs_medic.finding import JsonValue
from ecs_medic.plan import Change, Patch, Plan, change_from_json, change_to_json
from ecs_medic.repair.mode import Mode
from ecs_medic.vocabulary import Id


class Consent(StrEnum):
    """What it takes to make the changes."""

    GIVEN = "given"
    """They may be made unattended."""
    ASK = "ask"
    OFF = "off"
    """They must not be made; the proposal's words say why."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """The changes that fresh facts ask for. `words` say why there are none, or why they must not be made.

    `cause` is what they are meant to end, and `vpc_ids` are the VPCs whose network they change. `mode` is the one under
    which they were proposed.
    """

    changes: tuple[Change, ...]
    consent: Consent = Consent.ASK
    words: str | None = None
    cause: Id | None = None
    vpc_ids: tuple[str, ...] = ()
    patches: tuple[Patch, ...] = ()
    mode: Mode = Mode.OBSERVE

    @property
    def plan(self) -> Plan:
        """The same as a plan."""
        return Plan(self.changes, None if self.changes else self.words, self.patches)

    @property
    def fingerprint(self) -> str:
        """The same for the same changes: what was approved is what is made. Costs and words may be put anew."""
        changes = [[one.action.value, one.params, one.safety.value, one.blast_radius] for one in self.changes]
        return hashlib.sha256(json.dumps(changes, sort_keys=True, default=list).encode()).hexdigest()[:16]

    @property
    def monthly_cost_usd(self) -> float | None:
        """In US dollars a month; None where a part of it is not known."""
        costs = [one.monthly_cost_usd for one in self.changes]
        return None if None in costs else round(sum(filter(None, costs)), 2)

    def as_json(self) -> dict[str, JsonValue]:
        """As it is kept."""
        return cast(
            "dict[str, JsonValue]",
            {
                "changes": [change_to_json(one) for one in self.changes],
                "consent": self.consent.value,
                "words": self.words,
                "cause": self.cause.value if self.cause else None,
                "vpc_ids": list(self.vpc_ids),
                "patches": [asdict(one) for one in self.patches],
                "mode": self.mode.value,
            },
        )

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        """What `as_json` kept; raises KeyError, TypeError or ValueError where it is none."""
        return cls(
            changes=tuple(change_from_json(one) for one in kept["changes"]),
            consent=Consent(kept["consent"]),
            words=kept["words"],
            cause=Id(kept["cause"]) if kept["cause"] else None,
            vpc_ids=tuple(kept["vpc_ids"]),
            patches=tuple(Patch(**one) for one in kept["patches"]),
            mode=Mode(kept["mode"]),
        )
