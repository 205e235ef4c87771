"""The ways out as people read them: a table at a terminal, and in Slack within its rules."""

import io

import pytest
from rich.console import Console

from ecs_medic.report.model import Report, WayOut
from ecs_medic.report.slack_blocks import alert, details
from ecs_medic.report.terminal import render
from ecs_medic.report.ways_out_words import NOT_PROMISED, table
from ecs_medic.way_out import Density, Way
from tests.report import slack_rules
from tests.report.examples import endpoint_missing

HOSTILE = "<!channel> ``` *x* " + "y" * 3000


def way(which: Way, *, applies: bool | None = True, why: str = "Because.", month: float | None = 1234.5) -> WayOut:
    return WayOut(
        way=which,
        applies=applies,
        why=why,
        fixed_address={Way.ENDPOINTS: None, Way.HOST_MODE: False}.get(which, True),
        tasks_per_instance=Density.ONE if which is Way.HOST_MODE else Density.SEVERAL,
        monthly_cost_usd=month,
        per_gb_usd=0.045,
        not_promised=which is Way.HOST_MODE,
    )


def with_ways(*ways: WayOut) -> Report:
    return endpoint_missing().model_copy(update={"ways_out": ways})


ALL = (
    way(Way.NAT_GATEWAY),
    way(Way.NAT_INSTANCE, month=0.0),
    way(Way.ENDPOINTS, applies=False, month=None),
    way(Way.INSTANCE_ADDRESS),
    way(Way.HOST_MODE, applies=None),
)


def test_the_table():
    head, *rows = table(ALL)
    assert head.split() == ["way", "applies", "address", "tasks/instance", "$/month", "$/GB"]
    assert [row.split("  ")[0] for row in rows][:2] == ["NAT gateway", "NAT instance"]
    assert rows[0].split()[2:] == ["yes", "fixed", "several", "1,234.50", "0.045"]
    assert rows[2].split()[2:] == ["no", "none", "several", "?", "0.045"]
    assert "depends" in rows[4]
    assert "one of a kind" in rows[4]
    assert max(map(len, (head, *rows))) <= 76


def test_at_a_terminal():
    console = Console(file=io.StringIO(), width=80, color_system=None)
    render(with_ways(*ALL), console)
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert "Ways out, compared" in text
    assert all(line in text for line in table(ALL))
    assert NOT_PROMISED in " ".join(text.split())
    assert "✗ VPC endpoints: Because." in text


@pytest.mark.parametrize("why", ["Because.", HOSTILE])
def test_in_slack(why: str):
    report = with_ways(*(way(one.way, applies=one.applies, why=why) for one in ALL))
    for message in (details(report), alert(report, threaded=False)):
        slack_rules.check(*message)
        assert "*Ways out, compared*" in str(message.blocks)
    slack_rules.check(*alert(report))
    assert "*Ways out, compared*" not in str(alert(report).blocks)
