"""A task in a subnet that another account shares: the report names the owner, and changes nothing of its VPC."""

from datetime import UTC, datetime
from typing import Any

import pytest

from ecs_medic.aws.reader import Reader
from ecs_medic.events.parse import parse
from ecs_medic.facts import Known
from ecs_medic.repair.controls import Controls
from ecs_medic.repair.planned import diagnosed_and_planned
from sandbox.client import REGION, Sandbox
from sandbox.gallery import missing_endpoints
from sandbox.gallery.application import ACCOUNT
from sandbox.gallery.workbench import Workbench

OWNER = "444455556666"


class SharedReader(Reader):
    """Reads a VPC whose subnets AWS says are another account's; its endpoints show themselves to nobody else."""

    def together(self, calls: Any) -> Any:
        answers = super().together(calls)
        for answer in answers.values():
            if isinstance(answer, Known):
                for kind in ("Subnets", "Vpcs"):
                    for item in answer.value.get(kind, []):
                        item["OwnerId"] = OWNER
                answer.value.pop("VpcEndpoints", None) and answer.value.update({"VpcEndpoints": []})
        return answers


@pytest.mark.parametrize("reader", [SharedReader, Reader])
def test_the_owner_is_named_and_no_endpoint_called_missing(account: Sandbox, reader: type[Reader]):
    scenario = missing_endpoints.every_endpoint_missing(Workbench(account))
    asked = reader(REGION, account=ACCOUNT)
    report = diagnosed_and_planned(parse(scenario.event), asked, datetime.now(UTC), Controls()).report
    shared = reader is SharedReader
    assert (report.verdict.cause == "vpc_endpoint_missing") is not shared
    assert (f"belongs to account {OWNER}, and is never changed" in (report.plan.reason_if_empty or "")) is shared
    assert any(f"shared by account {OWNER}" in gap.reason for gap in report.not_checked) is shared
    assert (report.plan.changes == ()) is shared
