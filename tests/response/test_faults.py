"""Whatever Slack or the ledger does, and wherever a run is cut off: the channel ends up saying the same.

Each test tells the whole story of an incident and lets one thing go wrong in one of its steps. `make soak` tries
every combination; otherwise some of them are drawn, the same ones every time.
"""

import itertools
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from ecs_medic.ledger import alerts, incidents
from ecs_medic.ledger.errors import LedgerError
from ecs_medic.ledger.rhythm import DAY, epoch_ms
from ecs_medic.ledger.table import Table
from ecs_medic.response.meter import Metric
from ecs_medic.slack import web_api, wire
from sandbox.client import SLACK_BOT_TOKEN
from tests.response.office import Office, words
from tests.response.story import Story, failure, simple_diagnosis

SLOWER = 2.0
"""Seconds, where a patient client would wait; the test's deadline is far below."""


@dataclass(frozen=True)
class Fault:
    """What Slack does to one call or to several."""

    kind: str
    settings: dict[str, Any] = field(default_factory=dict)
    times: int = 1
    loses_the_answer: bool = False

    def __str__(self) -> str:
        return "-".join([self.kind, *map(str, self.settings.values()), f"x{self.times}"])


SLACK_FAULTS = (
    Fault("ratelimited", {"retry_after": 30}),
    Fault("ratelimited", {"retry_after": 600}, times=3),
    Fault("ratelimited", {"retry_after": 0}),
    Fault("server_error", {"status": 500}, times=2),
    Fault("server_error", {"status": 502, "carried_out": True}, loses_the_answer=True),
    Fault("timeout", {"seconds": SLOWER}, loses_the_answer=True),
    Fault("timeout", {"seconds": SLOWER, "carried_out": False}),
    Fault("slow_body", {"seconds": SLOWER}, loses_the_answer=True),
    Fault("malformed"),
    Fault("malformed", {"carried_out": True}, loses_the_answer=True),
    Fault("disconnect", times=2, loses_the_answer=True),
    Fault("error", {"code": "internal_error"}, times=4),
    Fault("error", {"code": "fatal_error", "carried_out": True}, loses_the_answer=True),
    Fault("error", {"code": "channel_not_found"}),
    Fault("error", {"code": "not_in_channel"}, times=2),
    Fault("error", {"code": "token_revoked"}),
)
SLACK_STEPS = {
    "first post": ("opens", "chat.postMessage", 0),
    "details": ("opens", "chat.postMessage", 1),
    "edit": ("counts", "chat.update", 0),
    "resolved": ("ends", "chat.update", 0),
    "resolved answer": ("ends", "chat.postMessage", 0),
    "failed again": ("fails_again", "chat.update", 0),
    "failed-again answer": ("fails_again", "chat.postMessage", 0),
}


def drawn(everything: Sequence[tuple[Any, ...]], some: int, seed: int) -> list[Any]:
    """All of them, most of them for the soak run alone."""
    chosen = set(random.Random(seed).sample(range(len(everything)), some))
    return [
        pytest.param(one, id="-".join(map(str, one)), marks=() if index in chosen else pytest.mark.soak)
        for index, one in enumerate(everything)
    ]


@pytest.fixture(autouse=True)
def cheap(office: Office, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    simple_diagnosis(monkeypatch)
    yield
    office.account.slack_behave()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where Slack is slow; elsewhere a machine that is slow for a moment would pass for it."""
    monkeypatch.setattr(wire, "DEADLINE_SECONDS", 0.4)
    monkeypatch.setattr(wire, "TIMEOUT_SECONDS", 0.4)


def told(story: Story, before: Callable[[str], None] = lambda _: None, *, most: int = 1) -> None:
    """The whole story; what the channel holds is looked at whenever it has had the time to settle."""
    for step, said, count, answers in story.steps:
        before(step.__name__)
        began = time.monotonic()
        step()
        assert time.monotonic() - began < 20, "nobody waits for Slack here"
        story.sweep()
        story.holds(said, count, answers, most=most)


CASES = [(step, fault) for step in SLACK_STEPS for fault in SLACK_FAULTS]


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("case", drawn(CASES, 8, seed=3))
def test_no_alert_is_lost_to_slack(office, case):
    step, fault = case
    during, method, skip = SLACK_STEPS[step]

    def misbehave(name: str) -> None:
        if name == during:
            office.account.slack_misbehave(method, fault.kind, skip=skip, times=fault.times, **fault.settings)

    told(Story(office), misbehave)


LOSING = [(step, fault) for step, fault in CASES if step in {"first post", "details"} and fault.loses_the_answer]


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("case", drawn(LOSING, 2, seed=4))
def test_where_the_history_cannot_be_read_either_there_are_two_at_most(office, case):
    step, fault = case
    _, method, skip = SLACK_STEPS[step]
    office.account._control("PATCH", f"/slack/tokens/{SLACK_BOT_TOKEN}", {"scopes": ["chat:write"]})
    office.account.slack_misbehave(method, fault.kind, skip=skip, **fault.settings)
    told(Story(office), most=2)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    "seed", [pytest.param(seed, marks=() if seed in {0, 1, 8} else pytest.mark.soak) for seed in range(20)]
)
def test_any_row_of_faults_ends_well(office, seed):
    dice = random.Random(seed)

    def misbehave(_: str) -> None:
        office.account.slack_behave()
        for method in ("chat.postMessage", "chat.update", "conversations.history", "conversations.replies"):
            looking = method.startswith("conversations")
            # A history that is refused for good excuses a second message.
            for fault in dice.choices(SLACK_FAULTS[:12] if looking else SLACK_FAULTS, k=2):
                office.account.slack_misbehave(method, fault.kind, skip=dice.randrange(2), times=1, **fault.settings)

    story = Story(office)
    for step, *_ in story.steps:
        misbehave(step.__name__)
        step()
        story.sweep(4)
    office.account.slack_behave()
    # What Slack has refused for long is tried again after as long.
    story.sweep(40)
    (message,) = office.messages()
    assert "*4 times*" in words(message)
    assert "Failed again" in words(message)
    # An answer that Slack took no more than once is there no more than once.
    answers = [words(one).split("\n")[0] for one in office.answers()]
    assert len(answers) == len(set(answers))
    assert any("Failed again" in one for one in answers)


def test_a_refusal_is_metered_and_tried_ever_more_seldom_and_then_no_more(office):
    office.account.slack_misbehave("chat.postMessage", "error", code="channel_not_found", times=None)
    office.respond(failure(1, office.now))
    assert office.metrics[Metric.SLACK_REFUSED] == 1
    for number in range(2, 62):
        office.pass_time(seconds=1)
        office.respond(failure(number, office.now))
    assert len(office.account.slack_calls()) <= 4
    for _ in range(24 * 4):
        office.pass_time(minutes=15)
        office.sweep()
    first_day = len(office.account.slack_calls())
    assert first_day <= 14
    for _ in range(30 * 8):
        office.pass_time(hours=3)
        office.sweep()
    after_a_month = len(office.account.slack_calls())
    assert after_a_month - first_day <= 20
    for _ in range(5 * 8):
        office.pass_time(hours=3)
        office.sweep()
    assert len(office.account.slack_calls()) == after_a_month
    assert office.metrics[Metric.SLACK_REFUSED] == after_a_month


def test_after_a_night_without_a_valid_token_the_sweep_posts_the_alert(office):
    office.account.slack_misbehave("*", "error", code="token_revoked", times=None)
    for number in range(1, 30):
        office.respond(failure(number, office.now))
        office.pass_time(seconds=30)
    for _ in range(20):
        office.pass_time(minutes=30)
        assert office.sweep().failures == 0
    assert office.messages() == []
    office.account.slack_behave()
    for _ in range(13):
        office.pass_time(hours=1)
        office.sweep()
    (message,) = office.messages()
    assert "*29 times*" in words(message)
    assert len(office.answers()) == 1


def test_a_message_that_somebody_deleted_is_posted_anew_with_its_details(office):
    story = Story(office)
    story.opens()
    (message,) = office.messages()
    web_api.write(SLACK_BOT_TOKEN, "chat.delete", {"channel": message["channel"], "ts": message["ts"]})
    story.counts()
    story.sweep()
    (anew,) = office.messages()
    assert anew["ts"] != message["ts"]
    assert "*3 times*" in words(anew)
    assert [words(one)[:8] for one in office.answers() if one["thread_ts"] == anew["ts"]] == ["Evidence"]


class Killed(BaseException):
    """The function was cut off."""


def busy(code: str, status: int) -> Callable[[str], Exception]:
    def error(operation: str) -> Exception:
        answer: Any = {"Error": {"Code": code, "Message": ""}, "ResponseMetadata": {"HTTPStatusCode": status}}
        return ClientError(answer, operation)

    return error


LEDGER_FAULTS: dict[str, Callable[[str], BaseException]] = {
    "throttled": busy("ThrottlingException", 400),
    "failed": busy("InternalServerError", 500),
    "conflict": busy("TransactionConflictException", 400),
    "timeout": lambda _: ReadTimeoutError(endpoint_url="https://dynamodb.eu-west-1.amazonaws.com"),
    "killed": lambda _: Killed(),
}


class Interrupted:
    """A client of DynamoDB, or the way to Slack, whose nth call fails before or after it is carried out."""

    def __init__(
        self, whole: Any, *, at: int, raises: Callable[[str], BaseException], arrives: bool, calls: int
    ) -> None:
        self._whole, self._left, self._raises = whole, at, raises
        self._arrives, self._calls = arrives, calls
        self.struck = 0

    def __getattr__(self, name: str) -> Callable[..., Any]:
        call: Callable[..., Any] = getattr(self._whole, name)
        return lambda *given, **named: self.meet(name, call, *given, **named)

    def meet(self, name: str, call: Callable[..., Any], *given: Any, **named: Any) -> Any:
        self._left -= 1
        if self._left >= 0 or self.struck >= self._calls:
            return call(*given, **named)
        self.struck += 1
        if self._arrives:
            call(*given, **named)
        raise self._raises(name)


CALLS = {"opens": 22, "counts": 31, "ends": 22, "fails_again": 23}
"""Calls of the ledger in each step, or a few more: the sweep's."""
LEDGER_CASES = [
    (step, at, kind, "arrives" if arrives else "lost")
    for step, calls in CALLS.items()
    for at in range(calls)
    for kind in LEDGER_FAULTS
    for arrives in (False, True)
]


def interrupt(office: Office, at: int, kind: str, arrives: str, calls: int) -> Interrupted:
    """Lets the ledger fail, once or for as long as any retry lasts."""
    whole = office.account.client("dynamodb")
    client = Interrupted(whole, at=at, raises=LEDGER_FAULTS[kind], arrives=arrives == "arrives", calls=calls)
    # Half a second passes with every look at the clock.
    clock = partial(next, itertools.count(0.0, 0.5))
    office.table = Table(client, office.table.name, sleep=lambda _: None, jitter=lambda: 0.0, clock=clock)
    return client


@pytest.mark.parametrize("lasts", ["once", "long"])
@pytest.mark.parametrize("case", drawn(LEDGER_CASES, 5, seed=5))
def test_no_event_is_lost_to_the_ledger(office, case, lasts):
    during, at, kind, arrives = case
    story = Story(office, again=4, dies_of=(LedgerError, Killed))
    struck: list[Interrupted] = []

    def fail(name: str) -> None:
        office.table = Table(office.account.client("dynamodb"), office.table.name)
        if name == during:
            # A run that is cut off makes no further call.
            struck.append(interrupt(office, at, kind, arrives, 1 if lasts == "once" or kind == "killed" else 400))

    for step, said, count, answers in story.steps:
        fail(step.__name__)
        story.attempts = lambda number: fail("over") if number else None
        step()
        story.sweep(1)
        fail("over")
        story.sweep()
        story.holds(said, count, answers)
    assert struck[0].struck, "there is no such call any more"
    if lasts == "once" and kind != "killed":
        assert story.failures == 0


SLACK_CALLS = {"opens": 2, "counts": 1, "ends": 2, "fails_again": 2}
SLACK_DEATHS = [
    (step, at, "arrives" if arrives else "lost")
    for step, calls in SLACK_CALLS.items()
    for at in range(calls)
    for arrives in (False, True)
]


@pytest.mark.parametrize("case", drawn(SLACK_DEATHS, 5, seed=6))
def test_a_run_that_is_cut_off_while_it_speaks_to_slack_is_taken_up(office, case, monkeypatch):
    during, at, arrives = case
    story = Story(office, again=3, dies_of=(Killed,))
    real = web_api.call
    for step, said, count, answers in story.steps:
        calls = 1 if step.__name__ == during else 0
        end = Interrupted(web_api, at=at, raises=LEDGER_FAULTS["killed"], arrives=arrives == "arrives", calls=calls)
        monkeypatch.setattr(web_api, "call", lambda *given, end=end, **named: end.meet("call", real, *given, **named))
        step()
        story.sweep()
        assert end.struck == calls
        story.holds(said, count, answers)


def test_nothing_is_left_to_do_in_the_end(office):
    story = Story(office)
    told(story)
    (message,) = office.messages()
    alert = alerts.read(office.table, message["metadata"]["event_payload"]["alert_id"])
    assert alert
    assert (alert.due_at, alert.unposted, alert.intent_id, alert.attempts) == (None, None, None, 0)
    record = incidents.read(office.table, alert.primary)
    assert record
    assert record.shown_count == record.count == 4
    assert record.due_at is None or record.due_at > epoch_ms(office.now) - DAY
