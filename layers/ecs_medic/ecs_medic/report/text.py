"""Text that is safe to show: nothing in it moves the cursor, turns the reading direction, or hides.

Messages come from container images, registries and whoever named a resource.
"""

import re
import unicodedata
from functools import lru_cache

_ESCAPE_SEQUENCE = re.compile(
    r"\x1b(?:\[[0-?]{0,64}[ -/]{0,8}[@-~]|\][^\x07\x1b\n]{0,2000}(?:\x07|\x1b\\)?"
    r"|[PX^_][^\x1b\n]{0,2000}(?:\x1b\\)?|[ -/]{0,8}[0-~])"
    r"|\x9b[0-?]{0,64}[ -/]{0,8}[@-~]"
)
"""ECMA-48 control sequences: colours, cursor movement, window titles, hyperlinks."""
_NEW_LINE = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_SUSPECT = re.compile(r"[^\n\t -~]+")
_JOINERS = frozenset("\u200c\u200d\ufe0e\ufe0f")
"""Needed by scripts and emoji; they turn nothing. After a letter of ASCII nobody needs them, and nobody sees them:
there they would only keep a secret from being found."""
_INVISIBLE = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0d\uffa0\U000e0100-\U000e01ef]")
"""Letters and marks by their category, and shown as nothing (Default_Ignorable_Code_Point of Unicode's
DerivedCoreProperties)."""
_MOST_ACCENTS = 8
"""On one letter; no script has more, and a tower of them covers the lines above and below."""


def plain(text: str) -> str:
    """`text` without control characters, terminal sequences, direction marks and other invisible characters.

    New lines and tabs stay. Lone surrogates, which cannot be encoded, become U+FFFD. Doing it again changes nothing.
    """
    if text.isascii() and text.isprintable():
        return text
    return _SUSPECT.sub(_harmless, _NEW_LINE.sub("\n", _ESCAPE_SEQUENCE.sub("", text)))


def one_line(text: str) -> str:
    """The same on one line, with single spaces."""
    return " ".join(plain(text).split())


def _harmless(run: re.Match[str]) -> str:
    """What stays of characters that are no printable ASCII and stand together."""
    kept: list[str] = []
    accents = 0
    for character in run[0]:
        shown, is_accent = _shown(character)
        if not shown or (not kept and character in _JOINERS):
            continue
        accents = accents + 1 if is_accent else 0
        if accents <= _MOST_ACCENTS:
            kept.append(shown)
    return "".join(kept)


@lru_cache(maxsize=4096)
def _shown(character: str) -> tuple[str, bool]:
    """What is shown of a character, and whether that stands on the letter before it."""
    category = unicodedata.category(character)
    if category == "Cs":
        return "\ufffd", False
    if character in _JOINERS:
        return character, False
    if category in {"Cc", "Cf"} or _INVISIBLE.match(character):
        return "", False
    return character, category in {"Mn", "Me"}


def sentence(text: str) -> str:
    """`text` ending like a sentence."""
    text = one_line(text)
    return text if not text or text[-1] in ".!?…" else f"{text}."


def short_resource(resource: str, account: str, region: str) -> str:
    """An ARN of this account and Region without its first five parts, which say nothing new; anything else as it is."""
    parts = resource.split(":", 5)
    is_here = len(parts) == 6 and parts[0] == "arn" and parts[3] in {"", region} and parts[4] in {"", account}
    return parts[5] if is_here else resource
