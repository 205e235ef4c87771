"""What `ecs-medic doctor` answers: checks, each with one of three states, and what was not checked at all."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from ecs_medic.finding import JsonValue
from ecs_medic.vocabulary import Id


class Status(StrEnum):
    """`unknown` is what could not be found out: never taken for either of the others."""

    OK = "ok"
    BROKEN = "broken"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Check:
    """One question and its answer.

    `name` is what was checked ("endpoint"), `subject` on what ("ecr.api"). `advisory`: nothing that is certainly needed
    here fails by it. `candidates` are the causes of the vocabulary that can be behind it: from inside of a machine none
    of them can be told for sure. `cli` are commands that mend it, `documentation` is an address.
    """

    name: str
    subject: str
    status: Status
    reason: str
    fix: str = ""
    cli: tuple[str, ...] = ()
    advisory: bool = False
    candidates: tuple[Id, ...] = ()
    evidence: Mapping[str, JsonValue] = field(default_factory=dict)
    documentation: str = ""

    def as_json(self) -> dict[str, JsonValue]:
        """The check as it is printed with `--json`."""
        return {
            "check": self.name,
            "subject": self.subject,
            "status": self.status.value,
            "advisory": self.advisory,
            "reason": self.reason,
            "fix": self.fix,
            "cli": list(self.cli),
            "documentation": self.documentation,
            "candidates": [cause.value for cause in self.candidates],
            "evidence": dict(self.evidence),
        }


@dataclass(frozen=True, slots=True)
class Skipped:
    """What does not concern this machine, and why."""

    name: str
    reason: str
