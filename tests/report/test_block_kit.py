"""The blocks are those of Slack's own SDK."""

import pytest
from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    ConfirmObject,
    ContextBlock,
    HeaderBlock,
    MarkdownTextObject,
    Option,
    PlainTextObject,
    SectionBlock,
    StaticSelectElement,
)

from ecs_medic.report import block_kit

SURE = {"title": "Sure?", "text": "It is done at once."}
PAIRS = [
    (block_kit.header("down"), HeaderBlock(text=PlainTextObject(text="down", emoji=False))),
    (block_kit.section("*why*"), SectionBlock(text=MarkdownTextObject(text="*why*", verbatim=True), expand=True)),
    (block_kit.context("_when_"), ContextBlock(elements=[MarkdownTextObject(text="_when_", verbatim=True)])),
    (
        block_kit.actions("mute", [block_kit.choice("mute", "Mute for…", {"a|1": "1 hour", "a|4": "4 hours"})]),
        ActionsBlock(
            block_id="mute",
            elements=[
                StaticSelectElement(
                    action_id="mute",
                    placeholder=PlainTextObject(text="Mute for…"),
                    options=[
                        Option(text=PlainTextObject(text="1 hour"), value="a|1"),
                        Option(text=PlainTextObject(text="4 hours"), value="a|4"),
                    ],
                )
            ],
        ),
    ),
    (
        block_kit.actions(
            "question",
            [
                block_kit.button(
                    "yes",
                    "Approve",
                    "run-1",
                    style="primary",
                    confirm=block_kit.confirmation(SURE["title"], SURE["text"], yes="Approve", no="Not now"),
                ),
                block_kit.button("no", "Deny", "run-1", style="danger"),
            ],
        ),
        ActionsBlock(
            block_id="question",
            elements=[
                ButtonElement(
                    action_id="yes",
                    text=PlainTextObject(text="Approve"),
                    value="run-1",
                    style="primary",
                    confirm=ConfirmObject(
                        title=PlainTextObject(text=SURE["title"]),
                        text=PlainTextObject(text=SURE["text"]),
                        confirm=PlainTextObject(text="Approve"),
                        deny=PlainTextObject(text="Not now"),
                    ),
                ),
                ButtonElement(action_id="no", text=PlainTextObject(text="Deny"), value="run-1", style="danger"),
            ],
        ),
    ),
]


@pytest.mark.parametrize(("ours", "slacks"), PAIRS, ids=lambda one: one["type"] if isinstance(one, dict) else "")
def test_they_are_what_slack_has_in_its_sdk(ours: block_kit.Json, slacks: Block):
    assert ours == slacks.to_dict()
