"""What AWS showed of the failure, kept because ECS forgets a stopped task within the hour.

Everything passes through redaction, and of environment variables only the names are kept.
"""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import Enum

from ecs_medic.facts import Facts
from ecs_medic.facts.fact import Absent, Known, Unknown
from ecs_medic.redaction import redact

_MASKED = "…"
_MOST_EVENTS = 20
_MOST_TEXT = 4000

type Json = bool | int | float | str | list["Json"] | dict[str, "Json"] | None


def evidence_of(facts: Facts) -> dict[str, Json]:
    """Task, service, task definition, cluster and container instance as they were read, and when."""
    read = {
        "task": facts.task,
        "service": facts.service,
        "task_definition": facts.task_definition,
        "cluster": facts.cluster,
        "container_instance": facts.container_instance,
    }
    return {
        "read_at": facts.read_at.isoformat(),
        "calls": list(facts.calls),
        **{name: _fact(fact) for name, fact in read.items()},
    }


def _fact(fact: object) -> Json:
    match fact:
        case Known():
            return {"source": fact.source, "value": _plain(fact.value)}
        case Absent():
            return {"source": fact.source, "absent": redact(fact.detail)}
        case Unknown():
            return {"source": fact.source, "unknown": redact(fact.reason)}
    return None


def _plain(value: object) -> Json:
    if is_dataclass(value) and not isinstance(value, type):
        said = {field.name: getattr(value, field.name) for field in fields(value)}
        return {name: _field(name, item) for name, item in said.items() if item not in (None, (), {})}
    if isinstance(value, Mapping):
        return {redact(str(key)): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return redact(_words(value))[:_MOST_TEXT]


def _words(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value.value if isinstance(value, Enum) else value)


def _field(name: str, value: object) -> Json:
    if name == "environment" and isinstance(value, Mapping):
        return {redact(str(key)): _MASKED for key in value}
    if name == "events" and isinstance(value, tuple):
        return [_plain(item) for item in value[:_MOST_EVENTS]]
    return _plain(value)
