"""What the stack's parameters say, as the functions read it from their environment."""

from collections.abc import Mapping
from dataclasses import dataclass


class BadSettingError(ValueError):
    """A setting is missing or unusable; the message names the environment variable and what was expected."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one deployed stack.

    `slack_secret` is the name or ARN of a Secrets Manager secret, None where nothing is to be posted. `slack_channel`
    is a channel's id or name, needed with a bot token only: a webhook has its own. `slack_api_url` replaces Slack's own
    address.
    """

    region: str
    slack_secret: str | None
    slack_channel: str | None
    slack_api_url: str | None
    dead_letter_queue_url: str | None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Settings":
        """Read the settings.

        Raises:
            BadSettingError: the Region is missing: Lambda always sets it.
        """
        region = environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION")
        if not region:
            raise BadSettingError("AWS_REGION: expected the Region to read, got nothing")
        return cls(
            region=region,
            slack_secret=environment.get("SLACK_SECRET") or None,
            slack_channel=environment.get("SLACK_CHANNEL") or None,
            slack_api_url=environment.get("SLACK_API_URL") or None,
            dead_letter_queue_url=environment.get("DEAD_LETTER_QUEUE_URL") or None,
        )
