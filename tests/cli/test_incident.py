"""`ecs-medic incident`, run in a process of its own against the embedded account."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from ecs_medic.report.model import Report
from sandbox.client import Sandbox
from sandbox.gallery import build
from sandbox.ledger_table import TABLE
from tests.response.office import Office, another_task

COMMAND = [sys.executable, "-c", "from ecs_medic.cli import main; main()", "incident"]
BARE = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "COLUMNS": "100", "LANG": "C.UTF-8"}


@dataclass(frozen=True)
class Kept:
    office: Office
    incident_id: str
    event: Mapping[str, Any]

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
        return run(*arguments, environment=self.office.account.environment | environment)


def run(*arguments: str, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*COMMAND, *arguments], capture_output=True, env=BARE | (environment or {}), timeout=120, check=False
    )


def refusal(process: subprocess.CompletedProcess[bytes]) -> str:
    assert process.stdout == b""
    (line,) = process.stderr.decode().splitlines()
    return line.removeprefix("ecs-medic: ")


@pytest.fixture
def kept(account: Sandbox):
    """Two services that fail by one missing endpoint, one of them three times."""
    with account.environ():
        office = Office(account)
        event = build(account, "ecr_dkr_endpoint_missing").event
        answer = office.respond(event)
        for number in (1, 2):
            office.respond(another_task(event, number))
        other = another_task(event, 3)
        other["detail"]["group"] = "service:payments"
        office.respond(other)
        yield Kept(office, str(answer.incident_id), event)


def test_it_says_how_often_what_else_and_why(kept):
    process = kept.run(kept.incident_id, "--table", TABLE)
    shown = process.stdout.decode()
    assert (process.returncode, process.stderr) == (0, b"")
    assert f"{kept.incident_id}  open, 3 times" in shown
    assert "First seen" in shown
    assert "payments in" in shown
    assert "CONFIRMED" in shown
    assert "com.amazonaws.eu-west-1.ecr.dkr" in shown
    assert "Evidence\n{" not in shown
    assert "\x1b" not in shown


def test_a_name_that_nobody_gave_a_service_is_shown_without_harm(kept):
    """In an event, `group` is any text at all."""
    other = another_task(kept.event, 4)
    other["detail"]["group"] = "service:a\x1b]0;owned\x07\x9b31m\r\nb DB_PASSWORD=hunter2hunter2"
    kept.office.respond(other)
    for arguments in ([], ["--json"]):
        shown = kept.run(kept.incident_id, "--table", TABLE, *arguments).stdout.decode()
        assert "DB_PASSWORD=[redacted]" in shown
        assert not {"\x1b", "\x07", "\x9b", "\r"} & set(shown)
        assert "hunter2" not in shown
    assert "a b DB_PASSWORD" in kept.run(kept.incident_id, "--table", TABLE).stdout.decode()


def test_the_evidence_outlives_what_aws_shows(kept):
    kept.office.account.client("ecs").delete_cluster(cluster="shop")
    process = kept.run(kept.incident_id, "--evidence", LEDGER_TABLE=TABLE)
    shown = process.stdout.decode()
    assert process.returncode == 0
    evidence = json.loads(shown[shown.rindex("\nEvidence\n{") + 10 :])
    assert evidence["task"]["value"]["arn"] == kept.event["detail"]["taskArn"]


def test_as_json(kept):
    process = kept.run(kept.incident_id, "--json", LEDGER_TABLE=TABLE)
    answer = json.loads(process.stdout)
    assert (process.returncode, process.stderr) == (0, b"")
    incident = answer["incident"]
    assert (incident["id"], incident["state"], incident["count"]) == (kept.incident_id, "open", 3)
    assert incident["first_seen"].endswith("+00:00")
    assert incident["cause"] == "vpc_endpoint_missing"
    assert sorted(one["count"] for one in answer["members"]) == [1, 3]
    assert {one["service"] for one in answer["members"]} >= {"payments"}
    assert answer["alert"]["posted_at"]
    assert Report.model_validate(answer["report"]).verdict.cause == "vpc_endpoint_missing"
    assert "evidence" not in answer
    with_evidence = json.loads(kept.run(kept.incident_id, "--json", "--evidence", "--table", TABLE).stdout)
    assert with_evidence["evidence"]["service"]["source"]


def test_the_option_goes_before_the_environment(kept):
    assert kept.run(kept.incident_id, "--table", TABLE, LEDGER_TABLE="another-one").returncode == 0


def test_an_incident_that_is_not_there(kept):
    process = kept.run("inc-000000000000", "--table", TABLE)
    assert process.returncode == 2
    assert refusal(process) == f"ID: there is no incident inc-000000000000 in the table {TABLE}"


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["orders", "--table", TABLE], "ID: expected"),
        (["inc-0123456789ab#report", "--table", TABLE], "ID: expected"),
        (["inc-0123456789ab"], "--table: expected"),
        (["inc-0123456789ab", "--table", ""], "--table: expected"),
        (["inc-0123456789ab", "--table", "a b"], "--table: expected"),
        (["inc-0123456789ab", "--table", TABLE], "AWS_REGION: expected"),
        ([], "Missing argument 'ID'"),
    ],
)
def test_what_cannot_be_used_is_one_line_that_names_it(arguments, named):
    process = run(*arguments)
    assert process.returncode == 2
    assert refusal(process).startswith(named)


def test_a_table_that_is_not_there(account: Sandbox):
    process = run("inc-0123456789ab", "--table", "no-such-table", environment=account.environment)
    assert process.returncode == 1
    assert "ResourceNotFoundException" in refusal(process)


def test_a_table_that_may_not_be_read(kept):
    kept.office.account.fault("dynamodb", "*", "access_denied")
    process = kept.run(kept.incident_id, "--table", TABLE)
    assert process.returncode == 1
    assert "AccessDenied" in refusal(process)


def test_an_account_that_cannot_be_reached():
    environment = {
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "AWS_REGION": "eu-west-1",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
    }
    process = run("inc-0123456789ab", "--table", TABLE, environment=environment)
    assert process.returncode == 1
    assert "get_item" in refusal(process)
