"""DiagnoseFunction's handler on the embedded account: what it answers, what arrives in Slack, what is kept."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

import diagnose
from ecs_medic.ledger.errors import LedgerRefused
from sandbox import stack
from sandbox.gallery import build
from tests.events.samples import envelope, stopped_task
from tests.functions.deployment import forget
from tests.response.office import another_task


def test_a_failure_is_diagnosed_and_posted_with_its_details_in_the_thread(deployed):
    scenario = build(deployed.account, "ecr_dkr_endpoint_missing")
    answer = deployed.handle(scenario.event)
    assert answer == {
        "status": "diagnosed",
        "incident_id": answer["incident_id"],
        "action": "alert",
        "verdict": {"cause": "vpc_endpoint_missing", "confidence": "confirmed"},
        "posted": True,
        "remediation": "none",
    }
    message, details = [m for m in deployed.account.slack_messages() if m["channel"] == stack.CHANNEL]
    assert "com.amazonaws.eu-west-1.ecr.dkr" in json.dumps(message["blocks"])
    assert details["thread_ts"] == message["ts"]


@pytest.mark.parametrize("name", ["push_denied", "update_service_denied"])
def test_a_refused_call_is_diagnosed_and_posted(deployed, name):
    scenario = build(deployed.account, name)
    answer = deployed.handle(scenario.event)
    assert (answer["status"], answer["posted"]) == ("diagnosed", True)
    assert answer["verdict"] == {"cause": scenario.cause, "confidence": "confirmed"}


def test_the_next_is_counted_and_the_same_is_a_duplicate(deployed):
    scenario = build(deployed.account, "ecr_dkr_endpoint_missing")
    first = deployed.handle(scenario.event)
    deployed.account.clear_calls()
    again = deployed.handle(scenario.event)
    assert (again["status"], again["incident_id"], again["verdict"]) == ("duplicate", first["incident_id"], None)
    counted = deployed.handle(another_task(scenario.event, 1))
    assert (counted["status"], counted["incident_id"]) == ("counted", first["incident_id"])
    assert {call["service"] for call in deployed.account.calls()} == {"dynamodb"}
    assert len(deployed.messages()) == 1


def test_one_counted_event_costs_one_transaction(deployed):
    scenario = build(deployed.account, "ecr_dkr_endpoint_missing")
    deployed.handle(scenario.event)
    deployed.account.clear_calls()
    deployed.handle(another_task(scenario.event, 1))
    assert [call["operation"] for call in deployed.account.calls()] == ["TransactWriteItems"]


def test_normal_life_is_silent_and_asks_aws_nothing(deployed):
    scenario = build(deployed.account, "scale_in")
    deployed.account.clear_calls()
    answer = deployed.handle(scenario.event)
    assert (answer["status"], answer["posted"]) == ("ignored", False)
    assert deployed.account.calls() == []
    assert deployed.account.slack_messages() == []


def test_what_can_end_an_incident_is_told_apart(deployed):
    answer = deployed.handle(build(deployed.account, "service_steady_state").event)
    assert (answer["status"], answer["action"], answer["posted"]) == ("resolved", "resolve", False)


BAD = {
    "null": (None, "event:"),
    "an array": ([1], "event:"),
    "another service": (stopped_task() | {"source": "aws.ec2"}, "source:"),
    "another kind": (envelope("ECS Container Instance State Change", {}), "detail-type:"),
    "a null cluster": (stopped_task(clusterArn=None), "detail.clusterArn:"),
    "no detail": ({k: v for k, v in stopped_task().items() if k != "detail"}, "detail:"),
    "an absurd reason": (stopped_task(stoppedReason="x" * 900_000), "detail.stoppedReason:"),
}


@pytest.mark.parametrize(("event", "reason"), BAD.values(), ids=BAD)
def test_a_bad_event_is_rejected_once_and_kept_with_its_reason(deployed, caplog, event, reason):
    answer = deployed.handle(event)
    assert (answer["status"], answer["verdict"], answer["posted"]) == ("rejected", None, False)
    (letter,) = deployed.dead_letters()
    assert letter["reason"].startswith(reason)
    assert letter["event"] == event
    (line,) = [record for record in caplog.records if record.message == "rejected event"]
    assert line.reason == letter["reason"]
    assert len(str(line.__dict__)) < 3000
    assert deployed.account.slack_messages() == []


def test_an_event_too_long_for_the_queue_keeps_its_beginning(deployed):
    deployed.handle(stopped_task(stoppedReason="x" * 1_200_000))
    (letter,) = deployed.dead_letters()
    assert letter["event_beginning"].startswith('{"version": "0"')


def test_a_queue_that_refuses_makes_lambda_try_again(deployed):
    deployed.account.fault("sqs", "SendMessage", "access_denied")
    with pytest.raises(Exception, match="AccessDenied"):
        deployed.handle(None)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("access_denied", "ec2:DescribeVpcEndpoints"), ("throttled", None), ("server_error", None)],
)
def test_a_read_that_fails_is_said_and_nothing_is_confirmed_on_it(deployed, kind, expected):
    scenario = build(deployed.account, "ecr_dkr_endpoint_missing")
    deployed.account.fault("ec2", "DescribeVpcEndpoints", kind)
    answer = deployed.handle(scenario.event)
    assert answer["posted"]
    assert answer["verdict"]["confidence"] != "confirmed"
    said = json.dumps(deployed.account.slack_messages())
    assert "DescribeVpcEndpoints" in said
    assert expected is None or expected in said


def test_a_ledger_that_refuses_makes_lambda_try_again_and_loses_nothing(deployed):
    scenario = build(deployed.account, "log_group_missing")
    fault = deployed.account.fault("dynamodb", "TransactWriteItems", "access_denied")
    with pytest.raises(LedgerRefused, match="AccessDenied"):
        deployed.handle(scenario.event)
    assert deployed.account.slack_messages() == []
    deployed.account.clear_faults(fault)
    assert deployed.handle(scenario.event)["status"] == "diagnosed"
    assert len(deployed.messages()) == 1


@pytest.mark.parametrize(("kind", "settings"), [("server_error", {}), ("ratelimited", {"retry_after": 30})])
def test_an_alert_that_slack_does_not_take_now_stays_unposted_in_the_ledger(deployed, kind, settings):
    """It is not for Lambda to try again: the diagnosis is made and kept."""
    scenario = build(deployed.account, "log_group_missing")
    deployed.account.slack_misbehave("chat.postMessage", kind, **settings)
    answer = deployed.handle(scenario.event)
    assert (answer["status"], answer["posted"]) == ("diagnosed", False)
    assert deployed.dead_letters() == []
    assert deployed.messages() == []


def test_an_alert_that_slack_will_never_take_is_an_error_in_the_log_and_in_the_metrics(deployed, caplog, capsys):
    scenario = build(deployed.account, "log_group_missing")
    deployed.account.slack_misbehave("chat.postMessage", "error", code="channel_not_found")
    answer = deployed.handle(scenario.event)
    assert (answer["status"], answer["posted"]) == ("diagnosed", False)
    (line,) = [record for record in caplog.records if record.message == "alert not posted"]
    assert "channel_not_found" in line.reason
    assert metrics(capsys.readouterr().out)["SlackRefusals"] == [1.0]


def test_a_renewed_token_is_read_by_a_warm_environment(deployed):
    secrets = deployed.account.client("secretsmanager")
    good = secrets.get_secret_value(SecretId=stack.SECRET)["SecretString"]
    deployed.put_secret("xoxb-revoked")
    scenario = build(deployed.account, "log_group_missing")
    assert not deployed.handle(scenario.event)["posted"]
    deployed.put_secret(good)
    # The refusal makes this environment read the secret again; what posts then is the sweep or another event.
    other = build(deployed.account, "ecr_dkr_endpoint_missing")
    assert not deployed.handle(other.event)["posted"]
    third = build(deployed.account, "app_exited")
    assert deployed.handle(third.event)["posted"]


def test_an_event_of_another_account_proves_nothing(deployed):
    scenario = build(deployed.account, "log_group_missing")
    foreign = json.loads(json.dumps(scenario.event).replace("123456789012", "999999999999"))
    answer = deployed.handle(foreign)
    assert answer["verdict"]["confidence"] != "confirmed"
    assert "the credentials are of account 123456789012" in json.dumps(deployed.account.slack_messages())
    assert deployed.handle(scenario.event)["verdict"]["confidence"] == "confirmed"


def test_without_a_slack_secret_the_diagnosis_is_in_the_log(deployed, monkeypatch, caplog):
    monkeypatch.setenv("SLACK_SECRET", "")
    answer = deployed.handle(build(deployed.account, "log_group_missing").event)
    assert (answer["status"], answer["posted"]) == ("diagnosed", False)
    assert "no Slack secret is configured" in caplog.text


def test_without_a_trail_the_first_run_says_that_exec_alerts_cannot_come(deployed, caplog):
    deployed.account.client("cloudtrail").stop_logging(Name=stack.TRAIL)
    deployed.handle(build(deployed.account, "log_group_missing").event)
    assert "failed ECS Exec calls may raise no alert" in caplog.text
    deployed.account.clear_calls()
    deployed.handle(build(deployed.account, "app_exited").event)
    assert "DescribeTrails" not in {call["operation"] for call in deployed.account.calls("cloudtrail")}
    assert "no CloudTrail trail logs management events" in json.dumps(deployed.account.slack_messages())


def test_with_a_trail_nothing_is_said_of_it(deployed):
    deployed.handle(build(deployed.account, "log_group_missing").event)
    assert "CloudTrail" not in json.dumps(deployed.account.slack_messages())


def test_the_token_reaches_neither_log_nor_channel_nor_ledger(deployed, caplog, capsys):
    deployed.handle(build(deployed.account, "log_group_missing").event)
    items = deployed.account.client("dynamodb").scan(TableName=deployed.settings["LEDGER_TABLE"])["Items"]
    everything = (
        str([record.__dict__ for record in caplog.records])
        + capsys.readouterr().out
        + json.dumps(deployed.account.slack_messages())
        + str(items)
    )
    assert deployed.account.environment["SLACK_BOT_TOKEN"] not in everything
    assert deployed.account.environment["SLACK_SIGNING_SECRET"] not in everything


def test_quiet_hours_that_cannot_be_read_are_an_error_in_the_log_and_lose_no_alert(deployed, monkeypatch, caplog):
    monkeypatch.setenv("QUIET_HOURS", "22:00-07:00 Europe/Atlantis")
    assert deployed.handle(build(deployed.account, "log_group_missing").event)["posted"]
    (line,) = [record for record in caplog.records if record.message == "QUIET_HOURS are not kept"]
    assert "Europe/Atlantis" in line.reason


def test_no_button_where_nothing_answers_it(deployed, monkeypatch):
    monkeypatch.setenv("SLACK_BUTTONS", "false")
    deployed.handle(build(deployed.account, "log_group_missing").event)
    (message,) = deployed.messages()
    assert "actions" not in {block["type"] for block in message["blocks"]}


def test_a_missing_table_is_named(deployed, monkeypatch):
    monkeypatch.setenv("LEDGER_TABLE", "")
    with pytest.raises(ValueError, match="LEDGER_TABLE: expected"):
        deployed.handle(stopped_task())


def test_opened_diagnosed_and_the_time_to_the_alert_are_measured(deployed, capsys, monkeypatch):
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "ecs-medic-two")
    scenario = build(deployed.account, "ecr_dkr_endpoint_missing")
    deployed.handle(scenario.event)
    out = capsys.readouterr().out
    measured = metrics(out)
    assert measured["IncidentsOpened"] == measured["Diagnoses"] == [1.0]
    assert measured["TimeToAlert"][0] > 0
    assert '"service":"ecs-medic-two"' in out.replace('": "', '":"')
    deployed.handle(another_task(scenario.event, 1))
    assert metrics(capsys.readouterr().out) == {"EventsSuppressed": [1.0]}


def metrics(out: str) -> dict[str, list[float]]:
    """What CloudWatch makes of the log."""
    found: dict[str, list[float]] = {}
    for line in out.splitlines():
        if line.startswith('{"_aws"'):
            record: dict[str, Any] = json.loads(line)
            for metric in record["_aws"]["CloudWatchMetrics"][0]["Metrics"]:
                value = record[metric["Name"]]
                found.setdefault(metric["Name"], []).extend(value if isinstance(value, list) else [value])
    return found


@pytest.fixture
def log_lines(deployed, monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """The function's own log, formatted as Lambda would keep it."""
    monkeypatch.setenv("POWERTOOLS_LOG_LEVEL", "DEBUG")
    stream = io.StringIO()
    forget()
    _, observed = diagnose._environment()
    handler = observed.log.registered_handler
    monkeypatch.setattr(handler, "stream", stream)
    yield stream
    observed.log.setLevel(logging.INFO)


def test_every_line_names_the_incident_once_it_is_known(deployed, log_lines):
    answer = deployed.handle(build(deployed.account, "log_group_missing").event)
    lines = [json.loads(line) for line in log_lines.getvalue().splitlines()]
    assert {line["message"] for line in lines} >= {"diagnosed", "answered"}
    assert {line.get("incident_id") for line in lines} == {answer["incident_id"]}
    assert {line["request_id"] for line in lines} == {"request-1"}
    log_lines.truncate(0)
    log_lines.seek(0)
    deployed.handle(None)
    (line, _) = [json.loads(line) for line in log_lines.getvalue().splitlines()]
    assert (line["message"], "incident_id" in line) == ("rejected event", False)
