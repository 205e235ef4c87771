"""Every failure of the gallery turns green once it has been repaired, with its proof, and never before."""

from typing import Any

import pytest

from sandbox.gallery import build
from sandbox.gallery.scenario import Scenario
from sandbox.gallery.workbench import Workbench
from tests.response.office import Office, words
from tests.response.repairs import REPAIRS, redeploy, steady_state

GREEN = "🟢"


def sign(office: Office) -> str:
    (message,) = office.messages()
    return words(message)[0]


def opened(office: Office, name: str) -> Scenario:
    scenario = build(office.account, name)
    assert office.respond(scenario.event).status == "diagnosed"
    return scenario


def tell(office: Office, events: list[dict[str, Any]]) -> None:
    """Everything that EventBridge would deliver."""
    for event in events:
        office.respond(event)


def passes(office: Office, minutes: int) -> None:
    """The sweep runs once a minute; here, at every fifth."""
    for _ in range(0, minutes, 5):
        office.pass_time(minutes=5)
        office.sweep()


@pytest.mark.parametrize("name", REPAIRS)
def test_what_is_repaired_turns_green(office, name):
    scenario = opened(office, name)
    definition = REPAIRS[name](Workbench(office.account), scenario)
    office.pass_time(seconds=10)
    tell(office, redeploy(office.account, scenario, definition))
    office.sweep()
    assert sign(office) != GREEN
    passes(office, 15)
    assert sign(office) == GREEN, words(office.messages()[0])


@pytest.mark.parametrize("name", REPAIRS)
def test_what_is_not_repaired_stays_red(office, name):
    scenario = opened(office, name)
    office.pass_time(minutes=10)
    office.respond(steady_state(scenario))
    passes(office, 30)
    assert sign(office) != GREEN, words(office.messages()[0])
