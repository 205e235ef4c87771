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
from tests.report.examples import EXAMPLES, NASTY


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
        "$21.90 a month",
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
