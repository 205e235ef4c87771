"""Whatever arrives, there is an answer, and soon."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecs_medic.incident import Kind, Message, SymptomConfidence
from ecs_medic.symptoms.guess_kind import guess_kind
from ecs_medic.symptoms.recognise import recognise
from ecs_medic.symptoms.signatures import SIGNATURES
from ecs_medic.vocabulary import Id, may_be_symptom

FRAGMENTS = sorted(
    {
        word
        for signature in SIGNATURES
        for pattern in (signature.pattern, *signature.unless)
        for word in re.split(r"[{}|…^$]", pattern)
        if word.strip()
    }
)

ANYTHING = st.text(st.characters(exclude_categories=()))
LIKE_MESSAGES = st.lists(st.sampled_from(FRAGMENTS) | ANYTHING, max_size=6).map(" ".join)
TEXTS = st.none() | ANYTHING | LIKE_MESSAGES


@given(
    st.builds(
        Message,
        kind=st.sampled_from(Kind),
        stop_code=TEXTS,
        stopped_reason=TEXTS,
        container_reason=TEXTS,
        exit_code=st.none() | st.integers(),
        launch_type=TEXTS,
        error_code=TEXTS,
        in_service=st.none() | st.booleans(),
    )
)
def test_every_message_has_an_answer(message):
    recognition = recognise(message)
    assert may_be_symptom(recognition.symptom)
    assert (recognition.symptom is Id.UNKNOWN) is (recognition.confidence is SymptomConfidence.UNKNOWN)
    assert recognise(message) == recognition


@given(ANYTHING | LIKE_MESSAGES)
def test_every_text_has_a_kind(text):
    assert guess_kind(text) in Kind


@pytest.mark.parametrize(
    "text",
    [
        "\x00" * 1_000_000,
        "a\x00" * 500_000,
        "\ud800" * 1_000_000,
        "🦄" * 1_000_000,
        "e\u0301" * 500_000,
        "\u202e" + "CannotPullContainerError: " * 40_000,
        " " * 1_000_000,
        "\n" * 1_000_000,
        "'" * 1_000_000,
        "}{" * 500_000,
        '{"a":' * 200_000,
    ],
    ids=lambda text: ascii(text[:6]),
)
def test_a_megabyte_takes_no_time(text):
    begin = time.process_time()
    recognise(Message(stopped_reason=text, container_reason=text))
    guess_kind(text)
    assert time.process_time() - begin < 1


def test_null_bytes_inside_words_do_not_hide_them():
    text = "\x00".join("CannotPullContainerError: toomanyrequests: You have reached your pull rate limit")
    assert recognise(Message(stopped_reason=text)).symptom is Id.REGISTRY_RATE_LIMITED


def test_a_status_code_is_no_exit_code():
    ended = recognise(Message(stopped_reason="Essential container in task exited status code: 400"))
    assert ended.symptom is Id.ESSENTIAL_CONTAINER_EXITED
