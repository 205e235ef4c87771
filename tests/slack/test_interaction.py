"""A click as Slack sends it, and everything else that may arrive there."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecs_medic.slack.interaction import BadInteraction, Click, parse

RESPONSE_URL = "https://hooks.slack.com/actions/T0/1/x"


def payload(**changes: Any) -> dict[str, Any]:
    return {
        "type": "block_actions",
        "user": {"id": "U0ALICE", "username": "alice", "name": "alice", "team_id": "T000"},
        "container": {"type": "message", "message_ts": "1.2", "channel_id": "C0OPS", "is_ephemeral": False},
        "trigger_id": "1.2.abc",
        "team": {"id": "T000", "domain": "sandbox"},
        "enterprise": None,
        "channel": {"id": "C0OPS", "name": "ops-alerts"},
        "message": {"type": "message", "ts": "1.2", "text": "x"},
        "response_url": RESPONSE_URL,
        "actions": [{"action_id": "mute", "block_id": "b", "type": "button", "value": "run-1", "action_ts": "3.4"}],
        **changes,
    }


def body(content: Any) -> bytes:
    return urlencode({"payload": json.dumps(content)}).encode()


def test_a_button():
    assert parse(body(payload())) == Click(
        user_id="U0ALICE",
        user_name="alice",
        team_id="T000",
        action_id="mute",
        value="run-1",
        channel_id="C0OPS",
        message_ts="1.2",
        thread_ts=None,
        action_ts="3.4",
        response_url=RESPONSE_URL,
        trigger_id="1.2.abc",
        block_id="b",
    )


@pytest.mark.parametrize("kind", ["static_select", "overflow"])
def test_a_menu(kind):
    option = {"text": {"type": "plain_text", "text": "1 h"}, "value": "3600"}
    action = {"action_id": "mute", "type": kind, "selected_option": option, "action_ts": "3.4"}
    assert parse(body(payload(actions=[action]))).value == "3600"


def test_a_button_in_a_thread_on_a_message_that_is_not_shown():
    container = {"type": "message", "message_ts": "1.2", "channel_id": "C0OPS", "thread_ts": "1.1"}
    click = parse(body(payload(channel=None, message=None, container=container)))
    assert (click.channel_id, click.message_ts, click.thread_ts) == ("C0OPS", "1.2", "1.1")


def test_an_app_installed_for_a_whole_organisation():
    assert parse(body(payload(team=None))).team_id == "T000"
    assert parse(body(payload(team=None, user={"id": "U1"}, enterprise={"id": "E1"}))).team_id == "E1"


def test_a_link_has_no_value_and_may_have_nowhere_to_answer():
    action = {"action_id": "docs", "type": "button", "action_ts": "3.4"}
    click = parse(body(payload(actions=[action], response_url=None, trigger_id=None)))
    assert (click.value, click.response_url, click.trigger_id) == (None, None, None)


def test_addresses_stay_out_of_representations():
    assert "hooks.slack.com" not in repr(parse(body(payload())))


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"type": "view_submission"}, "type:"),
        ({"type": None}, "type:"),
        ({"user": None}, "user:"),
        ({"user": "canary"}, "user:"),
        ({"user": {}}, "user.id:"),
        ({"user": {"id": 5}}, "user.id:"),
        ({"team": "canary"}, "team:"),
        ({"team": None, "user": {"id": "U1"}}, "team.id:"),
        ({"actions": None}, "actions:"),
        ({"actions": []}, "actions:"),
        ({"actions": ["canary"]}, "actions:"),
        ({"actions": [{}, {}]}, "actions:"),
        ({"actions": [{"action_ts": "1"}]}, "actions[0].action_id:"),
        ({"actions": [{"action_id": "a"}]}, "actions[0].action_ts:"),
        ({"actions": [{"action_id": "a", "action_ts": "1", "value": ["canary"]}]}, "actions[0].value:"),
        ({"channel": {"id": 5}}, "channel.id:"),
        ({"channel": None, "container": None}, "channel.id:"),
        ({"message": None, "container": None}, "message.ts:"),
        ({"message": []}, "message:"),
        ({"response_url": 5}, "response_url:"),
        ({"response_url": "https://canary.example.com/"}, "response_url:"),
        ({"trigger_id": 5}, "trigger_id:"),
    ],
)
def test_bad_payloads_give_one_line_that_names_the_field(changes, named):
    with pytest.raises(BadInteraction) as caught:
        parse(body(payload(**changes)))
    assert str(caught.value).startswith(named)
    assert "\n" not in str(caught.value)
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize(
    ("raw", "named"),
    [
        (b"", "payload:"),
        (b"canary", "body:"),
        (b"\xff\xfe", "body:"),
        (b'{"type": "block_actions"}', "body:"),
        (b"payload=%FF", "body:"),
        (b"&".join([b"a=1"] * 11), "body:"),
        (b"other=1", "payload:"),
        (b"payload=1&payload=2", "payload:"),
        (b"payload=canary", "payload: expected JSON"),
        (b"payload=5", "payload: expected a JSON object"),
        (b"payload=" + b"[" * 100_000, "payload: expected JSON"),
        (b"payload=" + b"9" * 10_000, "payload: expected JSON"),
    ],
)
def test_bad_bodies(raw, named):
    with pytest.raises(BadInteraction) as caught:
        parse(raw)
    assert str(caught.value).startswith(named)
    assert "canary" not in str(caught.value)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "ts", "value"]), inner),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from([*payload()]), JSON, min_size=1))
def test_any_payload_is_a_click_or_one_error(changes):
    outcome: object
    try:
        outcome = parse(body(payload(**changes)))
    except BadInteraction as error:
        outcome = str(error)
        assert "\n" not in outcome
    assert isinstance(outcome, Click | str)


@given(st.binary())
def test_any_bytes_are_one_error(raw):
    with pytest.raises(BadInteraction):
        parse(raw)
