"""A canary in every field: no secret reaches Slack, a log or the ledger.

The dead letters are left out: what lies there is the raw event, which only its account's own people can read.
"""

import copy
import json
import logging
import random
from datetime import UTC, datetime
from typing import Any

import pytest

from ecs_medic.ledger.evidence import unpack
from ecs_medic.slack import web_api
from ecs_medic.slack.errors import SlackRejected
from sandbox.client import REGION, Sandbox
from sandbox.gallery import build
from tests.events.samples import ACCOUNT, TASK_ID, refused_exec, stopped_task
from tests.response.office import Office, another_task

OURS = "123456789012"
DICE = random.Random(7)
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def canary(length: int, alphabet: str = LETTERS + LETTERS.lower() + "23456789") -> str:
    return "".join(DICE.choices(alphabet, k=length))


CORES = {
    "access key": canary(16, LETTERS + "234567"),
    "secret key": canary(40),
    "session token": canary(80),
    "presigned URL": canary(64, "0123456789abcdef"),
    "password in a URL": canary(20),
    "password": canary(20),
    "password option": canary(20),
    "command line": canary(20),
    "bearer": canary(32),
    "Slack token": canary(24),
    "GitHub token": canary(36),
    "JSON web token": canary(60),
    "private key": canary(60),
}
FORMS = {
    "access key": "AKIA{}",
    "secret key": "{}",
    "session token": "IQoJb3JpZ2lu{}",
    "presigned URL": "https://b.s3.amazonaws.com/a?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature={}&X-Amz-Expires=9",
    "password in a URL": "postgres://shop:{}@db.internal:5432/shop",
    "password": "DB_PASSWORD={}",
    "password option": "login --password {}",
    "command line": "mysql -u shop -p{} shop",
    "bearer": "Authorization: Bearer {}",
    "Slack token": "xoxb-123456789012-{}",
    "GitHub token": "ghp_{}",
    "JSON web token": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIi{}.c2ln",
    "private key": "-----BEGIN RSA PRIVATE KEY-----\n{}\n-----END RSA PRIVATE KEY-----",
}
PLANTED = [FORMS[what].format(core) for what, core in CORES.items()]
TEXT = "could not start: " + " ; ".join(PLANTED)
ORDINARY = "listening on port 8080"
BARE = canary(20)
"""Without any form: a secret only because of where it stands."""

STRUCTURE = frozenset(
    {
        "version", "id", "detail-type", "source", "account", "time", "region", "resources", "clusterArn",
        "containerArn",
        "taskArn", "taskDefinitionArn", "group", "launchType", "lastStatus", "desiredStatus", "stopCode", "stoppedAt",
        "type", "status", "name", "eventSource", "eventName", "awsRegion", "arn", "errorCode", "cluster", "container",
        "task", "enableExecuteCommand", "image",
    }
)  # fmt: skip
"""Fields in which another text would make another event."""


def planted(value: Any, name: str = "") -> Any:
    """The event with the canaries in every text that is not its structure."""
    if isinstance(value, dict):
        return {key: planted(item, key) for key, item in value.items()}
    if isinstance(value, list):
        return [planted(item, name) for item in value]
    if isinstance(value, str) and name not in STRUCTURE:
        return f"{value} {TEXT}"
    return value


def ours(event: dict[str, Any]) -> dict[str, Any]:
    changed: dict[str, Any] = json.loads(json.dumps(event).replace(ACCOUNT, OURS))
    now = datetime.now(UTC).isoformat().replace("+00:00", "Z")
    changed["time"] = now
    if "stoppedAt" in changed["detail"]:
        changed["detail"]["stoppedAt"] = now
    return changed


def stopped() -> dict[str, Any]:
    event = stopped_task()
    detail = event["detail"]
    detail["containers"][0]["reason"] = "CannotStartContainerError"
    detail["startedBy"] = "ecs-svc/1"
    detail["tags"] = [{"key": "note", "value": "x"}]
    detail["somethingNew"] = {"of": ["tomorrow"]}
    event = dict(planted(ours(event)))
    environment = [{"name": "DB_PASSWORD", "value": BARE}, {"name": "PLAIN", "value": BARE}]
    event["detail"]["overrides"] = {
        "containerOverrides": [{"name": "app", "command": ["sh", "-c", BARE], "environment": environment}]
    }
    return event


def exited() -> dict[str, Any]:
    """The application ended by itself, so that its last log lines are shown."""
    event = stopped()
    del event["detail"]["containers"][0]["reason"]
    return event


def refused() -> dict[str, Any]:
    event = dict(planted(ours(refused_exec(userAgent="aws-cli", requestID="1"))))
    event["detail"]["requestParameters"]["command"] = f"sh -c {BARE}"
    return event


@pytest.fixture
def task(account: Sandbox) -> None:
    """The task's definition and its log lines, with canaries in them as well."""
    trust = {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}
    account.client("iam").create_role(
        RoleName="orders-execution",
        AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
    )
    account.client("ecs").create_cluster(clusterName="shop")
    logs = account.client("logs")
    logs.create_log_group(logGroupName="/ecs/orders")
    logs.create_log_stream(logGroupName="/ecs/orders", logStreamName=f"app/app/{TASK_ID}")
    now = round(datetime.now(UTC).timestamp() * 1000)
    lines = [line for text in (*PLANTED, TEXT, ORDINARY) for line in text.split("\n")]
    logs.put_log_events(
        logGroupName="/ecs/orders",
        logStreamName=f"app/app/{TASK_ID}",
        logEvents=[{"timestamp": now - 1000 + index, "message": line} for index, line in enumerate(lines)],
    )
    for _ in range(7):
        account.client("ecs").register_task_definition(
            family="orders",
            networkMode="awsvpc",
            requiresCompatibilities=["FARGATE"],
            cpu="256",
            memory="512",
            executionRoleArn=f"arn:aws:iam::{OURS}:role/orders-execution",
            containerDefinitions=[
                {
                    "name": "app",
                    "image": f"{OURS}.dkr.ecr.{REGION}.amazonaws.com/shop/orders:1",
                    "command": ["sh", "-c", f"{TEXT} {BARE}"],
                    "entryPoint": [TEXT],
                    "environment": [{"name": "PLAIN", "value": BARE}, {"name": "TOKEN", "value": TEXT}],
                    "dockerLabels": {"note": TEXT},
                    "healthCheck": {"command": ["CMD-SHELL", TEXT]},
                    "logConfiguration": {
                        "logDriver": "awslogs",
                        "options": {
                            "awslogs-group": "/ecs/orders",
                            "awslogs-region": REGION,
                            "awslogs-stream-prefix": "app",
                        },
                    },
                }
            ],
            tags=[{"key": "note", "value": "x"}],
        )


def kept(office: Office) -> str:
    """Everything in the ledger, unpacked."""
    items = office.account.client("dynamodb").scan(TableName=office.table.name)["Items"]
    assert items
    plain = []
    for item in items:
        for name, value in item.items():
            ((kind, raw),) = value.items()
            plain.append(f"{name}={json.dumps(unpack(raw), ensure_ascii=False) if kind == 'B' else raw}")
    return "\n".join(plain)


def said(office: Office) -> str:
    """Everything that was sent to Slack, metadata included."""
    return json.dumps([office.account.slack_calls(), office.account.slack_messages()], ensure_ascii=False)


def logged(caplog: pytest.LogCaptureFixture) -> str:
    """Every record with everything in it."""
    return "\n".join(str({**vars(record), "message": record.getMessage()}) for record in caplog.records)


def assert_clean(where: str, text: str) -> None:
    text = text.replace("\u200b", "")
    leaked = [what for what, core in CORES.items() if core in text]
    assert not leaked, (where, leaked)
    assert BARE not in text, where


@pytest.mark.parametrize("event", [stopped, exited, refused])
def test_no_canary_leaves_the_event_or_the_account(office, task, caplog, capsys, event):
    caplog.set_level(logging.DEBUG, logger="ecs_medic")
    first = event()
    assert all(core in json.dumps(first) for core in CORES.values())
    assert office.respond(first).status == "diagnosed"
    another = copy.deepcopy(first)
    another["id"] = "another"
    another["detail"]["version"] = 9
    office.pass_time(seconds=30)
    office.respond(another)
    office.pass_time(minutes=20)
    office.sweep()
    assert len(office.messages()) == 1
    assert_clean("Slack", said(office))
    assert_clean("the ledger", kept(office))
    assert_clean("the log", logged(caplog))
    shown = capsys.readouterr()
    assert_clean("the output", shown.out + shown.err)


def test_no_canary_in_a_name_leaves_where_an_alert_lists_its_services(office):
    event = build(office.account, "ecr_dkr_endpoint_missing").event
    office.respond(event)
    for number, secret in enumerate(PLANTED, start=1):
        another = another_task(event, number)
        another["detail"]["group"] = f"service:orders{number} {secret}"
        office.respond(another)
    office.pass_time(minutes=20)
    office.sweep()
    assert f"Affected: {len(PLANTED) + 1} services" in said(office)
    assert_clean("Slack", said(office))


def test_the_canaries_are_where_they_could_leak(office, task):
    """Lest the test above pass because nothing was looked at."""
    office.respond(exited())
    everything = said(office) + kept(office)
    assert "could not start" in everything
    assert "redacted" in everything
    assert ORDINARY in said(office)
    assert '"PLAIN"' in everything


def test_what_slack_answers_is_not_repeated(office, task, caplog, monkeypatch):
    caplog.set_level(logging.DEBUG, logger="ecs_medic")

    def refuse(*_: object, **__: object) -> None:
        raise SlackRejected("channel_not_found")

    office.account.slack_misbehave("*", "error", code=TEXT, times=None)
    office.respond(stopped())
    monkeypatch.setattr(web_api, "call", refuse)
    office.pass_time(minutes=20)
    office.sweep()
    assert_clean("the ledger", kept(office))
    assert_clean("the log", logged(caplog))


def test_without_the_log_tail_no_line_of_a_log_reaches_slack(office, task):
    office.log_tail_in_slack = False
    office.respond(exited())
    assert ORDINARY not in said(office)
