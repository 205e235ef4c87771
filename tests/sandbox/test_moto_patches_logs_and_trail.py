import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.sandbox import small_network
from tests.sandbox.refusals import refusal


def _lookup(client: Any, **asked: Any) -> list[dict[str, Any]]:
    return list(client.lookup_events(**asked)["Events"])


@pytest.mark.parametrize("days", [0, 2, 15, 3654])
def test_an_illegal_retention_is_refused(account, days):
    logs = account.client("logs")
    logs.create_log_group(logGroupName="/ecs/shop")
    refused = refusal(logs.put_retention_policy, logGroupName="/ecs/shop", retentionInDays=days)
    assert refused.code == "InvalidParameterException"
    assert "retentionInDays" in refused.message
    assert "retentionInDays" not in logs.describe_log_groups()["logGroups"][0]


def test_legal_retention_and_prefix(account):
    logs = account.client("logs")
    for name in ("/ecs/shop", "/ecs/orders", "/other"):
        logs.create_log_group(logGroupName=name)
    logs.put_retention_policy(logGroupName="/ecs/shop", retentionInDays=30)
    groups = logs.describe_log_groups(logGroupNamePrefix="/ecs/")["logGroups"]
    assert {g["logGroupName"]: g.get("retentionInDays") for g in groups} == {"/ecs/orders": None, "/ecs/shop": 30}
    assert refusal(logs.create_log_group, logGroupName="/ecs/shop").code == "ResourceAlreadyExistsException"
    assert refusal(logs.create_log_group, logGroupName="with space").code == "InvalidParameterException"


def test_a_trail_without_selectors_of_its_own_logs_all_management_events(account):
    account.client("s3").create_bucket(
        Bucket="trail-logs", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    trails = account.client("cloudtrail")
    trails.create_trail(Name="all", S3BucketName="trail-logs")
    (default,) = trails.get_event_selectors(TrailName="all")["EventSelectors"]
    assert (default["ReadWriteType"], default["IncludeManagementEvents"]) == ("All", True)
    own = [{"ReadWriteType": "ReadOnly", "IncludeManagementEvents": True, "DataResources": []}]
    trails.put_event_selectors(TrailName="all", EventSelectors=own)
    assert [s["ReadWriteType"] for s in trails.get_event_selectors(TrailName="all")["EventSelectors"]] == ["ReadOnly"]


def test_changes_are_in_the_event_history_and_reads_are_not(account):
    network = small_network.build(account)
    endpoint = network.endpoint()["VpcEndpointId"]
    network.endpoints()
    network.ec2.delete_vpc_endpoints(VpcEndpointIds=[endpoint])
    trail = account.client("cloudtrail")
    attribute = [{"AttributeKey": "ResourceName", "AttributeValue": endpoint}]
    (event,) = _lookup(trail, LookupAttributes=attribute)
    assert (event["EventName"], event["EventSource"], event["Username"]) == (
        "DeleteVpcEndpoints",
        "ec2.amazonaws.com",
        "operator",
    )
    record = json.loads(event["CloudTrailEvent"])
    assert record["awsRegion"] == "eu-west-1"
    assert "errorCode" not in record
    assert not [e for e in _lookup(trail) if e["EventName"].startswith("Describe")]


def test_refused_changes_are_in_the_history_with_their_error(account):
    account.fault("ec2", "CreateVpc", "access_denied", times=1)
    refusal(account.client("ec2").create_vpc, CidrBlock="10.0.0.0/16")
    refusal(account.client("logs").put_retention_policy, logGroupName="/ecs/shop", retentionInDays=30)
    events = _lookup(account.client("cloudtrail"))
    assert {e["EventName"]: json.loads(e["CloudTrailEvent"])["errorCode"] for e in events} == {
        "CreateVpc": "Client.UnauthorizedOperation",
        "PutRetentionPolicy": "ResourceNotFoundException",
    }


def test_global_services_are_recorded_in_us_east_1(account):
    account.client("iam").create_role(RoleName="shop", AssumeRolePolicyDocument="{}")
    assert _lookup(account.client("cloudtrail")) == []
    (event,) = _lookup(account.client("cloudtrail", region="us-east-1"))
    assert event["Resources"] == [{"ResourceType": "AWS::IAM::Role", "ResourceName": "shop"}]


def test_seeded_events_are_found_by_time_and_attribute_in_pages(account):
    start = datetime(2026, 1, 1, tzinfo=UTC)
    for number in range(7):
        account.add_trail_event(
            {
                "EventId": str(number),
                "EventName": "DeleteLogGroup" if number % 2 else "RevokeSecurityGroupIngress",
                "EventTime": (start + timedelta(hours=number)).isoformat(),
                "EventSource": "logs.amazonaws.com",
                "Username": "alice",
                "CloudTrailEvent": {"eventName": "DeleteLogGroup"},
            }
        )
    trail = account.client("cloudtrail")
    asked = {"LookupAttributes": [{"AttributeKey": "EventName", "AttributeValue": "DeleteLogGroup"}]}
    assert [e["EventId"] for e in _lookup(trail, **asked)] == ["5", "3", "1"]
    window = {"StartTime": start + timedelta(hours=2), "EndTime": start + timedelta(hours=4)}
    assert [e["EventId"] for e in _lookup(trail, **window)] == ["4", "3", "2"]
    pages = trail.get_paginator("lookup_events").paginate(PaginationConfig={"PageSize": 3})
    assert [[e["EventId"] for e in page["Events"]] for page in pages] == [["6", "5", "4"], ["3", "2", "1"], ["0"]]
    assert json.loads(_lookup(trail)[0]["CloudTrailEvent"]) == {"eventName": "DeleteLogGroup"}


def test_bad_lookups_are_refused(account):
    trail = account.client("cloudtrail")
    assert refusal(trail.lookup_events, MaxResults=51).code == "InvalidMaxResultsException"
    assert refusal(trail.lookup_events, NextToken="nonsense").code == "InvalidNextTokenException"
    late, early = datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)
    assert refusal(trail.lookup_events, StartTime=late, EndTime=early).code == "InvalidTimeRangeException"


def test_a_trail_can_be_created_and_seen(account):
    trail = account.client("cloudtrail")
    assert trail.describe_trails()["trailList"] == []
    account.client("s3").create_bucket(
        Bucket="trail-logs", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    trail.create_trail(Name="main", S3BucketName="trail-logs", IsMultiRegionTrail=True)
    assert trail.get_trail_status(Name="main")["IsLogging"] is False
    trail.start_logging(Name="main")
    assert [t["Name"] for t in trail.describe_trails()["trailList"]] == ["main"]
    assert trail.get_trail_status(Name="main")["IsLogging"] is True
