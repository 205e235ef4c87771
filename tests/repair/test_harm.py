"""A repair makes nothing worse: what runs is left alone, what is well is not touched, and a tag's no is heard."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ecs_medic.finding import JsonValue
from ecs_medic.repair.pace import Pace
from ecs_medic.repair.workflow import Ending, repair
from ecs_medic.run_state import RunState
from sandbox.client import Sandbox
from tests.repair.workplace import APPROVED, Journal, Workplace, workplace, writes

ONE_LOOK = Pace(prove=0, settle=30, undo=1200)


@dataclass
class Meanwhile(Journal):
    """Something happens just before a step whose name holds `at`."""

    at: str = ""
    happens: Callable[[], object] = lambda: None
    happened: bool = False

    def do(self, name: str, work: Callable[[], JsonValue]) -> JsonValue:
        if self.at in name and not self.happened:
            self.happened = True
            self.happens()
        return Journal.do(self, name, work)


def _repaired(place: Workplace, at: str, happens: Callable[[], object]) -> Ending:
    journal = Meanwhile(place.clock, [APPROVED, APPROVED], at=at, happens=happens)
    ending = repair(journal, place.site, ONE_LOOK)
    assert journal.happened
    return ending


def _group_gone(place: Workplace) -> None:
    place.account.client("logs").delete_log_group(logGroupName=place.scenario.params["log_group"])


def _updated(place: Workplace, **settings: Any) -> None:
    place.account.client("ecs").update_service(
        cluster=place.scenario.cluster, service=place.scenario.service, **settings
    )


def test_what_cannot_be_proven_for_want_of_a_read_is_left_alone(aws: Sandbox):
    """The service runs by the new endpoint; only nobody may look."""
    place = workplace(aws, "ecr_dkr_endpoint_missing")
    ending = _repaired(place, "look-0", lambda: aws.fault("ecs", "DescribeServices", "access_denied"))
    aws.clear_faults()
    assert ending.state is RunState.FAILED
    assert "could not be read" in ending.words
    assert "vpce-" in ending.words
    assert RunState.UNDOING not in {state for state, _ in place.book.said}
    assert place.running() == 1


def test_what_some_tasks_live_by_is_not_taken_away_from_them(aws: Sandbox):
    """One of the new tasks runs, and the next one fails as before."""
    place = workplace(aws, "log_group_missing")

    def happens() -> None:
        _group_gone(place)
        _updated(place, desiredCount=2)

    ending = _repaired(place, "look-0", happens)
    assert ending.state is RunState.FAILED, ending
    assert "Left as it is: logs:CreateLogGroup" in ending.words
    assert RunState.UNDOING not in {state for state, _ in place.book.said}


def test_a_deployment_is_not_said_to_be_taken_back_nor_waited_for(aws: Sandbox):
    place = workplace(aws, "log_group_missing")
    before = place.clock.ahead
    ending = _repaired(place, "apply-1", lambda: _group_gone(place))
    assert ending.state is RunState.UNDONE
    assert "started anew" in ending.words
    assert not any("deployment" in words for state, words in place.book.said if state is RunState.UNDOING)
    assert (place.clock.ahead - before).total_seconds() < 60


def test_a_service_that_is_well_by_now_is_not_touched(aws: Sandbox):
    """Somebody has deployed another revision while the question was open."""
    place = workplace(aws, "log_group_missing")
    ecs = aws.client("ecs")
    present = ecs.describe_task_definition(taskDefinition=place.scenario.service or "")["taskDefinition"]
    kept = {name: present[name] for name in ("family", "networkMode", "cpu", "memory", "executionRoleArn")}
    containers = [
        {name: value for name, value in one.items() if name != "logConfiguration"}
        for one in present["containerDefinitions"]
    ]
    ecs.register_task_definition(**kept, requiresCompatibilities=["FARGATE"], containerDefinitions=containers)
    _updated(place, taskDefinition=present["family"])
    assert place.running() == 1
    aws.clear_calls()
    ending = place.repair(APPROVED)
    assert ending.state is RunState.NOTHING_TO_DO
    assert "nothing fails any more" in ending.words
    assert not writes(aws)


def test_the_tag_of_a_cluster_is_heard_for_every_kind_of_failure(aws: Sandbox):
    place = workplace(aws, "log_group_missing")
    ecs = aws.client("ecs")
    (cluster,) = ecs.describe_clusters(clusters=[place.scenario.cluster])["clusters"]
    ecs.tag_resource(resourceArn=cluster["clusterArn"], tags=[{"key": "ecs-medic:remediation", "value": "off"}])
    aws.clear_calls()
    ending = place.repair(APPROVED)
    assert ending.state is RunState.STOPPED
    assert "tag ecs-medic:remediation of the cluster says off" in ending.words
    assert not writes(aws)


def test_a_service_scaled_to_nothing_keeps_nothing(aws: Sandbox):
    place = workplace(aws, "log_group_missing")
    ending = _repaired(place, "apply-0", lambda: _updated(place, desiredCount=0))
    assert ending.state is RunState.UNDONE
    assert "scaled to no tasks" in ending.words
    assert not aws.client("logs").describe_log_groups(logGroupNamePrefix=place.scenario.params["log_group"])[
        "logGroups"
    ]


def test_looking_again_in_vain_is_no_refusal(aws: Sandbox):
    place = workplace(aws, "exec_agent_pending")
    aws.clear_calls()
    ending = _repaired(place, "look-0", lambda: None)
    assert ending.state is RunState.UNDONE
    assert ending.words.endswith("Nothing was changed.")
    assert not writes(aws)


def test_a_public_address_is_asked_for_with_the_present_subnets_or_not_at_all(aws: Sandbox):
    """The first look fails, the next one would not: nothing is sent that names none."""
    place = workplace(aws, "public_subnet_without_public_ip")
    aws.clear_calls()
    ending = _repaired(place, "apply-0-0", lambda: aws.fault("ecs", "DescribeServices", "access_denied", times=1))
    assert ending.state is RunState.IMPOSSIBLE
    assert "could not look first: ecs:DescribeServices" in ending.words
    assert not writes(aws)


def test_a_look_that_aws_has_no_time_for_is_taken_again(aws: Sandbox):
    place = workplace(aws, "log_group_missing")
    ending = _repaired(place, "apply-1-0", lambda: aws.fault("ecs", "DescribeServices", "throttled", times=4))
    assert ending.state is RunState.REPAIRED, ending
