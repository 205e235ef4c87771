"""The function's public address, to which anyone can send anything: an HTTP status, and nothing else happens."""

# ruff: noqa: E501 - tables

import base64
import json
import time
from collections import Counter
from typing import Any
from urllib.parse import urlencode

from hypothesis import given
from hypothesis import strategies as st

from ecs_medic.report.repair_blocks import APPROVE_ACTION
from ecs_medic.report.standing_blocks import MUTE_ACTION
from ecs_medic.slack.signature import SIGNATURE, TIMESTAMP
from tests.faults.patience import at_most
from tests.functions.test_slack_actions import signed
from tests.hostile import oracles
from tests.hostile.events import _OTHERS
from tests.hostile.harmless import LONGEST, PATIENCE, examples
from tests.hostile.texts import INJECTIONS, SECRETS, hostile

REFUSALS = {400, 401, 403, 404, 405, 409, 413, 415}
CLICK: dict[str, Any] = {
    "type": "block_actions",
    "user": {"id": "U0CAROL", "username": "carol", "team_id": "T0OPS"},
    "team": {"id": "T0OPS"},
    "enterprise": None,
    "container": {"channel_id": "C0OPS", "message_ts": "1.2"},
    "channel": {"id": "C0OPS"},
    "message": {"ts": "1.2", "thread_ts": None},
    "response_url": None,
    "trigger_id": "1.2.3",
    "actions": [
        {"action_id": MUTE_ACTION, "block_id": "b", "action_ts": "1.3", "value": None, "selected_option": {"value": "alert-1|4"}}
    ],
}  # fmt: skip
PLACES = [(), ("type",), ("user",), ("user", "id"), ("team",), ("channel", "id"), ("message",), ("response_url",), ("actions",),
          ("actions", 0), ("actions", 0, "action_id"), ("actions", 0, "block_id"), ("actions", 0, "value"),
          ("actions", 0, "selected_option"), ("actions", 0, "selected_option", "value"), ("container", "message_ts"),
          ("trigger_id",), ("actions", 0, "action_ts"), ("user", "username"), ("message", "thread_ts")]  # fmt: skip
VALUES: list[Any] = [
    *_OTHERS,
    *(hostile(number, number) for number in range(len(INJECTIONS) + len(SECRETS))),
    APPROVE_ACTION,
    "run-" + "0" * 64,
    "alert-1|" + "9" * 4_000,
    "|" * 1_000,
    "a" * 100_000,
    "https://evil.example/actions",
    "https://hooks.slack.com.evil.example/actions/x",
    "https://hooks.slack.com@evil.example/actions/x",
    "http://169.254.169.254/latest/meta-data",
    [[[]]] * 50,
]


def spoilt(changes: list[tuple[int, int]]) -> Any:
    """A click with values of another kind in it."""
    click: Any = json.loads(json.dumps(CLICK))
    for place, value in changes:
        path = PLACES[place]
        if not path:
            if place and value % 5 == 0:
                click = VALUES[value]
            continue
        parent = click
        try:
            for part in path[:-1]:
                parent = parent[part]
            parent[path[-1]] = VALUES[value]
        except (TypeError, LookupError):
            continue
    return click


def status(deployed: Any, event: Any) -> int:
    began = time.process_time()
    with at_most(PATIENCE, "one request"):
        answer = deployed.click(event)
    assert time.process_time() - began < LONGEST
    assert answer.keys() == {"statusCode"}
    return int(answer["statusCode"])


def test_clicks_that_slack_signed_and_nobody_made(deployed):
    warm(deployed)
    deployed.account.clear_calls()
    seen: Counter[int] = Counter()
    changes = st.lists(
        st.tuples(st.integers(0, len(PLACES) - 1), st.integers(0, len(VALUES) - 1)), min_size=1, max_size=4
    )

    @examples(12_000)
    @given(changes)
    def each(given_changes: list[tuple[int, int]]) -> None:
        body = urlencode({"payload": json.dumps(spoilt(given_changes))}).encode()
        seen[status(deployed, signed(body).as_function_url_event())] += 1

    each()
    assert set(seen) <= REFUSALS | {200}, seen
    assert seen[400] > 50, seen
    assert not deployed.account.slack_messages()
    assert {call["service"] for call in deployed.account.calls()} <= {"dynamodb", "secretsmanager"}


def _event(**more: Any) -> dict[str, Any]:
    event = signed(urlencode({"payload": json.dumps(CLICK)}).encode()).as_function_url_event()
    return {**event, **more}


def _headers(**more: Any) -> dict[str, Any]:
    return {"headers": {**_event()["headers"], **more}}


REQUESTS: dict[str, tuple[Any, set[int]]] = {
    "nothing": (None, {400}),
    "an array": ([1], {400}),
    "a text": ("x", {400}),
    "empty": ({}, {405}),
    "no context": (_event(requestContext=None), {405}),
    "a context that is a text": (_event(requestContext="POST"), {405}),
    "GET": (_event(requestContext={"http": {"method": "GET"}}), {405}),
    "no headers": (_event(headers=None), {415}),
    "headers that are a list": (_event(headers=["content-type"]), {415}),
    "headers of other types": (_event(headers={"content-type": {"a": 1}, "x": None}), {415}),
    "no body": (_event(body=None), {400}),
    "a body that is an object": (_event(body={"a": 1}), {400}),
    "no base64": (_event(body="%%%", isBase64Encoded=True), {400}),
    "base64 that is no ASCII": (_event(body="é" * 10, isBase64Encoded=True), {400}),
    "half a character": (_event(body="\ud800", isBase64Encoded=False), {400}),
    "a huge body": (_event(body="a" * 6_000_000, isBase64Encoded=False), {413}),
    "a huge body in base64": (_event(body=base64.b64encode(b"a" * 1_200_000).decode(), isBase64Encoded=True), {413}),
    "another body": (_event(body="payload=%7B%7D", isBase64Encoded=False), {401}),
    "no time": (_event(**_headers(**{TIMESTAMP: "now", TIMESTAMP.lower(): "now"})), {401}),
    "a time in other digits": (_event(**_headers(**{TIMESTAMP.lower(): "１７６８４６７６０４"})), {401}),
    "a long time": (_event(**_headers(**{TIMESTAMP.lower(): "9" * 5_000})), {401}),
    "another signature": (_event(**_headers(**{SIGNATURE.lower(): "v0=" + "0" * 64})), {401}),
    "a signature that is no ASCII": (_event(**_headers(**{SIGNATURE.lower(): "v0=é\ud800\u202e"})), {401}),
    "a long signature": (_event(**_headers(**{SIGNATURE.lower(): "v0=" + "a" * 1_000_000})), {401}),
}


def warm(deployed: Any) -> None:
    """Have the clients made, which takes longer than any request may."""
    assert deployed.click(signed(b"x").as_function_url_event()) == {"statusCode": 400}


def test_requests_that_are_none_are_refused(deployed, caplog):
    warm(deployed)
    for name, (event, expected) in REQUESTS.items():
        assert status(deployed, event) in expected, name
    assert deployed.account.slack_messages() == []
    for record in caplog.records:
        oracles.one_line(record.getMessage())
        oracles.one_line(str(getattr(record, "reason", "-")))


BODIES = [
    b"",
    b"payload",
    b"payload=",
    b"payload=%FF%FE",
    b"payload=%7B",
    b"payload=[]",
    b"payload=" + b"[" * 100_000,
    b"payload=" + b"9" * 10_000,
    b"payload=NaN",
    b"payload={}&payload={}",
    b"&" * 1_000,
    b"a=1&" * 1_000,
    b"payload=%00",
    b"\x00\xff\x1b]0;x\x07",
    b"payload={}" + b"%2" * 1_000,
]


def test_signed_bodies_that_are_no_click_are_refused(deployed):
    warm(deployed)
    for body in BODIES:
        assert status(deployed, signed(body).as_function_url_event()) == 400, body[:40]
    assert deployed.account.slack_messages() == []
