"""Which role made the call that CloudTrail recorded.

Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
"""

from collections.abc import Mapping

_RECORDED = "AWS API Call via CloudTrail"
_WAY = ("detail", "userIdentity", "sessionContext", "sessionIssuer")


def calling_role(event: object) -> str | None:
    """The role's ARN; None where the event is of no call, or was not made by a role. It need not be a valid event."""
    found: object = event
    if not isinstance(found, Mapping) or found.get("detail-type") != _RECORDED:
        return None
    for name in _WAY:
        found = found.get(name) if isinstance(found, Mapping) else None
    arn = found.get("arn") if isinstance(found, Mapping) else None
    return arn if isinstance(arn, str) else None
