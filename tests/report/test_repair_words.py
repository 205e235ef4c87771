"""The tables of states and stages say of each what it is."""

from ecs_medic.remedies.receipt import TO_UNDO, Stage
from ecs_medic.report.repair_words import STAGES, STANDS, STATES, UNATTENDED, WORKING
from ecs_medic.run_state import RunState


def test_every_state_has_words():
    assert set(STATES) == set(RunState)
    assert all(words.name and words.meaning.endswith(".") for words in STATES.values())


def test_states_that_work_have_not_ended():
    assert {one for one in RunState if not one.ended} == WORKING | {RunState.ASKING}
    assert UNATTENDED < WORKING


def test_a_state_that_needs_a_person_is_seen_at_a_glance():
    assert all(STATES[one].sign == "🛑" for one in RunState if one.asks_for_a_person)


def test_every_stage_has_words():
    assert set(STAGES) == {stage.value for stage in Stage}


def test_what_stands_is_what_could_be_undone_or_was_kept():
    assert {stage.value for stage in TO_UNDO} | {Stage.KEPT.value} == STANDS
