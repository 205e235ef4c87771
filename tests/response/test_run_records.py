"""A run's records: what is said is shown, what is asked can be answered, and the gate asks the table every time."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from ecs_medic.ledger import controls, incidents, keys, runs
from ecs_medic.remedies.receipt import Stage
from ecs_medic.repair.controls import Mode
from ecs_medic.repair.proposal import Consent, Proposal
from ecs_medic.report.standing import Standing
from ecs_medic.response import announce
from ecs_medic.response.run_records import RunRecords
from ecs_medic.run_state import RunState
from ecs_medic.slack import web_api
from ecs_medic.slack.credentials import Credentials
from sandbox.client import SLACK_BOT_TOKEN
from tests.response.office import Office, words
from tests.response.proposals import VPC, change, propose, put, read, receipt, records, the_run
from tests.response.story import failure, simple_diagnosis


@pytest.fixture
def repair(office: Office, monkeypatch: pytest.MonkeyPatch) -> RunRecords:
    """Of a run that was just started, with approval."""
    simple_diagnosis(monkeypatch)
    office.allow("ask")
    propose()
    office.respond(failure(1, office.now))
    return records(office, the_run(office))


def approve(office: Office) -> None:
    from ecs_medic.ledger import questions  # noqa: PLC0415

    run = the_run(office)
    questions.decide(
        office.table,
        run.id,
        question_fingerprint=str(run.fingerprint),
        decision="approved",
        by="U0ALICE",
        now=int(office.now.timestamp() * 1000),
    )


def shown(office: Office) -> str:
    (message,) = office.messages()
    return words(message)


def test_what_is_said_is_shown_without_secrets(office, repair):
    repair.say(RunState.APPLYING, "Creating it with token=xoxb-1234567890-abcdefghijklmnop.")
    assert "Creating it" in shown(office)
    assert "xoxb-1234567890" not in shown(office)
    assert "xoxb-1234567890" not in str(the_run(office))


def test_saying_the_same_again_costs_slack_nothing(office, repair):
    repair.say(RunState.SETTLING, "It takes a while.")
    before = len(office.account.slack_calls())
    repair.say(RunState.SETTLING, "It takes a while.")
    assert len(office.account.slack_calls()) == before


@pytest.mark.parametrize("fault", ["server_error", "ratelimited", "error"])
def test_slack_keeps_nothing_from_being_done(office, repair, fault):
    office.account.slack_misbehave("*", fault, times=None, **({"code": "token_revoked"} if fault == "error" else {}))
    repair.say(RunState.APPLYING, "At work.")
    repair.put(propose(), "callback-1", office.now + timedelta(hours=8))
    repair.say(RunState.UNDONE, "It did not help.")
    assert the_run(office).state is RunState.UNDONE
    office.account.slack_behave()
    for _ in range(8):
        office.pass_time(hours=1)
        office.sweep()
    assert "It did not help." in shown(office)


def test_not_even_a_mistake_of_ours_about_the_message_stops_a_repair(office, repair, monkeypatch):
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("a mistake")

    monkeypatch.setattr(web_api, "call", broken)
    repair.say(RunState.APPLYING, "At work.")
    assert the_run(office).state is RunState.APPLYING


def test_a_question_shows_buttons_until_it_is_answered(office, repair):
    assert "Approve" not in shown(office)
    repair.put(propose(), "callback-1", office.now + timedelta(hours=8))
    assert "Approve" in shown(office)
    approve(office)
    office.pass_time(minutes=1)
    office.sweep()
    assert "Approve" not in shown(office)
    assert "U0ALICE" in shown(office)


def test_a_question_that_has_expired_shows_no_buttons(office, repair):
    repair.put(propose(), "callback-1", office.now + timedelta(hours=8))
    office.pass_time(hours=8, minutes=1)
    office.respond(failure(2, office.now))
    assert "Approve" not in shown(office)


def test_a_repair_that_is_proven_turns_the_message_green(office, repair):
    repair.say(RunState.VERIFYING, "Looking.")
    repair.say(RunState.REPAIRED, "2 of 2 tasks running.")
    record = incidents.read(office.table, repair.incident_id)
    assert record
    assert not record.is_open
    assert "🟢" in shown(office)
    assert "2 of 2 tasks running." in shown(office)
    # Once more, as a step that was cut off is done again.
    repair.say(RunState.REPAIRED, "2 of 2 tasks running.")
    assert "🟢" in shown(office)


def test_where_the_end_is_cut_off_the_sweep_turns_it_green(office, repair, monkeypatch):
    with monkeypatch.context() as cut:
        cut.setattr("ecs_medic.response.run_records.end_repaired", lambda *_: None)
        repair.say(RunState.REPAIRED, "2 of 2 tasks running.")
    office.pass_time(minutes=3)
    office.sweep()
    assert "🟢" in shown(office)


def test_receipts_are_kept_by_position(office, repair):
    run = the_run(office)
    repair.save(0, receipt(run, Stage.INTENDED))
    repair.save(0, receipt(run))
    repair.save(1, receipt(run))
    assert repair.receipts() == {0: receipt(run), 1: receipt(run)}


# ---------------------------------------------------------------- who hears of it


def heard(office: Office) -> list[str]:
    """The answers in the thread that the channel hears, by their first words."""
    return [one["text"].split(":")[0] for one in office.answers() if one["reply_broadcast"]]


def test_the_channel_hears_that_a_repair_asks_unless_it_has_just_heard_of_the_failure(office, repair):
    put(office, the_run(office))
    assert heard(office) == []
    office.pass_time(minutes=10)
    put(office, the_run(office), propose(log_group="/ecs/another"), callback="callback-2")
    assert heard(office) == ["🙋 Repair to approve"]
    repair.say(RunState.FAILED, "Something is left.")
    assert heard(office) == ["🙋 Repair to approve", "🛑 Repair failed"]


def test_an_owner_who_is_called_is_enough(office, repair, monkeypatch):
    monkeypatch.setattr("ecs_medic.response.announce._standing", owned(announce._standing, "U0OWNER"))
    office.pass_time(minutes=10)
    put(office, the_run(office))
    assert heard(office) == []
    assert "<@U0OWNER>" in words(office.answers()[-1])


def owned(standing: Callable[..., Standing], owner: str) -> Callable[..., Standing]:
    return lambda *given: replace(standing(*given), owner=owner)


@pytest.mark.parametrize("why", ["no signing secret", "no approvers"])
def test_a_question_that_nobody_can_answer_here_says_so(office, repair, why):
    if why == "no approvers":
        office.allow("ask", approvers=[])
    else:
        office.credentials = Credentials(bot_token=SLACK_BOT_TOKEN)
    put(office, the_run(office))
    assert "Approve" not in shown(office)
    assert "No click can be answered here" in shown(office)
    assert "buttons" not in words(office.answers()[-1])


def test_before_anybody_has_agreed_nothing_is_said_to_be_repaired(office, repair):
    assert "being planned" in shown(office)
    assert "being repaired" not in shown(office)


# ---------------------------------------------------------------- the gate


@pytest.fixture
def open_gate(office: Office, repair: RunRecords) -> RunRecords:
    """Of a run that was approved and has what it changes for itself."""
    put(office, the_run(office))
    approve(office)
    assert repair.reserve(1, propose()) is None
    assert repair.closed() is None
    return repair


def test_the_kill_switch_closes_it_also_after_an_approval(office, open_gate):
    controls.change(office.table, stopped={"by": "carol", "why": "the sale is on", "at": "2026-01-01T00:00:00Z"})
    assert "the sale is on" in str(open_gate.closed())
    controls.change(office.table, stopped=None)
    assert open_gate.closed() is None


def test_observe_closes_it_also_after_an_approval(office, open_gate):
    office.allow("observe")
    assert "observe" in str(open_gate.closed())


def test_the_operator_alone_can_close_it(office, open_gate):
    controls.change(office.table, mode=Mode.OBSERVE.value)
    assert "observe" in str(open_gate.closed())


def test_without_an_approval_it_is_closed(office, repair):
    assert repair.reserve(1, propose()) is None
    assert "approved" in str(repair.closed())
    put(office, the_run(office))
    assert "approved" in str(repair.closed())


def test_a_new_question_closes_it_until_that_is_answered(office, open_gate):
    put(office, the_run(office), propose(log_group="/ecs/another"), callback="callback-2")
    assert "approved" in str(open_gate.closed())


def unattended(office: Office, repair: RunRecords, **allowed: object) -> None:
    """A round whose changes may be made without asking, as they are about to be made."""
    office.allow("auto", **allowed)
    assert repair.reserve(1, replace(propose(Consent.GIVEN), mode=Mode.AUTO)) is None


def test_unattended_it_needs_no_approval_until_a_question_was_put(office, repair):
    unattended(office, repair)
    assert repair.closed() is None
    put(office, the_run(office), propose())
    assert "approved" in str(repair.closed())


@pytest.mark.parametrize("stricter", ["the stack", "the operator", "of one action"])
def test_unattended_it_is_closed_once_repairs_are_to_be_asked_about(office, repair, stricter):
    unattended(office, repair)
    match stricter:
        case "the stack":
            office.allow("ask")
        case "the operator":
            controls.change(office.table, mode="ask")
        case "of one action":
            controls.change(office.table, actions={"create_log_group": "ask"})
    assert "asked" in str(repair.closed())


def test_what_was_approved_is_what_it_opens_for_and_nothing_else(office, open_gate):
    assert open_gate.reserve(2, propose(log_group="/ecs/another")) is None
    assert "approved" in str(open_gate.closed())
    assert open_gate.reserve(2, propose()) is None
    assert open_gate.closed() is None


def test_an_action_that_is_switched_off_closes_it_also_after_an_approval(office, open_gate):
    controls.change(office.table, actions={"create_log_group": "off"})
    assert "create_log_group is switched off" in str(open_gate.closed())
    controls.change(office.table, actions={"create_log_group": None, "create_vpc_endpoint": "off"})
    assert open_gate.closed() is None


def test_the_message_tells_what_is_being_made_and_not_what_was_planned_first(office, repair):
    two = Proposal((change(), change("/ecs/another")), Consent.GIVEN, vpc_ids=(VPC,), mode=Mode.AUTO)
    office.allow("auto")
    assert repair.reserve(2, two) is None
    repair.say(RunState.APPLYING, "At work.")
    assert "2 changes" in shown(office)


def test_what_was_changed_may_be_taken_back(office, open_gate):
    put(office, the_run(office), propose(log_group="/ecs/another"), callback="callback-2")
    open_gate.say(RunState.UNDOING, "Taking it back.")
    assert open_gate.closed() is None
    office.allow("observe")
    assert open_gate.closed() is not None


def test_before_anything_is_reserved_it_is_closed(office, repair):
    office.allow("auto")
    assert "no longer" in str(repair.closed())


def test_a_run_that_has_ended_may_change_nothing(office, open_gate):
    open_gate.say(RunState.FAILED, "It is over.")
    assert "ended" in str(open_gate.closed())


def test_a_run_whose_lease_somebody_else_took_may_change_nothing(office, open_gate):
    run = the_run(office)
    other = runs.RunRecord("run-ba9876543210", run.incident_id, None, run.subject, "ask", run.created_at)
    assert runs.create(office.table, other)
    office.pass_time(hours=30)
    assert records(office, other).reserve(1, propose()) is None
    assert "no longer" in str(open_gate.closed())


def test_the_table_is_read_every_time(office, open_gate):
    office.account.clear_calls()
    open_gate.closed()
    first = len(office.account.calls("dynamodb"))
    open_gate.closed()
    assert len(office.account.calls("dynamodb")) == 2 * first


def test_a_table_that_cannot_be_read_opens_nothing(office, open_gate):
    office.account.fault("dynamodb", "BatchGetItem", "access_denied")
    with pytest.raises(Exception, match="AccessDenied"):
        open_gate.closed()


def test_guardrails_refuse_in_words(office, repair):
    office.allow("ask", attempts=1)
    assert repair.reserve(1, propose()) is None
    assert repair.reserve(2, propose()) is None
    run = the_run(office)
    repair.say(RunState.UNDONE, "It did not help.")
    other = runs.RunRecord("run-ba9876543210", run.incident_id, None, run.subject, "ask", run.created_at)
    assert runs.create(office.table, other)
    office.pass_time(hours=1)
    assert "guardrail" in str(records(office, other).reserve(1, propose()))
    assert read(office, other.id).subjects == ()


def test_the_service_and_the_vpcs_are_taken(office, repair):
    assert repair.reserve(1, propose()) is None
    taken = the_run(office).subjects
    assert {one.split("#")[0] for one in taken} == {"service", "vpc"}
    assert all(office.table.get(keys.repair(one)) for one in taken)
