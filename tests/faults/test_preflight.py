"""The check beforehand while AWS misbehaves: nothing is called gone because nobody could look."""

import pytest

import preflight
from sandbox.gallery import network as net
from sandbox.gallery.application import Application, deploy
from sandbox.gallery.workbench import Workbench
from tests.faults.cells import Cell, cells
from tests.faults.theatre import without_pauses
from tests.functions.deployment import Context, Deployment

CALLS = ("ecs:ListClusters", "ecs:ListServices", "ecs:DescribeServices", "ecs:DescribeTaskDefinition")
BROKEN = [cell for cell in cells(dict.fromkeys(CALLS, "")) if cell.kind not in {"empty", "pages", "timeout"}]
"""A list that is empty says that the service is gone; a time-out is a server's error that takes longer."""
IN_CI = {
    ("ecs:ListClusters", "throttled"),
    ("ecs:ListServices", "access_denied"),
    ("ecs:DescribeServices", "truncated"),
}


def checked(number: int) -> dict[str, object]:
    return preflight.handler(None, Context(f"request-{number}", 900.0))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "cell",
    [pytest.param(one, id=str(one), marks=() if (one.call, one.kind) in IN_CI else pytest.mark.soak) for one in BROKEN],
)
def test_what_could_not_be_looked_at_is_not_gone(deployed: Deployment, monkeypatch: pytest.MonkeyPatch, cell: Cell):
    without_pauses(monkeypatch)
    bench = Workbench(deployed.account)
    deploy(bench, Application("orders", net.with_endpoints(bench, "orders"), create_log_group=False, desired_count=0))
    assert checked(1)["posted"] == 1
    said = deployed.messages()
    deployed.account.fault(**cell.fault)
    done = checked(2)
    deployed.account.clear_faults()
    assert (done["cleared"], done["posted"]) == (0, 0)
    assert deployed.messages() == said
    again = checked(3)
    assert (again["findings"], again["posted"], again["cleared"]) == (1, 0, 0)
