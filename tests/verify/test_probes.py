"""What is concluded from the events that come, and from those that do not."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ecs_medic.ledger import keys
from verify import probes
from verify.believed import EXEC_EVENT, LOGIN_EXPIRY, PUSH_EVENT
from verify.place import Place
from verify.probes import Attempt
from verify.record import EXEC_DELIVERED, PUSH_DELIVERED, Record, Verdict

ATTEMPT = Attempt("exec is not enabled", "ExecuteCommand", "InvalidParameterException", "not enabled", "request-1")
EXPIRES = datetime(2026, 11, 22, 12, tzinfo=UTC)


def event(**detail):
    return {
        "version": "0",
        "id": "11111111-2222-3333-4444-555555555555",
        "detail-type": "AWS API Call via CloudTrail",
        "source": "aws.ecs",
        "account": "123456789012",
        "time": "2026-11-22T08:00:00Z",
        "region": "eu-west-1",
        "resources": [],
        "detail": {
            "eventSource": "ecs.amazonaws.com",
            "eventName": "ExecuteCommand",
            "eventTime": "2026-11-22T08:00:00Z",
            "awsRegion": "eu-west-1",
            "userIdentity": {"type": "IAMUser", "arn": "arn:aws:iam::123456789012:user/alex"},
            "requestParameters": {"cluster": "shop", "task": "0" * 32, "interactive": True, "command": "HIDDEN"},
            "errorCode": "InvalidParameterException",
            "errorMessage": "The execute command failed because execute command was not enabled when the task was run",
            "requestID": "request-1",
            **detail,
        },
    }


class Trail:
    def __init__(self, *events):
        self.kept = [{"CloudTrailEvent": json.dumps(one["detail"])} for one in events]

    def lookup_events(self, **_):
        return {"Events": self.kept}


def concluded(*heard, trail=(), attempts=(ATTEMPT,)):
    clock = iter(range(0, 100_000, 600))
    place = Place(
        "123456789012",
        "eu-west-1",
        lambda _: None,
        sleep=lambda _: None,
        clock=lambda: next(clock),
        session=None,
        clients={"cloudtrail": Trail(*trail)},
    )
    record = Record("123456789012", "eu-west-1", "1.0")
    coming = [list(heard)]
    probes.hear(place, attempts, [], lambda: coming.pop() if coming else [], record)
    return {one.fact: one for one in record.observations}


def test_an_event_that_the_product_reads_is_as_believed():
    found = concluded(event())
    assert found[EXEC_EVENT].verdict is Verdict.SEEN
    assert "errorCode InvalidParameterException" in found[EXEC_EVENT].words
    assert found[PUSH_EVENT].verdict is Verdict.NOT_SEEN


def test_an_event_of_another_call_tells_nothing():
    found = concluded(event(requestID="request-2", errorMessage="another"))
    assert found[EXEC_EVENT].verdict is Verdict.NOT_SEEN
    assert len(found[EXEC_EVENT].evidence["events"]) == 1


def test_an_event_without_a_code_would_pass_the_products_rule_by():
    found = concluded(event(errorCode=None))[EXEC_EVENT]
    assert found.verdict is Verdict.OTHERWISE
    assert "does not match" in found.words


def test_an_event_that_the_product_cannot_read_is_told():
    found = concluded({**event(), "time": "yesterday"})[EXEC_EVENT]
    assert found.verdict is Verdict.OTHERWISE
    assert "cannot read" in found.words


def test_what_cloudtrail_kept_and_nobody_delivered_refutes_the_belief():
    found = concluded(trail=[event()])[EXEC_EVENT]
    assert found.verdict is Verdict.OTHERWISE
    assert "EventBridge delivered no event" in found.words


def test_what_nobody_has_is_left_open():
    assert concluded()[EXEC_EVENT].verdict is Verdict.NOT_SEEN


def test_one_wrong_event_outweighs_the_right_ones():
    second = Attempt("the caller may not", "ExecuteCommand", "AccessDeniedException", "no", "request-2")
    found = concluded(event(), trail=[event(requestID="request-2")], attempts=(ATTEMPT, second))[EXEC_EVENT]
    assert found.verdict is Verdict.OTHERWISE
    assert "exec is not enabled: the API said InvalidParameterException" in found.words


class Ledger:
    """A table in which the function has counted these events."""

    def __init__(self, *event_ids):
        self.kept = {keys.event(one) for one in event_ids}

    def get(self, key):
        return {} if key in self.kept else None


@pytest.mark.parametrize(
    ("heard", "kept", "verdict"),
    [
        ([event(eventID="event-1")], ["event-1"], Verdict.SEEN),
        ([event(eventID="event-1")], ["event-2"], Verdict.OTHERWISE),
        ([{**event(eventID="event-1"), "time": "yesterday"}], ["event-1"], Verdict.OTHERWISE),
        ([], ["event-1"], Verdict.NOT_SEEN),
    ],
)
def test_what_our_own_rule_heard_is_not_yet_delivered_to_the_products(heard, kept, verdict):
    clock = iter(range(0, 100_000, 100))
    place = Place("1", "eu-west-1", lambda _: None, lambda _: None, clock=lambda: next(clock), session=None)
    record = Record("1", "eu-west-1", "1.0")
    table: Any = Ledger(*kept)
    probes.see_delivered(place, [ATTEMPT], [], heard, table, record)
    assert {one.fact: one.verdict for one in record.observations} == {
        EXEC_DELIVERED: verdict,
        PUSH_DELIVERED: Verdict.NOT_SEEN,
    }


class Registry:
    def __init__(self, password):
        self.token = base64.b64encode(f"AWS:{password}".encode()).decode()

    def get_authorization_token(self):
        return {"authorizationData": [{"authorizationToken": self.token, "expiresAt": EXPIRES}]}


def _payload(**fields):
    return base64.b64encode(json.dumps({"payload": "secret", "version": "2", **fields}).encode()).decode()


@pytest.mark.parametrize(
    ("password", "verdict"),
    [
        (_payload(expiration=round(EXPIRES.timestamp())), Verdict.SEEN),
        (_payload(expiration=round((EXPIRES - timedelta(hours=1)).timestamp())), Verdict.OTHERWISE),
        (_payload(), Verdict.OTHERWISE),
        ("no base64", Verdict.OTHERWISE),
    ],
)
def test_whether_a_login_says_when_it_expires(password, verdict):
    place = Place("123456789012", "eu-west-1", lambda _: None, session=None, clients={"ecr": Registry(password)})
    record = Record("123456789012", "eu-west-1", "1.0")
    probes.see_login(place, record)
    (found,) = record.observations
    assert (found.fact, found.verdict) == (LOGIN_EXPIRY, verdict)
    assert password not in json.dumps(found.evidence)
    assert "secret" not in json.dumps([found.words, found.evidence])
