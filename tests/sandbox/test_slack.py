import json
import time
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.error import HTTPError, URLError

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler
from slack_sdk.models.blocks import (
    ActionsBlock,
    ButtonElement,
    ConfirmObject,
    ContextBlock,
    DividerBlock,
    HeaderBlock,
    MarkdownTextObject,
    SectionBlock,
)
from slack_sdk.webhook import WebhookClient

from sandbox.client import Sandbox

OPS = "C0OPS"

type Block = dict[str, Any]


@pytest.fixture
def slack(account: Sandbox) -> WebClient:
    return WebClient(token="xoxb-sandbox", base_url=account.slack_url, timeout=5)


def _text(text: str, kind: str = "mrkdwn") -> Block:
    return {"type": kind, "text": text}


def _section(text: str = "x", **more: Any) -> Block:
    return {"type": "section", "text": _text(text), **more}


def _button(text: str = "Go", **more: Any) -> Block:
    return {"type": "button", "text": _text(text, "plain_text"), **more}


def _actions(*elements: Block) -> Block:
    return {"type": "actions", "elements": list(elements)}


def _error(call: Callable[..., Any], **arguments: Any) -> dict[str, Any]:
    with pytest.raises(SlackApiError) as caught:
        call(**arguments)
    return dict(caught.value.response.data)


def _post_error(slack: WebClient, **arguments: Any) -> dict[str, Any]:
    return _error(slack.chat_postMessage, **{"channel": OPS, "text": "x", **arguments})


def test_typed_blocks_of_the_sdk_are_kept_in_the_channel(account, slack):
    confirm = ConfirmObject(title="Sure?", text="It restarts tasks.")
    blocks = [
        HeaderBlock(text="Task failed to start"),
        SectionBlock(text="*shop* in `eu-west-1`", fields=["*Cause*", "endpoint missing"]),
        DividerBlock(),
        ContextBlock(elements=[MarkdownTextObject(text="not checked: nothing")]),
        ActionsBlock(elements=[ButtonElement(text="Fix", action_id="fix", value="run-1", confirm=confirm)]),
    ]
    metadata = {"event_type": "incident", "event_payload": {"id": "1"}}
    answer = slack.chat_postMessage(channel=OPS, text="Task failed", blocks=blocks, metadata=metadata)
    (message,) = account.slack_messages()
    assert message["ts"] == answer["ts"]
    assert (message["channel"], message["text"], message["thread_ts"]) == (OPS, "Task failed", None)
    assert [block["type"] for block in message["blocks"]] == ["header", "section", "divider", "context", "actions"]
    assert message["metadata"] == metadata
    assert slack.auth_test()["user_id"] == message["user"]


def test_a_form_is_as_good_as_json(account, slack):
    blocks = json.dumps([_section("from a form")])
    slack.api_call("chat.postMessage", data={"channel": OPS, "text": "x", "blocks": blocks})
    assert account.slack_messages()[0]["blocks"] == [_section("from a form")]


def test_channels_are_found_by_id_and_name_for_posting(account, slack):
    for reference in (OPS, "#ops-alerts", "ops-alerts"):
        assert slack.chat_postMessage(channel=reference, text="x")["channel"] == OPS
    assert len(account.slack_messages(OPS)) == 3
    assert account.slack_messages("C0DEPLOYS") == []


@pytest.mark.parametrize(
    ("channel", "code"),
    [
        ("C0NOWHERE", "channel_not_found"),
        ("C0PRIVATE", "not_in_channel"),
        ("C0OLD", "is_archived"),
        ("", "invalid_arguments"),
    ],
)
def test_channels_that_cannot_be_written_to(slack, channel, code):
    assert _post_error(slack, channel=channel)["error"] == code


def test_threads_hang_on_their_parent(account, slack):
    parent = slack.chat_postMessage(channel=OPS, text="parent")["ts"]
    reply = slack.chat_postMessage(channel=OPS, text="reply", thread_ts=parent)["ts"]
    slack.chat_postMessage(channel=OPS, text="reply to the reply", thread_ts=reply)
    assert [m["thread_ts"] for m in account.slack_messages()] == [None, parent, parent]
    replies = slack.conversations_replies(channel=OPS, ts=parent)["messages"]
    assert [m["text"] for m in replies] == ["parent", "reply", "reply to the reply"]
    assert [m["text"] for m in slack.conversations_history(channel=OPS)["messages"]] == ["parent"]
    assert _post_error(slack, thread_ts="1.000000")["error"] == "thread_not_found"


def test_timestamps_are_unique_and_grow(slack):
    stamps = [slack.chat_postMessage(channel=OPS, text="x")["ts"] for _ in range(20)]
    assert stamps == sorted(set(stamps))


def test_an_update_keeps_what_was_there_before(account, slack):
    metadata = {"event_type": "incident", "event_payload": {"id": "1"}}
    ts = slack.chat_postMessage(channel=OPS, text="open", blocks=[_section("open")], metadata=metadata)["ts"]
    slack.chat_update(channel=OPS, ts=ts, text="resolved", blocks=[_section("resolved")])
    (message,) = account.slack_messages()
    assert (message["ts"], message["text"], message["blocks"]) == (ts, "resolved", [_section("resolved")])
    assert [(e["text"], e["blocks"]) for e in message["edits"]] == [("open", [_section("open")])]
    assert message["metadata"] == metadata


def test_only_own_messages_can_be_updated(account, slack):
    other = WebClient(token="xoxb-other", base_url=account.slack_url)
    ts = other.chat_postMessage(channel=OPS, text="theirs")["ts"]
    assert _error(slack.chat_update, channel=OPS, ts=ts, text="mine")["error"] == "cant_update_message"
    assert _error(slack.chat_update, channel=OPS, ts="1.000000", text="mine")["error"] == "message_not_found"
    assert _error(slack.chat_update, channel="#ops-alerts", ts=ts, text="mine")["error"] == "channel_not_found"
    assert account.slack_messages()[0]["text"] == "theirs"


def test_an_ephemeral_message_is_for_one_person_and_cannot_be_updated(account, slack):
    ts = slack.chat_postEphemeral(channel=OPS, user="U0ALICE", text="only you")["message_ts"]
    assert account.slack_messages()[0]["ephemeral_for"] == "U0ALICE"
    assert _error(slack.chat_update, channel=OPS, ts=ts, text="x")["error"] == "message_not_found"
    assert _error(slack.chat_postEphemeral, channel=OPS, user="U0NOBODY", text="x")["error"] == "user_not_in_channel"


@pytest.mark.parametrize("state", ["token_revoked", "account_inactive"])
def test_tokens(account, slack, state):
    assert _error(WebClient(token="xoxb-wrong", base_url=account.slack_url).auth_test)["error"] == "invalid_auth"
    assert _error(WebClient(base_url=account.slack_url).auth_test)["error"] == "not_authed"
    account._control("PATCH", "/slack/tokens/xoxb-sandbox", {"state": state})
    assert _error(slack.auth_test)["error"] == state


def test_a_missing_scope_is_named(account, slack):
    account._control("PATCH", "/slack/tokens/xoxb-sandbox", {"scopes": ["channels:read"]})
    refused = _post_error(slack)
    assert (refused["error"], refused["needed"], refused["provided"]) == (
        "missing_scope",
        "chat:write",
        "channels:read",
    )
    assert account.slack_messages() == []


def test_an_unknown_method(slack):
    assert _error(slack.reactions_add, channel=OPS, name="eyes", timestamp="1")["error"] == "unknown_method"


# The greatest that Slack takes, what is one more, and what it says then.
LIMITS = [
    ([{"type": "divider"}] * 50, [{"type": "divider"}] * 51, "no more than 50 items allowed [json-pointer:/blocks]"),
    (
        [_section("x" * 3000)],
        [_section("x" * 3001)],
        "must be less than 3001 characters [json-pointer:/blocks/0/text/text]",
    ),
    (
        [{"type": "header", "text": _text("x" * 150, "plain_text")}],
        [{"type": "header", "text": _text("x" * 151, "plain_text")}],
        "must be less than 151 characters [json-pointer:/blocks/0/text/text]",
    ),
    (
        [{"type": "section", "fields": [_text("x")] * 10}],
        [{"type": "section", "fields": [_text("x")] * 11}],
        "no more than 10 items allowed [json-pointer:/blocks/0/fields]",
    ),
    (
        [{"type": "section", "fields": [_text("x" * 2000)]}],
        [{"type": "section", "fields": [_text("x" * 2001)]}],
        "must be less than 2001 characters [json-pointer:/blocks/0/fields/0/text]",
    ),
    (
        [{"type": "context", "elements": [_text("x")] * 10}],
        [{"type": "context", "elements": [_text("x")] * 11}],
        "no more than 10 items allowed [json-pointer:/blocks/0/elements]",
    ),
    (
        [_actions(*[_button()] * 25)],
        [_actions(*[_button()] * 26)],
        "no more than 25 items allowed [json-pointer:/blocks/0/elements]",
    ),
    (
        [_actions(_button("x" * 75))],
        [_actions(_button("x" * 76))],
        "must be less than 76 characters [json-pointer:/blocks/0/elements/0/text/text]",
    ),
    (
        [_actions(_button(value="x" * 2000))],
        [_actions(_button(value="x" * 2001))],
        "must be less than 2001 characters [json-pointer:/blocks/0/elements/0/value]",
    ),
    (
        [_actions(_button(url="https://example.com/" + "x" * 2980))],
        [_actions(_button(url="https://example.com/" + "x" * 2981))],
        "must be less than 3001 characters [json-pointer:/blocks/0/elements/0/url]",
    ),
    (
        [_actions(_button(action_id="x" * 255))],
        [_actions(_button(action_id="x" * 256))],
        "must be less than 256 characters [json-pointer:/blocks/0/elements/0/action_id]",
    ),
    (
        [_section(block_id="x" * 255)],
        [_section(block_id="x" * 256)],
        "must be less than 256 characters [json-pointer:/blocks/0/block_id]",
    ),
]


@pytest.mark.parametrize(("fits", "too_much", "said"), LIMITS)
def test_limits_to_the_character(account, slack, fits, too_much, said):
    slack.chat_postMessage(channel=OPS, text="x", blocks=fits)
    refused = _post_error(slack, blocks=too_much)
    assert refused["error"] == "invalid_blocks"
    assert said in refused["errors"]
    assert f"[ERROR] {said}" in refused["response_metadata"]["messages"]
    assert len(account.slack_messages()) == 1


@pytest.mark.parametrize(
    ("blocks", "said"),
    [
        ([{"type": "banner"}], "unsupported type: banner [json-pointer:/blocks/0]"),
        ([{"text": _text("x")}], "missing required field: type [json-pointer:/blocks/0]"),
        ([{"type": "section"}], "missing required field: text [json-pointer:/blocks/0]"),
        ([_section("")], "must be more than 0 characters [json-pointer:/blocks/0/text/text]"),
        ([_section(colour="red")], "invalid additional property: colour [json-pointer:/blocks/0]"),
        ([{"type": "header", "text": _text("x")}], "unsupported type: mrkdwn [json-pointer:/blocks/0/text]"),
        ([_actions()], "must have at least 1 items [json-pointer:/blocks/0/elements]"),
        (
            [_actions(_button(style="huge"))],
            "must be one of: primary, danger [json-pointer:/blocks/0/elements/0/style]",
        ),
        (
            [_section(block_id="a"), _section(block_id="a")],
            "`block_id` is already in use: a [json-pointer:/blocks/1/block_id]",
        ),
        (
            [_actions(_button(action_id="a"), _button(action_id="a"))],
            "`action_id` is already in use: a [json-pointer:/blocks/0/elements]",
        ),
        (
            [_actions(_button(confirm={"title": _text("t", "plain_text"), "text": _text("x" * 301)}))],
            "must be less than 301 characters [json-pointer:/blocks/0/elements/0/confirm/text/text]",
        ),
    ],
)
def test_blocks_that_make_no_sense(slack, blocks, said):
    refused = _post_error(slack, blocks=blocks)
    assert refused["error"] == "invalid_blocks"
    assert said in refused["errors"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"text": None, "blocks": None}, "no_text"),
        ({"text": "x" * 40_001}, "msg_too_long"),
        ({"blocks": "no json"}, "invalid_blocks_format"),
        ({"blocks": [_section("x" * 2900)] * 5}, "msg_blocks_too_long"),
        ({"metadata": {"event_type": "x"}}, "invalid_metadata_format"),
    ],
)
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_messages_that_make_no_sense(slack, arguments, code):
    assert _post_error(slack, **arguments)["error"] == code


def test_a_long_message_that_just_fits(slack):
    slack.chat_postMessage(channel=OPS, text="x" * 40_000, blocks=[_section("x" * 2900)] * 4)


def _timed(call: Callable[[], Any]) -> float:
    start = time.monotonic()
    call()
    return time.monotonic() - start


def test_rate_limiting_says_when_to_come_back(account, slack):
    account.slack_misbehave("chat.postMessage", "ratelimited", retry_after=7)
    with pytest.raises(SlackApiError) as caught:
        slack.chat_postMessage(channel=OPS, text="x")
    assert (caught.value.response.status_code, caught.value.response.headers["Retry-After"]) == (429, "7")
    assert account.slack_messages() == []
    slack.chat_postMessage(channel=OPS, text="x")


def test_the_sdk_s_own_handler_waits_and_tries_again(account, slack):
    account.slack_misbehave("chat.postMessage", "ratelimited", retry_after=1, times=1)
    slack.retry_handlers.append(RateLimitErrorRetryHandler(max_retry_count=1))
    assert _timed(lambda: slack.chat_postMessage(channel=OPS, text="x")) >= 1
    assert [call.get("misbehaved") for call in account.slack_calls()] == ["ratelimited", None]


@pytest.mark.parametrize(
    ("kind", "settings", "raised"),
    [
        ("server_error", {"status": 503}, SlackApiError),
        ("error", {"code": "fatal_error"}, SlackApiError),
        ("malformed", {}, (SlackApiError, json.JSONDecodeError)),
        ("timeout", {"seconds": 30}, (TimeoutError, URLError)),
    ],
)
def test_misbehaviour_strikes_as_often_as_told(account, kind, settings, raised):
    slack = WebClient(token="xoxb-sandbox", base_url=account.slack_url, retry_handlers=[])
    account.slack_misbehave("chat.postMessage", kind, times=2, **settings)
    slack.auth_test()
    patience, slack.timeout = slack.timeout, 1 if kind == "timeout" else slack.timeout
    for _ in range(2):
        with pytest.raises(raised):
            slack.chat_postMessage(channel=OPS, text="x")
    account.slack_behave()
    slack.timeout = patience
    slack.chat_postMessage(channel=OPS, text="y")
    # A message whose answer was lost has been posted all the same.
    lost = 2 if kind == "timeout" else 0
    assert [m["text"] for m in account.slack_messages()] == ["x"] * lost + ["y"]


def test_a_slow_body_arrives_whole(account, slack):
    account.slack_misbehave("*", "slow_body", seconds=1)
    assert _timed(slack.auth_test) >= 0.9


def test_a_webhook_says_ok_and_keeps_the_message(account):
    answer = WebhookClient(account.webhook_url).send(text="alert", blocks=[_section("alert")])
    assert (answer.status_code, answer.body) == (200, "ok")
    (message,) = account.slack_messages()
    assert (message["channel"], message["via"], message["blocks"]) == (OPS, "webhook", [_section("alert")])


@pytest.mark.parametrize(
    ("suffix", "sent", "status", "body"),
    [
        ("", {"blocks": [{"type": "banner"}]}, 400, "invalid_blocks"),
        ("", {}, 400, "no_text"),
        ("Y", {"text": "x"}, 404, "no_service"),
    ],
)
def test_a_webhook_refuses(account, suffix, sent, status, body):
    answer = WebhookClient(account.webhook_url + suffix).send(**sent)
    assert (answer.status_code, answer.body) == (status, body)


def test_a_webhook_whose_channel_is_archived_or_whose_payload_is_no_json(account):
    request = urllib.request.Request(account.webhook_url, data=b"{", headers={"Content-Type": "application/json"})
    with pytest.raises(HTTPError) as caught:
        urllib.request.urlopen(request, timeout=5)
    with caught.value:
        assert (caught.value.code, caught.value.read()) == (400, b"invalid_payload")
    account._control("PATCH", f"/slack/channels/{OPS}", {"archived": True})
    assert WebhookClient(account.webhook_url).send(text="x").status_code == 410


def test_a_webhook_can_be_rate_limited_too(account):
    account.slack_misbehave("webhook", "ratelimited", retry_after=3)
    answer = WebhookClient(account.webhook_url).send(text="x")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "3")
    assert WebhookClient(account.webhook_url).send(text="x").status_code == 200


def test_people_and_channels_can_be_looked_up(slack):
    assert slack.users_lookupByEmail(email="alice@example.com")["user"]["id"] == "U0ALICE"
    assert _error(slack.users_lookupByEmail, email="bob@example.com")["error"] == "users_not_found"
    assert slack.conversations_info(channel=OPS)["channel"]["is_member"] is True
    assert {c["name"] for c in slack.conversations_list()["channels"]} >= {"ops-alerts", "deploys"}


def test_time_can_pass_for_messages_to_come(account, slack):
    ago = datetime.now(UTC).timestamp()
    now = float(slack.chat_postMessage(channel=OPS, text="now")["ts"])
    account.put_slack_forward(3600)
    later = float(slack.chat_postMessage(channel=OPS, text="later")["ts"])
    assert ago - 1 <= now < ago + 600
    assert now + 3000 < later < ago + 3600 + 600
    found = slack.conversations_history(channel=OPS, oldest=str(now + 1800))["messages"]
    assert [one["text"] for one in found] == ["later"]
    account.reset()
    assert float(slack.chat_postMessage(channel=OPS, text="anew")["ts"]) < now + 600
