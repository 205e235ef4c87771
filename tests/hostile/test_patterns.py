"""No text, however nearly it matches, keeps an expression or a signature busy: time grows with the text, not faster."""

import re
import time
from collections.abc import Callable
from itertools import islice

import pytest

from ecs_medic.incident import Kind, Message
from ecs_medic.redaction import redact
from ecs_medic.report import mrkdwn
from ecs_medic.report.text import one_line, plain
from ecs_medic.symptoms.guess_kind import guess_kind
from ecs_medic.symptoms.recognise import recognise
from ecs_medic.symptoms.signature import contains
from ecs_medic.symptoms.signatures import SIGNATURES
from tests.faults.patience import at_most
from tests.hostile.harmless import PATIENCE
from tests.hostile.near_misses import LENGTH, near_misses, patterns_of

PATTERNS = patterns_of("ecs_medic")
MOST = 1.0
"""Seconds of this process's own time for 64 KB. What is quadratic takes ten times as long; `a+b` twice."""


SHORT = {"ecs_medic.redaction.assignment._ERROR_WORD.0": 120}
"""Those that are only shown the beginning of a value, and how much of it."""


def seconds(work: Callable[..., object], *given: object) -> float:
    """Of this process's own time; the best of two, where the first was slow for whatever reason."""
    taken = 0.0
    for _ in range(2):
        began = time.process_time()
        with at_most(PATIENCE):
            work(*given)
        taken = time.process_time() - began
        if taken < MOST:
            break
    return taken


def test_near_misses_are_what_they_are_called():
    texts = list(near_misses(re.compile(r"key=\s+(?:ab)*x[^y]+z")))
    assert any(re.fullmatch("key=\\s{60000,}\x00", text) for text in texts)
    assert any(re.fullmatch("key= (ab){30000,}\x00", text) for text in texts)
    assert any(re.fullmatch("key= (ab)?x[^y]{60000,}\x00", text) for text in texts)


def test_slow_expressions_are_found():
    slow = re.compile(r"\d+[a-z]*\d+x")
    short = [seconds(slow.search, text) for text in near_misses(slow, 80)]
    long = [seconds(slow.search, text) for text in near_misses(slow, 400)]
    assert max(long) > 12 * max(short)


def test_there_are_expressions():
    assert len(PATTERNS) > 60
    assert {name.split(".")[1] for name in PATTERNS} >= {
        "events",
        "policies",
        "redaction",
        "report",
        "slack",
        "symptoms",
    }


@pytest.mark.parametrize("name", PATTERNS)
def test_an_expression_is_never_busy(name):
    pattern, uses = PATTERNS[name]
    for text in near_misses(pattern, SHORT.get(name, LENGTH)):
        for use in uses:
            assert seconds(use, text) < MOST, ascii(text[:80])


@pytest.mark.parametrize("name", [name for name in PATTERNS if ".redaction." in name or ".report.text." in name])
def test_what_uses_the_expressions_is_never_busy(name):
    for text in islice(near_misses(PATTERNS[name][0]), 0, None, 4):
        assert seconds(redact, text) < 2 * MOST, ascii(text[:80])
        assert seconds(plain, text) < MOST, ascii(text[:80])


def nearly(pattern: str) -> list[str]:
    """The signature's words, each time without their last letter; and all but the last fragment, for ever."""
    words = re.sub(r"\{([^{}|]*)[^{}]*\}", r"\1", pattern).strip("^$").lower().replace(" ", "")
    fragments = words.split("…")
    texts = [words.replace("…", " ")[:-1], *fragments, "".join(fragments[:-1]), *(one[:-1] for one in fragments)]
    return [text * (LENGTH // len(text)) for text in dict.fromkeys(texts) if text]


def test_a_signature_is_never_busy():
    for signature in SIGNATURES:
        for pattern in (signature.pattern, *signature.unless):
            for text in nearly(pattern):
                assert seconds(contains, text, pattern) < MOST, pattern


def test_reading_a_message_is_never_busy():
    for signature in SIGNATURES[::4]:
        text = nearly(signature.pattern)[0]
        assert seconds(recognise, Message(Kind.EXEC_ERROR, "x", text, text, error_code=text)) < MOST
        assert seconds(guess_kind, text) < MOST


@pytest.mark.parametrize(
    "piece", ["a", " ", "\n", "`", "<", "&", ":a:", "*a*", "_", "@here ", "e\u0301", "\u200d", "\x1b[", "\x9b", "("]
)  # fmt: skip
def test_writing_for_slack_is_never_busy(piece):
    text = piece * (LENGTH // len(piece))
    for write in (mrkdwn.prose, mrkdwn.code, mrkdwn.fence, mrkdwn.clip):
        assert seconds(write, text, 500) < MOST, write.__name__
    assert seconds(one_line, text) < MOST
