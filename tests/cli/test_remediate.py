"""`ecs-medic remediate` against the embedded account: shows, and with --apply carries out and proves."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer

from ecs_medic.cli.remediate import remediate
from ecs_medic.ledger import controls
from ecs_medic.ledger.table import Table
from sandbox import ledger_table
from sandbox.client import Sandbox
from sandbox.gallery import build
from tests.repair.workplace import writes


@pytest.fixture
def aws(account: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    account.clear_faults()
    for key, value in account.environment.items():
        monkeypatch.setenv(key, value)
    monkeypatch.delenv("LEDGER_TABLE", raising=False)
    return account


def _event(account: Sandbox, name: str, tmp_path: Path) -> str:
    event = tmp_path / "event.json"
    event.write_text(json.dumps(build(account, name).event))
    account.clear_calls()
    return str(event)


def _told(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    return told


def test_it_shows_the_plan_and_changes_nothing(aws: Sandbox, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    remediate(event=_event(aws, "log_group_missing", tmp_path), as_json=True)
    told = _told(capsys)
    assert [one["action"] for one in told["plan"]["changes"]] == ["create_log_group", "force_new_deployment"]
    assert told["repair"] is None
    assert not writes(aws)


def test_it_carries_the_plan_out_and_a_second_run_changes_nothing(
    aws: Sandbox, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    event = _event(aws, "log_group_missing", tmp_path)
    remediate(event=event, apply=True, stay_up=1, as_json=True)
    out, err = capsys.readouterr()
    told = json.loads(out)
    assert told["repair"]["state"] == "repaired"
    assert all(step["stage"] == "done" for one in told["repair"]["receipts"] for step in one["steps"])
    assert "Creating the log group" in err
    aws.clear_calls()
    remediate(event=event, apply=True, stay_up=1, as_json=True)
    again = _told(capsys)
    assert again["plan"]["changes"] == []
    assert again["plan"]["reason_if_empty"]
    assert not writes(aws)


def test_what_is_not_proven_ends_with_3_and_is_taken_back(
    aws: Sandbox, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    event = _event(aws, "log_group_missing", tmp_path)
    aws.fault("ecs", "UpdateService", "access_denied")
    with pytest.raises(typer.Exit) as ended:
        remediate(event=event, apply=True, stay_up=1, patience=2, as_json=True)
    assert ended.value.exit_code == 3
    told = _told(capsys)
    assert (told["repair"]["state"], told["repair"]["undone"]) == ("undone", True)
    assert "ecs:UpdateService" in told["repair"]["words"]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_whoever_ends_a_repair_is_told_what_it_leaves(aws: Sandbox, tmp_path: Path, number: signal.Signals, code: int):
    event = _event(aws, "log_group_missing", tmp_path)
    # A new task would have to stay up for longer than this test takes.
    arguments = ["remediate", "--event", event, "--apply", "--stay-up", "3600"]
    # Whoever runs the tests in a shell's background has them ignore Ctrl-C, and what they start ignores it too.
    program = "import signal; signal.signal(2, signal.default_int_handler); from ecs_medic.cli import main; main()"
    started = [sys.executable, "-c", program, *arguments]
    with subprocess.Popen(
        started, env=os.environ | aws.environment, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stderr
        said = ""
        for line in process.stderr:
            said += line
            if line.strip().startswith("verifying"):
                process.send_signal(number)
    assert "was broken off" in said, said
    assert "logs:CreateLogGroup /shop" in said.split("was broken off")[1]
    assert process.returncode == code


@pytest.mark.parametrize("thrown", [True, False])
def test_off_means_off_on_a_terminal_too(
    aws: Sandbox, tmp_path: Path, capsys: pytest.CaptureFixture[str], *, thrown: bool
):
    """With the stack's table, its kill switch and its mode hold: nothing that changes anything leaves the process."""
    table = ledger_table.create(aws)
    ledger = Table(aws.client("dynamodb"), table)
    controls.publish(ledger, {"mode": "ask" if thrown else "observe", "approvers": ["U0ALICE"]})
    if thrown:
        controls.change(ledger, stopped={"by": "alex", "why": "freeze", "at": "2026-11-22T03:00:00+00:00"})
    event = _event(aws, "log_group_missing", tmp_path)
    with pytest.raises(typer.Exit) as ended:
        remediate(event=event, table=table, apply=True, as_json=True)
    assert ended.value.exit_code == 3
    told = _told(capsys)
    assert told["repair"]["state"] == "stopped"
    assert ("freeze" if thrown else "observe") in told["repair"]["words"]
    assert not writes(aws)


def test_a_tag_switches_it_off(aws: Sandbox, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    event = _event(aws, "log_group_missing", tmp_path)
    ecs = aws.client("ecs")
    [service] = ecs.describe_services(cluster="shop", services=["audit"])["services"]
    ecs.tag_resource(resourceArn=service["serviceArn"], tags=[{"key": "ecs-medic:remediation", "value": "off"}])
    aws.clear_calls()
    with pytest.raises(typer.Exit) as ended:
        remediate(event=event, apply=True, as_json=True)
    assert ended.value.exit_code == 3
    assert "ecs-medic:remediation" in _told(capsys)["repair"]["words"]
    assert not writes(aws)
