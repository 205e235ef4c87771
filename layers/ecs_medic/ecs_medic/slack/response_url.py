"""The address that comes with a click, for answering who clicked; checked, so that only Slack is ever written to.

Source: https://docs.slack.dev/interactivity/handling-user-interaction#message_responses.
"""

from urllib.parse import SplitResult, urlsplit

from ecs_medic.slack.web_api import base_url

HOSTS = frozenset({"hooks.slack.com", "hooks.slack-gov.com"})


class ResponseUrlError(ValueError):
    """The address is none of Slack's. The message names the field, never the address: it is as good as a password."""


def check(url: str) -> str:
    """The address itself, where it is Slack's own, or at the host that the Web API is at (`SLACK_API_URL`)."""
    error = ResponseUrlError("response_url: expected an address that begins with https://hooks.slack.com/")
    if not url.isascii() or any(character.isspace() or ord(character) < 0x20 for character in url) or "\\" in url:
        raise error
    try:
        given, stand_in = urlsplit(url), urlsplit(base_url())
        trusted = given.scheme == "https" and given.hostname in HOSTS and given.port in {None, 443}
        if (trusted or _origin(given) == _origin(stand_in)) and given.username is None and given.password is None:
            return url
    except ValueError:
        # An address whose port or brackets make no sense.
        raise error from None
    raise error


def _origin(parts: SplitResult) -> tuple[str, str | None, int | None]:
    port = {"http": 80, "https": 443}.get(parts.scheme) if parts.port is None else parts.port
    return parts.scheme, parts.hostname, port
