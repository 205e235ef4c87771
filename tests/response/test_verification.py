"""Every failure of the gallery turns green once it has been repaired, with its proof, and never before."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from ecs_medic.response.meter import Metric
from ecs_medic.verification import Past, Verification, quiet_time, verify
from ecs_medic.vocabulary import Id
from sandbox.gallery import build
from sandbox.gallery.scenario import Scenario
from sandbox.gallery.workbench import Workbench
from tests.response.office import Office, another_task, words
from tests.response.repairs import REPAIRS, redeploy, steady_state

GREEN = "🟢"


KINDS = frozenset(
    {
        "ecr_dkr_endpoint_missing",
        "endpoint_security_group_closed",
        "s3_gateway_not_on_route_table",
        "log_group_missing",
        "secret_key_denied",
        "image_tag_missing",
        "host_port_in_use",
        "app_exited",
        "container_health_check_failed",
        "elb_wrong_answer",
        "service_task_start_impaired",
        "exec_not_enabled",
        "exec_caller_denied",
    }
)
"""One of each kind; all others are looked at with the long tests."""
EVERY = [name if name in KINDS else pytest.param(name, marks=pytest.mark.soak) for name in REPAIRS]


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


@pytest.mark.parametrize("name", EVERY)
def test_what_is_repaired_turns_green(office, name):
    scenario = opened(office, name)
    definition = REPAIRS[name](Workbench(office.account), scenario)
    office.pass_time(seconds=10)
    tell(office, redeploy(office.account, scenario, definition))
    office.sweep()
    assert sign(office) != GREEN
    passes(office, 15)
    assert sign(office) == GREEN, words(office.messages()[0])


@pytest.mark.parametrize("name", EVERY)
def test_what_is_not_repaired_stays_red(office, name):
    scenario = opened(office, name)
    office.pass_time(minutes=10)
    office.respond(steady_state(scenario))
    passes(office, 30)
    assert sign(office) != GREEN, words(office.messages()[0])


READS = (
    ("ecs", "DescribeServices"),
    ("ecs", "ListTasks"),
    ("ecs", "DescribeTasks"),
    ("ecs", "DescribeTaskDefinition"),
    ("ec2", "DescribeVpcEndpoints"),
    ("ec2", "DescribeRouteTables"),
)
"""Those without which nobody can say that the endpoint is there and the tasks stay up."""


def test_nothing_turns_green_on_a_read_that_failed(office):
    scenario = opened(office, "ecr_dkr_endpoint_missing")
    REPAIRS[scenario.name](Workbench(office.account), scenario)
    events = redeploy(office.account, scenario)
    office.pass_time(minutes=5)
    for service, operation in READS:
        office.account.fault(service, operation, "access_denied")
        tell(office, events)
        assert sign(office) != GREEN, operation
        office.account.clear_faults()
    tell(office, events)
    assert sign(office) == GREEN


def test_an_event_that_arrives_while_it_is_verified_keeps_it_red(office, monkeypatch):
    scenario = opened(office, "ecr_dkr_endpoint_missing")
    REPAIRS[scenario.name](Workbench(office.account), scenario)
    events = redeploy(office.account, scenario)
    office.pass_time(minutes=5)

    def verified_just_before_an_event(*given: Any) -> Verification:
        verification = verify(*given)
        assert verification.over
        assert office.respond(another_task(scenario.event, 3, later=timedelta(minutes=5))).status == "counted"
        return verification

    with monkeypatch.context() as patched:
        patched.setattr("ecs_medic.response.ending.verify", verified_just_before_an_event)
        office.respond(steady_state(scenario))
    assert sign(office) != GREEN
    tell(office, events)
    passes(office, 15)
    assert sign(office) == GREEN


def test_two_sweeps_at_once_turn_it_green_once(office):
    scenario = opened(office, "ecr_dkr_endpoint_missing")
    REPAIRS[scenario.name](Workbench(office.account), scenario)
    tell(office, redeploy(office.account, scenario))
    office.pass_time(minutes=6)
    with ThreadPoolExecutor(2) as pool:
        for swept in [pool.submit(office.sweep) for _ in range(2)]:
            swept.result()
    assert office.metrics[Metric.RESOLVED] == 1
    # Where one still tells of the counter while the other finds it resolved, the next one says so.
    passes(office, 1)
    assert sign(office) == GREEN
    assert office.metrics[Metric.RESOLVED] == 1


def test_a_caller_who_still_may_not_stays_red(office):
    scenario = opened(office, "exec_caller_denied")
    office.pass_time(minutes=10)
    office.respond(steady_state(scenario))
    assert sign(office) != GREEN


def test_a_session_is_looked_at_again_without_any_event(office):
    scenario = opened(office, "exec_task_role_lacks_ssmmessages")
    REPAIRS[scenario.name](Workbench(office.account), scenario)
    redeploy(office.account, scenario)
    passes(office, 20)
    assert sign(office) == GREEN


def test_a_service_that_never_gets_well_is_looked_at_ever_more_rarely(office):
    scenario = opened(office, "ecr_dkr_endpoint_missing")
    office.pass_time(minutes=10)
    office.respond(steady_state(scenario))
    looks = []
    for minute in range(0, 12 * 60, 5):
        office.pass_time(minutes=5)
        office.account.clear_calls()
        office.sweep()
        if any(call["service"] == "ecs" for call in office.account.calls()):
            looks.append(minute + 5)
    assert looks == [5, 15, 35, 75, 155, 315, 555]


def test_a_deleted_service_is_not_looked_at_any_more(office):
    scenario = opened(office, "ecr_dkr_endpoint_missing")
    office.account.client("ecs").delete_service(cluster=scenario.cluster, service=scenario.service, force=True)
    office.pass_time(minutes=10)
    office.respond(steady_state(scenario))
    assert sign(office) != GREEN
    assert "deleted" in words(office.messages()[0])
    office.account.clear_calls()
    passes(office, 600)
    assert not [call for call in office.account.calls() if call["service"] == "ecs"]


def test_a_rollback_stays_red_and_a_newer_good_revision_turns_green(office):
    scenario = opened(office, "service_deployment_rolled_back")
    office.pass_time(minutes=10)
    tell(office, redeploy(office.account, scenario))
    passes(office, 20)
    assert sign(office) != GREEN
    assert "rolled back" in words(office.messages()[0])
    tell(office, redeploy(office.account, scenario, REPAIRS[scenario.name](Workbench(office.account), scenario)))
    passes(office, 10)
    assert sign(office) == GREEN


def test_a_slow_crash_loop_does_not_flap(office):
    scenario = opened(office, "app_exited")
    definition = REPAIRS[scenario.name](Workbench(office.account), scenario)
    events = redeploy(office.account, scenario, definition)
    signs = []
    for turn in range(1, 7):
        office.respond(another_task(scenario.event, turn, later=timedelta(minutes=20 * turn)))
        tell(office, events)
        for _ in range(4):
            office.pass_time(minutes=5)
            office.sweep()
            signs.append(sign(office) == GREEN)
    changes = sum(before != after for before, after in pairwise(signs))
    assert changes <= 2
    assert not any(signs[4:])


@pytest.mark.parametrize(
    ("gap", "lived", "minutes"),
    [(0, 0, 3), (1, 0, 3), (20, 0, 40), (0, 20, 40), (5, 20, 40), (600, 0, 60), (0, 4000, 60)],
)
def test_a_task_must_outlive_what_failed_before(gap, lived, minutes):
    past = Past(Id.APP_EXITED, datetime.now(UTC), timedelta(minutes=gap), timedelta(minutes=lived))
    assert quiet_time(past) == timedelta(minutes=minutes)
