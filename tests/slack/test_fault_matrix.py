"""Everything that is asked of Slack, under everything that Slack can do to it, on the Slack stand-in over the wire.

What must hold: one of slack.errors or an answer, in bounded time; no message is lost; none stands there twice, but
where an answer was lost and the history cannot be read either, and then twice at most.
"""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import pytest

from ecs_medic.slack import wire
from ecs_medic.slack.deliver import edit, find, post, post_once, respond
from ecs_medic.slack.delivery import Channel, Delivery
from ecs_medic.slack.errors import SlackError, SlackMessageGone, SlackRejected, SlackUnavailable
from ecs_medic.slack.interaction import parse
from ecs_medic.slack.metadata import Metadata
from sandbox.client import SLACK_BOT_TOKEN, Sandbox

OPS = Channel(SLACK_BOT_TOKEN, "C0OPS")
MARK = Metadata("alert-1", 1, "attempt-1")
DEADLINE = 0.5
"""Seconds, in place of eight, where Slack is slow."""
SLOWER = 12.0


class Note(NamedTuple):
    text: str
    blocks: list[dict[str, Any]]


def note(text: str) -> Note:
    button = {"type": "button", "action_id": "go", "text": {"type": "plain_text", "text": "Go"}}
    return Note(text, [{"type": "actions", "elements": [button]}])


@dataclass(frozen=True)
class Fault:
    """What the stand-in does once, and which kinds of error that may give; None stands for success."""

    kind: str
    settings: dict[str, Any] = field(default_factory=dict)
    gives: tuple[type[SlackError] | None, ...] = (SlackUnavailable,)
    slow: bool = False
    loses_the_answer: bool = False

    def __str__(self) -> str:
        told = (str(value) for value in self.settings.values())
        return "-".join([self.kind, *told])


FAULTS = [
    Fault("ratelimited", {"retry_after": 30}),
    Fault("ratelimited", {"retry_after": 0}, gives=(None,)),
    Fault("server_error", {"status": 500}),
    Fault("server_error", {"status": 503}),
    Fault("server_error", {"status": 502, "carried_out": True}, loses_the_answer=True),
    Fault("malformed"),
    Fault("malformed", {"carried_out": True}, loses_the_answer=True),
    Fault("disconnect", loses_the_answer=True),
    Fault("disconnect", {"carried_out": False}),
    Fault("timeout", {"seconds": SLOWER}, slow=True, loses_the_answer=True),
    Fault("timeout", {"seconds": SLOWER, "carried_out": False}, slow=True),
    Fault("slow_body", {"seconds": SLOWER}, slow=True, loses_the_answer=True),
    Fault("error", {"code": "internal_error"}),
    Fault("error", {"code": "fatal_error", "carried_out": True}, loses_the_answer=True),
    Fault("error", {"code": "ratelimited"}),
    *(
        Fault("error", {"code": code}, gives=(SlackRejected,))
        for code in (
            "channel_not_found",
            "not_in_channel",
            "is_archived",
            "token_revoked",
            "invalid_auth",
            "account_inactive",
            "missing_scope",
            "restricted_action",
            "invalid_blocks",
            "a_code_of_tomorrow",
        )
    ),
    *(
        Fault("error", {"code": code}, gives=(SlackRejected, SlackMessageGone))
        for code in ("message_not_found", "thread_not_found", "cant_update_message", "edit_window_closed")
    ),
]
QUICK = [fault for fault in FAULTS if not fault.slow]


@pytest.fixture(autouse=True)
def since(account: Sandbox) -> Iterator[datetime]:
    with account.environ():
        yield datetime.now(UTC) - timedelta(seconds=1)
        account.slack_behave()


@contextmanager
def bounded(fault: Fault) -> Iterator[None]:
    """Short deadlines where Slack is slow, and the time that this may take."""
    with pytest.MonkeyPatch.context() as patch:
        if fault.slow:
            patch.setattr(wire, "DEADLINE_SECONDS", DEADLINE)
            patch.setattr(wire, "TIMEOUT_SECONDS", DEADLINE)
        began = time.monotonic()
        yield
        # What tells a deadline kept from an answer waited for.
        assert time.monotonic() - began < SLOWER - 0.1


def outcome(fault: Fault, does: Callable[[], object]) -> SlackError | None:
    """How it failed, if it did; whatever is no SlackError fails the test."""
    error: SlackError | None = None
    with bounded(fault):
        try:
            does()
        except SlackError as caught:
            error = caught
    if error is None:
        assert None in fault.gives
    else:
        assert type(error) in fault.gives, error
    return error


def arrived(error: SlackError | None) -> bool:
    return error is None or (isinstance(error, SlackUnavailable) and error.may_have_arrived)


def marked(account: Sandbox) -> list[dict[str, Any]]:
    return [message for message in account.slack_messages() if message["metadata"] == MARK.as_json()]


@pytest.fixture(params=["post", "thread post"])
def thread_ts(request: pytest.FixtureRequest, account: Sandbox) -> str | None:
    return post(note("parent"), OPS).ts if request.param == "thread post" else None


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_a_post_is_neither_lost_nor_doubled(account, since, thread_ts, fault):
    account.slack_misbehave("chat.postMessage", fault.kind, **fault.settings)
    error = outcome(fault, lambda: post(note("alert"), OPS, thread_ts=thread_ts, metadata=MARK))
    if fault.loses_the_answer:
        assert arrived(error), "who is told that nothing arrived would post again without looking"
    if error is not None:
        again = post_once(note("alert"), OPS, MARK, since=since, attempted_before=arrived(error), thread_ts=thread_ts)
        assert again.found is fault.loses_the_answer
        assert again.ts == marked(account)[0]["ts"]
    (message,) = marked(account)
    assert message["thread_ts"] == thread_ts


@pytest.mark.parametrize("fault", [fault for fault in QUICK if fault.gives == (SlackUnavailable,)], ids=str)
def test_who_is_patient_no_more_looks_all_the_same(account, since, thread_ts, fault):
    """And posts only where nobody can look."""
    post(note("alert"), OPS, thread_ts=thread_ts, metadata=MARK)
    look = "conversations.replies" if thread_ts else "conversations.history"
    again = {"since": since, "attempted_before": True, "patient": False, "thread_ts": thread_ts}
    assert post_once(note("alert"), OPS, MARK, **again).found
    account.slack_misbehave(look, fault.kind, **fault.settings)
    with pytest.raises(SlackUnavailable):
        post_once(note("alert"), OPS, MARK, **{**again, "patient": True})
    assert len(marked(account)) == 1
    account.slack_misbehave(look, fault.kind, **fault.settings)
    assert not post_once(note("alert"), OPS, MARK, **again).found
    assert len(marked(account)) == 2


@pytest.mark.parametrize("fault", [fault for fault in QUICK if None not in fault.gives], ids=str)
def test_without_a_readable_history_there_are_two_at_most(account, since, thread_ts, fault):
    account._control("PATCH", f"/slack/tokens/{SLACK_BOT_TOKEN}", {"scopes": ["chat:write"]})
    account.slack_misbehave("chat.postMessage", fault.kind, **fault.settings)
    error = outcome(fault, lambda: post(note("alert"), OPS, thread_ts=thread_ts, metadata=MARK))
    post_once(note("alert"), OPS, MARK, since=since, attempted_before=arrived(error), thread_ts=thread_ts)
    assert len(marked(account)) == (2 if fault.loses_the_answer else 1)


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_an_edit_arrives_in_the_end_and_makes_no_second_message(account, fault):
    there = post(note("open"), OPS, metadata=MARK)
    account.slack_misbehave("chat.update", fault.kind, **fault.settings)
    outcome(fault, lambda: edit(note("resolved"), OPS, there))
    edit(note("resolved"), OPS, there)
    (message,) = marked(account)
    assert message["text"] == "resolved"


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_what_is_there_is_never_said_to_be_absent(account, since, thread_ts, fault):
    there = post(note("alert"), OPS, thread_ts=thread_ts, metadata=MARK)
    method = "conversations.history" if thread_ts is None else "conversations.replies"
    account.slack_misbehave(method, fault.kind, **fault.settings)

    def look() -> None:
        assert find(OPS, MARK, since=since, thread_ts=thread_ts) == Delivery(there.channel, there.ts, found=True)

    outcome(fault, look)
    look()


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_looking_in_vain_for_now_posts_nothing(account, since, fault):
    account.slack_misbehave("chat.postMessage", "disconnect")
    with pytest.raises(SlackUnavailable):
        post(note("alert"), OPS, metadata=MARK)
    account.slack_misbehave("conversations.history", fault.kind, **fault.settings)
    attempts = 1
    with bounded(fault):
        try:
            post_once(note("alert"), OPS, MARK, since=since, attempted_before=True)
        except SlackUnavailable:
            attempts = 0
    assert len(marked(account)) == (2 if attempts and SlackRejected in fault.gives else 1)
    post_once(note("alert"), OPS, MARK, since=since, attempted_before=True)
    assert len(marked(account)) <= 2


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_an_answer_to_a_click_is_sent_or_known_not_to_be(account, fault):
    there = post(note("alert"), OPS)
    assert there.ts
    url = parse(account.slack_click(there.ts, "go").body).response_url
    assert url
    account.slack_misbehave("response_url", fault.kind, **fault.settings)
    error = outcome(fault, lambda: respond(url, note("done")))
    shown = [message for message in account.slack_messages() if message["ephemeral_for"]]
    assert len(shown) == int(error is None or fault.loses_the_answer)


@pytest.mark.parametrize("seed", range(15))
def test_any_row_of_faults_ends_with_one_message_that_says_the_last_thing(account, since, seed):
    """As a caller who remembers whether an attempt may have arrived would go on, until Slack behaves."""
    dice = random.Random(seed)
    for method in ("chat.postMessage", "chat.update"):
        for fault in dice.choices(QUICK, k=3):
            account.slack_misbehave(method, fault.kind, skip=dice.randrange(2), **fault.settings)
    for fault in dice.choices([fault for fault in QUICK if SlackUnavailable in fault.gives], k=3):
        account.slack_misbehave("conversations.history", fault.kind, skip=dice.randrange(2), **fault.settings)
    attempted, there = False, None
    for step in range(40):
        try:
            if there is None:
                there = post_once(note("open"), OPS, MARK, since=since, attempted_before=attempted)
            edit(note(f"step {step}"), OPS, there)
        except SlackMessageGone:
            # Said by a fault, of a message that is still there: a caller would post anew, with another mark.
            continue
        except SlackRejected:
            continue
        except SlackUnavailable as error:
            attempted = attempted or (there is None and error.may_have_arrived)
        else:
            if step > 30:
                break
    (message,) = marked(account)
    assert message["text"] == f"step {step}"
