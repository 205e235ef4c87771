"""Tells a generated key from words.

AWS secret access keys carry no mark of their own: forty characters of base64. Names are made of words, numbers and the
hexadecimal endings that CloudFormation gives them; in keys the class of character changes all the time.
"""

import re

_PIECES = re.compile(r"[0-9A-F]{6,}|[A-Z]?[a-z]+|[A-Z]+|[0-9]+|[^a-zA-Z0-9]+")
_HEX = re.compile(r"[0-9a-f]+|[0-9A-F]+")
# Each part can be read in one way only: in two, a chain of them takes for ever.
_PLAIN_PARTS = re.compile(r"(?:[A-Z]?[a-z]+|[A-Z]+|[0-9]+)(?:[-_/.:](?:[A-Z]?[a-z]+|[A-Z]+|[0-9]+))*")
_SECRET_KEYS = 0.33
_ANY_KEYS = 0.35
"""Of random base64, one in a thousand secret access keys lies below the first, about one short key in thirty below the
second; names that people and CloudFormation give lie well below both."""


def alternation(text: str) -> float:
    """How often the class of character changes: from nearly 0 (one word) to 1 (at every character)."""
    return len(_PIECES.findall(text)) / len(text) if text else 0.0


def looks_random(text: str) -> bool:
    """Whether this can be a key: at least 12 characters, letters and digits, neither words and numbers nor a hash."""
    value = text.strip(".,;:)]}")
    has_both = any(c.isdigit() for c in value) and any(c.isalpha() for c in value)
    if len(value) < 12 or not has_both or _HEX.fullmatch(value) or _PLAIN_PARTS.fullmatch(value):
        return False
    return alternation(value) > _ANY_KEYS


def looks_like_secret_access_key(text: str) -> bool:
    """Whether these forty characters of base64 can be an AWS secret access key."""
    has_all = any(c.isupper() for c in text) and any(c.islower() for c in text) and any(c.isdigit() for c in text)
    return has_all and alternation(text) > _SECRET_KEYS
