"""The Slack credentials that a secret holds."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from ecs_medic.slack.delivery import Channel, Destination, Webhook

FIELDS = ("bot_token", "webhook_url", "signing_secret")
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class SlackCredentialsError(ValueError):
    """The secret cannot be used. The message names the field and what was expected, never the value."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """What the secret holds; each is None where it holds no such thing. None of it shows in a representation."""

    bot_token: str | None = field(default=None, repr=False)
    webhook_url: str | None = field(default=None, repr=False)
    signing_secret: str | None = field(default=None, repr=False)

    def destination(self, channel: str | None) -> Destination:
        """Where alerts go: to `channel` by bot token where there is one, else to the webhook.

        Raises SlackCredentialsError where neither is possible.
        """
        if self.bot_token and channel and channel.strip():
            return Channel(self.bot_token, channel.strip())
        if self.webhook_url:
            return Webhook(self.webhook_url)
        if self.bot_token:
            raise SlackCredentialsError("channel: a bot token needs the channel's id or name, and none is configured")
        raise SlackCredentialsError("bot_token, webhook_url: the secret holds neither, so there is nowhere to post")


def read_credentials(fetch: Callable[[str], str], name: str) -> Credentials:
    """The credentials in the secret called `name` (or by ARN); `fetch` reads its string value."""
    return parse_credentials(fetch(name))


def parse_credentials(value: str) -> Credentials:
    """The credentials in a secret's string value.

    That is a bot token or a webhook's address by itself, or a JSON object with `bot_token`, `webhook_url` and
    `signing_secret`, each optional; other keys are left alone. Raises SlackCredentialsError.
    """
    value = value.strip()
    fields = _object(value) if value.startswith("{") else _single(value)
    credentials = Credentials(**{name: _text(name, fields.get(name)) for name in FIELDS})
    _check_token(credentials.bot_token)
    _check_url(credentials.webhook_url)
    if not any((credentials.bot_token, credentials.webhook_url, credentials.signing_secret)):
        raise SlackCredentialsError(f"secret: expected a JSON object with at least one of {', '.join(FIELDS)}")
    return credentials


def _object(value: str) -> dict[str, object]:
    try:
        parsed = json.loads(value)
    except ValueError:
        # The parser's own message would quote the secret.
        raise SlackCredentialsError("secret: begins like a JSON object and is none") from None
    return dict(parsed)


def _single(value: str) -> dict[str, object]:
    value = value.strip("\"'").strip()
    if not value:
        raise SlackCredentialsError("secret: is empty; expected a bot token, a webhook's address, or a JSON object")
    if value.startswith(("http://", "https://")):
        return {"webhook_url": value}
    if value.startswith("xox"):
        return {"bot_token": value}
    raise SlackCredentialsError(
        "secret: expected a bot token (xoxb-…), a webhook's address (https://hooks.slack.com/…), or a JSON object"
    )


def _text(name: str, value: object) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise SlackCredentialsError(f"{name}: expected a string, not {type(value).__name__}")
    return value.strip() or None


def _check_token(token: str | None) -> None:
    if token is None:
        return
    if token.startswith("xapp-"):
        raise SlackCredentialsError("bot_token: this is an app-level token; expected the bot token, xoxb-…")
    if not token.startswith("xox") or not token.isascii() or any(character.isspace() for character in token):
        raise SlackCredentialsError("bot_token: expected a token that begins with xoxb-")


def _check_url(url: str | None) -> None:
    if url is None:
        return
    expected = "webhook_url: expected an address that begins with https://hooks.slack.com/"
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        raise SlackCredentialsError(expected) from None
    is_local = parts.scheme == "http" and host in _LOOPBACK
    if not host or any(character.isspace() for character in url) or not (parts.scheme == "https" or is_local):
        raise SlackCredentialsError(expected)
