"""Every envelope in which an event can lie among the dead letters, and whatever else may lie there."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecs_medic.aws.dead_letters import put_aside
from ecs_medic.events.dead_letter import Origin, opened
from tests.events.samples import Json, stopped_task

EVENT = stopped_task()
ATTRIBUTES = {
    "RULE_ARN": "arn:aws:events:eu-west-1:111122223333:rule/ecs-medic-TaskStopped",
    "TARGET_ARN": "arn:aws:lambda:eu-west-1:111122223333:function:ecs-medic-DiagnoseFunction",
    "ERROR_CODE": "SDK_CLIENT_ERROR",
    "ERROR_MESSAGE": "Lambda is away.",
    "EXHAUSTED_RETRY_CONDITION": "MaximumRetryAttempts",
    "RETRY_ATTEMPTS": "185",
}
RECORD: Json = {
    "version": "1.0",
    "timestamp": "2026-03-01T12:05:00.000Z",
    "requestContext": {
        "requestId": "00000000-0000-0000-0000-000000000001",
        "functionArn": "arn:aws:lambda:eu-west-1:111122223333:function:ecs-medic-DiagnoseFunction:$LATEST",
        "condition": "RetriesExhausted",
        "approximateInvokeCount": 3,
    },
    "requestPayload": EVENT,
    "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
    "responsePayload": {"errorMessage": "throttled", "errorType": "LedgerBusy", "stackTrace": []},
}


def put_aside_body(event: object, reason: str = "detail.clusterArn: missing") -> str:
    """As the function writes it."""
    sent = []

    class Sqs:
        def send_message(self, QueueUrl: str, MessageBody: str) -> None:  # noqa: N803 - boto3's
            sent.append(MessageBody)

    put_aside(Sqs(), "https://sqs", event, reason)
    return sent[0]


def test_what_eventbridge_could_not_deliver():
    letter = opened(json.dumps(EVENT), ATTRIBUTES)
    assert (letter.origin, letter.event, letter.missing, letter.tick) == (Origin.NOT_DELIVERED, EVENT, None, False)
    assert (letter.reason, letter.tries) == ("SDK_CLIENT_ERROR: Lambda is away.", 186)


def test_what_the_function_failed_at():
    letter = opened(json.dumps(RECORD), {})
    assert (letter.origin, letter.event, letter.missing) == (Origin.FAILED, EVENT, None)
    assert (letter.reason, letter.tries) == ("LedgerBusy: throttled", 3)


def test_what_lambda_did_not_get_to():
    """Too old before there was room for it: there is no answer."""
    context = RECORD["requestContext"] | {"condition": "EventAgeExceeded", "approximateInvokeCount": 0}
    record = RECORD | {"requestContext": context, "responsePayload": None}
    letter = opened(json.dumps(record), {})
    assert (letter.reason, letter.tries, letter.event) == ("EventAgeExceeded", 0, EVENT)


@pytest.mark.parametrize("event", [EVENT, None, [1], "text", 7, {"source": "aws.ec2"}])
def test_what_the_function_could_not_use(event):
    letter = opened(put_aside_body(event), {})
    assert (letter.origin, letter.event, letter.missing) == (Origin.REJECTED, event, None)
    assert (letter.reason, letter.tries) == ("detail.clusterArn: missing", 1)


def test_what_was_too_long_for_the_queue_cannot_be_replayed():
    letter = opened(put_aside_body(stopped_task(stoppedReason="x" * 1_200_000)), {})
    assert letter.missing == "the event was too long for the queue: only its beginning is kept"
    assert str(letter.beginning).startswith('{"version": "0"')


def test_a_record_without_its_event_cannot_be_replayed():
    record = {name: value for name, value in RECORD.items() if name != "requestPayload"}
    letter = opened(json.dumps(record), {})
    assert (letter.origin, letter.event) == (Origin.FAILED, None)
    assert letter.missing == "Lambda left the event out of its record"


def test_an_envelope_that_was_given_to_the_function_is_opened_too():
    """By hand, at night, the record instead of its payload; and again what came back."""
    twice = json.loads(put_aside_body(RECORD, "source: missing"))
    letter = opened(put_aside_body(twice, "event: missing"), {})
    assert (letter.origin, letter.event, letter.reason) == (Origin.REJECTED, EVENT, "LedgerBusy: throttled")


@pytest.mark.parametrize("source", ["aws.events", "aws.scheduler"])
def test_a_tick_of_a_schedule(source):
    tick = {"source": source, "detail-type": "Scheduled Event", "detail": {}}
    assert opened(json.dumps(tick), ATTRIBUTES).tick
    assert opened(json.dumps(RECORD | {"requestPayload": tick}), {}).tick


@pytest.mark.parametrize("body", ["", "not JSON", "{", "null", "[]", "7", '"text"', '{"a": 1}', "[" * 100_000])
def test_anything_else_is_kept_and_said(body):
    letter = opened(body, {})
    assert letter.origin is Origin.UNKNOWN
    assert letter.missing in {"it is not JSON", "it holds no event"}
    assert body.startswith(letter.beginning)


@pytest.mark.parametrize("tries", ["9" * 5000, "1" * 10, "\u00b2", "-1", "1_0", ""])
def test_tries_that_are_no_number_of_tries_are_not_told(tries):
    letter = opened(json.dumps(EVENT), ATTRIBUTES | {"RETRY_ATTEMPTS": tries})
    assert (letter.event, letter.missing, letter.tries) == (EVENT, None, None)


def test_a_message_at_which_it_fails_itself_is_kept_and_said(monkeypatch):
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("ecs_medic.events.dead_letter._not_delivered", broken)
    letter = opened(json.dumps(EVENT), ATTRIBUTES)
    assert (letter.origin, letter.event) == (Origin.UNKNOWN, None)
    assert letter.missing == "this version fails at opening it: ZeroDivisionError"
    assert json.dumps(EVENT).startswith(str(letter.beginning))


WORDS = st.sampled_from(["source", "detail-type", "detail", "reason", "event", "requestContext", "requestPayload"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS | st.text(max_size=5), inner, max_size=6),
    max_leaves=20,
)


TEXTS = st.text() | st.text("0123456789", min_size=4300, max_size=4400)


@given(JSON, st.dictionaries(st.sampled_from(sorted(ATTRIBUTES)), TEXTS))
def test_nothing_makes_it_fail(value, attributes):
    letter = opened(json.dumps(value), attributes)
    assert letter.missing is None or letter.event is None


@given(JSON)
def test_whatever_was_put_aside_comes_out_again(event):
    """Unless it is an envelope itself."""
    letter = opened(put_aside_body(event), {})
    plain = not isinstance(event, dict) or not event.keys() & {"detail-type", "reason", "requestContext"}
    assert not plain or (letter.missing is None and letter.event == event)
