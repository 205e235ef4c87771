"""Which diagnoses begin a repair, and that each begins it once."""

import copy
from datetime import timedelta
from types import SimpleNamespace

import pytest

from ecs_medic.ledger import controls, incidents, keys, runs
from ecs_medic.ledger.rhythm import HOUR
from ecs_medic.repair.proposal import Consent
from ecs_medic.response.meter import Metric
from ecs_medic.response.routing import quiet_hours_from
from ecs_medic.response.see_to import MOST_STARTS
from ecs_medic.run_state import RunState
from tests.events.samples import envelope
from tests.response.office import OWN_ROLE, Office, words
from tests.response.proposals import propose, put, read, records, the_run
from tests.response.story import NOTHING, PROPOSED, Story, failure, simple_diagnosis


@pytest.fixture(autouse=True)
def cheap(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    simple_diagnosis(monkeypatch)
    office.allow("ask")


def fails(office: Office, number: int = 1) -> str:
    return office.respond(failure(number, office.now)).remediation


def fails_later(office: Office, number: int, **by: float) -> str:
    """Late enough for another diagnosis."""
    office.pass_time(**by or {"minutes": 16})
    return fails(office, number)


def ended(office: Office, state: RunState) -> None:
    records(office, the_run(office)).say(state, "So it ended.")


def test_with_approval_the_run_waits_and_is_started_once(office):
    propose()
    assert fails(office) == "waiting"
    (run_id,) = office.started
    run = read(office, run_id)
    assert (run.mode, run.state, run.question) == ("ask", RunState.PLANNING, 0)
    assert office.metrics[Metric.REPAIRS] == 1


def test_unattended_it_is_started(office):
    office.allow("auto")
    propose(Consent.GIVEN)
    assert fails(office) == "started"
    assert the_run(office).mode == "auto"


def test_what_the_plan_says_is_shown_before_the_run_says_anything(office):
    propose()
    fails(office)
    (message,) = office.messages()
    assert "1 change, no fixed cost" in words(message)


@pytest.mark.parametrize("why", ["observe", "stopped", "no function", "an empty plan", "tagged off", "no controls"])
def test_nothing_begins_where_it_must_not(office, why):
    propose(Consent.OFF if why == "tagged off" else Consent.GIVEN)
    match why:
        case "observe":
            office.allow("observe")
        case "stopped":
            controls.change(office.table, stopped={"by": "carol", "why": "a test", "at": "2026-01-01T00:00:00Z"})
        case "no function":
            office.repairs = False
        case "an empty plan":
            simple_plan_of_nothing()
        case "no controls":
            office.account.client("dynamodb").delete_item(
                TableName=office.table.name, Key={"pk": {"S": "controls"}, "sk": {"S": "stack"}}
            )
    assert fails(office) == "none"
    assert office.started == []
    assert runs.runs_of(office.table, incident_of(office)) == ()


def simple_plan_of_nothing() -> None:
    PROPOSED[:] = [NOTHING]


def incident_of(office: Office) -> str:
    (message,) = office.messages()
    alert_id = message["metadata"]["event_payload"]["alert_id"]
    items = office.table.query(f"alert#{alert_id}", "incident#")
    return str(items[0]["sk"]).removeprefix("incident#")


@pytest.mark.parametrize("state", [RunState.PLANNING, RunState.ASKING, RunState.APPLYING, RunState.VERIFYING])
def test_while_a_run_is_under_way_no_other_begins(office, state):
    propose()
    fails(office)
    run = the_run(office)
    records(office, run).say(state, "At work.")
    propose(log_group="/ecs/another")
    for number in range(2, 14):
        fails_later(office, number, minutes=6)
    assert office.started == [run.id] * len(office.started)
    assert [one.id for one in runs.runs_of(office.table, run.incident_id)] == [run.id]


def test_what_fails_while_it_is_repaired_is_counted_and_not_diagnosed(office):
    propose()
    fails(office)
    run = the_run(office)
    records(office, run).say(RunState.SETTLING, "At work.")
    before = incidents.read(office.table, run.incident_id)
    assert before
    response = office.respond(failure(2, office.now + timedelta(minutes=16)))
    office.pass_time(minutes=16)
    again = office.respond(failure(3, office.now))
    assert {response.status, again.status} == {"counted"}
    after = incidents.read(office.table, run.incident_id)
    assert after
    assert (after.count, after.diagnosed_at) == (3, before.diagnosed_at)


def test_what_was_denied_is_not_asked_again_until_the_plan_changes(office):
    first = propose()
    fails(office)
    put(office, the_run(office), first)
    ended(office, RunState.DENIED)
    assert {fails_later(office, number, minutes=45) for number in (2, 3, 4)} == {"none"}
    propose(log_group="/ecs/another")
    assert fails_later(office, 5) == "waiting"
    assert len(set(office.started)) == 2


@pytest.mark.parametrize("state", [RunState.EXPIRED, RunState.UNDONE, RunState.STOPPED, RunState.FAILED])
def test_after_a_run_that_did_not_help_comes_another_when_it_has_cooled_down(office, state):
    propose()
    fails(office)
    ended(office, state)
    assert fails_later(office, 2) == "none"
    assert fails_later(office, 3) == "waiting"
    assert len(set(office.started)) == 2


def test_a_run_that_lambda_did_not_take_is_started_by_the_sweep(office):
    propose()
    office.lambda_is_away = True
    assert fails(office) == "waiting"
    assert office.metrics[Metric.REPAIRS_NOT_STARTED] == 1
    office.pass_time(minutes=3)
    assert office.sweep().runs == 1
    office.lambda_is_away = False
    office.pass_time(minutes=5)
    assert office.sweep().runs == 1
    assert len(office.started) == 1


def test_a_run_that_cannot_be_started_ends_and_says_so(office):
    propose()
    office.lambda_is_away = True
    fails(office)
    (message,) = office.messages()
    for _ in range(MOST_STARTS + 2):
        office.pass_time(hours=1.1)
        office.sweep()
    (run,) = runs.runs_of(office.table, incident_of(office))
    assert run.state is RunState.STOPPED
    assert "could not be started" in str(run.words)
    (message,) = office.messages()
    assert "could not be started" in words(message)


def test_nobody_is_asked_while_nobody_is_to_be_disturbed(office):
    now = office.now
    office.quiet_hours = quiet_hours_from(f"{now:%H:%M}-{now + timedelta(hours=2):%H:%M} UTC")
    propose()
    assert fails(office) == "waiting"
    office.pass_time(hours=1)
    office.sweep()
    assert (office.started, office.messages()) == ([], [])
    office.pass_time(hours=1, minutes=2)
    office.sweep()
    assert len(office.started) == len(office.messages()) == 1


def test_what_is_over_before_anybody_could_be_asked_is_not_repaired(office):
    now = office.now
    office.quiet_hours = quiet_hours_from(f"{now:%H:%M}-{now + timedelta(hours=2):%H:%M} UTC")
    propose()
    fails(office)
    office.pass_time(minutes=30)
    Story(office).ends()
    office.pass_time(hours=2)
    office.sweep()
    assert office.started == []


def test_unattended_repairs_do_not_wait_for_the_morning(office):
    office.allow("auto")
    now = office.now
    office.quiet_hours = quiet_hours_from(f"{now:%H:%M}-{now + timedelta(hours=2):%H:%M} UTC")
    propose(Consent.GIVEN)
    assert fails(office) == "started"
    assert len(office.started) == 1


def test_another_symptom_of_a_service_that_is_being_repaired_waits_for_the_end(office):
    propose()
    fails(office)
    run = the_run(office)
    repair = records(office, run)
    repair.put(propose(), "callback-1", office.now + timedelta(hours=8))
    assert repair.reserve(1, propose()) is None
    repair.say(RunState.SETTLING, "At work.")
    response = office.respond(another_symptom(office))
    assert (response.status, response.posted, response.remediation) == ("counted", False, "none")
    office.pass_time(minutes=5)
    office.sweep()
    assert len(office.messages()) == len(set(office.started)) == 1
    repair.say(RunState.REPAIRED, "A new task stays up.")
    office.pass_time(minutes=3)
    office.sweep()
    other = incidents.read(office.table, str(response.incident_id))
    assert other
    assert not other.is_open
    (message,) = office.messages()
    assert "🟢" in words(message)


def test_what_the_repair_does_not_cure_is_told_when_it_has_ended(office):
    propose()
    fails(office)
    repair = records(office, the_run(office))
    assert repair.reserve(1, propose()) is None
    repair.say(RunState.SETTLING, "At work.")
    other = str(office.respond(another_symptom(office)).incident_id)
    assert alert_of(office, other) is None
    repair.say(RunState.UNDONE, "It did not help.")
    office.pass_time(minutes=3)
    office.sweep()
    assert alert_of(office, other) is not None
    assert "*2 times*" in words(office.messages()[0])


def alert_of(office: Office, incident_id: str) -> str | None:
    record = incidents.read(office.table, incident_id)
    assert record
    return record.alert_id


def another_symptom(office: Office) -> dict[str, object]:
    event = copy.deepcopy(failure(99, office.now))
    event["detail"]["stoppedReason"] = "OutOfMemoryError: Container killed due to memory usage"
    event["detail"]["stopCode"] = "EssentialContainerExited"
    for container in event["detail"]["containers"]:
        container["exitCode"], container["reason"] = 137, "OutOfMemoryError: Container killed due to memory usage"
    return event


@pytest.mark.parametrize("name", ["ExecuteCommand", "UpdateService", "CreateVpcEndpoint"])
def test_what_the_stack_itself_does_opens_nothing(office, name):
    issuer = {"type": "Role", "arn": OWN_ROLE}
    detail = {
        "eventName": name,
        "errorCode": "AccessDenied",
        "errorMessage": "User is not authorized",
        "userIdentity": {"type": "AssumedRole", "sessionContext": {"sessionIssuer": issuer}},
    }
    response = office.respond(envelope("AWS API Call via CloudTrail", detail))
    assert (response.status, response.posted) == ("ignored", False)
    assert (office.rejected, office.messages()) == ([], [])


def test_the_second_service_of_an_alert_begins_no_repair_of_its_own(office, monkeypatch):
    propose()
    fails(office)
    run = the_run(office)
    ended(office, RunState.NOTHING_TO_DO)
    # Another incident tells the story by now.
    another = SimpleNamespace(read=lambda *_: SimpleNamespace(primary="inc-0123456789ab"))
    monkeypatch.setattr("ecs_medic.response.start_repair.alerts", another)
    assert fails_later(office, 2, hours=2) == "none"
    assert set(office.started) == {run.id}


def test_a_run_is_kept_for_ninety_days(office):
    propose()
    fails(office)
    item = office.table.get(keys.run(the_run(office).id))
    assert item
    assert int(item["expires_at"]) > office.now.timestamp() + 89 * 24 * HOUR / 1000
