"""Whether a request really comes from Slack.

Source: https://docs.slack.dev/authentication/verifying-requests-from-slack.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import datetime

WINDOW_SECONDS = 300
"""How far a request's time may be from ours, before or after."""
TIMESTAMP = "X-Slack-Request-Timestamp"
SIGNATURE = "X-Slack-Signature"

_SECONDS = re.compile(r"[0-9]{1,12}", re.ASCII)


class BadSignature(ValueError):  # noqa: N818 - named after what happened
    """The request is not provably Slack's, or not provably of now. `reason` is one line, without secret or body."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


def verify(headers: Mapping[str, str], raw_body: bytes, secret: str, now: datetime) -> None:
    """Nothing where the request was signed with `secret` within five minutes of `now`; BadSignature else.

    `raw_body` are the bytes as they came, undone of base64 but neither parsed nor decoded. Upper and lower case in the
    headers' names make no difference. Within the window, the same request passes again: refusing a replay takes memory,
    and is the caller's.
    """
    if not secret:
        # Whoever knows that there is none could sign with it.
        raise BadSignature("no signing secret is configured")
    timestamp, signature = _header(headers, TIMESTAMP), _header(headers, SIGNATURE)
    if not _SECONDS.fullmatch(timestamp):
        raise BadSignature(f"{TIMESTAMP}: expected seconds since 1970")
    if abs(now.timestamp() - int(timestamp)) > WINDOW_SECONDS:
        raise BadSignature(f"{TIMESTAMP}: more than {WINDOW_SECONDS} s away from now")
    if not hmac.compare_digest(_signature(timestamp, raw_body, secret), signature.encode(errors="replace")):
        raise BadSignature(f"{SIGNATURE}: does not fit the body")


def _signature(timestamp: str, raw_body: bytes, secret: str) -> bytes:
    signed = b"v0:" + timestamp.encode() + b":" + raw_body
    return b"v0=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest().encode()


def _header(headers: Mapping[str, str], name: str) -> str:
    values = [value for key, value in headers.items() if key.lower() == name.lower()]
    if not values:
        raise BadSignature(f"{name}: missing")
    if len(values) > 1:
        raise BadSignature(f"{name}: given more than once")
    return values[0]
