"""`ecs-medic repairs` against a ledger in the embedded account."""

import json
from dataclasses import replace

import pytest

from ecs_medic.cli.repairs import repairs
from ecs_medic.incident import Kind
from ecs_medic.ledger import receipts, runs
from ecs_medic.ledger.incidents import Subject
from ecs_medic.ledger.runs import RunRecord
from ecs_medic.ledger.table import Table
from ecs_medic.plan import Action, Change, Safety
from ecs_medic.remedies.receipt import Receipt, Stage, Step, as_json
from ecs_medic.run_state import RunState
from ecs_medic.vocabulary import Id
from sandbox import ledger_table
from sandbox.client import Sandbox

NOW = 1_795_300_000_000
GROUP = "/shop/audit"


def _run(number: int) -> RunRecord:
    subject = Subject(Kind.STOPPED_TASK, "123456789012", "eu-west-1", "shop", Id.LOG_GROUP_MISSING, service="audit")
    return RunRecord(f"run-00000000000{number}", f"inc-00000000000{number}", None, subject, "ask", NOW + number)


def _receipt(run: RunRecord, stage: Stage) -> Receipt:
    change = Change(Action.CREATE_LOG_GROUP, {"log_group": GROUP}, Safety.AUTO, 0.0, "Nothing else.")
    return Receipt(run.id, run.incident_id, change, (Step("log_group", "logs:CreateLogGroup", GROUP, stage),))


@pytest.fixture
def table(account: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Table:
    name = ledger_table.create(account)
    for key, value in account.environment.items():
        monkeypatch.setenv(key, value)
    monkeypatch.setenv("LEDGER_TABLE", name)
    found = Table(account.client("dynamodb"), name)
    for number, stage in enumerate((Stage.DONE, Stage.UNDONE)):
        run = _run(number)
        assert runs.create(found, run)
        receipts.keep_receipt(found, run.id, 0, as_json(_receipt(run, stage)), now=NOW)
        runs.say(found, run.id, RunState.UNDONE if stage is Stage.UNDONE else RunState.REPAIRED, "The end.", now=NOW)
    return found


def test_it_lists_what_was_repaired_the_newest_first(table: Table, capsys: pytest.CaptureFixture[str]):
    repairs(as_json=True)
    newest, oldest = json.loads(capsys.readouterr().out)
    assert (newest["run_id"], newest["state"], newest["left"]) == ("run-000000000001", "undone", None)
    assert oldest["state"] == "repaired"
    assert GROUP in oldest["left"]
    assert oldest["receipts"][0]["steps"][0]["stage"] == "done"


@pytest.mark.parametrize("for_machines", [True, False])
def test_a_name_that_nobody_gave_a_service_is_shown_without_harm(
    table: Table, capsys: pytest.CaptureFixture[str], *, for_machines: bool
):
    run = _run(7)
    hostile = replace(run.subject, service="a\x9b31m\nb DB_PASSWORD=hunter2hunter2")
    assert runs.create(table, replace(run, subject=hostile))
    repairs(as_json=for_machines)
    told = capsys.readouterr().out
    assert "DB_PASSWORD=[redacted]" in told
    assert "hunter2" not in told
    assert "\x9b" not in told


def test_it_says_what_is_still_there(table: Table, capsys: pytest.CaptureFixture[str]):
    repairs(left=True)
    told = capsys.readouterr().out
    assert "run-000000000000" in told
    assert GROUP in told
    assert "run-000000000001" not in told


def test_it_says_so_where_nothing_is_left(table: Table, capsys: pytest.CaptureFixture[str]):
    run = _run(0)
    receipts.keep_receipt(table, run.id, 0, as_json(_receipt(run, Stage.UNDONE)), now=NOW)
    repairs(left=True)
    assert capsys.readouterr().out == "No repair has left anything.\n"
