"""What hostile input once did: each by the least that it took."""

import time
from datetime import UTC, datetime

import pytest

from ecs_medic.events.bad_event import BadEventError
from ecs_medic.events.parse import parse
from ecs_medic.facts.reading import moment
from ecs_medic.incident import principal_of
from ecs_medic.redaction import redact
from ecs_medic.report.mrkdwn import prose
from ecs_medic.report.text import plain
from ecs_medic.response.kept_event import redacted
from ecs_medic.rules.exec.versions import version
from tests.events.samples import refused_exec, stopped_task
from tests.faults.patience import at_most
from tests.hostile import oracles
from tests.hostile.harmless import LONGEST, PATIENCE
from tests.hostile.shown import show
from tests.hostile.test_names import report_of

REFUSED = "not authorized to perform: ecs:ExecuteCommand"


@pytest.mark.parametrize(
    "work",
    [
        lambda: redact(f"secret: {'aa:' * 36}a1!!!!"),
        lambda: redact(f"-----end {'/' + chr(10)} " + "/\r\n" * 80_000),
        lambda: prose(":" * 6_000 + "x*", 6_000),
        lambda: parse(refused_exec(errorCode="AccessDenied", errorMessage=f"{REFUSED} {'because no ' * 1_480}")),
    ],
    ids=["exponential", "quadratic redaction", "quadratic prose", "quadratic refusal"],
)  # fmt: skip
def test_nothing_takes_long(work):
    began = time.process_time()
    with at_most(PATIENCE):
        work()
    assert time.process_time() - began < LONGEST


def test_a_key_at_the_end_of_a_sentence_is_a_key():
    assert "wJalr" not in redact("It said wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY. Then it ended.")


@pytest.mark.parametrize(
    "invisible", ["\u200d", "\u200c", "\u034f", "\ufe0f", "\u3164", "\U000e0100", "\x1b[0m", "\x00"]
)
def test_what_is_invisible_hides_no_secret(invisible):
    assert plain(f"AKIA{invisible}IOSFODNN7EXAMPLE") == "AKIAIOSFODNN7EXAMPLE"


@pytest.mark.parametrize("text", ["👩\u200d🚒", "می\u200cخواهم", "❤\ufe0f", "क\u094d\u200dष", "e\u0301"])
def test_what_scripts_and_emoji_need_stays(text):
    assert plain(text) == text


def test_towers_of_accents_are_cut():
    assert plain("e" + "\u0301" * 500) == "e" + "\u0301" * 8


@pytest.mark.parametrize("arn", ["assumed-role/x", "a:assumed-role/x", "arn:assumed-role/dev/alex"])
def test_a_caller_that_is_no_arn_is_nobody(arn):
    assert principal_of(arn, None) is None


@pytest.mark.parametrize("time", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_a_time_outside_of_the_calendar_is_none(time):
    assert moment({"at": time}, "at") is None
    with pytest.raises(BadEventError, match="time: "):
        parse(stopped_task() | {"time": time})
    assert parse(stopped_task(stoppedAt=time)).occurred_at.astimezone(UTC) > datetime(2000, 1, 1, tzinfo=UTC)


def test_half_a_character_is_no_reason_to_reject_a_reason():
    incident = parse(stopped_task(stoppedReason="CannotPullContainerError: \ud83d", group="service:orders\ud83d"))
    assert incident.message.stopped_reason == "CannotPullContainerError: ?"
    assert incident.service == "orders?"


def test_what_is_nested_thousands_deep_can_be_kept():
    nested: object = "x"
    for _ in range(5_000):
        nested = [nested]
    assert redacted({"detail": nested})


def test_a_long_version_is_none():
    assert version("9" * 5_000 + ".1") is None


@pytest.mark.parametrize(
    "value", ["e\u0301" * 99, "\u3164\u202e", "password=hunter2hunter2", ["\ud800"], {"a": "\x1b["}]
)
def test_a_complaint_is_harmless(value):
    with pytest.raises(BadEventError) as caught:
        parse(stopped_task() | {"source": value})
    oracles.one_line(str(caught.value))
    oracles.no_secret(str(caught.value))
    assert str(caught.value).replace("…", "").isascii()


def test_markup_is_text_in_every_place():
    words = "[red]c4n4ry1[/red] [link=https://evil.example]c4n4ry1[/link] [/] :skull:"
    shown = "".join(show(report_of(lambda: words, 0)).terminal[1].split())
    assert shown.count("[red]c4n4ry1[/red]") == shown.count("[/link]") > 20
    assert shown.count("c4n4ry1") == 2 * shown.count("[red]")
