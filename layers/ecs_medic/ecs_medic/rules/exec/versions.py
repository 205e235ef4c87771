"""Versions as AWS writes them."""

import re

_VERSION = re.compile(r"v?(\d{1,9})\.(\d{1,9})(?:\.(\d{1,9}))?")


def version(text: str | None) -> tuple[int, int, int] | None:
    """The numbers of "1.4.0"; None for what is no version ("LATEST")."""
    found = _VERSION.match(text or "")
    return (int(found[1]), int(found[2]), int(found[3] or 0)) if found else None
