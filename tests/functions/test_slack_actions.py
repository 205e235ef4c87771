"""SlackActionsFunction's handler: clicks on the mute menu, and everything else that reaches a public address."""

import base64
import hashlib
import hmac
import json
import time
from typing import Any
from urllib.parse import parse_qs, urlencode

import pytest

from ecs_medic.ledger import alerts, incidents
from ecs_medic.ledger.errors import LedgerRefused
from ecs_medic.ledger.rhythm import HOUR, MINUTE
from ecs_medic.report.standing_blocks import MUTE_ACTION
from ecs_medic.response.click import ALL_SECONDS, LEAST_SECONDS
from ecs_medic.response.click_request import LONGEST_BODY
from ecs_medic.slack.signature import SIGNATURE, TIMESTAMP
from sandbox import stack
from sandbox.client import SLACK_SIGNING_SECRET
from sandbox.gallery import build
from sandbox.slack.request import SlackRequest
from tests.functions.deployment import Deployment
from tests.response.office import another_task, words


@pytest.fixture
def alert_id(deployed: Deployment) -> str:
    """Of an alert in the channel."""
    answer = deployed.handle(build(deployed.account, "ecr_dkr_endpoint_missing").event)
    record = incidents.read(deployed.table, answer["incident_id"])
    assert record
    assert record.alert_id
    deployed.account.clear_calls()
    return record.alert_id


def click(deployed: Deployment, hours: int = 4, **settings: Any) -> SlackRequest:
    """Somebody chooses so many hours from the alert's menu."""
    (message,) = deployed.messages()
    options = _menu(message)["options"]
    value = next(one["value"] for one in options if one["value"].endswith(f"|{hours}"))
    return deployed.account.slack_click(message["ts"], MUTE_ACTION, "U0CAROL", value=value, **settings)


def _menu(message: dict[str, Any]) -> dict[str, Any]:
    (block,) = [block for block in message["blocks"] if block["type"] == "actions"]
    menu: dict[str, Any] = block["elements"][0]
    return menu


def signed(body: bytes, *, secret: str = SLACK_SIGNING_SECRET, at: float | None = None) -> SlackRequest:
    """A request with any body, signed as Slack signs."""
    timestamp = str(int(time.time() if at is None else at))
    mac = hmac.new(secret.encode(), b"v0:" + timestamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    headers = {"Content-Type": "application/x-www-form-urlencoded", TIMESTAMP: timestamp, SIGNATURE: f"v0={mac}"}
    return SlackRequest(headers, body)


def status(deployed: Deployment, request: SlackRequest, *, in_base64: bool = True) -> int:
    answer = deployed.click(request.as_function_url_event(in_base64=in_base64))
    assert answer.keys() == {"statusCode"}
    return int(answer["statusCode"])


def muted_for(deployed: Deployment, alert_id: str) -> float | None:
    """Hours from now on."""
    alert = alerts.read(deployed.table, alert_id)
    assert alert
    return (alert.muted_until / HOUR - time.time() / 3600) if alert.muted_until else None


@pytest.mark.parametrize("in_base64", [True, False])
def test_a_choice_mutes_the_alert_and_its_incidents_and_tells_who_clicked(deployed, alert_id, in_base64):
    assert status(deployed, click(deployed), in_base64=in_base64) == 200
    assert muted_for(deployed, alert_id) == pytest.approx(4, abs=0.01)
    assert alerts.read(deployed.table, alert_id).muted_by == "carol"
    (member,) = alerts.members(deployed.table, alert_id)
    assert (
        incidents.read(deployed.table, member.incident_id).muted_until
        == alerts.read(deployed.table, alert_id).muted_until
    )
    (private,) = [one for one in deployed.account.slack_messages() if one.get("ephemeral_for")]
    assert private["ephemeral_for"] == "U0CAROL"
    assert "Muted until" in private["text"]


def test_the_message_says_so_by_the_next_sweep(deployed, alert_id, later):
    status(deployed, click(deployed))
    later(MINUTE)
    assert deployed.sweep()["alerts"] == 1
    (message,) = deployed.messages()
    assert "muted until" in words(message)
    assert "by carol" in words(message)


def test_a_muted_alert_goes_on_counting_without_a_sound(deployed, later):
    event = build(deployed.account, "ecr_dkr_endpoint_missing").event
    deployed.handle(event)
    status(deployed, click(deployed))
    before = len(deployed.account.slack_messages())
    deployed.handle(another_task(event, 1))
    later(MINUTE)
    deployed.sweep()
    assert len(deployed.account.slack_messages()) == before
    (message,) = deployed.messages()
    assert "2 times" in words(message)


def test_it_touches_the_ledger_and_the_secret_alone(deployed, alert_id):
    status(deployed, click(deployed))
    calls = {(call["service"], call["operation"]) for call in deployed.account.calls()}
    assert calls == {
        ("secretsmanager", "GetSecretValue"),
        ("dynamodb", "PutItem"),
        ("dynamodb", "UpdateItem"),
        ("dynamodb", "Query"),
    }


def test_a_later_choice_replaces_an_earlier_one(deployed, alert_id):
    status(deployed, click(deployed, 72))
    assert status(deployed, click(deployed, 1)) == 200
    assert muted_for(deployed, alert_id) == pytest.approx(1, abs=0.01)


def test_a_replay_is_refused(deployed, alert_id, caplog):
    request = click(deployed, 1)
    assert [status(deployed, request) for _ in range(3)] == [200, 409, 409]
    status(deployed, click(deployed, 72))
    assert status(deployed, request) == 409
    assert muted_for(deployed, alert_id) == pytest.approx(72, abs=0.01)
    assert "the request was taken before" in {getattr(record, "reason", None) for record in caplog.records}


def test_slack_being_away_changes_nothing_about_the_mute(deployed, alert_id, caplog):
    request = click(deployed)
    deployed.account.slack_misbehave("response_url", "server_error")
    assert status(deployed, request) == 200
    assert muted_for(deployed, alert_id)
    assert "who clicked was not told" in caplog.text


def test_slack_is_answered_within_the_three_seconds_that_it_waits():
    """Where all is slow: whoever clicked is told last, and then for the least time."""
    assert ALL_SECONDS + LEAST_SECONDS < 3


@pytest.mark.usefixtures("impatient")
def test_a_slow_slack_does_not_make_slack_wait(deployed, alert_id, caplog):
    status(deployed, click(deployed, 1))
    request = click(deployed)
    deployed.account.slack_misbehave("response_url", "timeout", seconds=20.0)
    started = time.monotonic()
    assert status(deployed, request) == 200
    assert time.monotonic() - started < 10
    assert muted_for(deployed, alert_id) == pytest.approx(4, abs=0.01)


def test_a_renewed_signing_secret_is_read_by_a_warm_environment(deployed, alert_id):
    status(deployed, click(deployed, 1))
    deployed.put_secret(json.dumps({"bot_token": "xoxb-sandbox", "signing_secret": "renewed"}))
    assert status(deployed, click(deployed, 4, secret="renewed")) == 200
    assert status(deployed, click(deployed, 12)) == 401
    assert muted_for(deployed, alert_id) == pytest.approx(4, abs=0.01)


def test_a_ledger_that_refuses_is_raised_and_the_same_person_can_click_again(deployed, alert_id):
    fault = deployed.account.fault("dynamodb", "UpdateItem", "access_denied")
    with pytest.raises(LedgerRefused):
        status(deployed, click(deployed))
    deployed.account.clear_faults(fault)
    assert status(deployed, click(deployed)) == 200


def test_without_a_signing_secret_nothing_is_taken(deployed, alert_id):
    request = click(deployed, secret="")
    deployed.put_secret(json.dumps({"bot_token": "xoxb-sandbox"}))
    assert status(deployed, request) == 401
    assert muted_for(deployed, alert_id) is None


# ---------------------------------------------------------------- attacks


def _with(request: SlackRequest, **headers: str | None) -> SlackRequest:
    changed = {**request.headers, **{name.replace("_", "-"): value for name, value in headers.items()}}
    return SlackRequest({name: value for name, value in changed.items() if value is not None}, request.body)


ATTACKS: dict[str, tuple[Any, int]] = {
    "another secret": (lambda d: click(d, secret="guessed"), 401),
    "an empty secret": (lambda d: click(d, secret=""), 401),
    "an old request": (lambda d: click(d, at=time.time() - 301), 401),
    "a request from the future": (lambda d: click(d, at=time.time() + 320), 401),
    "no signature": (lambda d: _with(click(d), X_Slack_Signature=None), 401),
    "no timestamp": (lambda d: _with(click(d), X_Slack_Request_Timestamp=None), 401),
    "a garbage timestamp": (lambda d: _with(click(d), X_Slack_Request_Timestamp="now"), 401),
    "a timestamp of other digits": (lambda d: _with(click(d), X_Slack_Request_Timestamp="١٢٣"), 401),
    "another timestamp": (lambda d: _with(click(d), X_Slack_Request_Timestamp=str(int(time.time()) - 7)), 401),
    "an empty signature": (lambda d: _with(click(d), X_Slack_Signature=""), 401),
    "a signature of another version": (
        lambda d: _with(click(d), X_Slack_Signature="v1=" + click(d).headers[SIGNATURE][3:]),
        401,
    ),
    "a truncated body": (lambda d: SlackRequest(click(d).headers, click(d).body[:-40]), 401),
    "another body": (lambda d: SlackRequest(click(d).headers, click(d).body.replace(b"%7C4", b"%7C72")), 401),
    "no body": (lambda d: SlackRequest(click(d).headers, b""), 400),
    "a huge body": (lambda d: signed(b"payload=" + b"x" * LONGEST_BODY), 413),
    "JSON instead of a form": (lambda d: _with(click(d), Content_Type="application/json"), 415),
    "no content type": (lambda d: _with(click(d), Content_Type=None), 415),
    "no click": (lambda d: signed(b"payload=%7B%7D"), 400),
    "a form without a payload": (lambda d: signed(b"command=/mute"), 400),
    "a view instead of a click": (lambda d: _changed(d, type="view_submission"), 400),
    "somebody else's address to answer at": (lambda d: _changed(d, response_url="https://example.com/"), 400),
    "an action that is not ours": (lambda d: _acted(d, action_id="drop-table"), 404),
    "an alert that is not there": (lambda d: _chosen(d, "alert-0123456789ab|4"), 404),
    "an incident instead of an alert": (lambda d: _chosen(d, "inc-0123456789ab|4"), 400),
    "hours that are not offered": (lambda d: _chosen(d, "alert-0123456789ab|999"), 400),
    "no hours": (lambda d: _chosen(d, "alert-0123456789ab"), 400),
    "hours of other digits": (lambda d: _chosen(d, "alert-0123456789ab|٤"), 400),
    "another partition of the table": (lambda d: _chosen(d, "alert-0123456789ab#incident|4"), 400),
    "no value": (lambda d: _chosen(d, None), 400),
}


def _payload(deployed: Deployment) -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(parse_qs(click(deployed).body.decode())["payload"][0])
    return parsed


def _changed(deployed: Deployment, **changes: Any) -> SlackRequest:
    """As if Slack itself had sent something else."""
    return signed(urlencode({"payload": json.dumps(_payload(deployed) | changes)}).encode())


def _acted(deployed: Deployment, **changes: Any) -> SlackRequest:
    (action,) = _payload(deployed)["actions"]
    return _changed(deployed, actions=[action | changes])


def _chosen(deployed: Deployment, value: str | None) -> SlackRequest:
    return _acted(deployed, selected_option=None if value is None else {"value": value})


@pytest.mark.parametrize(("attack", "expected"), ATTACKS.values(), ids=ATTACKS)
def test_an_attack_is_refused_logged_and_does_nothing(deployed, alert_id, caplog, attack, expected):
    request = attack(deployed)
    before = alerts.read(deployed.table, alert_id)
    assert status(deployed, request) == expected
    assert alerts.read(deployed.table, alert_id) == before
    (line,) = [record for record in caplog.records if record.message == "refused a request"]
    assert line.status == expected
    assert len(str(line.reason)) < 200
    assert not [one for one in deployed.account.slack_messages() if one.get("ephemeral_for")]
    assert SLACK_SIGNING_SECRET not in str([record.__dict__ for record in caplog.records])


def test_what_is_not_signed_costs_no_call_of_the_ledger(deployed, alert_id):
    requests = [click(deployed, secret="guessed"), _with(click(deployed), Content_Type="text/plain")]
    deployed.account.clear_calls()
    assert [status(deployed, one) for one in requests] == [401, 415]
    assert deployed.account.calls("dynamodb") == []


def test_a_bad_signature_in_a_storm_reads_the_secret_at_most_once_a_minute(deployed, alert_id):
    status(deployed, click(deployed))
    deployed.account.clear_calls()
    assert [status(deployed, click(deployed, secret="guessed")) for _ in range(5)] == [401] * 5
    assert len(deployed.account.calls("secretsmanager")) <= 1


NOT_REQUESTS: dict[str, tuple[Any, int]] = {
    "null": (None, 400),
    "an array": ([], 400),
    "an EventBridge event": ({"source": "aws.ecs", "detail": {}}, 405),
    "no method": ({"requestContext": {"http": {}}}, 405),
    "GET": ({"requestContext": {"http": {"method": "GET"}}}, 405),
    "headers that are none": ({"requestContext": {"http": {"method": "POST"}}, "headers": []}, 415),
}


@pytest.mark.parametrize(("event", "expected"), NOT_REQUESTS.values(), ids=NOT_REQUESTS)
def test_what_is_no_request_is_refused(deployed, event, expected):
    assert deployed.click(event) == {"statusCode": expected}


def test_a_body_that_is_no_base64_is_refused(deployed, alert_id):
    event = click(deployed).as_function_url_event() | {"body": "%%%", "isBase64Encoded": True}
    assert deployed.click(event) == {"statusCode": 400}
    doubly = click(deployed).as_function_url_event()
    doubly["body"] = base64.b64encode(doubly["body"].encode()).decode()
    assert deployed.click(doubly) == {"statusCode": 401}


def test_the_channel_is_that_of_the_stack(deployed, alert_id):
    assert deployed.messages()[0]["channel"] == stack.CHANNEL
