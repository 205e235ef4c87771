"""Documents are kept as they are, or cut with a note."""

import gzip
import os
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecs_medic.ledger import diagnoses, evidence
from ecs_medic.ledger.arrivals import arrive
from tests.ledger.occurrences import INCIDENT, START, diagnosis, held, occurrence

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=8), inner, max_size=5),
    max_leaves=30,
)


@given(JSON.filter(lambda document: "\\ud" not in ascii(document)))
def test_what_fits_comes_back_as_it_was(document):
    packed = evidence.pack(document)
    assert packed.note is None
    assert evidence.unpack(packed.body) == document


def noise(length: int) -> str:
    return os.urandom(length).hex()


LARGE = [
    {"text": noise(300_000), "small": "kept"},
    {"list": [noise(40) for _ in range(5_000)], "small": "kept"},
    {"mapping": {noise(8): noise(40) for _ in range(5_000)}, "small": "kept"},
    {"deep": [{"events": [{"message": noise(500)} for _ in range(50)]} for _ in range(40)], "small": "kept"},
]


@pytest.mark.parametrize("document", LARGE, ids=["text", "list", "mapping", "deep"])
@pytest.mark.parametrize("limit", [evidence.LIMIT, 10_000])
def test_what_is_too_large_is_cut_keeps_its_shape_and_says_so(document, limit):
    packed = evidence.pack(document, limit=limit)
    assert len(packed.body) <= limit
    assert "cut" in held(packed.note)
    found: Any = evidence.unpack(packed.body)
    assert found["small"] == "kept"
    assert found.keys() == document.keys()
    assert [type(value) for value in found.values()] == [type(value) for value in document.values()]


def test_a_document_that_no_cutting_makes_fit_is_left_out():
    packed = evidence.pack({noise(100_000): 1}, limit=1000)
    assert (evidence.unpack(packed.body), "left out" in held(packed.note)) == (None, True)


def test_packing_is_repeatable():
    assert evidence.pack({"a": 1}).body == evidence.pack({"a": 1}).body
    assert gzip.decompress(evidence.pack({"a": "日"}).body) == '{"a":"日"}'.encode()


def test_a_lone_surrogate_is_no_reason_to_fail():
    assert evidence.unpack(evidence.pack({"a": "\ud800"}).body) == {"a": "?"}


def test_a_diagnosis_and_what_it_saw_are_kept(table):
    arrived = arrive(table, occurrence(1), now=START, owner="one")
    after = diagnoses.diagnosed(table, held(arrived.record), diagnosis(at=START + 5), owner="one")
    assert (after.cause, after.guilty, after.diagnoses) == (diagnosis().cause, "vpc-0aaa", 1)
    assert (after.diagnosed_at, after.diagnosed_count) == (START + 5, 1)
    kept = diagnoses.report_of(table, INCIDENT)
    assert (kept.document, kept.at, kept.note) == (diagnosis().report, START + 5, None)
    assert diagnoses.evidence_of(table, INCIDENT).document == diagnosis().evidence
    assert diagnoses.report_of(table, "inc-none") is None
