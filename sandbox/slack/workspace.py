"""What the Slack stand-in keeps: tokens, channels, people, webhooks, messages, the calls that arrived."""

import threading
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from sandbox.json_types import Json
from sandbox.slack.misbehaviour import Misbehaviour

DEFAULT_SCOPES = (
    "chat:write",
    "channels:read",
    "channels:history",
    "groups:history",
    "users:read",
    "users:read.email",
    "usergroups:read",
)
WEBHOOK_PATH = "T000/B000/XXX"
SIGNING_SECRET = "sandbox-signing-secret"
RESPONSE_URL_USES = 5
RESPONSE_URL_SECONDS = 30 * 60


@dataclass(slots=True)
class Token:
    """A bot token: whose it is, what it may do, and `state` (`ok`, or the error it answers, as `token_revoked`)."""

    user: str
    bot: str
    name: str
    scopes: tuple[str, ...] = DEFAULT_SCOPES
    state: str = "ok"


@dataclass(slots=True)
class Channel:
    """A channel, and which bots are in it. One that is `private` does not exist for whoever is not."""

    id: str
    name: str
    members: set[str] = field(default_factory=set)
    archived: bool = False
    private: bool = False


@dataclass(slots=True)
class Message:
    """One message, with what it said before each edit."""

    channel: str
    ts: str
    user: str
    via: str
    text: str = ""
    blocks: list[Any] = field(default_factory=list)
    attachments: list[Any] = field(default_factory=list)
    metadata: dict[str, Any] | None = None
    thread_ts: str | None = None
    reply_broadcast: bool = False
    ephemeral_for: str | None = None
    edits: list[dict[str, Any]] = field(default_factory=list)

    def as_json(self, channel_name: str) -> dict[str, Json]:
        """The message as the control endpoint shows it."""
        return {
            "channel": self.channel,
            "channel_name": channel_name,
            "ts": self.ts,
            "thread_ts": self.thread_ts,
            "user": self.user,
            "via": self.via,
            "text": self.text,
            "blocks": self.blocks,
            "attachments": self.attachments,
            "metadata": self.metadata,
            "reply_broadcast": self.reply_broadcast,
            "ephemeral_for": self.ephemeral_for,
            "edits": list(self.edits),
        }


@dataclass(slots=True)
class Usergroup:
    """People who can be mentioned together."""

    handle: str
    users: list[str]


@dataclass(slots=True)
class ResponseUrl:
    """Where a click can be answered: five times within half an hour."""

    channel: str
    ts: str
    user: str
    expires_at: float
    uses_left: int = RESPONSE_URL_USES


@dataclass(frozen=True, slots=True)
class RateLimit:
    """So many calls of a method within so many seconds, for each channel."""

    calls: int
    seconds: float


class Workspace:
    """A Slack workspace with five channels, two bots, three people and one group of them.

    The bots are in all channels but C0PRIVATE.
    """

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.reset()

    def reset(self) -> None:
        """Back to an empty workspace."""
        with self.lock:
            self.tokens = {
                "xoxb-sandbox": Token(user="U0MEDIC", bot="B0MEDIC", name="ecs-medic"),
                "xoxb-other": Token(user="U0OTHER", bot="B0OTHER", name="other-bot"),
            }
            bots = {token.user for token in self.tokens.values()}
            self.channels = {
                channel.id: channel
                for channel in (
                    Channel("C0OPS", "ops-alerts", set(bots)),
                    Channel("C0DEPLOYS", "deploys", set(bots)),
                    Channel("C0PRIVATE", "payments-private"),
                    Channel("C0OLD", "old-alerts", set(bots), archived=True),
                    Channel("C0SECURE", "secure-alerts", set(bots), private=True),
                )
            }
            self.users = {
                "U0ALICE": {"name": "alice", "email": "alice@example.com"},
                "U0CAROL": {"name": "carol", "email": "carol@example.com"},
                "U0DAVE": {"name": "dave", "email": "dave@example.com"},
            }
            self.usergroups = {"S0ONCALL": Usergroup("oncall", ["U0ALICE", "U0CAROL"])}
            self.webhooks = {WEBHOOK_PATH: "C0OPS"}
            self.response_urls: dict[str, ResponseUrl] = {}
            # Of the machine's clock, for messages to come.
            self.seconds_ahead = 0.0
            self._last_ts = (0, 0)
            self.rate_limits: dict[str, RateLimit] = {}
            self._granted: dict[tuple[str, str], deque[float]] = {}
            self.messages: list[Message] = []
            self.calls: list[dict[str, Json]] = []
            self.misbehaviours: list[Misbehaviour] = []
            # Whoever waits in a misbehaviour stops waiting.
            self._behaving, old = threading.Event(), getattr(self, "_behaving", None)
        if old:
            old.set()

    def next_ts(self) -> str:
        """A message's timestamp and id: unique in the workspace and growing."""
        with self.lock:
            second = int(time.time() + self.seconds_ahead)
            last_second, count = self._last_ts
            self._last_ts = (second, 1) if second > last_second else (last_second, count + 1)
            return f"{self._last_ts[0]}.{self._last_ts[1]:06d}"

    def channel(self, reference: str, *, by_name: bool = True) -> Channel | None:
        """The channel with this id or, where Slack allows it, this name."""
        found = self.channels.get(reference)
        if found is None and by_name:
            name = reference.removeprefix("#")
            found = next((channel for channel in self.channels.values() if channel.name == name), None)
        return found

    def message(self, channel: str, ts: str) -> Message | None:
        """The message with this timestamp, ephemeral ones excepted."""
        return next((m for m in self.messages if (m.channel, m.ts) == (channel, ts) and not m.ephemeral_for), None)

    def messages_as_json(self) -> list[Json]:
        """All messages in the order in which they were posted."""
        with self.lock:
            return [m.as_json(self.channels[m.channel].name) for m in self.messages]

    def misbehave(self, misbehaviour: Misbehaviour) -> None:
        """From the next call on."""
        with self.lock:
            self.misbehaviours.append(misbehaviour)

    def behave(self) -> None:
        """Ends all misbehaviour, that under way included."""
        with self.lock:
            self.misbehaviours.clear()
            self._behaving, old = threading.Event(), self._behaving
        old.set()

    def wait(self, seconds: float) -> None:
        """Waits, but not longer than the misbehaviour lasts."""
        with self.lock:
            behaving = self._behaving
        behaving.wait(seconds)

    def next_misbehaviour(self, method: str) -> Misbehaviour | None:
        """What happens to this call, counted down."""
        with self.lock:
            for misbehaviour in self.misbehaviours:
                if misbehaviour.method in {"*", method}:
                    if misbehaviour.skip > 0:
                        misbehaviour.skip -= 1
                        return None
                    if misbehaviour.times is not None:
                        misbehaviour.times -= 1
                        if misbehaviour.times <= 0:
                            self.misbehaviours.remove(misbehaviour)
                    return misbehaviour
        return None

    def set_rate_limit(self, method: str, limit: RateLimit | None) -> None:
        """Limits a method's calls from now on, or does so no longer."""
        with self.lock:
            self._granted.clear()
            if limit is None:
                self.rate_limits.pop(method, None)
            else:
                self.rate_limits[method] = limit

    def seconds_until_allowed(self, method: str, channel: str) -> float:
        """Counts this call against the method's limit: 0 where it may pass, else after how long another one might."""
        with self.lock:
            limit = self.rate_limits.get(method)
            if limit is None:
                return 0.0
            now = time.monotonic()
            granted = self._granted.setdefault((method, channel), deque())
            while granted and granted[0] <= now - limit.seconds:
                granted.popleft()
            if len(granted) < limit.calls:
                granted.append(now)
                return 0.0
            return granted[0] + limit.seconds - now
