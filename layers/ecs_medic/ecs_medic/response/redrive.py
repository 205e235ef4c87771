"""Goes through the dead letters: shows them, gives their events to the function again, or takes them out for good.

A message leaves the queue only after Lambda has taken its event, or after it was saved. Whoever is cut off in between
leaves it there, and it is replayed once more: the ledger counts an event once, however often it is delivered.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Protocol

from ecs_medic.aws.dead_letter_queue import Message
from ecs_medic.aws.errors import AwsUnavailable
from ecs_medic.aws.refusals import Reason, Refused
from ecs_medic.events.dead_letter import DeadLetter, opened
from ecs_medic.facts.missing_permission import with_missing_permission
from ecs_medic.response.assessed import Assessed, assessed

_OF_THIS_EVENT_ALONE = frozenset({Reason.INVALID})
"""Lambda does not take this event, and may take the next one. Whatever else it says concerns all of them."""
_FEWEST_IN_VAIN = 5
"""Batches in a row with nothing new in them, before it is believed that there is nothing new."""
_LAST = datetime.max.replace(tzinfo=UTC)


class Act(StrEnum):
    """What is to be done."""

    SHOW = "show"
    REPLAY = "replay"
    DISCARD = "discard"


class Outcome(StrEnum):
    """What was done with a message."""

    LEFT = "left"
    """Nothing: it is as it was."""
    REPLAYED = "replayed"
    DISCARDED = "discarded"
    FAILED = "failed"
    """Nothing, although it was to be: it is as it was."""


class Queue(Protocol):
    """As much of the queue as this takes."""

    def receive(self, most: int) -> tuple[Message, ...]:
        """Some messages, hidden from others for a while; none: there are none."""
        ...

    def delete(self, message: Message) -> Refused | None:
        """Take it out for good."""
        ...

    def give_back(self, receipts: Iterable[str]) -> Refused | None:
        """Let others see them again."""
        ...


@dataclass(frozen=True, slots=True)
class Wish:
    """`only` are the ids of the messages that it is about; empty: all that the act is of use to.

    Replaying is of use to what the function would accept, discarding to what it would not. At most `most` messages are
    looked at.
    """

    act: Act = Act.SHOW
    only: frozenset[str] = frozenset()
    most: int = 1000

    def concerns(self, message: Message, found: Assessed) -> bool:
        """Whether the act is to be done to that message."""
        if self.act is Act.SHOW:
            return False
        if self.only:
            return message.id in self.only
        return found.replayable is (self.act is Act.REPLAY)


@dataclass(frozen=True, slots=True)
class Seen:
    """One message, and what was done with it. `words` say more about that where there is more to say."""

    message_id: str
    sent_at: datetime | None
    received: int | None
    found: Assessed
    outcome: Outcome = Outcome.LEFT
    words: str | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """All that was seen, in order. `stopped` is why nothing more was tried; `hidden` why the rest is not seen yet."""

    seen: tuple[Seen, ...]
    stopped: str | None = None
    hidden: str | None = None


@dataclass(slots=True)
class Round:
    """One way through the queue.

    `hand_over` gives an event to the function and returns why not; `keep` saves a message and returns once it is safe;
    `tell` is told of each message once it is dealt with.
    """

    queue: Queue
    wish: Wish
    hand_over: Callable[[object], Refused | None]
    keep: Callable[[Message], None]
    now: Callable[[], datetime]
    tell: Callable[[Seen], None] = lambda _: None
    _seen: dict[str, Seen] = field(default_factory=dict)
    _held: dict[str, str] = field(default_factory=dict)
    _stopped: str | None = None
    _in_vain: list[int] = field(default_factory=list)
    """How many messages each of the last batches held, since there was a new one among them."""

    def go(self) -> Done:
        """Go through it once.

        Raises:
            QueueFailedError: the queue cannot be read.
            AwsUnavailable: the credentials are missing, expired or refused.
        """
        refused: Refused | None = None
        try:
            while self._wants_more() and self._next():
                pass
        finally:
            refused = self.queue.give_back(self._held.values())
        return Done(tuple(self._seen.values()), self._stopped, _why(refused) if refused else None)

    def _wants_more(self) -> bool:
        if self._stopped is not None or len(self._seen) >= self.wish.most:
            return False
        return not self.wish.only or bool(self.wish.only - self._seen.keys())

    def _next(self) -> bool:
        """The next messages; whether there may be more that have not been seen."""
        messages = self.queue.receive(self.wish.most - len(self._seen))
        self._held |= {one.id: one.receipt for one in messages}
        for again in (one for one in messages if one.id in self._seen):
            # Hidden for too short a time, or a copy that SQS had kept: it is not dealt with twice.
            if self._seen[again.id].outcome in {Outcome.REPLAYED, Outcome.DISCARDED}:
                self._delete(again)
        now = self.now()
        new = {one.id: one for one in messages if one.id not in self._seen}
        letters = [(one, opened(one.body, one.attributes)) for one in new.values()]
        found = [(one, letter, assessed(letter, now)) for one, letter in letters]
        # What happened first is told first.
        for message, letter, about in sorted(found, key=lambda each: each[2].occurred_at or _LAST):
            self._deal_with(message, letter, about)
        if new:
            self._in_vain.clear()
        else:
            self._in_vain.append(len(messages))
        return bool(messages) and not self._nothing_new()

    def _nothing_new(self) -> bool:
        """Whether what was left in place has come again so often that there is nothing else.

        In a long round it is no longer hidden, and all of it may come again before what nobody has seen yet.
        """
        return len(self._in_vain) >= _FEWEST_IN_VAIN and sum(self._in_vain) >= len(self._seen)

    def _deal_with(self, message: Message, letter: DeadLetter, found: Assessed) -> None:
        outcome, words = Outcome.LEFT, None
        if self.wish.act is Act.SHOW and (not self.wish.only or message.id in self.wish.only):
            self.keep(message)
        if self._stopped is None and self.wish.concerns(message, found):
            outcome, words = self._done(message, letter)
        seen = Seen(message.id, message.sent_at, message.received, found, outcome, words)
        self._seen[message.id] = seen
        if not self.wish.only or message.id in self.wish.only:
            self.tell(seen)

    def _done(self, message: Message, letter: DeadLetter) -> tuple[Outcome, str | None]:
        if self.wish.act is Act.REPLAY and letter.missing is not None:
            return Outcome.FAILED, letter.missing
        self.keep(message)
        if self.wish.act is Act.REPLAY:
            refused = self.hand_over(letter.event)
            if refused is not None:
                return Outcome.FAILED, self._refusal(refused)
        refused = self._delete(message)
        if refused is None:
            return (Outcome.REPLAYED if self.wish.act is Act.REPLAY else Outcome.DISCARDED), None
        why = self._refusal(refused)
        if self.wish.act is Act.REPLAY:
            return Outcome.REPLAYED, f"not deleted: {why}; it will be replayed twice, and counted once"
        return Outcome.FAILED, why

    def _delete(self, message: Message) -> Refused | None:
        try:
            refused = self.queue.delete(message)
        except AwsUnavailable as error:
            # Its event may just have been handed over, which has to be told before anything else.
            refused = Refused("sqs:DeleteMessage", Reason.UNSURE, str(error))
        if refused is None:
            self._held.pop(message.id, None)
        return refused

    def _refusal(self, refused: Refused) -> str:
        why = _why(refused)
        if refused.reason not in _OF_THIS_EVENT_ALONE:
            self._stopped = why
        return why


def _why(refused: Refused) -> str:
    return with_missing_permission(f"{refused.source}: {refused.words}", refused.missing_permission)
