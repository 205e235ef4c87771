"""The terminal's report: complete, harmless, and fit for copying."""

import io
import json
import re

import pytest
from rich.console import Console

from ecs_medic.report.model import Report
from ecs_medic.report.terminal import render
from ecs_medic.report.wording import title
from ecs_medic.vocabulary import Id
from tests.report import slack_rules
from tests.report.examples import EXAMPLES, LOG_GROUP_PATCH, NASTY
from tests.report.repairs import ENDPOINT, GROUP, REPAIRS


def rendered(report: Report, *, width: int = 80, color: bool = False) -> str:
    console = Console(
        file=io.StringIO(), width=width, force_terminal=color, color_system="truecolor" if color else None
    )
    render(report, console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


@pytest.mark.parametrize("name", EXAMPLES)
@pytest.mark.parametrize("width", [20, 80, 200])
def test_nothing_moves_the_cursor(name, width):
    shown = rendered(EXAMPLES[name](), width=width)
    slack_rules.assert_invisible_free(shown)


@pytest.mark.parametrize("name", EXAMPLES)
def test_colours_are_all_that_colour_adds(name):
    colored = rendered(EXAMPLES[name](), color=True)
    assert "\x1b[" in colored
    slack_rules.assert_invisible_free(re.sub(r"\x1b\[[0-9;]*m", "", colored))


def test_prose_keeps_to_the_width_and_commands_do_not():
    report = EXAMPLES["endpoint_missing"]()
    lines = rendered(report).splitlines()
    for command in report.verdict.fix.cli:
        assert f"  {command}" in lines
    long = [line for line in lines if len(line) > 80]
    assert all(line.strip() in report.verdict.fix.cli or line.strip().startswith("https://") for line in long)
    assert all(line == line.rstrip() for line in lines)


def test_everything_is_said():
    report = EXAMPLES["endpoint_missing"]()
    text = " ".join(rendered(report).split())
    for part in (
        f"CONFIRMED: {title(Id.VPC_ENDPOINT_MISSING)}",
        "orders:42",
        report.incident.id,
        "vpc_endpoint_missing",
        *(one.observed for one in report.verdict.evidence),
        *report.verdict.fix.steps,
        *(" ".join(line.split()) for line in report.pictures[0].lines),
        report.findings[1].summary,
        "missing permission iam:ListRolePolicies",
        report.ruled_out[1].evidence[0].observed,
        "$16.06 a month",
        "$32.12 a month together",
        report.plan.changes[0].undo or "",
        report.plan.changes[0].blast_radius,
    ):
        assert part in text


def test_policy_can_be_copied():
    report = EXAMPLES["exec_role"]()
    text = rendered(report)
    start = text.index("{\n")
    policy, _ = json.JSONDecoder().raw_decode(text[start:])
    assert policy == report.verdict.fix.policy


def test_markup_in_a_message_is_text():
    text = rendered(EXAMPLES["ugly"](), width=10_000)
    assert "[bold red]markup[/]" in text
    assert "\x1b" in NASTY
    assert "red evil zero" in text


@pytest.mark.parametrize(
    ("name", "word"), [("exec_role", "LIKELY"), ("unknown", "UNKNOWN"), ("scale_in", "NOT A FAILURE")]
)
def test_first_line_says_how_sure_it_is(name, word):
    assert rendered(EXAMPLES[name]()).split("\n")[1].strip().startswith(f"{word}:")


def test_reason_for_changing_nothing_is_given():
    assert "Nothing: a person has to decide" in rendered(EXAMPLES["exec_role"]())


@pytest.mark.parametrize("name", REPAIRS)
@pytest.mark.parametrize("width", [20, 80])
def test_nothing_of_a_repair_moves_the_cursor(name, width):
    slack_rules.assert_invisible_free(rendered(REPAIRS[name], width=width))


def after(heading: str, name: str) -> str:
    return rendered(REPAIRS[name]).split(f"\n  {heading}\n")[1].split("\n\n")[0]


def test_the_plan_says_how_each_change_is_taken_back():
    text = rendered(EXAMPLES["endpoint_missing"]())
    plan = " ".join(text.split("What a repair would change")[1].split())
    assert plan.count("Undo Delete the endpoint") == 1
    assert plan.count("Undo As for 1.") == 1
    assert "Undo Nothing to undo" in plan
    assert "1. Create the interface endpoint for com.amazonaws.eu-west-1.ecr.api" in plan
    assert "needs approval" in plan


def test_a_patch_keeps_its_lines():
    text = rendered(EXAMPLES["owned_by_code"]())
    for source in (LOG_GROUP_PATCH.cloudformation, LOG_GROUP_PATCH.terraform):
        assert "".join(f"  {line}\n" for line in source.splitlines()) in text
    assert text.index("as CloudFormation") < text.index("as Terraform")


def test_a_repair_shows_every_write():
    text = " ".join(rendered(REPAIRS["repaired"]).split())
    assert "REPAIRED: 2 of 2 tasks run" in text
    assert f"✓ ec2:CreateVpcEndpoint {ENDPOINT} made" in text
    assert "✓ ecs:UpdateService ecs-svc/2 made" in text


@pytest.mark.parametrize(
    ("name", "left"),
    [("half_undone", {GROUP, "sgr-0a1b2c3d4e5f60718"}), ("half_made", {GROUP, "sgr-0a1b2c3d4e5f60718"})],
)
def test_what_is_left_behind_is_named_and_nothing_else(name, left):
    listed = [line.split()[1] for line in after("Left behind", name).splitlines() if line.startswith("  •")]
    assert set(listed) == left


@pytest.mark.parametrize(
    ("name", "words"), [("taken_back", "Nothing is left behind."), ("denied", "Nothing was changed.")]
)
def test_where_nothing_is_left_it_says_so(name, words):
    text = rendered(REPAIRS[name])
    assert f"  {words}\n" in text
    assert "Left behind" not in text


def test_a_refusal_names_the_permission():
    text = " ".join(rendered(REPAIRS["half_made"]).split())
    assert "not made: You are not authorized to perform this operation. (missing permission ec2:CreateVpcEnd" in text


def test_what_is_left_can_be_taken_away_by_pasting():
    text = rendered(REPAIRS["half_undone"])
    assert f"  aws ec2 delete-security-group --region eu-west-1 --group-id {GROUP}\n" in text
    assert "delete-vpc-endpoints" not in text, "the endpoint is gone"
    whole = rendered(REPAIRS["repaired"])
    assert whole.index(f"delete-vpc-endpoints --region eu-west-1 --vpc-endpoint-ids {ENDPOINT}") < whole.index(
        "delete-security-group"
    )
