"""The mark by which a message is found again: Slack keeps it with the message and shows it to nobody.

Source: https://docs.slack.dev/messaging/message-metadata.
"""

from dataclasses import dataclass

EVENT_TYPE = "ecs_medic_alert"
MAX_LENGTH = 255
"""Characters of each id: a mark stays far below what Slack takes."""


@dataclass(frozen=True, slots=True)
class Metadata:
    """Which alert, in which generation, and which intention to post it.

    `attempt` is chosen when the intention is written down and is kept by every further attempt at the same post, so
    that a message whose answer was lost is recognised; what is posted anew, or as another part of the alert (its
    details, say), has another one. ValueError where an id is empty or longer than 255 characters.
    """

    alert_id: str
    generation: int
    attempt: str

    def __post_init__(self) -> None:
        """Refuses ids that Slack might."""
        for name in ("alert_id", "attempt"):
            if not 0 < len(getattr(self, name)) <= MAX_LENGTH:
                raise ValueError(f"{name}: expected 1 to {MAX_LENGTH} characters")

    def as_json(self) -> dict[str, object]:
        """As Slack's API takes it, and as `conversations.history` shows it."""
        payload = {"alert_id": self.alert_id, "generation": self.generation, "attempt": self.attempt}
        return {"event_type": EVENT_TYPE, "event_payload": payload}
