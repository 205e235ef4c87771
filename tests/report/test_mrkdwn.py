"""The pieces that mrkdwn is made of: within the room that they were given, and whole."""

from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecs_medic.report.mrkdwn import clip, code, escape, fence, fence_whole, lines, link, more, prose, size
from ecs_medic.report.text import one_line, plain
from tests.report import slack_rules

TEXTS = st.text(alphabet=st.one_of(st.characters(), st.sampled_from("`<>&*_~:@\\\"' \n\tab"))) | st.lists(
    st.sampled_from(
        ["@here", "<!channel>", "```", "`", "arn:aws:iam::1:role/x", ":tada:", "*b*", "_i_", " ", "é", "👩‍🚒"]
    )
).map("".join)
ROOM = st.integers(min_value=1, max_value=200)


@given(TEXTS, ROOM)
def test_everything_fits_its_room_and_is_whole(text, room):
    for made in (
        clip(text, room),
        prose(text, room),
        code(text, room),
        fence(text, room),
        fence_whole([text], room)[0],
    ):
        assert size(made) <= room
        assert slack_rules.units(made) <= room
    slack_rules.assert_mrkdwn(prose(text, room))
    slack_rules.assert_mrkdwn(code(text, room))
    slack_rules.assert_mrkdwn(fence(text, room))
    slack_rules.assert_mrkdwn(fence_whole([text], room)[0])


@given(TEXTS)
def test_escape_loses_nothing(text):
    assert unescape(escape(text)) == plain(text) or "&" in plain(text)
    assert escape(text).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&") == plain(text)


@given(TEXTS, ROOM)
def test_clip_keeps_the_beginning(text, room):
    clipped = clip(text, room).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    assert clipped == plain(text) or plain(text).startswith(clipped.removesuffix("…"))


@given(st.lists(st.text(alphabet="ab", min_size=1, max_size=20), max_size=12), st.integers(min_value=12, max_value=150))
def test_lines_are_whole_and_the_rest_is_counted(entries, room):
    written = lines(entries, room)
    assert size(written) <= room
    shown = written.split("\n") if written else []
    if shown and shown[-1].startswith("…"):
        assert shown[:-1] == entries[: len(shown) - 1]
        assert shown[-1] == more(len(entries) - len(shown) + 1)
    else:
        assert shown == entries


@given(
    st.lists(st.text(alphabet="ab`<", min_size=1, max_size=20), max_size=12), st.integers(min_value=1, max_value=150)
)
def test_commands_are_whole(entries, room):
    block, missing = fence_whole(entries, room)
    assert size(block) <= room
    copied = slack_rules.code_blocks(block)
    kept = entries[: len(entries) - missing]
    assert copied == (["\n".join(kept).strip("\n")] if kept else [])


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("a < b & c > d", "a &lt; b &amp; c &gt; d"),
        ("<!channel> now", "&lt;!channel&gt; now"),
        ("hey @here and @Channel", "hey @\u200bhere and @\u200bChannel"),
        ("write to shop@hereford.example", "write to shop@hereford.example"),
        ("all *bold* of it", "all `*bold*` of it"),
        ("on resource: * because", "on resource: `*` because"),
        ("role arn:aws:iam::1:role/x, again", "role `arn:aws:iam::1:role/x`, again"),
        ("task_role_arn is fine", "task_role_arn is fine"),
        ("`code`", "`'code'`"),
        ("two\nlines\tand \x1b[31mred\x1b[0m", "two lines and red"),
    ],
)
def test_prose(text, made):
    assert prose(text, 200) == made


def test_accents_stay_with_their_letter():
    assert clip("abce\u0301f", 5) == "abc…"


def test_link_label_cannot_end_the_link():
    made = link("https://shop.example/x", "a|b>c\n<!channel>")
    assert made == "<https://shop.example/x|a¦b&gt;c &lt;!channel&gt;>"


@given(TEXTS)
def test_plain_is_plain(text):
    slack_rules.assert_invisible_free(plain(text))
    assert plain(plain(text)) == plain(text)
    assert "\n" not in one_line(text)
