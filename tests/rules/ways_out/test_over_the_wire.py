"""The comparison in whole reports: a session that cannot come about, and a managed instance that cannot pull."""

from datetime import UTC, datetime

import pytest

from ecs_medic.aws.reader import Reader
from ecs_medic.diagnosis import diagnose
from ecs_medic.events.parse import parse
from ecs_medic.report.model import Report
from ecs_medic.way_out import Way
from sandbox.client import REGION, Sandbox
from sandbox.gallery import build


def report_of(account: Sandbox, name: str) -> Report:
    with account.environ():
        return diagnose(parse(build(account, name).event), Reader(REGION), datetime.now(UTC))


def test_a_session(account: Sandbox):
    ways = {one.way: one for one in report_of(account, "awsvpc_task_cannot_have_public_ip").ways_out}
    assert list(ways) == [Way.NAT_GATEWAY, Way.NAT_INSTANCE, Way.ENDPOINTS, Way.HOST_MODE]
    assert "is there already" in ways[Way.NAT_GATEWAY].why
    assert ways[Way.ENDPOINTS].applies
    assert ways[Way.HOST_MODE].not_promised


def test_a_managed_instance(account: Sandbox):
    ways = {one.way: one for one in report_of(account, "managed_instance_network_blocked").ways_out}
    assert ways[Way.INSTANCE_ADDRESS].applies
    assert "ecr.dkr" in ways[Way.ENDPOINTS].why


@pytest.mark.parametrize("name", ["every_endpoint_missing", "log_group_missing"])
def test_on_fargate_nothing_is_compared(account: Sandbox, name: str):
    assert report_of(account, name).ways_out == ()
