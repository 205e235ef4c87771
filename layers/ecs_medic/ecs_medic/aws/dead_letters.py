"""The dead-letter queue: where an event goes that cannot be used, with the reason, so that nothing is lost silently."""

import json
from typing import Any

LONGEST_BODY = 1_000_000
"""Bytes; SQS takes 1 MiB. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html"""


def put_aside(sqs: Any, queue_url: str, event: object, reason: str) -> None:
    """Keep the event: the message's body is `{"reason": …, "event": …}`.

    `sqs` is a boto3 client. What is too long for a message keeps its beginning as text under `event_beginning`.

    Raises:
        botocore.exceptions.ClientError: the queue refuses it; the caller lets Lambda try again.
    """
    body = json.dumps({"reason": reason, "event": event}, default=str)
    if len(body.encode()) > LONGEST_BODY:
        beginning = json.dumps(event, default=str)[: LONGEST_BODY // 8]
        body = json.dumps({"reason": reason, "event_beginning": beginning})
    sqs.send_message(QueueUrl=queue_url, MessageBody=body)
