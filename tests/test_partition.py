"""One answer to the question which partition a Region is in, whoever asks."""

import json
from pathlib import Path

import botocore.session
import pytest

from ecs_medic.events.parse import parse
from ecs_medic.partition import partition_of

EVENTS = Path(__file__).parent.parent / "events"
OF_REGION = {
    "eu-west-1": "aws",
    "cn-north-1": "aws-cn",
    "us-gov-west-1": "aws-us-gov",
    "us-iso-east-1": "aws-iso",
    "us-isob-east-1": "aws-iso-b",
    "us-isof-south-1": "aws-iso-f",
    "eu-isoe-west-1": "aws-iso-e",
    "eusc-de-east-1": "aws-eusc",
}


@pytest.mark.parametrize(("region", "partition"), OF_REGION.items())
def test_it_agrees_with_what_botocore_knows(region: str, partition: str) -> None:
    assert partition_of(region) == partition
    assert botocore.session.get_session().get_partition_for_region(region) == partition


def test_an_arn_knows_better_than_a_region() -> None:
    assert partition_of("moon-1", "arn:aws-moon:ecs:moon-1:123456789012:task/shop/1") == "aws-moon"
    assert partition_of("cn-north-1", "0123456789abcdef") == "aws-cn"


@pytest.mark.parametrize("name", ["ecr_dkr_endpoint_missing.json", "exec_agent_stopped.json"])
def test_an_event_of_another_partition_is_read_as_one(name: str) -> None:
    text = (EVENTS / name).read_text().replace("arn:aws:", "arn:aws-eusc:").replace("eu-west-1", "eusc-de-east-1")
    incident = parse(json.loads(text))
    assert incident.partition == "aws-eusc"
    assert (incident.task_arn or "").startswith("arn:aws-eusc:ecs:eusc-de-east-1:")
