"""What hears the events of refused calls: rule and queue, trail and bucket."""

from collections.abc import Iterable

from botocore.exceptions import ClientError

from verify.kinds.kind import Kind, tag_map
from verify.names import NAME, RULES, TAG, bucket
from verify.names import QUEUE as QUEUE_NAME
from verify.place import Place


def _rules(place: Place) -> Iterable[str]:
    found = place.client("events").list_rules(NamePrefix=f"{NAME}-")["Rules"]
    return [one["Name"] for one in found if one["Name"] in RULES]


def _rule_is_ours(place: Place, name: str) -> bool:
    events = place.client("events")
    arn = events.describe_rule(Name=name)["Arn"]
    return TAG in tag_map(events.list_tags_for_resource(ResourceARN=arn)["Tags"])


def _delete_rule(place: Place, name: str) -> None:
    events = place.client("events")
    if targets := [one["Id"] for one in events.list_targets_by_rule(Rule=name)["Targets"]]:
        events.remove_targets(Rule=name, Ids=targets)
    events.delete_rule(Name=name)


def _queues(place: Place) -> Iterable[str]:
    urls = place.client("sqs").list_queues(QueueNamePrefix=QUEUE_NAME).get("QueueUrls", [])
    return [url for url in urls if url.rsplit("/", 1)[-1] == QUEUE_NAME]


def _queue_is_ours(place: Place, url: str) -> bool:
    return TAG in place.client("sqs").list_queue_tags(QueueUrl=url).get("Tags", {})


def _trails(place: Place) -> Iterable[str]:
    found = place.client("cloudtrail").describe_trails(includeShadowTrails=False)["trailList"]
    return [one["Name"] for one in found if one["Name"] == NAME]


def _trail_is_ours(place: Place, name: str) -> bool:
    cloudtrail = place.client("cloudtrail")
    arn = cloudtrail.get_trail(Name=name)["Trail"]["TrailARN"]
    listed = cloudtrail.list_tags(ResourceIdList=[arn])["ResourceTagList"]
    return any(TAG in tag_map(one.get("TagsList", ())) for one in listed)


def _buckets(place: Place) -> Iterable[str]:
    wanted = bucket(place.account, place.region)
    return [one["Name"] for one in place.client("s3").list_buckets()["Buckets"] if one["Name"] == wanted]


def _bucket_is_ours(place: Place, name: str) -> bool:
    """By its tag; one that was broken off before it had any is still empty."""
    s3 = place.client("s3")
    try:
        return TAG in tag_map(s3.get_bucket_tagging(Bucket=name)["TagSet"])
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchTagSet":
            raise
    return not s3.list_objects_v2(Bucket=name, MaxKeys=1).get("Contents")


def _delete_bucket(place: Place, name: str) -> None:
    s3 = place.client("s3")
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=name):
        if keys := [{"Key": one["Key"]} for one in page.get("Contents", ())]:
            s3.delete_objects(Bucket=name, Delete={"Objects": keys, "Quiet": True})
    s3.delete_bucket(Bucket=name)


RULE = Kind("rule", _rules, _delete_rule, _rule_is_ours)
QUEUE = Kind("queue", _queues, lambda p, one: p.client("sqs").delete_queue(QueueUrl=one), _queue_is_ours)
TRAIL = Kind("trail", _trails, lambda p, one: p.client("cloudtrail").delete_trail(Name=one), _trail_is_ours)
BUCKET = Kind("bucket", _buckets, _delete_bucket, _bucket_is_ours)
