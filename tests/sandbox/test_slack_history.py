"""What the Slack stand-in shows of what was said, to whom, and how often it lets itself be asked."""

from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from sandbox.client import Sandbox

OPS, SECURE, PRIVATE = "C0OPS", "C0SECURE", "C0PRIVATE"
METADATA = {"event_type": "incident", "event_payload": {"id": "1"}}


@pytest.fixture
def slack(account: Sandbox) -> WebClient:
    return WebClient(token="xoxb-sandbox", base_url=account.slack_url, timeout=5, retry_handlers=[])


def _refused(call: Any, **arguments: Any) -> dict[str, Any]:
    with pytest.raises(SlackApiError) as caught:
        call(**arguments)
    return dict(caught.value.response.data)


def _posted(slack: WebClient, count: int, **more: Any) -> list[str]:
    return [slack.chat_postMessage(channel=OPS, text=str(n), **more)["ts"] for n in range(count)]


def test_metadata_is_whole_for_who_asks_for_it(slack):
    slack.chat_postMessage(channel=OPS, text="x", metadata=METADATA)
    whole = slack.conversations_history(channel=OPS, include_all_metadata=True)["messages"][0]
    assert whole["metadata"] == METADATA
    assert slack.conversations_history(channel=OPS)["messages"][0]["metadata"] == {"event_type": "incident"}


def test_pages_hold_every_message_once_and_newest_first(slack):
    stamps = _posted(slack, 5)
    seen: list[str] = []
    cursor = None
    for size in (2, 2, 1):
        page = slack.conversations_history(channel=OPS, limit=2, cursor=cursor)
        assert len(page["messages"]) == size
        seen += [message["ts"] for message in page["messages"]]
        cursor = page["response_metadata"]["next_cursor"]
        assert page["has_more"] is bool(cursor)
    assert seen == stamps[::-1]


def test_bounds_are_left_out_unless_asked_for(slack):
    stamps = _posted(slack, 4)

    def seen(**more: Any) -> list[str]:
        page = slack.conversations_history(channel=OPS, oldest=stamps[1], latest=stamps[3], **more)
        return [message["ts"] for message in page["messages"]]

    assert seen() == [stamps[2]]
    assert seen(inclusive=True) == [stamps[3], stamps[2], stamps[1]]


def test_a_thread_begins_with_its_parent_however_old(slack):
    parent, *_ = _posted(slack, 2)
    first, second = _posted(slack, 2, thread_ts=parent)
    page = slack.conversations_replies(channel=OPS, ts=parent, oldest=first)
    assert [message["ts"] for message in page["messages"]] == [parent, second]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"cursor": "no cursor"}, "invalid_cursor"),
        ({"limit": 0}, "invalid_limit"),
        ({"limit": 1000}, "invalid_limit"),
        ({"limit": "many"}, "invalid_limit"),
        ({"oldest": "yesterday"}, "invalid_ts_oldest"),
        ({"latest": "1.2.3"}, "invalid_ts_latest"),
    ],
)
def test_arguments_that_make_no_sense(slack, arguments, code):
    assert _refused(slack.conversations_history, channel=OPS, **arguments)["error"] == code


def test_a_private_channel_needs_another_scope_and_does_not_exist_for_strangers(account, slack):
    assert slack.conversations_history(channel=SECURE)["messages"] == []
    account._control("PATCH", "/slack/tokens/xoxb-sandbox", {"scopes": ["chat:write", "channels:history"]})
    refused = _refused(slack.conversations_history, channel=SECURE)
    assert (refused["error"], refused["needed"]) == ("missing_scope", "groups:history")
    assert slack.conversations_history(channel=OPS)["messages"] == []
    account._control("PATCH", f"/slack/channels/{SECURE}", {"members": []})
    assert _refused(slack.conversations_history, channel=SECURE)["error"] == "channel_not_found"
    assert _refused(slack.chat_postMessage, channel=SECURE, text="x")["error"] == "channel_not_found"


def test_a_public_channel_is_read_by_its_members_alone(account, slack):
    assert _refused(slack.conversations_history, channel=PRIVATE)["error"] == "not_in_channel"
    account._control("PATCH", "/slack/tokens/xoxb-sandbox", {"scopes": ["chat:write"]})
    assert _refused(slack.conversations_history, channel=OPS)["needed"] == "channels:history"
    assert _refused(slack.conversations_replies, channel=OPS, ts="1.2")["error"] == "missing_scope"


def test_what_stands_in_an_archived_channel_stays_as_it_is(account, slack):
    (ts,) = _posted(slack, 1)
    account._control("PATCH", f"/slack/channels/{OPS}", {"archived": True})
    assert _refused(slack.chat_update, channel=OPS, ts=ts, text="y")["error"] == "is_inactive"
    assert slack.conversations_history(channel=OPS)["messages"][0]["text"] == "0"


def test_groups_of_people(account, slack):
    (group,) = slack.usergroups_list()["usergroups"]
    assert group["handle"] == "oncall"
    assert slack.usergroups_users_list(usergroup=group["id"])["users"] == ["U0ALICE", "U0CAROL"]
    account._control("PATCH", f"/slack/usergroups/{group['id']}", {"users": ["U0DAVE"]})
    assert slack.usergroups_users_list(usergroup=group["id"])["users"] == ["U0DAVE"]
    assert _refused(slack.usergroups_users_list, usergroup="S0NONE")["error"] == "no_such_subteam"
    account._control("PATCH", "/slack/tokens/xoxb-sandbox", {"scopes": ["chat:write"]})
    assert _refused(slack.usergroups_users_list, usergroup=group["id"])["error"] == "missing_scope"


def test_edits_can_be_limited_for_each_channel(account, slack):
    (ts,) = _posted(slack, 1)
    other = slack.chat_postMessage(channel="C0DEPLOYS", text="x")["ts"]
    account.slack_limit("chat.update", 2, 60)
    for text in ("1", "2"):
        slack.chat_update(channel=OPS, ts=ts, text=text)
    with pytest.raises(SlackApiError) as caught:
        slack.chat_update(channel=OPS, ts=ts, text="3")
    assert caught.value.response.status_code == 429
    assert 0 < int(caught.value.response.headers["Retry-After"]) <= 60
    slack.chat_update(channel="C0DEPLOYS", ts=other, text="1")
    assert account.slack_messages(OPS)[0]["text"] == "2"
    assert [c.get("misbehaved") for c in account.slack_calls() if c["method"] == "chat.update"][2] == "ratelimited"
    account.slack_limit("chat.update", None)
    slack.chat_update(channel=OPS, ts=ts, text="3")


@pytest.mark.parametrize(
    ("kind", "settings"),
    [
        ("malformed", {}),
        ("server_error", {}),
        ("error", {"code": "internal_error"}),
        ("disconnect", {}),
        ("timeout", {}),
    ],
)
@pytest.mark.parametrize("carried_out", [True, False])
def test_any_answer_can_be_lost_with_or_without_what_it_answers(account, kind, settings, carried_out):
    slack = WebClient(token="xoxb-sandbox", base_url=account.slack_url, timeout=2, retry_handlers=[])
    account.slack_misbehave("chat.postMessage", kind, carried_out=carried_out, seconds=0.1, **settings)
    with pytest.raises((SlackApiError, ValueError, OSError)):
        slack.chat_postMessage(channel=OPS, text="x")
    assert len(account.slack_messages()) == int(carried_out)


def test_misbehaviour_can_begin_later(account, slack):
    account.slack_misbehave("chat.postMessage", "error", skip=2, code="fatal_error")
    _posted(slack, 2)
    assert _refused(slack.chat_postMessage, channel=OPS, text="x")["error"] == "fatal_error"
    _posted(slack, 1)
    assert len(account.slack_messages()) == 3
