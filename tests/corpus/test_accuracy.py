"""The project's own corpus: AWS's message forms restated with neutral names, and what each should be recognised as."""

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from ecs_medic.incident import SymptomConfidence
from ecs_medic.vocabulary import Id, may_be_symptom
from tests.corpus.accuracy import answers, good_enough, load, main, rate, report

CORPUS = Path(__file__).parent / "messages.jsonl"

WITHOUT_WORDS = {Id.HEALTHY: "an answer on demand; nobody says it in a message"}
"""Symptoms of which no wording is known well enough to be restated."""


def test_every_message_is_recognised():
    given = answers(load(CORPUS))
    assert not [line for line in report(given).splitlines() if line.startswith("    ")]
    assert good_enough(given)


def test_every_symptom_has_a_message():
    labels = {item.symptom for item in load(CORPUS)}
    assert {identifier for identifier in Id if may_be_symptom(identifier)} - labels == set(WITHOUT_WORDS)


def test_the_corpus_is_wide_and_neutral():
    corpus = load(CORPUS)
    assert len(corpus) >= 200
    assert max(Counter(item.id for item in corpus).values()) == 1
    accounts = set(re.findall(r"(?<!\d)\d{12}(?!\d)", CORPUS.read_text("utf-8")))
    assert accounts <= {"123456789012", "111122223333"}


def test_labels_are_ids_of_the_vocabulary():
    for item in load(CORPUS):
        for label in (item.symptom, *item.also_ok):
            assert may_be_symptom(Id(label)), item.id


def test_a_certain_answer_is_not_given_for_everything():
    given = answers(load(CORPUS))
    assert any(answer.recognition.confidence is SymptomConfidence.LIKELY for answer in given)


def test_a_miss_is_shown_and_fails(tmp_path, capsys):
    wrong = {
        "id": "w1",
        "kind": "exec_error",
        "stopped_reason": "SessionManagerPlugin is not found",
        "symptom": "healthy",
    }
    file = tmp_path / "wrong.jsonl"
    file.write_text(json.dumps(wrong) + "\n", "utf-8")
    assert main([str(file)]) == 1
    printed = capsys.readouterr().out
    assert "w1: exec_plugin_missing (certain)" in printed
    assert "0 of 1 = 0.0%" in printed


def test_without_a_file_the_tool_says_how_to_use_it(capsys):
    assert main([]) == 2
    assert "usage" in capsys.readouterr().err


@pytest.mark.parametrize(("flags", "expected"), [([], 1.0), ([True], 1.0), ([True, False], 0.5)])
def test_rate(flags, expected):
    assert rate(flags) == expected
