"""What goes to Slack, where to, and what comes of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol


class Message(Protocol):
    """A finished message: Block Kit blocks, and the text for notifications."""

    @property
    def text(self) -> str:
        """For notifications and screen readers."""

    @property
    def blocks(self) -> Sequence[Mapping[str, Any]]:
        """As Slack's API takes them."""


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel, by id or name, and the bot token that may write there."""

    token: str = field(repr=False)
    channel: str


@dataclass(frozen=True, slots=True)
class Webhook:
    """An incoming webhook: its channel is fixed, and whoever knows its address may write there."""

    url: str = field(repr=False)


type Destination = Channel | Webhook


@dataclass(frozen=True, slots=True)
class Delivery:
    """Where a message stands now. A webhook tells neither channel nor `ts`: it can be neither answered nor edited.

    `found`: it was not posted by this call, but by an earlier one whose answer was lost; it says what it said then.
    """

    channel: str | None = None
    ts: str | None = None
    found: bool = False

    @property
    def can_be_answered(self) -> bool:
        """Whether a thread can be opened under it."""
        return self.channel is not None and self.ts is not None
