"""A repair in Slack: what is asked, what the buttons carry, and what is said while it works and when it has ended."""

import json
from dataclasses import replace
from typing import Any

import pytest

from ecs_medic.report.repair_blocks import APPROVE_ACTION, DENY_ACTION, block_id_of, buttons, question_of
from ecs_medic.report.slack_blocks import alert, details
from ecs_medic.report.standing import State
from ecs_medic.run_state import RunState
from tests.report import slack_rules
from tests.report.examples import EXAMPLES, LOG_GROUP_PATCH
from tests.report.standings import APPLYING, ASKED, DECIDER, OPEN, REPAIRS, SCENES, UGLY_REPAIR
from tests.report.test_slack_blocks import everything


def said(name: str, form: str = "alert") -> str:
    message = SCENES[name].messages()[form]
    return message.text + "\n" + everything_but_buttons(message.blocks)


def everything_but_buttons(blocks: list[dict[str, Any]]) -> str:
    parts = slack_rules.texts([block for block in blocks if block["type"] != "actions"])
    return "\n".join(str(part["text"]) for part in parts)


def actions(name: str) -> list[dict[str, Any]]:
    return [block for block in SCENES[name].messages()["alert"].blocks if block["type"] == "actions"]


def test_the_question_shows_all_that_is_to_be_decided():
    text = said("asking")
    for change in ASKED.changes:
        assert f"`{change.params.get('service_name') or change.params['service']}`" in text
        assert change.blast_radius in text
    assert "$16.06 a month" in text
    assert "$32.12 a month together" in text
    assert "*Undo*  Delete the endpoint" in text
    assert "Answer until <!date^1763748245^" in text
    assert "needs your approval" in text.splitlines()[0]


def test_buttons_carry_the_run_alone():
    ours, mute = actions("asking")
    assert ours["block_id"] == block_id_of(ASKED.question or "")
    assert [(one["action_id"], one["value"]) for one in ours["elements"]] == [
        (APPROVE_ACTION, ASKED.run_id),
        (DENY_ACTION, ASKED.run_id),
    ]
    assert "vpc" not in json.dumps(ours)
    assert mute["elements"][0]["type"] == "static_select"


def test_buttons_stand_beneath_the_plan():
    blocks = SCENES["asking"].messages()["alert"].blocks
    at = next(index for index, block in enumerate(blocks) if block["type"] == "actions")
    assert blocks[at - 1]["text"]["text"].startswith("*Repair to approve*")


@pytest.mark.parametrize("name", sorted(set(REPAIRS) - {"asking", "ugly_asking"}))
def test_nobody_is_asked_for_anything_else(name):
    assert all(APPROVE_ACTION not in json.dumps(block) for block in actions(name))


@pytest.mark.parametrize("state", [State.RESOLVED, State.MOVED])
def test_what_is_over_asks_nothing(state):
    message = alert(EXAMPLES["endpoint_missing"](), replace(OPEN, state=state, repair=ASKED))
    assert APPROVE_ACTION not in json.dumps(message.blocks)


def test_without_buttons_the_way_is_shown():
    assert "No click can be answered here: `ecs-medic remediate --apply`" in said("asking_without_buttons")


def test_nobody_approves_what_is_not_shown():
    assert buttons(replace(ASKED, changes=ASKED.changes * 40)) is None
    assert buttons(ASKED) is not None


@pytest.mark.parametrize("strange", ["", "run|1", "run 1", "r" * 300, "<@U0AB12CD3>"])
def test_strange_ids_get_no_button(strange):
    assert buttons(replace(ASKED, run_id=strange)) is None
    assert buttons(replace(ASKED, question=strange)) is None


def test_a_click_says_which_plan_it_is_about():
    assert question_of(block_id_of("0f1e2d3c4b5a6978")) == "0f1e2d3c4b5a6978"
    assert question_of("ecs-medic-mute") is None
    assert question_of(block_id_of("")) is None
    assert question_of(None) is None


def test_every_plan_is_in_the_message_however_ugly():
    text = everything_but_buttons(SCENES["ugly_asking"].messages()["alert"].blocks)
    assert all(f"*{number}.*" in text for number in range(1, len(UGLY_REPAIR.changes) + 1))


def test_progress_is_followed_from_the_oldest_to_the_newest():
    text = said("applying")
    assert text.index("ecr.api.") < text.rindex("ecr.dkr.")
    assert "*Repair in progress*" in text
    assert text.startswith("🔧")
    assert f"approved by {DECIDER}" in text


def test_only_the_newest_steps_are_shown():
    text = said("verifying")
    assert "… (6 earlier)" in text
    assert "8 of 2 tasks run." in text
    assert "2 of 2 tasks run." not in text


def test_unattended_repairs_say_so():
    repair = replace(APPLYING, decision=None, decided_by=None)
    message = alert(EXAMPLES["endpoint_missing"](), replace(OPEN, repair=repair))
    assert "unattended, as the policy allows" in everything_but_buttons(message.blocks)


def test_who_denied_it_is_shown_as_a_person():
    assert f"denied by {DECIDER}" in said("denied")
    assert "Nothing was changed." in said("denied")
    assert "Denied by U0AB12CD3" not in said("denied")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("not_answered", "Nobody answered in time; nothing was changed."),
        ("switched_off", "The kill switch was thrown by jane"),
        ("taken_back", "Everything that this run had changed is taken back."),
        ("repair_failed", "vpce-0aa11bb22cc33dd44"),
        ("not_enough", "Something else is in the way"),
        ("impossible", "dry run of `ec2:CreateVpcEndpoint`"),
    ],
)
def test_how_it_ended_is_said_in_its_own_words(name, words):
    text = said(name).replace("ec2:CreateVpcEndpoint:", "`ec2:CreateVpcEndpoint`:")
    assert words in text
    assert words in said(name, "repair_news").replace("ec2:CreateVpcEndpoint:", "`ec2:CreateVpcEndpoint`:")
    assert "run-0123456789ab" in text


def test_a_person_is_called_where_one_is_needed():
    report = EXAMPLES["endpoint_missing"]()
    for state in RunState:
        scene = replace(SCENES["asking"], standing=replace(OPEN, owner="U012AB3CD", repair=replace(ASKED, state=state)))
        called = "<@U012AB3CD>" in everything_but_buttons(scene.messages()["repair_news"].blocks)
        assert called == (state is RunState.ASKING or state.asks_for_a_person), report


def test_commands_by_hand_come_back_when_the_repair_is_over():
    assert "aws ec2 create-vpc-endpoint" not in said("asking")
    assert "aws ec2 create-vpc-endpoint" not in said("applying")
    assert "aws ec2 create-vpc-endpoint" in said("denied")


def test_an_earlier_repair_is_a_line_of_its_own():
    text = said("failed_again_after_a_repair")
    assert text.splitlines()[0].startswith("🔴 orders failed again")
    assert "*Repair*  repaired · approved by" in text


def test_a_patch_can_be_copied_whole():
    for message in (details(EXAMPLES["owned_by_code"]()), alert(EXAMPLES["owned_by_code"](), threaded=False)):
        blocks = slack_rules.code_blocks(everything(message))
        assert LOG_GROUP_PATCH.cloudformation.strip("\n") in blocks
        assert LOG_GROUP_PATCH.terraform.strip("\n") in blocks


def test_the_alert_says_where_plan_and_patch_are():
    assert "the plan is in the thread" in everything(alert(EXAMPLES["endpoint_missing"]()))
    assert "The patch is in the thread" in everything(alert(EXAMPLES["owned_by_code"]()))


def test_patches_that_have_no_room_are_counted():
    text = everything(details(EXAMPLES["ugly"]()))
    assert "`ecs-medic remediate` prints all of it" in text
