"""A dead letter as people are shown it: what it is about, why it is there, and what would come of replaying it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from ecs_medic.events.bad_event import BadEventError
from ecs_medic.events.dead_letter import DeadLetter, Origin
from ecs_medic.events.parse import parse
from ecs_medic.finding import JsonValue
from ecs_medic.incident import Incident, Kind
from ecs_medic.redaction import redact
from ecs_medic.response.kept_event import redacted
from ecs_medic.vocabulary import NORMAL_LIFE

_TICK = "it is a schedule's tick, which carries nothing: nothing is lost"
_REMEMBERED = timedelta(hours=1)
"""For so long ECS shows a stopped task. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeTasks.html"""
_LONGEST_REASON = 500
"""Characters of a reason that are shown."""
_LONGEST_NAME = 300


class Would(StrEnum):
    """What the function would make of the event; `reject` and `nothing` are no use to replay."""

    ALERT = "alert"
    """Count it, and diagnose what has not been diagnosed."""
    IGNORE = "ignore"
    """Nothing: it is normal life."""
    RESOLVE = "resolve"
    """Look whether an open incident is over."""
    REJECT = "reject"
    """Put it back, as this version cannot use it."""
    NOTHING = "nothing"
    """There is no event that could be replayed."""


_REPLAYABLE = frozenset({Would.ALERT, Would.IGNORE, Would.RESOLVE})


@dataclass(frozen=True, slots=True)
class Assessed:
    """All text is redacted; what is not known is None.

    `why_not` is why replaying would be of no use; `begins` is then how the event, or the message, begins. `forgotten`:
    ECS does not know the task any more, so that a diagnosis goes by the event and by what the account looks like now.
    `tick`: it is a schedule's, and carries nothing.
    """

    origin: Origin
    would: Would
    reason: str | None
    tries: int | None
    why_not: str | None = None
    begins: str | None = None
    tick: bool = False
    forgotten: bool = False
    occurred_at: datetime | None = None
    incident_id: str | None = None
    kind: str | None = None
    account: str | None = None
    region: str | None = None
    cluster: str | None = None
    service: str | None = None
    task_arn: str | None = None
    symptom: str | None = None
    subject: str | None = None

    @property
    def replayable(self) -> bool:
        """Whether the function would accept it."""
        return self.would in _REPLAYABLE

    def as_json(self) -> Mapping[str, JsonValue]:
        """For machines."""
        return {
            "origin": self.origin.value,
            "reason": self.reason,
            "tries": self.tries,
            "would": self.would.value,
            "replayable": self.replayable,
            "why_not": self.why_not,
            "begins": self.begins,
            "task_forgotten": self.forgotten,
            "occurred_at": self.occurred_at.isoformat() if self.occurred_at else None,
            "incident_id": self.incident_id,
            "kind": self.kind,
            "account": self.account,
            "region": self.region,
            "cluster": self.cluster,
            "service": self.service,
            "task_arn": self.task_arn,
            "symptom": self.symptom,
        }


def assessed(letter: DeadLetter, now: datetime) -> Assessed:
    """What would come of it now. Never raises, whatever the event is."""
    reason = _shown(letter.reason, _LONGEST_REASON)
    if letter.tick:
        return Assessed(letter.origin, Would.NOTHING, reason, letter.tries, _TICK, tick=True)
    if letter.missing is not None:
        begins = _shown(letter.beginning, _LONGEST_NAME)
        return Assessed(letter.origin, Would.NOTHING, reason, letter.tries, letter.missing, begins)
    why_not: str | None
    try:
        return _about(parse(letter.event), letter, reason, now)
    except BadEventError as error:
        why_not = _shown(str(error), _LONGEST_REASON)
    except Exception as error:  # noqa: BLE001 - it may be here because of that very fault, and has to be shown
        why_not = f"this version fails at reading it: {type(error).__name__}"
    return Assessed(letter.origin, Would.REJECT, reason, letter.tries, why_not, _beginning(letter.event))


def _about(incident: Incident, letter: DeadLetter, reason: str | None, now: datetime) -> Assessed:
    return Assessed(
        letter.origin,
        _would(incident),
        reason,
        letter.tries,
        forgotten=incident.kind is Kind.STOPPED_TASK and now - incident.occurred_at > _REMEMBERED,
        occurred_at=incident.occurred_at,
        incident_id=incident.id,
        kind=incident.kind.value,
        account=incident.account,
        region=incident.region,
        cluster=_shown(incident.cluster, _LONGEST_NAME),
        service=_shown(incident.service, _LONGEST_NAME),
        task_arn=_shown(incident.task_arn, _LONGEST_NAME),
        symptom=incident.symptom.value,
        subject=_shown(incident.subject, _LONGEST_NAME),
    )


def _beginning(event: object) -> str | None:
    """What can be told of an event that nobody understands; never what a command line or an environment says."""
    try:
        return _shown(json.dumps(redacted(event), ensure_ascii=False), _LONGEST_NAME)
    except (RecursionError, ValueError):
        return None


def _would(incident: Incident) -> Would:
    if incident.can_end:
        return Would.RESOLVE
    return Would.IGNORE if incident.symptom in NORMAL_LIFE else Would.ALERT


def _shown(text: str | None, most: int) -> str | None:
    if not text:
        return None
    # Cut before it is redacted, so that a huge one costs nothing, with room for what redaction takes away.
    text = redact(text[: 4 * most])
    return text if len(text) <= most else f"{text[: most - 1]}…"
