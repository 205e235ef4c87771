"""Why a message did not arrive: for good, for now, or because the message that it is about is gone."""

from types import MappingProxyType

ADVICE = MappingProxyType(
    {
        "channel_not_found": "the channel does not exist or is private: check its name or id, and invite the app to it",
        "not_in_channel": "the app is not in the channel: run /invite @ecs-medic there, or give it chat:write.public",
        "is_archived": "the channel is archived: unarchive it or configure another one",
        "channel_is_archived": "the channel is archived: unarchive it or make another webhook",
        "restricted_action": "the workspace's settings keep this app from posting there: ask an administrator",
        "action_prohibited": "the workspace's settings keep this webhook from posting: ask an administrator",
        "posting_to_general_channel_denied": "this app may not post in the general channel: configure another one",
        "missing_scope": "the app lacks a scope: install it again with those of docs/slack-app-manifest.yaml",
        "no_permission": "the token lacks a scope: install the app again with those of docs/slack-app-manifest.yaml",
        "not_allowed_token_type": "this kind of token cannot post: use the bot token, which begins with xoxb-",
        "not_authed": "no token was sent: put the bot token into the secret",
        "invalid_auth": "Slack does not know this token: put the app's present bot token into the secret",
        "account_inactive": "the token belongs to a removed app or user: install the app again and renew the secret",
        "token_revoked": "the token was revoked: install the app again and renew the secret",
        "token_expired": "the token has expired: renew the secret",
        "access_denied": "Slack refuses this token access: ask an administrator",
        "ekm_access_denied": "the workspace's key management refuses access: ask an administrator",
        "team_access_not_granted": "the app is not installed in this workspace: install it and renew the secret",
        "no_service": "the webhook was removed or disabled: make another one and renew the secret",
        "no_service_id": "the webhook's address is incomplete: copy it again into the secret",
        "no_team": "the webhook's workspace does not exist any more: make another one and renew the secret",
        "invalid_token": "the webhook's address is wrong: copy it again into the secret",
        "user_not_found": "the webhook writes to somebody who left: make another one and renew the secret",
        "invalid_blocks": "Slack does not accept this message: this is a fault of ecs-medic, please report it",
        "invalid_blocks_format": "Slack does not accept this message: this is a fault of ecs-medic, please report it",
        "invalid_payload": "Slack does not accept this message: this is a fault of ecs-medic, please report it",
        "msg_blocks_too_long": "Slack does not accept this message: this is a fault of ecs-medic, please report it",
        "msg_too_long": "Slack does not accept this message: this is a fault of ecs-medic, please report it",
        "no_text": "Slack does not accept this message: this is a fault of ecs-medic, please report it",
        "thread_not_found": "the message to answer was deleted",
        "message_not_found": "the message was deleted",
        "cant_update_message": "the message belongs to another app: was the bot token replaced by another app's?",
        "edit_window_closed": "the workspace's settings do not let messages be edited so late: ask an administrator",
        "is_inactive": "the channel is frozen, archived or deleted: configure another one",
        "used_url": "the answer's address was used as often as Slack allows: click again",
        "expired_url": "the answer's address has expired: click again",
        "history_too_long": "so many messages since that the one looked for was not come upon",
    }
)
"""What a person does about each answer of Slack. Source: https://docs.slack.dev/reference/methods/chat.postMessage,
https://docs.slack.dev/reference/methods/chat.update,
https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks; `history_too_long` is our own word."""

GONE = frozenset(
    {
        "message_not_found",
        "thread_not_found",
        "cant_update_message",
        "edit_window_closed",
        "cannot_reply_to_message",
    }
)
"""Answers that are about the message to edit or to answer, and leave room for a new one in its place."""

TRANSIENT = frozenset(
    {
        "ratelimited",
        "rate_limited",
        "message_limit_exceeded",
        "accesslimited",
        "fatal_error",
        "internal_error",
        "request_timeout",
        "service_unavailable",
        "team_added_to_org",
        "rollup_error",
        "timeout",
    }
)
"""Answers that another attempt may change."""


class SlackError(Exception):
    """The message did not arrive, as far as is known."""


class SlackRejected(SlackError):  # noqa: N818 - named after what happened
    """Slack refused, and will refuse again until a person changes something. `code` is Slack's own word."""

    def __init__(self, code: str) -> None:
        self.code = code
        self.advice = ADVICE.get(code, "see https://docs.slack.dev/reference/methods/chat.postMessage#errors")
        super().__init__(f"Slack rejected the message ({code}): {self.advice}")


class SlackUnavailable(SlackError):  # noqa: N818 - named after what happened
    """Slack could not be reached, was too slow, too busy, or answered nonsense: another attempt is worth it.

    `retry_after` is in seconds, where Slack named a time. `may_have_arrived`: the answer was lost, perhaps not the
    message.
    """

    def __init__(self, reason: str, *, retry_after: float | None = None, may_have_arrived: bool = False) -> None:
        self.reason = reason
        self.retry_after = retry_after
        self.may_have_arrived = may_have_arrived
        after = f", again after {retry_after:g} s" if retry_after is not None else ""
        super().__init__(f"Slack is unavailable ({reason}{after})")


class SlackHistoryUnavailable(SlackUnavailable):
    """Whether a message is there already could not be looked up for now; nothing was posted."""


class SlackMessageGone(SlackError):  # noqa: N818 - named after what happened
    """The message was deleted or takes no change any more: what it would say can only be posted anew.

    `code` is Slack's own word.
    """

    def __init__(self, code: str) -> None:
        self.code = code
        self.advice = ADVICE.get(code, "post it anew")
        super().__init__(f"the Slack message cannot be changed ({code}): {self.advice}")
