"""What AWS says when it refuses a call: who may not do what, on which resource, and by which kind of policy.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
"""

import re
from dataclasses import dataclass

_CALL = re.compile(r"not authorized to perform:?\s+([a-z0-9-]+:[A-Za-z0-9]+)(?:\s+on resource:?\s+\"?(arn:[^\s\",]+))?")
_EXPLICIT = re.compile(r"with an explicit deny in an? ([a-z -]+?)(?= policy\b| boundary\b)", re.IGNORECASE)
_IMPLICIT = re.compile(r"because no ([a-z -]+?)(?: policy| boundary) allows", re.IGNORECASE)
_DENIERS = {
    "identity-based": "identity",
    "resource-based": "resource_policy",
    "permissions": "boundary",
    "service control": "scp",
    "resource control": "rcp",
    "session": "session",
    "vpc endpoint": "endpoint",
}
"""By what stands before "policy" (of a boundary, before "boundary")."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """One refused call. `denied_by` is None where AWS names no policy; `explicit` means a Deny, not a missing Allow."""

    action: str
    resource: str | None = None
    denied_by: str | None = None
    explicit: bool = False


def refusal_in(message: str | None) -> Refusal | None:
    """The refusal that the message tells of; None where it names no action."""
    text = " ".join((message or "").split())
    call = _CALL.search(text)
    if call is None:
        return None
    explicit = _EXPLICIT.search(text)
    named = explicit or _IMPLICIT.search(text)
    return Refusal(
        action=call[1],
        resource=call[2].rstrip(".") if call[2] else None,
        denied_by=_DENIERS.get(named[1].lower()) if named else None,
        explicit=explicit is not None,
    )
