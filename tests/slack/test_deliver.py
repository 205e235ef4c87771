"""Delivery against a server in Slack's place, over the wire."""

import logging
import time
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from ecs_medic.slack import deliver
from ecs_medic.slack.deliver import post
from ecs_medic.slack.delivery import Channel, Delivery, Destination, Webhook
from ecs_medic.slack.errors import ADVICE, TRANSIENT, SlackRejected, SlackUnavailable
from tests.slack import server
from tests.slack.server import POSTED, Answer, Slack, send, send_json

TOKEN = "xoxb-not-a-real-token"


class Note(NamedTuple):
    text: str
    blocks: list[dict[str, Any]]


NOTE = Note("🔴 orders: down", [{"type": "section", "text": {"type": "mrkdwn", "text": "*Why*  タスク"}}])


@pytest.fixture
def slack(monkeypatch: pytest.MonkeyPatch) -> Iterator[Slack]:
    with server.running() as slack:
        monkeypatch.setenv("SLACK_API_URL", f"{slack.url}/api")
        yield slack


@pytest.fixture(params=["token", "webhook"])
def destination(request: pytest.FixtureRequest, slack: Slack) -> Destination:
    if request.param == "token":
        return Channel(TOKEN, "C012AB3CD")
    return Webhook(f"{slack.url}/services/T0/B0/secretpath")


def test_bot_token_gives_what_a_thread_needs(slack):
    slack.answers = [POSTED]
    delivery = post(NOTE, Channel(TOKEN, "#alerts"))
    assert delivery == Delivery("C012AB3CD", "1763719445.000100")
    assert delivery.can_be_answered
    assert slack.paths == ["/api/chat.postMessage"]
    assert slack.authorizations == [f"Bearer {TOKEN}"]
    assert slack.requests[0] == {
        "channel": "#alerts",
        "text": NOTE.text,
        "blocks": NOTE.blocks,
        "unfurl_links": False,
        "unfurl_media": False,
    }


def test_answer_in_a_thread(slack):
    slack.answers = [POSTED]
    post(NOTE, Channel(TOKEN, "C012AB3CD"), thread_ts="1763719445.000100")
    assert slack.requests[0]["thread_ts"] == "1763719445.000100"


def test_webhook_gives_a_plain_alert(slack):
    slack.answers = [send(200, b"ok", {"Content-Type": "text/html"})]
    delivery = post(NOTE, Webhook(f"{slack.url}/services/T0/B0/x"))
    assert delivery == Delivery(None, None)
    assert not delivery.can_be_answered
    assert slack.requests[0]["blocks"] == NOTE.blocks
    assert slack.paths == ["/services/T0/B0/x"]


def test_webhook_refuses_a_thread_before_sending(slack):
    slack.answers = [send()]
    with pytest.raises(ValueError, match="thread"):
        post(NOTE, Webhook(f"{slack.url}/services/T0/B0/x"), thread_ts="1.2")
    assert slack.requests == []


@pytest.mark.parametrize("code", [*ADVICE, "a_code_of_tomorrow"])
def test_bot_token_refusals_name_code_and_advice(slack, code):
    slack.answers = [send_json({"ok": False, "error": code})]
    with pytest.raises(SlackRejected, match=code) as caught:
        post(NOTE, Channel(TOKEN, "C012AB3CD"))
    assert caught.value.code == code
    assert caught.value.advice in str(caught.value)
    assert len(slack.requests) == 1


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (404, b"no_service", "no_service"),
        (403, b"invalid_token", "invalid_token"),
        (403, b"action_prohibited", "action_prohibited"),
        (410, b"channel_is_archived", "channel_is_archived"),
        (400, b"invalid_blocks", "invalid_blocks"),
        (404, b'{"ok": false, "error": "channel_not_found"}', "channel_not_found"),
        (403, b"<html>proxy says no</html>", "http_403"),
    ],
)
def test_webhook_refusals(slack, status, body, code):
    slack.answers = [send(status, body, {"Content-Type": "text/plain"})]
    with pytest.raises(SlackRejected) as caught:
        post(NOTE, Webhook(f"{slack.url}/services/T0/B0/x"))
    assert caught.value.code == code


@pytest.mark.parametrize("code", sorted(TRANSIENT))
def test_passing_troubles_are_no_refusals(slack, code):
    slack.answers = [send_json({"ok": False, "error": code})]
    with pytest.raises(SlackUnavailable):
        post(NOTE, Channel(TOKEN, "C012AB3CD"))


UNAVAILABLE: dict[str, Answer] = {
    "500": send(500, b"oops"),
    "503 in json": send_json({"ok": False, "error": "channel_not_found"}, 503),
    "not json": send(200, b"<html>maintenance</html>", {"Content-Type": "text/html"}),
    "cut json": send(200, b'{"ok": tr'),
    "a list": send(200, b"[1]"),
    "a string": send(200, b'"ok, ok"'),
    "null": send(200, b"null"),
    "nothing": send(200, b""),
    "not utf-8": send(200, b'{"ok": "\xff"}'),
    "no such charset": send(200, b"{}", {"Content-Type": "application/json; charset=klingon"}),
    "hangs up": server.hang_up,
    "breaks off": server.promise_more,
}


@pytest.mark.parametrize("trouble", UNAVAILABLE)
def test_troubles_of_the_wire_are_unavailability(slack, destination, trouble):
    slack.answers = [UNAVAILABLE[trouble]]
    with pytest.raises(SlackUnavailable) as caught:
        post(NOTE, destination)
    assert caught.value.may_have_arrived
    assert len(slack.requests) == 1, "a message that may have arrived is not sent again from here"


def test_answer_without_ts_may_have_arrived(slack):
    slack.answers = [send_json({"ok": True, "channel": "C012AB3CD"})]
    with pytest.raises(SlackUnavailable) as caught:
        post(NOTE, Channel(TOKEN, "C012AB3CD"))
    assert caught.value.may_have_arrived


def test_long_retry_after_is_handed_on_without_waiting(slack, destination, monkeypatch):
    monkeypatch.setattr(time, "sleep", lambda _: pytest.fail("waited"))
    slack.answers = [send_json({"ok": False, "error": "ratelimited"}, 429, {"Retry-After": "30"})]
    with pytest.raises(SlackUnavailable) as caught:
        post(NOTE, destination)
    assert caught.value.retry_after == 30
    assert not caught.value.may_have_arrived
    assert len(slack.requests) == 1


def test_short_retry_after_is_waited_for_once(slack, monkeypatch):
    waited: list[float] = []
    monkeypatch.setattr(time, "sleep", waited.append)
    slack.answers = [send(429, b"", {"Retry-After": "1"}), POSTED]
    assert post(NOTE, Channel(TOKEN, "C012AB3CD")).ts
    assert waited == [1]
    slack.answers = [send(429, b"", {"Retry-After": "1"})]
    with pytest.raises(SlackUnavailable):
        post(NOTE, Channel(TOKEN, "C012AB3CD"))
    assert len(slack.requests) == 4


@pytest.mark.parametrize("value", ["", "soon", "-1", "inf", "nan", "Fri, 21 Nov 2025 10:00:00 GMT"])
def test_unusable_retry_after(slack, destination, value):
    slack.answers = [send(429, b"ratelimited", {"Retry-After": value})]
    with pytest.raises(SlackUnavailable) as caught:
        post(NOTE, destination)
    assert caught.value.retry_after is None


def test_silence_is_a_time_out(slack, destination, monkeypatch):
    monkeypatch.setattr(deliver, "TIMEOUT_SECONDS", 0.1)
    slack.answers = [server.be_silent(3)]
    began = time.monotonic()
    with pytest.raises(SlackUnavailable, match="in time") as caught:
        post(NOTE, destination)
    assert time.monotonic() - began < 2.5
    assert caught.value.may_have_arrived


def test_trickle_is_cut_off(slack, destination, monkeypatch):
    monkeypatch.setattr(deliver, "DEADLINE_SECONDS", 0.2)
    slack.answers = [server.trickle(3)]
    began = time.monotonic()
    with pytest.raises(SlackUnavailable, match="in time") as caught:
        post(NOTE, destination)
    assert time.monotonic() - began < 2.5
    assert caught.value.may_have_arrived


def test_nobody_there(monkeypatch):
    with server.running() as gone:
        url = gone.url
    monkeypatch.setenv("SLACK_API_URL", url)
    for destination in (Channel(TOKEN, "C012AB3CD"), Webhook(f"{url}/services/x")):
        with pytest.raises(SlackUnavailable, match="no connection") as caught:
            post(NOTE, destination)
        assert not caught.value.may_have_arrived


def test_secrets_stay_out_of_errors_and_logs(slack, destination, caplog):
    caplog.set_level(logging.DEBUG)
    for answer in (send(500, b"x"), send(404, b"no_service"), send_json({"ok": False, "error": "invalid_auth"})):
        slack.answers = [answer]
        with pytest.raises((SlackRejected, SlackUnavailable)) as caught:
            post(NOTE, destination)
        for shown in (str(caught.value), repr(caught.value), repr(destination), caplog.text):
            assert TOKEN not in shown
            assert "secretpath" not in shown
    assert "タスク" not in caplog.text, "messages are not logged either"
