"""What AWS says when it refuses a call: who may not do what, on which resource, and by which kind of policy.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
"""

import re
from dataclasses import dataclass

_CALL = re.compile(r"not authorized to perform:?\s+([a-z0-9-]+:[A-Za-z0-9]+)(?:\s+on resource:?\s+\"?(arn:[^\s\",]+))?")
_USER = re.compile(r"\bUser: (arn:aws[a-z-]*:(?:iam|sts)::\d{12}:[^\s,]+) is not authorized")
_EXPLICIT = re.compile(r"with an explicit deny in an? ([a-z -]{1,60}?)(?= policy\b| boundary\b)", re.IGNORECASE)
_IMPLICIT = re.compile(r"because no ([a-z -]{1,60}?)(?: policy| boundary) allows", re.IGNORECASE)
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

ABOVE = {
    "scp": "a service control policy of the organization",
    "rcp": "a resource control policy of the organization",
    "boundary": "the caller's permissions boundary",
    "session": "the session policy that was given when the role was assumed",
    "endpoint": "the policy of the VPC endpoint that the call went through",
    "resource_policy": "the resource's own policy",
}
"""Who can deny what no policy of the caller's own then allows, by `denied_by`."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """One refused call. `denied_by` is None where AWS names no policy; `explicit` means a Deny, not a missing Allow."""

    action: str
    resource: str | None = None
    denied_by: str | None = None
    explicit: bool = False


def remedy_beyond(refusal: Refusal, who: str, actions: str) -> str | None:
    """What helps where no further Allow of the caller's own can; None where such an Allow is what is missing."""
    above = ABOVE.get(refusal.denied_by or "")
    if above:
        verb = "Remove the Deny of" if refusal.explicit else "Allow"
        return f"{verb} {actions} in {above}; no policy of the caller's own can help."
    if refusal.explicit:
        return f"Remove the Deny of {actions} from the policies of {who}; another Allow cannot override it."
    return None


def caller_in(message: str | None) -> str | None:
    """ARN of the user or session that the message says was refused: of another account's, CloudTrail shows no ARN."""
    found = _USER.search(" ".join((message or "").split()))
    return found[1] if found else None


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
