"""The oracles see what they are there for: each fails for a bad input, and for nothing good."""

# ruff: noqa: E501 - tables

import json
from typing import Any

import pytest

from ecs_medic.report import block_kit
from ecs_medic.report.repair_blocks import APPROVE_ACTION, BLOCK_PREFIX
from ecs_medic.report.standing_blocks import MUTE_ACTION
from tests.hostile import oracles
from tests.hostile.texts import CANARY, INJECTIONS, SECRETS, SPLITTERS, hostile

KEY = SECRETS[0][1]
HIDING = [
    "\x00",
    "\x1b[31m",
    "\x9b1m",
    "\x85",
    "\u202e",
    "\u2066",
    "\u200b",
    "\ufeff",
    "\u3164",
    "\ud800",
    "a\u200db",
    "e" + "\u0301" * 12,
]
SEQUENCES = [
    "\x1b[31m", "\x1b[1;31;48:5:7m", "\x9b1m", "\x1b]8;;https://evil.example/\x1b\\", "\x1b]8;;https://evil.example/\x07", "\x9d0;title\x9c",
    "\x1bPdevice\x1b\\", "\x90device\x9c", "\x1b_application\x1b\\", "\x1b^private\x1b\\", "\x1bXstart\x1b\\", "\x1b(B", "\x1bc", "\x1b[2J\x1b[H",
]  # fmt: skip


def split(secret: str, splitter: str) -> str:
    return f"{secret[:4]}{splitter}{secret[4:9]}{splitter}{secret[9:]}"


def fails(oracle: Any, *given: Any, **how: Any) -> None:
    with pytest.raises(AssertionError):
        oracle(*given, **how)


@pytest.mark.parametrize("text", HIDING, ids=ascii)
def test_what_hides_is_seen(text):
    fails(oracles.nothing_hides, f"before{text}after")
    oracles.nothing_hides("before\tafter\n👩\u200d🚒 e\u0301 @\u200bchannel")


@pytest.mark.parametrize("splitter", ["", *SPLITTERS, *SEQUENCES], ids=ascii)
@pytest.mark.parametrize("secret", [secret for _, secret in SECRETS])
def test_a_secret_is_seen_whatever_splits_it(secret, splitter):
    text = f"It said {split(secret, splitter)} and ended."
    fails(oracles.no_secret, text)
    fails(oracles.terminal, text)
    fails(oracles.no_secret_in, json.loads(json.dumps({"reason": [text]})))
    fails(oracles.no_secret_in, {text: None})
    fails(oracles.log_lines, json.dumps({"message": {"event": [text]}}))
    # Half a character cannot be sent at all.
    with pytest.raises((AssertionError, UnicodeEncodeError)):
        oracles.slack_message("Failed", [block_kit.section(text)])


@pytest.mark.parametrize("number", range(len(INJECTIONS)))
def test_a_text_without_a_secret_has_none(number):
    oracles.no_secret(hostile(number, number))
    oracles.no_secret_in({"reason": [hostile(number, number), 1, None]})


def test_what_stands_apart_is_no_secret():
    oracles.no_secret_in({KEY[:9]: KEY[9:]})


HEADER = block_kit.header("orders failed")
SECTION = block_kit.section("*Failed*  `orders`")
CONTEXT = block_kit.context("seen once")
BUTTON = block_kit.button(APPROVE_ACTION, "Approve", "run-0123456789ab", style="primary")
CONFIRM = block_kit.confirmation("Sure?", "One change.", yes="Approve", no="Not now")
BUTTONS = block_kit.actions(f"{BLOCK_PREFIX}abc", [BUTTON, BUTTON | {"confirm": CONFIRM}])
MENU = block_kit.actions(MUTE_ACTION, [block_kit.choice(MUTE_ACTION, "Mute for…", {"alert-1|4": "4 hours"})])
EVIL = "https://evil.example"
BROADCAST = {
    "type": "rich_text",
    "elements": [{"type": "rich_text_section", "elements": [{"type": "broadcast", "range": "channel"}]}],
}


def test_our_own_message_is_good():
    oracles.slack_message("orders failed", [HEADER, SECTION, CONTEXT, BUTTONS, MENU])


BAD_BLOCKS: dict[str, dict[str, Any]] = {
    "rich text that calls": BROADCAST,
    "an empty rich text": {"type": "rich_text", "elements": []},
    "an image": {"type": "image", "image_url": f"{EVIL}/x.png", "alt_text": "x"},
    "a video": {
        "type": "video",
        "video_url": EVIL,
        "thumbnail_url": EVIL,
        "alt_text": "x",
        "title": block_kit.plain("x"),
    },
    "a file": {"type": "file", "external_id": "x", "source": "remote"},
    "an input": {"type": "input", "label": block_kit.plain("Password"), "element": {"type": "plain_text_input"}},
    "Markdown": {"type": "markdown", "text": f"[ok]({EVIL})"},
    "no type": {"text": block_kit.plain("x")},
    "a button with an address": block_kit.actions(MUTE_ACTION, [BUTTON | {"url": EVIL}]),
    "a button of others": block_kit.actions(MUTE_ACTION, [BUTTON | {"action_id": "theirs"}]),
    "a button with their value": block_kit.actions(MUTE_ACTION, [BUTTON | {"value": "run 1\n"}]),
    "a button whose words are mrkdwn": block_kit.actions(MUTE_ACTION, [BUTTON | {"text": SECTION["text"]}]),
    "a question with more": block_kit.actions(MUTE_ACTION, [BUTTON | {"confirm": CONFIRM | {"style": "danger"}}]),
    "a menu of people": block_kit.actions(MUTE_ACTION, [{"type": "users_select", "action_id": MUTE_ACTION}]),
    "a menu of addresses": block_kit.actions(
        MUTE_ACTION, [MENU["elements"][0] | {"options": [{"text": block_kit.plain("x"), "value": "a|4", "url": EVIL}]}]
    ),
    "a row of others": block_kit.actions("theirs", [BUTTON]),
    "an image beside a text": SECTION | {"accessory": {"type": "image", "image_url": f"{EVIL}/x.png", "alt_text": "x"}},
    "a picture among small type": block_kit.context("x")
    | {"elements": [{"type": "image", "image_url": EVIL, "alt_text": "x"}]},
    "fields": {"type": "section", "fields": [SECTION["text"]]},
    "a plain section": SECTION | {"text": block_kit.plain("x")},
    "mrkdwn in which bare words are links": SECTION | {"text": {"type": "mrkdwn", "text": "x", "verbatim": False}},
    "a heading in which words are emoji": HEADER | {"text": block_kit.plain("x") | {"emoji": True}},
    "a heading in angles": block_kit.header("<!channel>"),
    "a heading of two lines": block_kit.header("a\nb"),
    "a heading without words": block_kit.header(""),
    "a heading that is too long": block_kit.header("x" * 151),
    "a section that is too long": block_kit.section("x" * 3_001),
    "a text that is none": SECTION | {"text": {"type": "mrkdwn", "text": ["<!channel>"], "verbatim": True}},
    "what JSON does not know": SECTION | {"expand": float("nan")},
}


@pytest.mark.parametrize("name", BAD_BLOCKS)
def test_a_block_that_is_not_ours_is_seen(name):
    # What is no JSON cannot be sent at all.
    with pytest.raises((AssertionError, ValueError)):
        oracles.slack_message("orders failed", [HEADER, BAD_BLOCKS[name]])


@pytest.mark.parametrize(
    ("text", "blocks"),
    [
        ("", [HEADER]),
        ("x" * 3_001, [HEADER]),
        ("<!here>", [HEADER]),
        ("x", []),
        ("x", [HEADER] * 51),
        ("x", [block_kit.section("x" * 2_900)] * 5),
        (split(KEY, "\x1b[31m"), [HEADER]),
    ],
    ids=["no text", "long text", "calling text", "no blocks", "many blocks", "long message", "secret text"],
)  # fmt: skip
def test_a_message_that_slack_or_people_cannot_take_is_seen(text, blocks):
    fails(oracles.slack_message, text, blocks)


@pytest.mark.parametrize(
    "text",
    [
        "<!channel>", "<@U0EV1L123>", "<#C0EV1L123|x>", f"<{EVIL}|ok>", "<mailto:a@evil.example|a>", "<https://aws.amazon.com.evil.example/|ok>",
        "<https://evil.example/console.aws.amazon.com/|ok>", f"<!date^1^{{time_secs}}^{EVIL}|1>", "a > b", "a & b", "&copy;", "@here", "@Channel",
        "`open", "```open", "``", f"*{CANARY}1*", f"~{CANARY}1~", f"_{CANARY}1_", f":{CANARY}1:", "\u202eabc", "a\x1b[31mb",
    ],
    ids=ascii,
)  # fmt: skip
def test_mrkdwn_of_theirs_is_seen(text):
    fails(oracles.mrkdwn, f"before {text} after")


@pytest.mark.parametrize(
    "text",
    ["&lt;!channel&gt; &amp;", f"`*{CANARY}1*`", "```@here\n```", "<https://docs.aws.amazon.com/AmazonECS/|ECS>", "@\u200bhere"],
)  # fmt: skip
def test_mrkdwn_of_ours_is_good(text):
    oracles.mrkdwn(f"before {text} after")


@pytest.mark.parametrize(
    "text", ["\x1b[31mred", "\x1b]0;title\x07", "\r", "\x07", "\x9b2J", KEY, f"\x1b[1m{KEY}"], ids=ascii
)
def test_what_a_terminal_obeys_is_seen(text):
    fails(oracles.terminal, text)


def test_colours_are_good_where_they_were_asked_for_and_hide_nothing():
    oracles.terminal("\x1b[1;31mred\x1b[0m", coloured=True)
    fails(oracles.terminal, "\x1b[2J", coloured=True)
    fails(oracles.terminal, split(KEY, "\x1b[31m"), coloured=True)


@pytest.mark.parametrize(
    "text", ["", "{", "{} {}", "NaN", '{"a": Infinity}', '{"a": -Infinity}', '"\ud800"'], ids=ascii
)
def test_what_is_no_json_is_seen(text):
    # json and the encoder say so in their own words.
    with pytest.raises((AssertionError, ValueError)):
        oracles.json_text(text)
    with pytest.raises((AssertionError, ValueError)):
        oracles.log_lines(f'{{"level": "INFO"}}\n{text or "x"}\n')


def test_a_log_holds_objects_alone():
    assert oracles.log_lines('{"level": "INFO"}\n\n{"level": "ERROR"}\n') == [{"level": "INFO"}, {"level": "ERROR"}]
    fails(oracles.log_lines, '["INFO"]\n')


@pytest.mark.parametrize(
    "text", ["", "a\nb", "x" * 401, "\x1b[31m", "\u202e"], ids=["empty", "two lines", "long", "red", "turned"]
)
def test_a_complaint_that_is_none_is_seen(text):
    fails(oracles.one_line, text)
    oracles.one_line("x" * 400)
