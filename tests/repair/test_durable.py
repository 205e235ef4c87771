"""The steps of a workflow as Lambda's durable execution carries them, by AWS's own SDK and its own test executor."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

import boto3
import pytest
from aws_durable_execution_sdk_python import durable_execution
from botocore.exceptions import ClientError

from ecs_medic.repair.durable import ATTEMPTS, LARGEST_RESULT, LONGEST_ERROR, DurableSteps, Shortened, again
from ecs_medic.repair.steps import StepFailed, Steps
from sandbox.durable.functions import DurableFunctions, Ended
from tests.repair.crashing import Crash, CrashingSteps

NAME = "run-0123456789ab"
APPROVED = {"decision": "approved", "by": "U0ALICE"}
THROTTLED = ClientError({"Error": {"Code": "ThrottlingException", "Message": "Rate exceeded"}}, "DescribeTasks")

type Workflow = Callable[[Steps], Any]


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")


@contextmanager
def carried(monkeypatch: pytest.MonkeyPatch, workflow: Workflow) -> Iterator[DurableFunctions]:
    """An execution of the workflow that has just been started."""

    @durable_execution
    def handler(_event, context):
        return workflow(DurableSteps(context))

    with DurableFunctions.start(None, {"Repairing": handler}) as functions:
        monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA", functions.url)
        begin(functions, NAME)
        yield functions


def client() -> Any:
    return boto3.client("lambda")


def begin(functions: DurableFunctions, name: str) -> None:
    client().invoke(
        FunctionName=functions.alias("Repairing"),
        InvocationType="Event",
        DurableExecutionName=name,
        Payload=json.dumps(name).encode(),
    )


def question(functions: DurableFunctions, name: str = NAME) -> str:
    for _ in range(1000):
        if open_ones := functions.questions(name):
            return open_ones[0]
        time.sleep(0.02)
    raise AssertionError(functions.operations(name))


def answer(callback: str, sent: Any) -> None:
    client().send_durable_execution_callback_success(CallbackId=callback, Result=json.dumps(sent).encode())


def result(monkeypatch: pytest.MonkeyPatch, workflow: Workflow) -> Ended:
    with carried(monkeypatch, workflow) as functions:
        return functions.wait(NAME, 20)


def asking(puts: list[str]) -> Workflow:
    return lambda steps: {"answer": steps.ask("question", puts.append, 3600)}


@pytest.mark.parametrize("decision", ["approved", "denied"])
def test_an_answer_is_given_as_it_was_sent(monkeypatch: pytest.MonkeyPatch, decision: str):
    puts: list[str] = []
    with carried(monkeypatch, asking(puts)) as functions:
        callback = question(functions)
        answer(callback, {"decision": decision, "by": "U0ALICE"})
        expected = {"answer": {"decision": decision, "by": "U0ALICE"}}
        assert functions.wait(NAME, 20) == Ended("SUCCEEDED", expected, None)
    assert puts == [callback]


def test_a_question_whose_time_is_over_has_no_answer(monkeypatch: pytest.MonkeyPatch):
    with carried(monkeypatch, asking([])) as functions:
        callback = question(functions)
        assert functions.expire(NAME) == 1
        assert functions.wait(NAME, 20).result == {"answer": None}
        with pytest.raises(client().exceptions.CallbackTimeoutException):
            client().send_durable_execution_callback_success(CallbackId=callback, Result=b"{}")


@pytest.mark.parametrize("sent", [b"approved", b'"approved"', b"[1]", b""])
def test_what_is_no_json_object_is_no_consent(monkeypatch: pytest.MonkeyPatch, sent: bytes):
    with carried(monkeypatch, asking([])) as functions:
        client().send_durable_execution_callback_success(CallbackId=question(functions), Result=sent)
        assert functions.wait(NAME, 20).result == {"answer": None}


def test_a_question_that_somebody_lets_fail_has_no_answer(monkeypatch: pytest.MonkeyPatch):
    with carried(monkeypatch, asking([])) as functions:
        client().send_durable_execution_callback_failure(CallbackId=question(functions), Error={"ErrorMessage": "no"})
        assert functions.wait(NAME, 20).result == {"answer": None}


def test_what_another_attempt_mends_is_mended(monkeypatch: pytest.MonkeyPatch):
    errors: list[Exception] = [THROTTLED, ConnectionError("reset")]

    def work() -> int:
        if errors:
            raise errors.pop()
        return 7

    with carried(monkeypatch, lambda steps: steps.do("read", work)) as functions:
        assert functions.wait(NAME, 20).result == 7
        assert [(one.name, one.status) for one in functions.operations(NAME)] == [("read", "SUCCEEDED")]


def test_what_fails_for_good_fails_as_often_as_it_is_gone_through(monkeypatch: pytest.MonkeyPatch):
    attempts = [0]

    def work() -> None:
        attempts[0] += 1
        raise THROTTLED

    def workflow(steps: Steps) -> str:
        try:
            steps.do("read", work)
        except StepFailed as failure:
            steps.wait("pause", 60)
            return str(failure)
        return "no failure"

    said = result(monkeypatch, workflow).result
    assert said == str(THROTTLED)
    assert attempts == [ATTEMPTS]


def test_a_mistake_is_not_repeated(monkeypatch: pytest.MonkeyPatch):
    attempts = [0]

    def work() -> None:
        attempts[0] += 1
        raise KeyError("subnets")

    ended = result(monkeypatch, lambda steps: steps.do("plan", work))
    assert (ended.status, ended.error) == ("FAILED", "'subnets'")
    assert attempts == [1]


@pytest.mark.parametrize(
    ("work", "words"),
    [
        (lambda: "x" * LARGEST_RESULT, "bytes of JSON"),
        (lambda: {"at": object()}, "not JSON serializable"),
    ],
    ids=["too large", "no JSON"],
)
def test_a_result_that_cannot_be_kept_fails_its_step_alone(
    monkeypatch: pytest.MonkeyPatch, work: Callable[[], Any], words: str
):
    def workflow(steps: Steps) -> str:
        with pytest.raises(StepFailed, match=words):
            steps.do("plan", work)
        return "went on"

    assert result(monkeypatch, workflow) == Ended("SUCCEEDED", "went on", None)


def test_the_largest_result_and_the_longest_error_are_kept(monkeypatch: pytest.MonkeyPatch):
    largest = "x" * (LARGEST_RESULT - 2)

    def work() -> None:
        raise ValueError("y" * 100_000)

    def workflow(steps: Steps) -> bool:
        assert steps.do("plan", lambda: largest) == largest
        with pytest.raises(StepFailed, match=f"^ValueError: y{{{LONGEST_ERROR}}} …$"):
            steps.do("fail", work)
        steps.wait("pause", 60)
        return True

    assert result(monkeypatch, workflow).result is True


def test_a_result_is_the_same_at_once_as_it_is_later(monkeypatch: pytest.MonkeyPatch):
    seen: list[Any] = []

    def workflow(steps: Steps) -> None:
        seen.append(steps.do("plan", lambda: {"zones": ("a", "b"), "cost": None, 1: True}))  # type: ignore[dict-item]
        steps.wait("pause", 60)

    assert result(monkeypatch, workflow).status == "SUCCEEDED"
    assert seen == [{"zones": ["a", "b"], "cost": None, "1": True}] * 2


def test_retries_wait_ever_longer_and_end():
    delays = [again(THROTTLED, attempt).delay_seconds for attempt in range(1, ATTEMPTS)]
    for delay, longest in zip(delays, (5, 15, 45, 135, 300), strict=True):
        assert longest / 2 <= delay <= longest
    assert not again(THROTTLED, ATTEMPTS).should_retry
    assert not again(ValueError("never"), 1).should_retry


def test_what_had_too_many_words_is_judged_by_what_it_was():
    wordy, mistake = Shortened("ClientError: …"), Shortened("ValueError: …")
    wordy.__cause__, mistake.__cause__ = THROTTLED, ValueError()
    assert again(wordy, 1).should_retry
    assert not again(mistake, 1).should_retry


def test_killed_anywhere_it_ends_as_if_nothing_had_been(monkeypatch: pytest.MonkeyPatch):
    undisturbed = Crash()
    expected = [({"changed": ["endpoint", "group"], "answer": APPROVED, "looks": 2}, 1)]
    assert disturbed(monkeypatch, {NAME: undisturbed}) == expected
    assert len(undisturbed.points) == 4 * 5 + 2
    crashes = {f"run-{number}": Crash(at=point) for number, point in enumerate(undisturbed.points)}
    ended = disturbed(monkeypatch, crashes)
    assert {crash.happened for crash in crashes.values()} == {1}
    assert ended == expected * len(crashes)


def disturbed(monkeypatch: pytest.MonkeyPatch, crashes: Mapping[str, Crash]) -> list[tuple[Any, int]]:
    """What each execution gives in the end, and how many questions it has put."""
    accounts: dict[str, dict[str, str]] = {name: {} for name in crashes}
    asked: dict[str, set[str]] = {name: set() for name in crashes}

    @durable_execution
    def handler(event, context):
        return made(CrashingSteps(DurableSteps(context), crashes[event]), accounts[event], asked[event])

    with DurableFunctions.start(None, {"Repairing": handler}) as functions:
        monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA", functions.url)
        for name in crashes:
            begin(functions, name)
        for name in crashes:
            answer(question(functions, name), APPROVED)
        ended = [functions.wait(name, 60) for name in crashes]
    assert {one.error for one in ended} == {None}
    return [(one.result, len(asked[name])) for name, one in zip(crashes, ended, strict=True)]


def made(steps: Steps, account: dict[str, str], asked: set[str]) -> Any:
    """A small repair: what it did twice would show."""
    wanted = steps.do("plan", lambda: ["endpoint", "group"])
    given = steps.ask("question", asked.add, 3600)
    assert isinstance(wanted, list)
    for name in map(str, wanted):
        steps.do(f"apply {name}", partial(account.setdefault, name, f"{name}-{len(account)}"))
    steps.wait("settle", 60)
    return {"changed": sorted(account), "answer": given, "looks": steps.do("look", lambda: len(account))}
