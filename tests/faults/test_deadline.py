"""The functions' own limit: the report is posted as far as it has come, says so, and is completed afterwards."""

import json
import time
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import pytest

import diagnose
import sweep
from ecs_medic.report.wording import PARTIAL
from ecs_medic.response import execution_environment
from ecs_medic.response.execution_environment import RESERVE_SECONDS
from ecs_medic.response.sweep import ENOUGH_TO_READ_SECONDS
from sandbox.gallery import build
from tests.functions.deployment import Deployment
from tests.response.office import words

MINUTE = 60_000
READS = ("ec2", "iam", "logs", "ecs", "cloudtrail")


@dataclass
class Invocation:
    """Lambda's context of one run, with a clock that really runs down."""

    seconds: float
    aws_request_id: str = "request-1"
    began: float = field(default_factory=time.monotonic)

    def get_remaining_time_in_millis(self) -> int:
        return max(0, int((self.seconds - (time.monotonic() - self.began)) * 1000))


def run(module: ModuleType, event: object, seconds_to_read: float) -> dict[str, Any]:
    """One run that may read AWS for so long; what Lambda would have cut off fails."""
    context = Invocation(RESERVE_SECONDS + seconds_to_read)
    answer: dict[str, Any] = module.handler(event, context)
    assert context.get_remaining_time_in_millis() > 0, "Lambda would have ended it"
    return answer


def hang(deployed: Deployment, *operations: str) -> None:
    """These calls, as `service:Operation`, or every one that is about the failure, get no answer."""
    for one in operations or [f"{service}:*" for service in READS]:
        service, _, operation = one.partition(":")
        deployed.account.fault(service, operation, "timeout", seconds=60)


def the_message(deployed: Deployment) -> str:
    (message,) = deployed.messages()
    return words(message)


HANGS: dict[str, tuple[str, ...]] = {
    "every read": (),
    "the network": ("ec2:*",),
    "the last wave": ("cloudtrail:*",),
    "the plan's own reads": ("ec2:DescribeVpcEndpointServices", "ec2:DescribeNetworkInterfaces"),
}


@pytest.mark.parametrize("operations", HANGS.values(), ids=HANGS)
def test_the_partial_report_is_posted_says_so_and_is_completed(deployed, later, operations):
    scenario = build(deployed.account, "ecr_dkr_endpoint_missing")
    hang(deployed, *operations)
    answer = run(diagnose, scenario.event, 4.0)
    deployed.account.clear_faults()
    assert (answer["status"], answer["posted"]) == ("diagnosed", True)
    if answer["verdict"]["confidence"] == "confirmed":
        assert answer["verdict"]["cause"] == scenario.cause
    said = the_message(deployed)
    assert PARTIAL in said
    assert "no time was left" in said
    # Without any further event the sweep reads what is missing.
    later(3 * MINUTE)
    assert deployed.sweep()["incidents"] == 1
    said = the_message(deployed)
    assert PARTIAL not in said
    assert "com.amazonaws.eu-west-1.ecr.dkr" in said
    later(20 * MINUTE)
    assert deployed.sweep()["incidents"] == 0


def test_with_no_time_left_at_all_the_event_itself_is_posted(deployed):
    scenario = build(deployed.account, "ecr_dkr_endpoint_missing")
    deployed.account.clear_calls()
    answer = run(diagnose, scenario.event, -1.0)
    assert answer["posted"]
    assert answer["verdict"]["confidence"] != "confirmed"
    asked = {call["service"] for call in deployed.account.calls()}
    assert asked == {"dynamodb", "secretsmanager"}
    assert PARTIAL in the_message(deployed)


def test_a_diagnosis_with_all_its_time_is_not_partial(deployed):
    run(diagnose, build(deployed.account, "ecr_dkr_endpoint_missing").event, 600.0)
    assert PARTIAL not in json.dumps(deployed.account.slack_messages(), ensure_ascii=False)


def test_what_never_comes_to_its_end_is_not_tried_for_ever(deployed, later, monkeypatch):
    monkeypatch.setattr(execution_environment, "RESERVE_SECONDS", 1000.0)
    deployed.handle(build(deployed.account, "ecr_dkr_endpoint_missing").event)
    tries = []
    for minutes in range(3, 30, 3):
        later(minutes * MINUTE)
        tries.append(deployed.sweep()["incidents"])
    assert sum(tries) == 2
    assert PARTIAL in the_message(deployed)


def test_the_last_seconds_of_a_sweep_are_not_for_reading(deployed, later, monkeypatch):
    monkeypatch.setattr(execution_environment, "RESERVE_SECONDS", 1000.0)
    deployed.handle(build(deployed.account, "ecr_dkr_endpoint_missing").event)
    later(3 * MINUTE)
    late = Invocation(ENOUGH_TO_READ_SECONDS - 1)
    assert sweep.handler(None, late)["incidents"] == 0  # type: ignore[arg-type]
    assert deployed.sweep()["incidents"] == 1
