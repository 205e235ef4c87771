"""Once repairs are switched off, no call that changes anything leaves the process, whatever was agreed to before."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from ecs_medic.finding import JsonValue
from ecs_medic.repair.controls import Controls, Mode
from ecs_medic.repair.workflow import repair
from ecs_medic.run_state import RunState
from sandbox.client import Sandbox
from tests.repair.workplace import APPROVED, QUICK, Journal, Workplace, workplace, writes


@dataclass
class Switched(Journal):
    """Somebody throws the switch just before a step whose name holds `at`."""

    at: str = ""
    throw: Callable[[], None] = lambda: None
    thrown: bool = False

    def do(self, name: str, work: Callable[[], JsonValue]) -> JsonValue:
        if self.at in name and not self.thrown:
            self.thrown = True
            self.throw()
        return Journal.do(self, name, work)


def _switched(place: Workplace, at: str) -> Switched:
    def throw() -> None:
        place.book.off = "Repairs are stopped by U0BOSS."
        place.account.clear_calls()

    return Switched(place.clock, [APPROVED, APPROVED], at=at, throw=throw)


@pytest.mark.parametrize("at", ["plan-2", "obstacles", "apply-0", "apply-1", "apply-4", "settled", "look-0"])
def test_no_change_leaves_the_process_after_the_switch(aws: Sandbox, at: str):
    place = workplace(aws, "every_endpoint_missing")
    journal = _switched(place, at)
    ending = repair(journal, place.site, QUICK)
    assert journal.thrown
    assert not writes(aws)
    if at == "look-0":
        # Everything was made by then: looking whether it helped is no change.
        assert ending.state is RunState.REPAIRED
        return
    assert ending.state in {RunState.STOPPED, RunState.IMPOSSIBLE}
    assert "Repairs are stopped by U0BOSS." in ending.words
    made = [step for one in place.book.receipts().values() for step in one.steps if step.stage == "done"]
    if at == "apply-0":
        assert not made
    if at == "apply-4":
        # What had been made by then is named, one by one.
        assert all(str(vpce) in ending.words for one in made if (vpce := one.made.get("vpc_endpoint_id")))
        assert "vpce-" in ending.words


def test_a_mode_that_was_changed_after_the_approval_holds(aws: Sandbox):
    place = workplace(aws, "log_group_missing")
    site = place.site

    class Patient(Journal):
        def ask(self, name, put, seconds):
            answer = Journal.ask(self, name, put, seconds)
            place.controls = Controls(mode=Mode.OBSERVE)
            return answer

    aws.clear_calls()
    ending = repair(Patient(place.clock, [APPROVED]), site, QUICK)
    assert ending.state is RunState.STOPPED
    assert not writes(aws)


def test_undoing_is_a_change_as_well(aws: Sandbox):
    """The switch is thrown while a repair that did not help is being taken back: it stays, and the words name it."""
    place = workplace(aws, "ecr_dkr_endpoint_missing")
    aws.behave(endpoint_pending_describes=9999)
    ending = repair(_switched(place, "undo"), place.site, QUICK)
    assert not writes(aws)
    assert ending.state is RunState.FAILED
    assert "vpce-" in ending.words
