"""Causes that the container runtime itself reports: its words, container by container, and what they are worth.

The runtime tried and failed, so that its words about a file, a device or a disk of its own are an observation. Words
about something far away (a service, a time-out) are less.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from ecs_medic.catalogue.fix import fix_for
from ecs_medic.facts import Facts
from ecs_medic.facts.fact import Known
from ecs_medic.finding import Confidence, Evidence, Finding, JsonValue, Phase
from ecs_medic.incident import Incident, Message, SymptomConfidence
from ecs_medic.rules.run.ended import container_params, shown
from ecs_medic.symptoms.recognise import Recognition, recognise
from ecs_medic.vocabulary import Id


@dataclass(frozen=True, slots=True)
class Said:
    """One reason that names the cause; `container` is None where the task as a whole gives it."""

    cause: Id
    container: str | None
    words: str
    certain: bool


@dataclass(frozen=True, slots=True)
class Addition:
    """What the account adds to the words."""

    summary: str
    params: Mapping[str, JsonValue] = field(default_factory=dict)
    evidence: tuple[Evidence, ...] = ()
    agrees: bool = False
    """Whether what was read shows the same as the words say."""
    cli: tuple[str, ...] | None = None


def said(facts: Facts, cause: Id) -> tuple[Said, ...]:
    """Every container's reason that names the cause; the task's own where no container's does."""
    if not isinstance(facts.task, Known):
        return ()
    task = facts.task.value
    found = tuple(
        Said(cause, one.name, one.reason, certain)
        for one in task.containers
        if one.reason and (certain := _names(Message(container_reason=one.reason), cause)) is not None
    )
    if found or not task.stopped_reason:
        return found
    certain = _names(Message(stopped_reason=task.stopped_reason), cause)
    return () if certain is None else (Said(cause, None, task.stopped_reason, certain),)


def _names(message: Message, cause: Id) -> bool | None:
    """Whether the words certainly name the cause; None where they do not name it."""
    recognition = _recognised(message)
    return recognition.confidence is SymptomConfidence.CERTAIN if recognition.symptom is cause else None


@lru_cache(maxsize=32)
def _recognised(message: Message) -> Recognition:
    """What the words name, found out once: two dozen rules ask it of the same few texts."""
    return recognise(message)


def finding(
    phase: Phase, one: Said, addition: Addition, incident: Incident, facts: Facts, *, observed: bool
) -> Finding:
    """What the words come to; `observed` where the runtime saw the thing itself."""
    sure = addition.agrees or (observed and one.certain)
    params = {
        **(container_params(incident, facts, one.container) if one.container else _task_params(incident, facts)),
        **addition.params,
    }
    task = facts.task.value if isinstance(facts.task, Known) else None
    subject = (task.arn if task else None) or incident.task_arn or incident.cluster
    return Finding(
        cause=one.cause,
        confidence=shown(facts) if sure else Confidence.LIKELY,
        summary=addition.summary,
        subject=subject,
        phase=phase,
        fix=fix_for(one.cause, params, cli=addition.cli),
        params=params,
        evidence=(Evidence(facts.task.source, one.container or subject, one.words), *addition.evidence),
    )


def whose(one: Said) -> str:
    """The container by name, for the beginning of a sentence."""
    return f"Container {one.container}" if one.container else "The task"


def definition_evidence(facts: Facts, container: str | None, observed: Iterable[str]) -> Iterator[Evidence]:
    """What the task definition says, where it was read."""
    if isinstance(facts.task_definition, Known):
        for line in observed:
            yield Evidence(facts.task_definition.source, container or facts.task_definition.value.name, line)


def _task_params(incident: Incident, facts: Facts) -> dict[str, JsonValue]:
    params = container_params(incident, facts, "")
    return {name: value for name, value in params.items() if name != "container" and not name.startswith("log_")}
