"""One row of the catalogue: everything that is written about a symptom or a cause, as data."""

from dataclasses import dataclass
from enum import StrEnum

from ecs_medic.vocabulary import Id


class Remedy(StrEnum):
    """What this system may do about a cause."""

    AUTO = "auto"
    ASK = "ask"
    ADVISE = "advise"
    IGNORE = "ignore"


@dataclass(frozen=True, slots=True)
class Row:
    """One id in words.

    `title` fits a Slack header (150 characters), `meaning` is two or three sentences for somebody new to ECS, `fix`
    says in one sentence what to do, `steps` are that sentence taken apart, `commands` can be pasted once the
    `{placeholders}` are filled from a finding's params (an unfilled one is shown as `<PLACEHOLDER>`), `permissions` are
    the IAM actions that are missing where the cause is a missing permission. `candidates` are, for a symptom, the
    causes that can be behind it, best first.
    """

    id: Id
    title: str
    meaning: str
    fix: str
    remedy: Remedy | None = None
    steps: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    permissions: tuple[str, ...] = ()
    candidates: tuple[Id, ...] = ()
    documentation: tuple[str, ...] = ()
