"""What the stack's parameters say, as the functions read it from their environment."""

from collections.abc import Mapping
from dataclasses import dataclass


class BadSettingError(ValueError):
    """A setting is missing or unusable; the message names the environment variable and what was expected."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one deployed stack.

    `ledger_table` is the name of the DynamoDB table, None only where nothing is remembered. `quiet_hours` are those in
    which nothing is posted, as the operator wrote them. `log_tail_in_slack` is whether a failed container's last lines
    may leave the account. `slack_secret` is the name or ARN of a Secrets Manager secret, None where nothing is to be
    posted. `slack_channel` is a channel's id or name, needed with a bot token only: a webhook has its own.
    `slack_api_url` replaces Slack's own address. `slack_buttons` is whether there is a function that answers clicks.
    `remediate_function` is the ARN of the alias of the function that repairs, None where nothing is ever changed.
    `repair_controls` is what the stack's parameters say about repairs, as a JSON object. `own_roles` are the ARNs of
    the stack's own roles: what they do is nobody's failure.
    """

    region: str
    slack_secret: str | None
    slack_channel: str | None
    slack_api_url: str | None
    dead_letter_queue_url: str | None
    ledger_table: str | None = None
    quiet_hours: str | None = None
    log_tail_in_slack: bool = True
    slack_buttons: bool = False
    remediate_function: str | None = None
    repair_controls: str | None = None
    own_roles: frozenset[str] = frozenset()

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
            ledger_table=environment.get("LEDGER_TABLE") or None,
            quiet_hours=environment.get("QUIET_HOURS") or None,
            log_tail_in_slack=environment.get("LOG_TAIL_IN_SLACK", "true").lower() != "false",
            slack_buttons=environment.get("SLACK_BUTTONS", "false").lower() == "true",
            remediate_function=environment.get("REMEDIATE_FUNCTION") or None,
            repair_controls=environment.get("REPAIR_CONTROLS") or None,
            own_roles=frozenset(filter(None, map(str.strip, environment.get("OWN_ROLES", "").split(",")))),
        )
