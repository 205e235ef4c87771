"""`ecs-medic remediation`, run in a process of its own against the embedded account."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from ecs_medic.ledger import controls, keys
from ecs_medic.ledger.table import Put, Table
from sandbox import ledger_table
from sandbox.client import Sandbox

COMMAND = [sys.executable, "-c", "from ecs_medic.cli import main; main()", "remediation"]
BARE = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "COLUMNS": "100", "LANG": "C.UTF-8"}
STACK = {"mode": "ask", "approvers": ["U111", "S222"], "auto_actions": ["create_log_group"], "attempts": 3}


def run(*arguments: str, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*COMMAND, *arguments], capture_output=True, env=BARE | (environment or {}), timeout=120, check=False
    )


def refusal(process: subprocess.CompletedProcess[bytes]) -> str:
    assert process.stdout == b""
    (line,) = process.stderr.decode().splitlines()
    return line.removeprefix("ecs-medic: ")


@pytest.fixture
def table(account: Sandbox) -> Table:
    name = ledger_table.create(account)
    found = Table(account.client("dynamodb"), name)
    controls.publish(found, STACK)
    return found


@pytest.fixture
def answer(account: Sandbox, table: Table):
    def answered(*arguments: str) -> dict[str, Any]:
        process = run(*arguments, "--json", environment=account.environment | {"LEDGER_TABLE": table.name})
        assert (process.returncode, process.stderr) == (0, b"")
        shown: dict[str, Any] = json.loads(process.stdout)
        return shown

    return answered


def test_it_says_what_may_be_repaired(account, table):
    process = run("--table", table.name, environment=account.environment)
    shown = process.stdout.decode()
    assert (process.returncode, process.stderr) == (0, b"")
    assert shown.startswith("What somebody approves is repaired.\n")
    assert "Mode              ask (stack: ask, operator: says nothing)" in shown
    assert "U111, S222, within 8 h" in shown
    assert "$100.00 a month, above which it is asked about" in shown
    assert "3 of a service or VPC within 24 h, 30 min apart" in shown
    assert "create_log_group  ask" in shown
    assert "\x1b" not in shown


def test_the_switch_is_thrown_and_taken_back(answer, table):
    found = answer("stop", "--why", "deployment freeze")
    assert found["stopped"].startswith("deployment freeze (arn:aws:")
    assert found["closed"] == f"Repairs are stopped: {found['stopped']}."
    stored = controls.read(table).operator
    assert stored is not None
    assert set(stored["stopped"]) == {"why", "by", "at"}
    assert answer("resume")["closed"] is None
    assert controls.read(table).operator == {}


def test_the_switch_waits_for_nobody_to_say_who_throws_it(account, answer):
    account.fault("sts", "*", "access_denied")
    assert answer("stop", "--why", "now")["stopped"].startswith("now (20")


def test_the_operator_allows_less(answer, table):
    found = answer(
        "set",
        "--mode=observe",
        "--action=create_vpc_endpoint=off",
        "--action=create_log_group=ask",
        "--max-monthly-cost-usd=20.5",
        "--attempts=1",
        "--window-hours=48",
        "--cool-down-minutes=60",
        "--approval-hours=1",
        "--approvers=S222",
        "--owner-tag-keys=terraform, team",
    )
    assert found["actions"] == {"create_log_group": "ask", "create_vpc_endpoint": "off"}
    assert (found["mode"], found["max_monthly_cost_usd"], found["attempts"]) == ("observe", 20.5, 1)
    assert (found["window_hours"], found["cool_down_minutes"], found["approval_hours"]) == (48, 60, 1)
    assert (found["approvers"], found["owner_tag_keys"], found["complaints"]) == (["S222"], ["terraform", "team"], [])
    assert found["stack"] == STACK
    actions = {"create_log_group": "auto", "create_vpc_endpoint": "off"}
    after = answer("set", "--unset=mode", "--action=create_log_group=default", "--unset=--window-hours", "--attempts=2")
    assert (after["mode"], after["actions"], after["window_hours"]) == ("ask", actions, 24)
    assert (after["attempts"], after["cool_down_minutes"]) == (2, 60)


def test_the_operator_allows_no_more_than_the_stack(answer):
    found = answer("set", "--mode=auto", "--attempts=50", "--approvers=U999")
    assert (found["mode"], found["attempts"], found["approvers"]) == ("ask", 3, [])
    assert found["complaints"] == ["operator: approvers: U999 is not among the stack's, and has no effect"]


def test_what_is_stored_and_cannot_be_used_is_shown(account, table):
    table.put(Put(keys.controls("operator"), {"body": '{"mode": "on"}'}))
    shown = run("--table", table.name, environment=account.environment).stdout.decode()
    assert shown.startswith("Repairs are switched off: the mode is observe")
    assert "Not usable" in shown
    assert "operator: mode: expected observe, ask or auto, got 'on'" in shown


def test_a_stack_that_has_said_nothing_yet(account):
    name = ledger_table.create(account, "fresh")
    shown = run("--table", name, environment=account.environment).stdout.decode()
    assert shown.startswith("Nothing is repaired: the stack has not said yet what it allows")
    stopped = run("stop", "--why", "x", "--table", name, environment=account.environment).stdout.decode()
    assert stopped.startswith("Repairs are stopped: x (")


REFUSED: list[tuple[list[str], str]] = [
    (["stop"], "--why: expected"),
    (["stop", "--why", "  "], "--why: expected"),
    (["--why", "x"], "--why: expected only with stop"),
    (["set"], "set: expected at least one of --mode"),
    (["--mode", "ask"], "--mode: expected only with set"),
    (["stop", "--why", "x", "--unset", "mode"], "--unset: expected only with set"),
    (["resume", "--action", "replace_task=off"], "--action: expected only with set"),
    (["set", "--mode", "on"], "--mode: expected observe, ask or auto, got 'on'"),
    (["set", "--action", "replace_task"], "--action: expected such as"),
    (["set", "--action", "nothing=off"], "--action: expected one of create_vpc_endpoint"),
    (["set", "--action", "replace_task=never"], "--action: expected off, ask or auto, got 'never'"),
    (["set", "--attempts", "101"], "--attempts: expected a whole number from 0 to 100, got 101"),
    (["set", "--attempts", "x"], "Invalid value for '--attempts'"),
    (["set", "--max-monthly-cost-usd", "nan"], "--max-monthly-cost-usd: expected a number"),
    (["set", "--approvers", "alice"], "--approvers: expected ids of Slack users"),
    (["set", "--unset", "stopped"], "--unset: expected one of mode, action,"),
    (["set", "--unset", "mode", "--mode", "ask"], "--unset: --mode is set by the same command"),
    (["destroy"], "Invalid value for"),
    ([], "--table: expected"),
]

ALL_OF_THEM = """
import contextlib, io, json, sys
from ecs_medic.cli import main
for arguments in json.loads(sys.argv[1]):
    sys.argv = ["ecs-medic", "remediation", *arguments]
    with contextlib.redirect_stderr(io.StringIO()) as told:
        code = None
        try:
            main()
        except SystemExit as end:
            code = end.code
    print(json.dumps([code, told.getvalue()]))
"""


def test_what_cannot_be_used_is_one_line_that_names_it():
    arguments = json.dumps([arguments for arguments, _ in REFUSED])
    process = subprocess.run(
        [sys.executable, "-c", ALL_OF_THEM, arguments], capture_output=True, env=BARE, timeout=120, check=True
    )
    answers = [json.loads(line) for line in process.stdout.splitlines()]
    assert len(answers) == len(REFUSED)
    for (given, named), (code, told) in zip(REFUSED, answers, strict=True):
        (line,) = told.splitlines()
        assert (code, line.removeprefix("ecs-medic: ")[: len(named)]) == (2, named), given


def test_a_table_that_may_not_be_written(account, table):
    account.fault("dynamodb", "PutItem", "access_denied")
    process = run("stop", "--why", "x", "--table", table.name, environment=account.environment)
    assert process.returncode == 1
    assert "AccessDenied" in refusal(process)
