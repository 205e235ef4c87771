"""What a diagnosis costs, from the event to the report: calls, waves that wait for one another, nothing asked twice."""

from collections import Counter
from datetime import UTC, datetime

import pytest

from ecs_medic.aws.reader import Reader
from ecs_medic.events.parse import parse
from ecs_medic.incident import Incident, Kind
from ecs_medic.repair.controls import Controls
from ecs_medic.repair.planned import diagnosed_and_planned
from sandbox.client import REGION, Sandbox
from sandbox.gallery import build, names
from sandbox.gallery.scenario import Scenario

MOST_CALLS = 20
MOST_WAVES, MOST_WAVES_WITH_INSTANCES = 3, 5
CHECK_OF_THE_ACCOUNT = "sts:GetCallerIdentity"


class CountingReader(Reader):
    """A reader that counts how often somebody waits for it: for several answers at once, or for a single one."""

    def __init__(self, region: str) -> None:
        super().__init__(region)
        self.waves: list[tuple[str, ...]] = []

    def together(self, calls):
        if calls:
            self.waves.append(tuple(call.name for call in calls.values()))
        return super().together(calls)

    def read(self, service, operation, params, *, region=None):
        if f"{service}:{operation}" != CHECK_OF_THE_ACCOUNT:
            self.waves.append((f"{service}:{operation}",))
        return super().read(service, operation, params, region=region)


@pytest.fixture(scope="module")
def warm() -> list[CountingReader]:
    """One reader for all diagnoses, as in a warm function: its clients are slow to make."""
    return []


def runs_on_instances(account: Sandbox, scenario: Scenario, incident: Incident) -> bool:
    """By the account itself, whatever the diagnosis made of it."""
    if incident.launch_type:
        return incident.launch_type != "FARGATE"
    if not scenario.service:
        return False
    services = account.client("ecs").describe_services(cluster=scenario.cluster, services=[scenario.service])
    [service] = services["services"]
    providers = [one["capacityProvider"] for one in service.get("capacityProviderStrategy", [])]
    return service.get("launchType", "") == "EC2" or any(not name.startswith("FARGATE") for name in providers)


def identifies(incident: Incident, wave: tuple[str, ...]) -> bool:
    """Whether the wave finds out which task the event is about, which a stop event shows by itself."""
    if incident.kind is Kind.EXEC_ERROR:
        return wave == ("ecs:DescribeTasks",)
    return incident.kind is Kind.SERVICE_EVENT and "ecs:ListTasks" in wave


@pytest.mark.parametrize("name", names())
def test_a_diagnosis_keeps_within_its_bounds_and_its_plan_waits_no_longer(account, warm, name):
    scenario = build(account, name)
    incident = parse(scenario.event)
    if not warm:
        warm.append(CountingReader(REGION))
    [reader] = warm
    reader.again()
    reader.waves.clear()
    planned = diagnosed_and_planned(incident, reader, datetime.now(UTC), Controls())
    calls = [call for call in reader.trace if call.name != CHECK_OF_THE_ACCOUNT]
    for_the_plan = len(planned.examination.beside) if planned.examination else 0
    assert len(calls) - for_the_plan <= MOST_CALLS, reader.calls
    waves = reader.waves[1:] if reader.waves and identifies(incident, reader.waves[0]) else reader.waves
    on_instances = runs_on_instances(account, scenario, incident)
    assert len(waves) <= (MOST_WAVES_WITH_INSTANCES if on_instances else MOST_WAVES), reader.waves
    asked = Counter((call.name, repr(sorted(call.params.items())), call.region) for call in calls)
    assert [call for call, times in asked.items() if times > 1] == []
