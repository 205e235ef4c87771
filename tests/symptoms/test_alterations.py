"""The same message, mangled on its way here, must not turn into a different specific symptom."""

from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecs_medic.incident import SymptomConfidence
from ecs_medic.symptoms.recognise import recognise
from ecs_medic.vocabulary import Id
from tests.corpus import alterations
from tests.corpus.accuracy import load
from tests.corpus.alterations import ALSO_WHOLE, MORE_WORDS, SAME_WORDS, altered, cuts, is_harmless, wrong_turns

CORPUS = load(Path(__file__).parent.parent / "corpus" / "messages.jsonl")
SAMPLE = Random(20260504).sample(CORPUS, 40)

CHANGES = st.lists(st.sampled_from(sorted(SAME_WORDS | MORE_WORDS)), max_size=3)


def test_alterations_of_a_sample():
    assert not list(wrong_turns(SAMPLE))


@pytest.mark.soak
def test_alterations_of_every_message():
    assert not list(wrong_turns(CORPUS))


@given(st.sampled_from(CORPUS), CHANGES, st.integers(min_value=0, max_value=2_000))
def test_several_alterations_and_a_cut_anywhere(item, names, length):
    message = item.message
    for name in names:
        message = altered(message, (SAME_WORDS | MORE_WORDS)[name])
    assert is_harmless(item, message)
    words = list(cuts(message))
    assert not words or is_harmless(item, words[length % len(words)])


@pytest.mark.parametrize("length", [255, 256, 1024])
def test_cut_where_aws_cuts(length):
    """There the cut is known, so that even what would be whole by itself is taken for more than it says."""
    for item in CORPUS:
        message = altered(item.message, lambda text: text[:length])
        assert is_harmless(item, message), item.id


@pytest.mark.parametrize("words", ["...", "…"])
def test_where_the_end_is_missing_only_decisive_words_are_certain(words):
    item = next(item for item in CORPUS if item.symptom == Id.EXECUTION_ROLE_CANNOT_READ_SECRET)
    recognition = recognise(altered(item.message, lambda text: text + words))
    assert recognition.confidence is SymptomConfidence.LIKELY


def test_wrong_turns_are_found(monkeypatch):
    """Without its excuses, the search does find what they excuse, so that none of them is idle."""
    excused = dict(ALSO_WHOLE)
    monkeypatch.setattr(alterations, "ALSO_WHOLE", {})
    guilty = [item for item in CORPUS if any(Id(item.symptom) is label for label, _ in excused)]
    found = {(Id(turn.item.symptom), turn.symptom) for turn in wrong_turns(guilty)}
    assert found == set(excused)


def test_changed_looks_that_are_misread_are_found(monkeypatch):
    monkeypatch.setattr(alterations, "SAME_WORDS", {"without vowels": lambda text: text.translate({101: None})})
    monkeypatch.setattr(alterations, "MORE_WORDS", {})
    monkeypatch.setattr(alterations, "cuts", lambda message: iter(()))
    assert {turn.alteration for turn in wrong_turns(SAMPLE)} == {"without vowels"}


def test_the_tool_prints_wrong_turns(tmp_path, capsys, monkeypatch):
    item = next(item for item in CORPUS if item.symptom == Id.LOGS_UNREACHABLE)
    file = tmp_path / "one.jsonl"
    line = (Path(__file__).parent.parent / "corpus" / "messages.jsonl").read_text("utf-8").splitlines()
    file.write_text(next(text for text in line if f'"id": "{item.id}"' in text), "utf-8")
    assert alterations.main([str(file)]) == 0
    assert "0 wrong turns" in capsys.readouterr().out
    monkeypatch.setattr(alterations, "ALSO_WHOLE", {})
    assert alterations.main([str(file)]) == 1
    assert f"{item.id} logs_unreachable -> log_group_missing (cut)" in capsys.readouterr().out


def test_without_a_file_the_tool_says_how_to_use_it(capsys):
    assert alterations.main([]) == 2
    assert "usage" in capsys.readouterr().err


def test_cuts_are_after_words():
    item = CORPUS[0]
    message = replace(item.message, stopped_reason="one two: three", container_reason="four")
    texts = [(cut.stopped_reason, cut.container_reason) for cut in cuts(message)]
    assert texts == [("one", "four"), ("one two:", "four")]
