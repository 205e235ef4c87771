"""Text that is safe to show: nothing in it moves the cursor, turns the reading direction, or hides.

Messages come from container images, registries and whoever named a resource.
"""

import re
import unicodedata
from functools import cache

_ESCAPE_SEQUENCE = re.compile(
    r"\x1b(?:\[[0-?]{0,64}[ -/]{0,8}[@-~]|\][^\x07\x1b\n]{0,2000}(?:\x07|\x1b\\)?"
    r"|[PX^_][^\x1b\n]{0,2000}(?:\x1b\\)?|[ -/]{0,8}[0-~])"
    r"|\x9b[0-?]{0,64}[ -/]{0,8}[@-~]"
)
"""ECMA-48 control sequences: colours, cursor movement, window titles, hyperlinks."""
_NEW_LINE = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_SUSPECT = re.compile(r"[^\n\t -~]")
_JOINERS = frozenset("\u200c\u200d")
"""Needed by scripts and emoji; they turn nothing."""


def plain(text: str) -> str:
    """`text` without control characters, terminal sequences, direction marks and other invisible characters.

    New lines and tabs stay. Lone surrogates, which cannot be encoded, become U+FFFD. Doing it again changes nothing.
    """
    text = _NEW_LINE.sub("\n", _ESCAPE_SEQUENCE.sub("", text))
    return _SUSPECT.sub(lambda match: _shown(match[0]), text)


def one_line(text: str) -> str:
    """The same on one line, with single spaces."""
    return " ".join(plain(text).split())


@cache
def _shown(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Cs":
        return "\ufffd"
    if category == "Cc" or (category == "Cf" and character not in _JOINERS):
        return ""
    return character


def sentence(text: str) -> str:
    """`text` ending like a sentence."""
    text = one_line(text)
    return text if not text or text[-1] in ".!?…" else f"{text}."


def short_resource(resource: str, account: str, region: str) -> str:
    """An ARN of this account and Region without its first five parts, which say nothing new; anything else as it is."""
    parts = resource.split(":", 5)
    is_here = len(parts) == 6 and parts[0] == "arn" and parts[3] in {"", region} and parts[4] in {"", account}
    return parts[5] if is_here else resource
