"""Bring a message into the one form that signatures are written for.

AWS, its consoles, terminals, chat programs and bug reports each leave their mark on the same sentence: wrapped lines,
curly quotes, capitals, `> ` before quoted lines, escaped newlines. All of that is removed, white space included, so
that a signature need not foresee it.
"""

import re

HEAD, TAIL = 6_000, 2_000
"""How many characters of an absurdly long message are read, from its beginning and from its end."""

_CUT_LENGTHS = frozenset({255, 256, 1_024})
"""Where AWS cuts a reason off without saying so."""

_ANSI = re.compile(r"\x1b\[[0-9;?]{0,20}[a-zA-Z]")
_ESCAPED_CHARACTER = re.compile(r"\\u([0-9a-fA-F]{4})")
_ESCAPED_SPACE = re.compile(r"\\[nrt]")
_ENTITY = re.compile(r"&(?:quot|apos|lt|gt|amp|nbsp|#x?[0-9a-f]{1,4});", re.IGNORECASE)
_NOISE = re.compile(r"[\s\"'`´‘’‚‛“”„‟′″«»*\\#<>|~{}\x00-\x1f\x7f\u00ad\u200b-\u200f\u2060\ufeff]+")
_SAME_CHARACTER = str.maketrans(
    {
        "‐": "-",
        "‑": "-",
        "–": "-",
        "—": "-",
        "：": ":",
    }
)


def normalise(text: str | None) -> str:
    """The letters, digits and structural punctuation of a message, in lower case and without white space."""
    if not text:
        return ""
    if len(text) > HEAD + TAIL:
        text = f"{text[:HEAD]} {text[-TAIL:]}"
    # Hundreds of signatures are brought into this form too, when the first message of a process is read, and hardly any
    # text has what most of these look for.
    if "\x1b" in text:
        text = _ANSI.sub("", text)
    if "\\" in text:
        text = _ESCAPED_CHARACTER.sub(lambda match: chr(int(match[1], 16)), text)
        text = _ESCAPED_SPACE.sub("", text)
    if "&" in text:
        text = _ENTITY.sub("", text)
    if not text.isascii():
        text = text.translate(_SAME_CHARACTER)
    return _NOISE.sub("", text).lower()


def is_cut(text: str | None) -> bool:
    """Whether the end of a message seems to be missing, so that what it does not say proves nothing."""
    if not text:
        return False
    return len(text) in _CUT_LENGTHS or text.rstrip(" \t\r\n'\"”’)").endswith(("...", "…"))
