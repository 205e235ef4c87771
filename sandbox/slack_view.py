"""Shows a Slack message, as the stand-in received it, in a terminal."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.rule import Rule
from rich.text import Text

_MARK = re.compile(
    r"```\n?(?P<block>.*?)\n?```|\*(?P<bold>[^*\n]+)\*|(?<!\w)_(?P<italic>[^_\n]+)_(?!\w)|`(?P<code>[^`\n]+)`|<(?P<link>[^>|]+)\|(?P<label>[^>]*)>",
    re.DOTALL,
)
_ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))


def slack_message(message: Mapping[str, Any], title: str) -> Panel:
    """The message in a frame, one block after the other."""
    blocks: Sequence[Mapping[str, Any]] = message.get("blocks") or []
    parts: list[RenderableType] = [part for block in blocks for part in _block(block)] or [Text(message["text"])]
    return Panel(Group(*parts), title=title, title_align="left", border_style="cyan", padding=(0, 1))


def _block(block: Mapping[str, Any]) -> Iterator[RenderableType]:
    match block["type"]:
        case "header":
            yield Text(_plain(block["text"]["text"]), style="bold")
        case "divider":
            yield Rule(style="dim")
        case "section":
            if "text" in block:
                yield mrkdwn(block["text"]["text"])
            for field in block.get("fields") or ():
                yield mrkdwn(field["text"].replace("\n", " "))
        case "context":
            for element in block["elements"]:
                yield mrkdwn(element.get("text", ""), style="dim")
        case "actions":
            labels = [(element.get("text") or element.get("placeholder"))["text"] for element in block["elements"]]
            yield Text("  ".join(f"[ {label} ]" for label in labels), style="reverse")
        case other:
            yield Text(f"({other})", style="dim")


def mrkdwn(text: str, style: str = "") -> Text:
    """Slack's own markup as styled terminal text; nothing in it is taken for markup of the terminal."""
    shown, at = Text(style=style), 0
    for match in _MARK.finditer(text):
        shown.append(_plain(text[at : match.start()]))
        if match["block"] is not None:
            shown.append("\n" + _indented(_plain(match["block"])) + "\n", style="green")
        elif match["bold"] is not None:
            shown.append(_plain(match["bold"]), style="bold")
        elif match["italic"] is not None:
            shown.append(_plain(match["italic"]), style="italic")
        elif match["code"] is not None:
            shown.append(_plain(match["code"]), style="green")
        else:
            shown.append(_plain(match["label"]), style="underline")
        at = match.end()
    shown.append(_plain(text[at:]))
    return shown


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.splitlines())


def _plain(text: str) -> str:
    for entity, character in _ENTITIES:
        text = text.replace(entity, character)
    return "".join(character if character.isprintable() or character in "\n\t" else "�" for character in text)
