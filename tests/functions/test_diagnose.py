"""DiagnoseFunction's handler on the embedded account: what it answers, what arrives in Slack, what is kept."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

import diagnose
from ecs_medic import alert
from ecs_medic.slack import deliver
from ecs_medic.slack.delivery import Delivery
from ecs_medic.slack.errors import SlackUnavailable
from sandbox import stack
from sandbox.client import Sandbox
from sandbox.gallery import build
from tests.events.samples import envelope, stopped_task


@dataclass(frozen=True)
class Context:
    aws_request_id: str = "request-1"


@dataclass(frozen=True)
class Stack:
    account: Sandbox
    queue: str

    def handle(self, event: object) -> dict[str, Any]:
        return diagnose.handler(event, Context())  # type: ignore[arg-type]

    def dead_letters(self) -> list[dict[str, Any]]:
        messages = self.account.client("sqs").receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10)
        return [json.loads(message["Body"]) for message in messages.get("Messages", [])]


@pytest.fixture
def deployed(account: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stack]:
    settings = stack.deploy(account)
    for name, value in (account.environment | settings).items():
        monkeypatch.setenv(name, value)
    _forget()
    yield Stack(account, settings["DEAD_LETTER_QUEUE_URL"])
    _forget()


def _forget() -> None:
    """A new execution environment."""
    for kept in (diagnose._credentials, diagnose._gaps, diagnose._logger, diagnose._reader_of):
        kept.cache_clear()


def test_a_failure_is_diagnosed_and_posted_with_its_details_in_the_thread(deployed):
    scenario = build(deployed.account, "ecr_dkr_endpoint_missing")
    assert deployed.handle(scenario.event) == {
        "status": "diagnosed",
        "incident_id": deployed.handle(scenario.event)["incident_id"],
        "action": "alert",
        "verdict": {"cause": "vpc_endpoint_missing", "confidence": "confirmed"},
        "posted": True,
        "remediation": "none",
    }
    message, *answers = [m for m in deployed.account.slack_messages() if m["channel"] == stack.CHANNEL][:2]
    assert "com.amazonaws.eu-west-1.ecr.dkr" in json.dumps(message["blocks"])
    assert [answer["thread_ts"] for answer in answers] == [message["ts"]]


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


@pytest.mark.parametrize(("kind", "settings"), [("server_error", {}), ("ratelimited", {"retry_after": 30})])
def test_an_alert_that_slack_does_not_take_now_is_raised_so_that_lambda_tries_again(deployed, kind, settings):
    scenario = build(deployed.account, "log_group_missing")
    deployed.account.slack_misbehave("chat.postMessage", kind, **settings)
    with pytest.raises(SlackUnavailable):
        deployed.handle(scenario.event)
    assert deployed.dead_letters() == []


def test_an_alert_that_slack_will_never_take_is_kept_with_its_reason(deployed):
    scenario = build(deployed.account, "log_group_missing")
    deployed.account.slack_misbehave("chat.postMessage", "error", code="channel_not_found")
    answer = deployed.handle(scenario.event)
    assert (answer["status"], answer["posted"]) == ("diagnosed", False)
    (letter,) = deployed.dead_letters()
    assert "channel_not_found" in letter["reason"]
    assert letter["event"] == scenario.event


def test_a_secret_that_cannot_be_used_keeps_the_event(deployed, monkeypatch):
    scenario = build(deployed.account, "log_group_missing")
    monkeypatch.setenv("SLACK_CHANNEL", "")
    assert not deployed.handle(scenario.event)["posted"]
    (letter,) = deployed.dead_letters()
    assert letter["reason"].startswith("channel:")


def test_a_renewed_token_is_read_by_a_warm_environment(deployed):
    secrets = deployed.account.client("secretsmanager")
    good = secrets.get_secret_value(SecretId=stack.SECRET)["SecretString"]
    secrets.put_secret_value(SecretId=stack.SECRET, SecretString="xoxb-revoked")
    scenario = build(deployed.account, "log_group_missing")
    assert not deployed.handle(scenario.event)["posted"]
    secrets.put_secret_value(SecretId=stack.SECRET, SecretString=good)
    assert deployed.handle(scenario.event)["posted"]


def test_an_event_of_another_account_proves_nothing(deployed):
    scenario = build(deployed.account, "log_group_missing")
    foreign = json.loads(json.dumps(scenario.event).replace("123456789012", "999999999999"))
    answer = deployed.handle(foreign)
    assert answer["verdict"]["confidence"] != "confirmed"
    assert "the credentials are of account 123456789012" in json.dumps(deployed.account.slack_messages())
    assert deployed.handle(scenario.event)["verdict"]["confidence"] == "confirmed"


def test_lost_details_do_not_post_the_alert_again(deployed, caplog):
    scenario = build(deployed.account, "log_group_missing")
    count = []

    def fail_in_thread(message: Any, destination: Any, *, thread_ts: str | None = None) -> Delivery:
        count.append(thread_ts)
        if thread_ts is not None:
            raise SlackUnavailable("HTTP 500")
        return deliver.post(message, destination)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(alert, "post", fail_in_thread)
        assert deployed.handle(scenario.event)["posted"]
    assert len(count) == 2
    assert "details not posted" in caplog.text


def test_without_a_slack_secret_the_diagnosis_is_in_the_log(deployed, monkeypatch, caplog):
    monkeypatch.setenv("SLACK_SECRET", "")
    answer = deployed.handle(build(deployed.account, "log_group_missing").event)
    assert (answer["status"], answer["posted"]) == ("diagnosed", False)
    assert "no Slack secret is configured" in caplog.text


def test_without_a_trail_the_first_run_says_that_exec_alerts_cannot_come(deployed, caplog):
    deployed.account.client("cloudtrail").stop_logging(Name=stack.TRAIL)
    scenario = build(deployed.account, "log_group_missing")
    deployed.handle(scenario.event)
    assert "failed ECS Exec calls may raise no alert" in caplog.text
    deployed.account.clear_calls()
    deployed.handle(scenario.event)
    assert "DescribeTrails" not in {call["operation"] for call in deployed.account.calls("cloudtrail")}
    assert "no CloudTrail trail logs management events" in json.dumps(deployed.account.slack_messages())


def test_with_a_trail_nothing_is_said_of_it(deployed):
    deployed.handle(build(deployed.account, "log_group_missing").event)
    assert "CloudTrail" not in json.dumps(deployed.account.slack_messages())


def test_the_token_reaches_neither_log_nor_channel(deployed, caplog):
    deployed.handle(build(deployed.account, "log_group_missing").event)
    token = deployed.account.environment["SLACK_BOT_TOKEN"]
    assert token not in str([record.__dict__ for record in caplog.records])
    assert token not in json.dumps(deployed.account.slack_messages())
