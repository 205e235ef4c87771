"""A plan rests on everything that was to be read: part of it may ask for what the rest forbids."""

import math
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ecs_medic.aws.reader import Reader
from ecs_medic.collect.identify import identify
from ecs_medic.diagnosis import examine
from ecs_medic.events.parse import parse
from ecs_medic.incident import Incident
from ecs_medic.repair.controls import Controls, Mode
from ecs_medic.repair.planned import Planned, asked_for_a_plan, diagnosed_and_planned, planned
from ecs_medic.repair.proposal import Consent
from sandbox.client import REGION, Sandbox
from sandbox.gallery import build

AUTO = Controls(mode=Mode.AUTO)
LATER = "Time ran out before everything was read; the plan is made when it has been."


def planned_in(calls: float, incident: Incident, reader: Reader) -> Planned:
    """What the incident leads to where time is over once so many calls have been made."""
    again = reader.again(lambda: math.inf if len(reader.trace) < calls else 0.0)
    return diagnosed_and_planned(incident, again, datetime.now(UTC), AUTO)


@pytest.mark.parametrize("name", ["exec_task_role_missing", "ecr_dkr_endpoint_missing"])
def test_a_partial_report_proposes_nothing(aws: Sandbox, name: str):
    incident, reader = parse(build(aws, name).event), Reader(REGION, account="123456789012")
    whole = planned_in(math.inf, incident, reader)
    assert not whole.report.partial
    assert bool(whole.proposal.changes) is (name == "ecr_dkr_endpoint_missing")
    found = [planned_in(calls, incident, reader) for calls in range(0, 24, 2)]
    partial = [one for one in found if one.report.partial]
    assert len(partial) > 4
    for one in partial:
        assert not one.proposal.changes
        assert not one.proposal.patches
        assert not one.report.plan.changes
        assert (one.proposal.words, one.report.plan.reason_if_empty) == (LATER, LATER)


def test_time_that_runs_out_while_planning_proposes_nothing_either(aws: Sandbox):
    """Whoever did not ask along with the diagnosis asks now: here, when no time is left."""
    now = datetime.now(UTC)
    left = [math.inf]
    reader = Reader(REGION, account="123456789012", seconds_left=lambda: left[0])
    examination = examine(parse(build(aws, "ecr_dkr_endpoint_missing").event), reader, now)
    assert not examination.report.partial
    left[0] = 0.0
    found = planned(examination, reader, AUTO)
    assert found.report.partial
    assert (found.proposal.changes, found.proposal.words) == ((), LATER)
    assert found.report.not_checked[len(examination.report.not_checked) :], "what was not read is told"


def test_what_another_reader_left_partial_is_not_planned_either(aws: Sandbox):
    reader = Reader(REGION, account="123456789012")
    identified = identify(parse(build(aws, "ecr_dkr_endpoint_missing").event), reader)
    examination = examine(identified, reader, datetime.now(UTC), along=asked_for_a_plan)
    cut = replace(examination, report=examination.report.model_copy(update={"partial": True}))
    found = planned(cut, reader.again(), AUTO)
    assert found.report.partial
    assert (found.proposal.changes, found.proposal.consent) == ((), Consent.OFF)
    assert reader.calls == (), "nothing is read for a plan that is not made"
