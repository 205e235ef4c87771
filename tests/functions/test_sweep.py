"""SweepFunction's handler: what no event brings about, once a minute."""

from typing import Any

import pytest

import sweep
from ecs_medic.ledger import leases
from ecs_medic.ledger.errors import LedgerBusy, LedgerError
from ecs_medic.ledger.incidents import IncidentRecord
from ecs_medic.ledger.rhythm import MINUTE
from ecs_medic.ledger.table import Table
from ecs_medic.response.sweep import ENOUGH_SECONDS
from sandbox.gallery import build
from tests.functions.deployment import Context
from tests.functions.test_diagnose import metrics
from tests.response.office import another_task, words

NOTHING = {"incidents": 0, "alerts": 0, "verifications": 0, "runs": 0, "failures": 0, "unposted": 0}


def test_nothing_due_costs_one_query(deployed, capsys):
    deployed.account.clear_calls()
    assert deployed.sweep() == NOTHING
    assert [call["operation"] for call in deployed.account.calls()] == ["Query"]
    assert metrics(capsys.readouterr().out) == {"UnpostedAlerts": [0.0]}


def test_the_input_is_of_no_account(deployed):
    assert sweep.handler(None, Context("request-1")) == NOTHING  # type: ignore[arg-type]


def test_an_unposted_alert_is_posted_without_another_event(deployed, later, capsys):
    deployed.account.slack_misbehave("chat.postMessage", "server_error", times=2)
    assert not deployed.handle(build(deployed.account, "log_group_missing").event)["posted"]
    later(MINUTE)
    assert deployed.sweep()["unposted"] == 1
    assert metrics(capsys.readouterr().out)["UnpostedAlerts"] == [1.0]
    assert deployed.messages() == []
    later(3 * MINUTE)
    assert deployed.sweep()["unposted"] == 0
    assert len(deployed.messages()) == 1
    later(5 * MINUTE)
    assert deployed.sweep() == NOTHING


def test_the_counter_catches_up_when_the_storm_is_over(deployed, later):
    event = build(deployed.account, "log_group_missing").event
    deployed.handle(event)
    for number in range(1, 5):
        deployed.handle(another_task(event, number))
    later(MINUTE)
    assert deployed.sweep()["incidents"] == 1
    (message,) = deployed.messages()
    assert "5 times" in words(message)


def test_a_crashed_diagnosis_is_taken_up_from_the_kept_event(deployed, later, monkeypatch):
    event = build(deployed.account, "ecr_dkr_endpoint_missing").event
    with monkeypatch.context() as crashing:
        crashing.setattr("ecs_medic.response.attend.examine", _crash)
        with pytest.raises(MemoryError):
            deployed.handle(event)
    assert deployed.messages() == []
    later(6 * MINUTE)
    assert deployed.sweep()["incidents"] == 1
    (message,) = deployed.messages()
    assert "com.amazonaws.eu-west-1.ecr.dkr" in words(message)


def _crash(*_: object, **__: object) -> None:
    raise MemoryError


def test_without_time_left_everything_waits_for_the_next_sweep(deployed, later):
    event = build(deployed.account, "log_group_missing").event
    deployed.handle(event)
    deployed.handle(another_task(event, 1))
    later(MINUTE)
    assert sweep.handler(None, Context("request-1", ENOUGH_SECONDS - 1)) == NOTHING  # type: ignore[arg-type]
    assert deployed.sweep()["incidents"] == 1


def test_one_thing_that_fails_does_not_keep_the_others_waiting(deployed, later, monkeypatch):
    first = build(deployed.account, "log_group_missing").event
    second = build(deployed.account, "app_exited").event
    failing = deployed.handle(first)["incident_id"]
    deployed.handle(second)
    for event in (first, second):
        deployed.handle(another_task(event, 1))
    claim = leases.claim

    def lose(table: Table, incident_id: str, **settings: Any) -> IncidentRecord | None:
        if incident_id == failing:
            raise LedgerBusy("throttled")
        return claim(table, incident_id, **settings)

    monkeypatch.setattr(leases, "claim", lose)
    later(MINUTE)
    done = deployed.sweep()
    assert (done["incidents"], done["failures"]) == (2, 1)
    assert sorted("2 times" in words(message) for message in deployed.messages()) == [False, True]


def test_a_ledger_that_cannot_be_read_is_raised(deployed):
    deployed.account.fault("dynamodb", "Query", "access_denied")
    with pytest.raises(LedgerError):
        deployed.sweep()


def test_one_sweep_after_another_finds_nothing_twice(deployed, later):
    event = build(deployed.account, "log_group_missing").event
    deployed.handle(event)
    deployed.handle(another_task(event, 1))
    later(MINUTE)
    assert deployed.sweep()["incidents"] == 1
    assert deployed.sweep() == NOTHING
