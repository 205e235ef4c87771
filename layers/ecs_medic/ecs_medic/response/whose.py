"""Whose failure it is, as people are shown it: the ledger keeps names as the event had them, to ask AWS about them."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import NamedTuple

from ecs_medic.finding import JsonValue
from ecs_medic.ledger.incidents import Subject
from ecs_medic.report.clean import clean, clean_object
from ecs_medic.report.text import one_line


class Whose(NamedTuple):
    """Fit to be seen, and without secrets."""

    name: str
    """The service; else the family of the task definition, what a refused call was for, or the cluster."""
    cluster: str


def whose(subject: Subject) -> Whose:
    """Whom to name; a task without a service goes by its family."""
    family = subject.task_definition.rsplit(":", 1)[0] if subject.task_definition else None
    return Whose(
        one_line(clean(subject.service or family or subject.about or subject.cluster)),
        one_line(clean(subject.cluster)),
    )


def as_json(subject: Subject) -> Mapping[str, JsonValue]:
    """All that is kept of it, for machines, as clean."""
    return clean_object(asdict(subject))
