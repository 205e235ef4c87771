"""Delivery against a server in Slack's place, over the wire."""

import logging
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

import pytest

from ecs_medic.slack import history, wire
from ecs_medic.slack.deliver import edit, find, post, post_once, respond
from ecs_medic.slack.delivery import Channel, Delivery, Destination, Webhook
from ecs_medic.slack.errors import ADVICE, GONE, TRANSIENT, SlackMessageGone, SlackRejected, SlackUnavailable
from ecs_medic.slack.metadata import Metadata
from ecs_medic.slack.response_url import ResponseUrlError
from tests.slack import server
from tests.slack.server import POSTED, Answer, Slack, send, send_json

TOKEN = "xoxb-not-a-real-token"
CHANNEL = Channel(TOKEN, "C012AB3CD")
MARK = Metadata("alert-1", 2, "attempt-3")
MARK_AS_SENT = {
    "event_type": "ecs_medic_alert",
    "event_payload": {"alert_id": "alert-1", "generation": 2, "attempt": "attempt-3"},
}
SINCE = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)


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
    monkeypatch.setattr(wire, "TIMEOUT_SECONDS", 0.1)
    slack.answers = [server.be_silent(3)]
    began = time.monotonic()
    with pytest.raises(SlackUnavailable, match="in time") as caught:
        post(NOTE, destination)
    assert time.monotonic() - began < 2.5
    assert caught.value.may_have_arrived


def test_trickle_is_cut_off(slack, destination, monkeypatch):
    monkeypatch.setattr(wire, "DEADLINE_SECONDS", 0.2)
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


def test_mark_and_broadcast_go_with_the_message(slack):
    slack.answers = [POSTED]
    post(NOTE, CHANNEL, thread_ts="1.2", metadata=MARK, broadcast=True)
    assert slack.requests[0]["metadata"] == MARK_AS_SENT
    assert slack.requests[0]["reply_broadcast"] is True


def test_nothing_is_broadcast_that_is_no_answer(slack):
    slack.answers = [POSTED]
    post(NOTE, CHANNEL, broadcast=True)
    assert "reply_broadcast" not in slack.requests[0]


def test_webhook_leaves_the_mark_behind(slack):
    slack.answers = [send(200, b"ok")]
    assert post_once(NOTE, Webhook(f"{slack.url}/x"), MARK, since=SINCE, attempted_before=True) == Delivery()
    assert "metadata" not in slack.requests[0]


def test_edit_names_the_message_and_all_that_it_says(slack):
    slack.answers = [send_json({"ok": True})]
    edit(NOTE, Channel(TOKEN, "#alerts"), Delivery("C012AB3CD", "1763719445.000100"), MARK)
    assert slack.paths == ["/api/chat.update"]
    assert slack.requests[0] == {
        "channel": "C012AB3CD",
        "ts": "1763719445.000100",
        "text": NOTE.text,
        "blocks": NOTE.blocks,
        "metadata": MARK_AS_SENT,
        "parse": "none",
    }
    edit(NOTE, CHANNEL, Delivery("C012AB3CD", "1763719445.000100"))
    assert "metadata" not in slack.requests[1]


def test_what_a_webhook_posted_cannot_be_edited(slack):
    with pytest.raises(ValueError, match="webhook"):
        edit(NOTE, CHANNEL, Delivery())
    assert slack.requests == []


@pytest.mark.parametrize("code", sorted(GONE))
def test_a_message_that_is_gone_can_only_be_posted_anew(slack, code):
    slack.answers = [send_json({"ok": False, "error": code})]
    with pytest.raises(SlackMessageGone, match=code) as caught:
        edit(NOTE, CHANNEL, Delivery("C012AB3CD", "1.2"))
    assert caught.value.code == code
    assert caught.value.advice in str(caught.value)
    with pytest.raises(SlackMessageGone):
        post(NOTE, CHANNEL, thread_ts="1.2")


@pytest.mark.parametrize("code", ["channel_not_found", "is_inactive", "token_revoked", "msg_too_long"])
def test_an_edit_that_slack_will_not_have(slack, code):
    slack.answers = [send_json({"ok": False, "error": code})]
    with pytest.raises(SlackRejected) as caught:
        edit(NOTE, CHANNEL, Delivery("C012AB3CD", "1.2"))
    assert caught.value.code == code


def _history(*messages: Any, cursor: str = "") -> Answer:
    return send_json({"ok": True, "messages": list(messages), "response_metadata": {"next_cursor": cursor}})


MARKED = {"ts": "1763719445.000100", "metadata": MARK_AS_SENT}


def test_find_asks_for_what_came_since_with_all_metadata(slack):
    slack.answers = [_history(MARKED)]
    assert find(CHANNEL, MARK, since=SINCE) == Delivery("C012AB3CD", "1763719445.000100", found=True)
    assert slack.paths == ["/api/conversations.history"]
    asked = slack.requests[0]
    assert asked["channel"] == "C012AB3CD"
    assert asked["include_all_metadata"] == "1"
    assert 0 < SINCE.timestamp() - float(asked["oldest"]) <= 60, "the clocks may differ"


def test_find_in_a_thread(slack):
    slack.answers = [_history({"ts": "1.2"}, MARKED)]
    assert find(CHANNEL, MARK, since=SINCE, thread_ts="1.2")
    assert slack.paths == ["/api/conversations.replies"]
    assert slack.requests[0]["ts"] == "1.2"


OTHERS = [
    {"ts": "1.1"},
    {"ts": "1.1", "metadata": {"event_type": "ecs_medic_alert"}},
    {"ts": "1.1", "metadata": {"event_type": "other", "event_payload": MARK_AS_SENT["event_payload"]}},
    {"ts": "1.1", "metadata": Metadata("alert-1", 2, "attempt-4").as_json()},
    {"ts": "1.1", "metadata": Metadata("alert-1", 3, "attempt-3").as_json()},
    {"ts": "1.1", "metadata": Metadata("alert-2", 2, "attempt-3").as_json()},
    {"metadata": MARK_AS_SENT},
    {"ts": 5, "metadata": MARK_AS_SENT},
    None,
    "text",
]


@pytest.mark.parametrize("other", OTHERS)
def test_find_takes_no_other_message(slack, other):
    slack.answers = [_history(other)]
    assert find(CHANNEL, MARK, since=SINCE) is None


def test_find_goes_on_to_the_page_where_it_is(slack):
    slack.answers = [_history({"ts": "9.1"}, cursor="a"), _history({"ts": "8.1"}, cursor="b"), _history(MARKED)]
    assert find(CHANNEL, MARK, since=SINCE)
    assert [request.get("cursor") for request in slack.requests] == [None, "a", "b"]


def test_a_history_without_end_is_not_told_to_be_without_the_message(slack):
    slack.answers = [_history({"ts": "9.1"}, cursor="again")]
    with pytest.raises(SlackRejected, match="history_too_long"):
        find(CHANNEL, MARK, since=SINCE)
    assert len(slack.requests) == history.MAX_PAGES


def test_a_slow_history_is_not_read_to_its_end(slack, monkeypatch):
    monkeypatch.setattr(history, "PAGES_SECONDS", 0.0)
    slack.answers = [_history({"ts": "9.1"}, cursor="again")]
    with pytest.raises(SlackRejected, match="history_too_long"):
        find(CHANNEL, MARK, since=SINCE)
    assert len(slack.requests) == 1


@pytest.mark.parametrize("answer", [{"ok": True}, {"ok": True, "messages": None}, {"ok": True, "messages": {}}])
def test_an_answer_without_messages_is_not_an_empty_history(slack, answer):
    slack.answers = [send_json(answer)]
    with pytest.raises(SlackUnavailable):
        find(CHANNEL, MARK, since=SINCE)


def test_a_first_attempt_looks_for_nothing(slack):
    slack.answers = [POSTED]
    assert not post_once(NOTE, CHANNEL, MARK, since=SINCE, attempted_before=False).found
    assert slack.paths == ["/api/chat.postMessage"]


def test_a_later_attempt_posts_only_what_is_not_there(slack):
    slack.answers = [_history(MARKED)]
    assert post_once(NOTE, CHANNEL, MARK, since=SINCE, attempted_before=True).found
    slack.answers = [_history(), POSTED]
    assert not post_once(NOTE, CHANNEL, MARK, since=SINCE, attempted_before=True).found
    assert slack.paths == ["/api/conversations.history"] * 2 + ["/api/chat.postMessage"]


@pytest.mark.parametrize("code", ["missing_scope", "not_in_channel", "channel_not_found", "unknown_method"])
def test_a_history_that_cannot_be_read_keeps_no_alert_back(slack, code):
    slack.answers = [send_json({"ok": False, "error": code}), POSTED]
    assert post_once(NOTE, CHANNEL, MARK, since=SINCE, attempted_before=True) == Delivery(
        "C012AB3CD", "1763719445.000100"
    )


def test_a_history_that_cannot_be_read_for_now_is_waited_for(slack):
    slack.answers = [send_json({"ok": False, "error": "ratelimited"}, 429, {"Retry-After": "60"})]
    with pytest.raises(SlackUnavailable) as caught:
        post_once(NOTE, CHANNEL, MARK, since=SINCE, attempted_before=True)
    assert caught.value.retry_after == 60
    assert slack.paths == ["/api/conversations.history"]


def test_who_clicked_is_answered_alone(slack):
    slack.answers = [send(200, b"ok")]
    respond(f"{slack.url}/actions/T0/1/x", NOTE)
    assert slack.requests[0] == {
        "text": NOTE.text,
        "blocks": NOTE.blocks,
        "replace_original": False,
        "response_type": "ephemeral",
    }
    slack.answers = [send_json({"ok": True})]
    respond(f"{slack.url}/actions/T0/1/x", NOTE, replace_original=True)
    assert slack.requests[1]["replace_original"] is True


def test_nobody_else_is_written_to(slack):
    with server.running() as foreign:
        foreign.answers = [send()]
        with pytest.raises(ResponseUrlError):
            respond(f"{foreign.url}/", NOTE)
        slack.answers = [send(302, b"", {"Location": f"{foreign.url}/"})]
        with pytest.raises(SlackRejected, match="http_302"):
            respond(f"{slack.url}/actions/x", NOTE)
        assert foreign.requests == []


@pytest.mark.parametrize("code", ["used_url", "expired_url"])
def test_an_answer_that_comes_too_late(slack, code):
    slack.answers = [send_json({"ok": False, "error": code}, 404)]
    with pytest.raises(SlackRejected, match=code):
        respond(f"{slack.url}/actions/secretpath", NOTE)


@pytest.mark.parametrize("trouble", UNAVAILABLE)
def test_troubles_of_the_wire_when_answering(slack, trouble):
    slack.answers = [UNAVAILABLE[trouble]]
    with pytest.raises(SlackUnavailable):
        respond(f"{slack.url}/actions/x", NOTE)
