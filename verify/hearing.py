"""What EventBridge delivers: a trail, without which it hears no calls, and two rules of our own into a queue.

The product's rules want a non-empty errorCode; these want nothing, so that a refusal in another form is seen as well.
"""

import json
from collections.abc import Mapping
from typing import Any

from verify.names import NAME, QUEUE, RULES, TAG, bucket
from verify.place import Place

PATTERNS: Mapping[str, Mapping[str, Any]] = {
    RULES[0]: {"source": ["aws.ecs"], "detail": {"eventName": ["ExecuteCommand"]}},
    RULES[1]: {"source": ["aws.ecr"], "detail": {"eventName": ["InitiateLayerUpload", "GetAuthorizationToken"]}},
}
STATE = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"


def make_trail(place: Place) -> None:
    """A bucket and a trail of this Region that records management events, reads too. The first copy of them is free."""
    name = bucket(place.account, place.region)
    s3 = place.client("s3")
    elsewhere = {"CreateBucketConfiguration": {"LocationConstraint": place.region}}
    s3.create_bucket(Bucket=name, **({} if place.region == "us-east-1" else elsewhere))
    s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": [{"Key": TAG, "Value": "1"}]})
    s3.put_bucket_policy(Bucket=name, Policy=json.dumps(_trail_may_write(place, name)))
    trail = place.client("cloudtrail")
    trail.create_trail(Name=NAME, S3BucketName=name, TagsList=[{"Key": TAG, "Value": "1"}])
    trail.start_logging(Name=NAME)


def listen(place: Place) -> None:
    """The queue, and the rules that fill it."""
    sqs, events = place.client("sqs"), place.client("events")
    url = sqs.create_queue(QueueName=QUEUE, tags={TAG: "1"}, Attributes={"MessageRetentionPeriod": "86400"})["QueueUrl"]
    queue = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sources = []
    for name, pattern in PATTERNS.items():
        made = events.put_rule(
            Name=name, EventPattern=json.dumps(pattern), State=STATE, Tags=[{"Key": TAG, "Value": "1"}]
        )
        sources.append(made["RuleArn"])
    admit = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": queue,
        "Condition": {"ArnEquals": {"aws:SourceArn": sources}},
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [admit]})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    for name in PATTERNS:
        events.put_targets(Rule=name, Targets=[{"Id": "queue", "Arn": queue}])


def heard(place: Place) -> list[dict[str, Any]]:
    """The events that have come since this was asked last."""
    sqs = place.client("sqs")
    url = sqs.get_queue_url(QueueName=QUEUE)["QueueUrl"]
    found: list[dict[str, Any]] = []
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=5).get("Messages"):
        for message in messages:
            found.append(json.loads(message["Body"]))
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return found


def _trail_may_write(place: Place, name: str) -> Mapping[str, Any]:
    partition = place.client("sts").get_caller_identity()["Arn"].split(":")[1]
    trail = f"arn:{partition}:cloudtrail:{place.region}:{place.account}:trail/{NAME}"
    common = {
        "Effect": "Allow",
        "Principal": {"Service": "cloudtrail.amazonaws.com"},
        "Condition": {"StringEquals": {"aws:SourceArn": trail}},
    }
    owner = {"StringEquals": {"aws:SourceArn": trail, "s3:x-amz-acl": "bucket-owner-full-control"}}
    objects = f"arn:{partition}:s3:::{name}/AWSLogs/{place.account}/*"
    return {
        "Version": "2012-10-17",
        "Statement": [
            {**common, "Action": "s3:GetBucketAcl", "Resource": f"arn:{partition}:s3:::{name}"},
            {**common, "Action": "s3:PutObject", "Resource": objects, "Condition": owner},
        ],
    }
