"""One way through the dead letters: nothing is lost wherever it is cut off, and nobody is kept from them for long."""

import contextlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecs_medic.aws.dead_letter_queue import Message
from ecs_medic.aws.errors import AwsUnavailable
from ecs_medic.aws.refusals import Reason, Refused
from ecs_medic.events.dead_letter import DeadLetter, Origin, opened
from ecs_medic.response.assessed import Would, assessed
from ecs_medic.response.redrive import Act, Done, Outcome, Round, Wish
from tests.events.samples import TASK_ARN, Json, service_event, stopped_task

NOW = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
DENIED = Refused("lambda:Invoke", Reason.DENIED, "AccessDeniedException: no", "lambda:InvokeFunction")
TOO_LARGE = Refused("lambda:Invoke", Reason.INVALID, "RequestTooLargeException: 1 MiB at most")


class Cut(BaseException):
    """The process ends here."""


def failed(number: int) -> Json:
    """A task's failure of its own."""
    return stopped_task(taskArn=f"{TASK_ARN[:-4]}{number:04d}")


USELESS = ["not JSON", json.dumps({"reason": "detail-type: missing", "event": {"source": "aws.ecs"}}), "{}"]


@dataclass
class Counter:
    """A queue and a function, which break down before or after their n-th step."""

    bodies: dict[str, str]
    cut_before: int = -1
    cut_after: int = -1
    refusal: Refused | None = None
    taken: list[Any] = field(default_factory=list)
    hidden: dict[str, str] = field(default_factory=dict)
    receives: int = 0
    steps: int = 0
    at_once: int = 3
    forgetful: bool = False
    """Whether messages are visible again before they are given back."""
    script: list[list[str]] = field(default_factory=list)
    """What is received, hidden or not, where it is said here."""
    lost_at_delete: Exception | None = None

    def _step(self, effect: Any = None) -> Any:
        self.steps += 1
        if self.steps == self.cut_before:
            raise Cut
        result = effect() if effect else None
        if self.steps == self.cut_after:
            raise Cut
        return result

    def receive(self, most: int) -> tuple[Message, ...]:
        def effect() -> tuple[Message, ...]:
            self.receives += 1
            if self.forgetful:
                self.hidden.clear()
            if self.script:
                ids = self.script.pop(0)
            else:
                ids = [one for one in self.bodies if one not in self.hidden][: min(most, self.at_once)]
            self.hidden |= {one: f"{one}#{self.receives}" for one in ids}
            return tuple(Message(one, self.hidden[one], self.bodies[one], NOW, self.receives) for one in ids)

        answer: tuple[Message, ...] = self._step(effect)
        return answer

    def delete(self, message: Message) -> Refused | None:
        if self.lost_at_delete:
            raise self.lost_at_delete
        assert self.hidden.get(message.id) == message.receipt or self.forgetful

        def effect() -> None:
            self.bodies.pop(message.id, None)
            self.hidden.pop(message.id, None)

        self._step(effect)
        return None

    def give_back(self, receipts: Iterable[str]) -> Refused | None:
        for receipt in list(receipts):
            name = receipt.split("#")[0]
            if self.hidden.get(name) == receipt:
                del self.hidden[name]
        return None

    def hand_over(self, event: object) -> Refused | None:
        if self.refusal:
            return self.refusal
        self._step(lambda: self.taken.append(event))
        return None

    def go(self, act: Act = Act.SHOW, **wish: Any) -> Done:
        self.saved: list[str] = []
        self.told: list[str] = []
        return Round(
            self,
            Wish(act, **wish),
            hand_over=self.hand_over,
            keep=lambda message: self.saved.append(message.id),
            now=lambda: NOW,
            tell=lambda seen: self.told.append(seen.message_id),
        ).go()


def counter(*bodies: str, **more: Any) -> Counter:
    return Counter({f"m{number}": body for number, body in enumerate(bodies)}, **more)


def outcomes(done: Done) -> dict[str, str]:
    return {one.message_id: one.outcome.value for one in done.seen}


def arns(events: Iterable[Any]) -> set[str]:
    return {one["detail"]["taskArn"] for one in events}


LETTERS = st.lists(st.integers(0, 5).map(failed).map(json.dumps) | st.sampled_from(USELESS), max_size=12)


@given(LETTERS, st.lists(st.tuples(st.integers(1, 40), st.booleans()), max_size=4), st.integers(1, 4), st.booleans())
def test_wherever_it_is_cut_off_the_next_one_ends_it_and_nothing_is_lost(bodies, cuts, at_once, forgetful):
    desk = counter(*bodies, at_once=at_once, forgetful=forgetful)
    wanted = arns(json.loads(body) for body in bodies if body not in USELESS)
    for step, before in cuts:
        desk.steps, desk.cut_before, desk.cut_after = 0, step if before else -1, -1 if before else step
        with contextlib.suppress(Cut):
            desk.go(Act.REPLAY)
        there = arns(json.loads(body) for body in desk.bodies.values() if body not in USELESS)
        assert there | arns(desk.taken) == wanted
        # What the process has not given back comes back by itself.
        desk.hidden.clear()
    desk.cut_before, desk.cut_after, desk.forgetful = -1, -1, False
    desk.go(Act.REPLAY)
    assert sorted(desk.bodies.values()) == sorted(body for body in bodies if body in USELESS)
    # An event counts once, however often it is given: its key is the task's.
    assert arns(desk.taken) == wanted
    before_again = len(desk.taken)
    desk.go(Act.REPLAY)
    assert len(desk.taken) == before_again


@given(LETTERS, st.sampled_from([Act.SHOW, Act.DISCARD]), st.integers(1, 4), st.booleans())
def test_showing_changes_nothing_and_discarding_nothing_that_can_be_replayed(bodies, act, at_once, forgetful):
    desk = counter(*bodies, at_once=at_once, forgetful=forgetful)
    done = desk.go(act)
    assert desk.taken == []
    assert not desk.hidden
    assert sum(body not in USELESS for body in desk.bodies.values()) == sum(body not in USELESS for body in bodies)
    if not forgetful:
        assert len(done.seen) == len(bodies)
        assert act is Act.SHOW or not set(desk.bodies.values()) & set(USELESS)
    assert act is Act.DISCARD or len(desk.bodies) == len(bodies)
    if act is Act.DISCARD:
        assert sorted(desk.saved) == sorted(one.message_id for one in done.seen if one.outcome is Outcome.DISCARDED)


def test_each_message_is_seen_once_and_given_back():
    desk = counter(*(json.dumps(failed(number)) for number in range(10)), forgetful=True)
    done = desk.go()
    assert len(done.seen) == 3  # the same three came again, and again
    assert (desk.receives, desk.hidden) == (6, {})
    desk.forgetful = False
    assert len(desk.go().seen) == 10


def test_what_comes_again_does_not_end_it():
    """In a long round, what was left in place is received again before what nobody has seen yet."""
    desk = counter(*["{}"] * 20, *(json.dumps(failed(number)) for number in range(3)), at_once=10)
    first, second, rest = ([f"m{number}" for number in some] for some in (range(10), range(10, 20), range(20, 23)))
    desk.script = [first, second, first, second, first, rest]
    done = desk.go(Act.REPLAY)
    assert len(done.seen) == 23
    assert (len(desk.taken), sorted(desk.bodies), desk.hidden) == (3, sorted(first + second), {})


def test_without_credentials_in_the_middle_what_was_replayed_is_told():
    desk = counter(json.dumps(failed(1)), json.dumps(failed(2)), lost_at_delete=AwsUnavailable("they expired"))
    done = desk.go(Act.REPLAY)
    assert list(outcomes(done).values()) == ["replayed", "left"]
    assert "not deleted: sqs:DeleteMessage: they expired" in str(done.seen[0].words)
    assert done.stopped == "sqs:DeleteMessage: they expired"
    assert (len(desk.taken), len(desk.bodies)) == (1, 2)


def test_what_is_cut_off_by_hand_is_given_back():
    desk = counter(json.dumps(failed(1)), json.dumps(failed(2)), cut_before=2)
    with pytest.raises(Cut):
        desk.go(Act.REPLAY)
    assert (len(desk.bodies), desk.hidden) == (2, {})


def test_no_more_are_received_than_are_to_be_looked_at():
    desk = counter(*(json.dumps(failed(number)) for number in range(10)))
    assert len(desk.go(Act.REPLAY, most=4).seen) == 4
    assert (len(desk.taken), len(desk.bodies)) == (4, 6)


def test_a_named_message_is_replayed_whatever_is_thought_of_it():
    """The function may be newer than this program."""
    desk = counter(*USELESS, json.dumps(failed(1)))
    done = desk.go(Act.REPLAY, only=frozenset({"m1"}))
    assert desk.taken == [{"source": "aws.ecs"}]
    assert (desk.told, outcomes(done)["m1"]) == (["m1"], "replayed")
    assert sorted(desk.bodies) == ["m0", "m2", "m3"]


def test_a_named_message_without_an_event_stays():
    desk = counter(*USELESS)
    done = desk.go(Act.REPLAY, only=frozenset({"m0"}))
    assert outcomes(done)["m0"] == "failed"
    assert len(desk.bodies) == 3


def test_a_named_message_is_discarded_though_it_could_be_replayed():
    desk = counter(json.dumps(failed(1)), json.dumps(failed(2)))
    desk.go(Act.DISCARD, only=frozenset({"m1"}))
    assert (list(desk.bodies), desk.saved) == (["m0"], ["m1"])


def test_a_search_for_named_messages_ends_with_the_last_of_them():
    desk = counter(*(json.dumps(failed(number)) for number in range(10)))
    desk.go(only=frozenset({"m1"}))
    assert (desk.receives, desk.told, desk.saved) == (1, ["m1"], ["m1"])


def test_what_concerns_every_event_ends_it():
    desk = counter(*(json.dumps(failed(number)) for number in range(10)), refusal=DENIED)
    done = desk.go(Act.REPLAY)
    assert done.stopped == "lambda:Invoke: AccessDeniedException: no (missing permission: lambda:InvokeFunction)"
    assert list(outcomes(done).values()) == ["failed", "left", "left"]
    assert (len(desk.bodies), desk.hidden) == (10, {})


def test_what_concerns_one_event_does_not_keep_the_next_one():
    desk = counter(json.dumps(failed(1)), json.dumps(failed(2)), refusal=TOO_LARGE)
    done = desk.go(Act.REPLAY)
    assert done.stopped is None
    assert set(outcomes(done).values()) == {"failed"}


def test_what_happened_first_is_told_first():
    events = [stopped_task(stoppedAt=f"2026-03-01T{hour}:00:00Z") for hour in ("12", "10", "11")]
    desk = counter(*map(json.dumps, events))
    desk.go(Act.REPLAY)
    assert [one["detail"]["stoppedAt"][11:13] for one in desk.taken] == ["10", "11", "12"]


def letter_of(event: object) -> DeadLetter:
    return opened(json.dumps(event), {})


def test_what_would_come_of_it():
    assert assessed(letter_of(stopped_task()), NOW).would is Would.ALERT
    scale_in = stopped_task(
        stopCode="ServiceSchedulerInitiated",
        stoppedReason="Scaling activity initiated by (deployment ecs-svc/0123456789012345678)",
    )
    assert assessed(letter_of(scale_in), NOW).would is Would.IGNORE
    steady = service_event("SERVICE_STEADY_STATE", "INFO")
    assert assessed(letter_of(steady), NOW).would is Would.RESOLVE
    rejected = assessed(letter_of({"reason": "?", "event": stopped_task(clusterArn=None)}), NOW)
    assert (rejected.would, rejected.replayable) == (Would.REJECT, False)
    assert str(rejected.why_not).startswith("detail.clusterArn:")


def test_a_task_is_forgotten_after_an_hour():
    at = datetime(2026, 3, 1, 11, 59, 58, 100_000, tzinfo=UTC)
    letter = letter_of(stopped_task())
    assert assessed(letter, at).occurred_at == at
    assert not assessed(letter, at + timedelta(hours=1)).forgotten
    assert assessed(letter, at + timedelta(hours=1, seconds=1)).forgotten


def test_an_event_at_which_the_parser_itself_fails_is_shown(monkeypatch):
    def broken(_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("ecs_medic.response.assessed.parse", broken)
    found = assessed(letter_of(stopped_task()), NOW)
    assert (found.would, found.why_not) == (Would.REJECT, "this version fails at reading it: ZeroDivisionError")


def test_no_secret_is_shown():
    secret = "AKIAIOSFODNN7EXAMPLE"  # AWS's own example
    event = stopped_task(clusterArn=None, overrides={"command": ["hunter2"]}, stoppedReason=f"key {secret}")
    letter = DeadLetter(Origin.FAILED, event, reason=f"denied {secret}")
    shown = json.dumps(assessed(letter, NOW).as_json())
    assert secret not in shown
    assert "hunter2" not in shown
