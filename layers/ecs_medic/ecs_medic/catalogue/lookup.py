"""Find what is written about an id."""

from functools import cache
from types import MappingProxyType

from ecs_medic.catalogue.row import Row
from ecs_medic.catalogue.rows import ROWS
from ecs_medic.vocabulary import Id, may_be_cause

_BY_ID: MappingProxyType[Id, Row] = MappingProxyType({row.id: row for row in ROWS})


def row(identifier: Id) -> Row:
    """The row of an id; every id of the vocabulary has one."""
    return _BY_ID[identifier]


@cache
def candidates(symptom: Id) -> tuple[Id, ...]:
    """The causes that can be behind a symptom, best first.

    An id that is symptom and cause at once comes first itself: the message then names its cause. What is normal life,
    or unknown, has none.
    """
    listed = row(symptom).candidates
    itself = (symptom,) if symptom is not Id.UNKNOWN and may_be_cause(symptom) else ()
    return itself + tuple(identifier for identifier in listed if identifier not in itself)
