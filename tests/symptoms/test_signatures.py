import re
from collections.abc import Iterator
from itertools import chain

import pytest

from ecs_medic.symptoms.normalise import normalise
from ecs_medic.symptoms.signature import Signature, Specificity, bears, contains
from ecs_medic.symptoms.signatures import AREAS, SIGNATURES
from ecs_medic.vocabulary import Id, may_be_symptom
from tests.corpus.test_accuracy import WITHOUT_WORDS

BY_CODE = {
    Id.UNKNOWN: "what matches nothing",
    Id.APP_EXITED: "an exit code of the application's own",
    Id.CONTAINER_KILLED: "exit code 137",
    Id.NORMAL_COMPLETION: "exit code 0",
    Id.HEALTHY: "an answer on demand",
}
"""Symptoms that no words show, and what does."""


def patterns() -> Iterator[str]:
    return chain.from_iterable((signature.pattern, *signature.unless) for signature in SIGNATURES)


def test_every_symptom_has_a_signature_or_a_reason():
    signed = {signature.id for signature in SIGNATURES}
    expected = {identifier for identifier in Id if may_be_symptom(identifier)}
    assert expected - signed == set(BY_CODE)
    assert set(WITHOUT_WORDS) - {Id.HEALTHY} <= signed


def test_no_signature_answers_with_what_is_only_a_cause():
    for signature in SIGNATURES:
        assert may_be_symptom(signature.id)
        assert signature.if_cut is None or may_be_symptom(signature.if_cut)


def test_patterns_are_well_formed():
    for pattern in patterns():
        for fragment in pattern.removeprefix("^").removesuffix("$").split("…"):
            outside = re.sub(r"\{[^{}]*\}", "", fragment)
            assert not set("{}^$") & set(outside), pattern
            assert normalise(fragment), f"a fragment that matches everything: {pattern}"


def test_no_fragment_is_a_bare_number():
    for pattern in patterns():
        for word in re.split(r"[{}|…]", pattern):
            assert not normalise(word).isdigit(), f"digits occur in every digest: {pattern}"


def test_meanings_say_something():
    assert all(len(signature.meaning) > 8 for signature in SIGNATURES)


def test_the_most_specific_comes_first():
    assert [signature.specificity for signature in SIGNATURES] == sorted(
        (signature.specificity for signature in SIGNATURES), reverse=True
    )
    assert len(SIGNATURES) == sum(len(area.SIGNATURES) for area in AREAS)


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("pull access denied", "PULL  ACCESS\ndenied for x", True),
        ("pull access denied", "pull access granted", False),
        ("failed … timeout", "it failed: i/o timeout", True),
        ("failed … timeout", "timeout, then it failed", False),
        ("a … b … c", "a c b", False),
        ("a … a", "a", False),
        ("{ab|a} … bc", "abc", True),
        ("^agent$", "AGENT", True),
        ("^agent$", "an agent", False),
        ("^{agent|agents}{.|}$", "agents.", True),
        ("^agent", "agent gone", True),
        ("gone$", "agent gone", True),
        ("gone$", "gone agent", False),
        ("agent … gone$", "agentgone", True),
        ("isn't running", "isn’t running", True),
    ],
)
def test_contains(pattern, text, expected):
    assert contains(normalise(text), pattern) is expected


def test_forbidden_words_forbid():
    signature = Signature(Id.DISK_FULL, "full", "full", Specificity.CAUSE, unless=("not {at all|really}",))
    assert bears(normalise("the disk is full"), signature)
    assert not bears(normalise("not really full"), signature)
