"""From failure through agreement to a proven repair, in the embedded account."""

import pytest

from ecs_medic.ledger.rhythm import MINUTE, SECOND
from ecs_medic.ledger.runs import DELIVER_WITHIN, EXPIRED_FOR
from ecs_medic.repair.controls import Controls, Mode
from ecs_medic.repair.workflow import repair
from ecs_medic.run_state import RunState
from sandbox.client import Sandbox
from tests.repair.workplace import APPROVED, DENIED, QUICK, Journal, workplace, writes

REPAIRABLE = (
    "ecr_dkr_endpoint_missing",
    "endpoint_security_group_closed",
    "s3_gateway_not_on_route_table",
    "log_group_missing",
    "exec_not_enabled",
)


@pytest.mark.parametrize("name", REPAIRABLE)
def test_what_was_agreed_to_is_made_and_proven(aws: Sandbox, name: str):
    place = workplace(aws, name)
    ending = place.repair(APPROVED)
    assert ending.state is RunState.REPAIRED, ending.words
    assert place.running()
    assert len(place.book.asked) == 1
    assert place.book.said[-1] == (RunState.REPAIRED, ending.words)
    assert all(not one.failed for one in place.book.receipts().values())


@pytest.mark.parametrize(("answer", "state"), [(DENIED, RunState.DENIED), (None, RunState.EXPIRED)])
def test_without_an_agreement_nothing_is_changed(aws: Sandbox, answer, state: RunState):
    place = workplace(aws, "log_group_missing")
    aws.clear_calls()
    ending = place.repair(answer)
    assert ending.state is state
    assert not writes(aws)
    assert not place.book.reserved


def test_an_answer_of_the_last_moment_has_time_to_arrive(aws: Sandbox):
    place, waits = workplace(aws, "log_group_missing"), []

    class Listening(Journal):
        def ask(self, name, put, seconds):
            waits.append(seconds)
            return Journal.ask(self, name, put, seconds)

    repair(Listening(place.clock, [DENIED]), place.site, QUICK)
    assert waits == [QUICK.answer + QUICK.arrive]
    # The sweep comes every minute; and it does not take a run for dead that still waits.
    assert DELIVER_WITHIN + MINUTE < QUICK.arrive * SECOND < EXPIRED_FOR


def test_in_observe_nothing_is_even_asked(aws: Sandbox):
    place = workplace(aws, "log_group_missing")
    place.controls = Controls(mode=Mode.OBSERVE)
    aws.clear_calls()
    assert place.repair(APPROVED).state is RunState.STOPPED
    assert not place.book.asked
    assert not writes(aws)


def test_only_a_change_of_the_network_takes_the_vpc_for_itself(aws: Sandbox):
    place = workplace(aws, "log_group_missing")
    place.repair(DENIED)
    assert [one.vpc_ids for one in place.book.asked] == [()]
    aws.reset(seed=1)
    place = workplace(aws, "endpoint_security_group_closed")
    place.repair(DENIED)
    assert [len(one.vpc_ids) for one in place.book.asked] == [1]
