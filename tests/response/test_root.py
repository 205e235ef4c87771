"""What gathers failures into one alert is the guilty resource, where others may depend on it too."""

import pytest

from ecs_medic.run_state import RunState
from sandbox.gallery import build
from tests.response.office import Office, another_task, words
from tests.response.proposals import records, the_run

SHARED = (
    "ecr_dkr_endpoint_missing",
    "endpoint_security_group_closed",
    "log_group_missing",
    "image_tag_missing",
    "nat_present_execution_role_cannot_pull",
)
OWN = ("app_exited", "entrypoint_not_found", "public_subnet_without_public_ip")


def fail_in_two_services(office: Office, name: str) -> int:
    """The failure, and the same of another service; how many messages there are."""
    scenario = build(office.account, name)
    other = another_task(scenario.event, 1)
    other["detail"]["group"] = f"service:{scenario.service}-two"
    for event in (scenario.event, other):
        assert office.respond(event).status == "diagnosed"
    return len(office.messages())


@pytest.mark.parametrize("name", SHARED)
def test_what_others_may_depend_on_is_one_message(office, name):
    assert fail_in_two_services(office, name) == 1


@pytest.mark.parametrize("name", OWN)
def test_what_is_the_services_own_is_a_message_each(office, name):
    assert fail_in_two_services(office, name) == 2


def test_the_message_turns_green_only_when_every_service_is_over(office):
    assert fail_in_two_services(office, "log_group_missing") == 1
    office.account.client("logs").create_log_group(logGroupName="/shop/audit")
    office.account.take_events()
    office.account.client("ecs").update_service(cluster="shop", service="audit", forceNewDeployment=True)
    for event in office.account.take_events():
        office.respond(event)
    for _ in range(3):
        office.pass_time(minutes=5)
        office.sweep()
    (message,) = office.messages()
    # The second service was never there, so that nothing shows that it works.
    assert words(message)[0] == "🔴"


def test_an_unshown_cause_has_a_root_of_its_own(office):
    assert fail_in_two_services(office, "killed_without_memory_pressure") == 2


def test_a_repair_of_one_service_leaves_the_message_to_those_that_still_fail(office):
    office.allow("ask")
    scenario = build(office.account, "ecr_dkr_endpoint_missing")

    def fails(number: int, service: str) -> str:
        event = another_task(scenario.event, number)
        event["detail"]["group"] = f"service:{service}"
        return str(office.respond(event).remediation)

    # The second one waits for what is done about the first: one cause, one repair.
    assert [fails(1, "orders"), fails(2, "carts")] == ["waiting", "none"]
    repair = records(office, the_run(office))
    repair.say(RunState.REPAIRED, "2 of 2 tasks running.")
    (message,) = office.messages()
    assert "🟢" not in message["text"]
    assert "repaired" not in message["text"]
    office.pass_time(minutes=40)
    assert fails(3, "carts") == "waiting"
    assert len(set(office.started)) == 2
