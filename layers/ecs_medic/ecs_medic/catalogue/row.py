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
class Grant:
    """IAM actions that are missing, and the resource on which they are needed.

    `resource` is an ARN with `{placeholders}`, or `*` for actions that know no resource.
    """

    actions: tuple[str, ...]
    resource: str = "*"


@dataclass(frozen=True, slots=True)
class Row:
    """One id in words.

    `title` fits a Slack header (150 characters), `meaning` is two or three sentences for somebody new to ECS, `fix`
    says in one sentence what to do, `steps` are that sentence taken apart, `commands` can be pasted once the
    `{placeholders}` are filled from a finding's params (an unfilled one is shown as `<PLACEHOLDER>`), `grants` are the
    permissions to add where the cause is a missing permission. `candidates` are, for a symptom, the causes that can be
    behind it, best first. `remedy` is None for an id that is only ever a symptom: nothing can be done before its cause
    is known.
    """

    id: Id
    title: str
    meaning: str
    fix: str
    remedy: Remedy | None = None
    steps: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    grants: tuple[Grant, ...] = ()
    candidates: tuple[Id, ...] = ()
    documentation: tuple[str, ...] = ()

    @property
    def permissions(self) -> tuple[str, ...]:
        """The IAM actions of all grants."""
        return tuple(action for grant in self.grants for action in grant.actions)
