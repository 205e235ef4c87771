"""What a run does first when its time is nearly over, and what it leaves to the sweep."""

from dataclasses import replace

import pytest

from ecs_medic.ledger import joining, runs, services, verifications
from ecs_medic.response.announce import announce
from sandbox.gallery import build
from tests.response.story import failure, simple_diagnosis
from tests.response.test_ending import GREEN, deploy, repair, sign, steady


@pytest.fixture
def failing(office):
    scenario = build(office.account, "ecr_dkr_endpoint_missing")
    office.incident_id = office.respond(scenario.event).incident_id
    return scenario


def test_with_too_little_time_to_look_the_sweep_looks_whether_it_is_over(office, failing):
    repair(office, failing)
    events = deploy(office, failing)
    office.pass_time(minutes=5)
    office.seconds_left = 49
    assert not office.respond(steady(events)).posted
    assert sign(office) == "🔴"
    office.seconds_left = 90
    office.pass_time(minutes=6)
    assert office.sweep().verifications == 1
    assert sign(office) == GREEN


def test_all_that_are_open_are_to_be_looked_at_before_the_first_one_is(office, failing, monkeypatch):
    several = (office.incident_id, "incident-2", "incident-3")
    monkeypatch.setattr(services, "incidents_of", lambda *_: several)
    repair(office, failing)
    events = deploy(office, failing)
    office.pass_time(minutes=5)

    def cut_off(*_, **__):
        raise MemoryError

    monkeypatch.setattr("ecs_medic.response.ending.verify", cut_off)
    with pytest.raises(MemoryError):
        office.respond(steady(events))
    assert [verifications.attempts_of(office.table, one) for one in several] == [1, 1, 1]


def test_an_incident_that_moves_is_told_of_before_its_old_message_says_so(office, monkeypatch):
    simple_diagnosis(monkeypatch)
    order, join = [], joining.join

    def joined(*given, **named):
        order.append("joined")
        return replace(join(*given, **named), left="alert-old")

    def announced(one, *given, **named):
        order.append(one)
        return announce(one, *given, **named)

    monkeypatch.setattr(joining, "join", joined)
    monkeypatch.setattr("ecs_medic.response.attend.announce", announced)
    office.respond(failure(1, office.now))
    assert [one == "alert-old" for one in order] == [False, False, True]


def test_with_seconds_left_the_message_is_posted_and_the_rest_is_the_sweeps(office):
    office.allow("auto")
    office.seconds_left = 14
    answer = office.respond(build(office.account, "ecr_dkr_endpoint_missing").event)
    assert (answer.posted, len(office.messages()), office.answers()) == (True, 1, [])
    assert runs.runs_of(office.table, answer.incident_id) == ()
    office.seconds_left = 90
    office.pass_time(minutes=1)
    office.sweep()
    assert len(office.started) == 1
    assert office.answers()
    (_,) = office.messages()
    office.pass_time(minutes=1)
    office.sweep()
    office.pass_time(minutes=1)
    assert office.sweep().incidents == 0
