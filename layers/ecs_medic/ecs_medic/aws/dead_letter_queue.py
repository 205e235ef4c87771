"""The dead-letter queue, as whoever takes messages out of it sees it; and the way back of an event.

Sources: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html,
https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import batched
from typing import Any

from ecs_medic.aws.refusals import Refused
from ecs_medic.aws.writer import Writer

HIDDEN_SECONDS = 120
"""How long nobody else receives a message that was received and, by whatever crash, not given back."""
_MOST_AT_ONCE = 10
_WAIT_SECONDS = 1
"""Any wait at all makes SQS ask all its servers: an empty answer then means an empty queue."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message as it was received: `receipt` is what it is deleted or given back by, until it is received again.

    `received` is how often anybody has received it, this time included; `attributes` are its message attributes, as
    text.
    """

    id: str
    receipt: str
    body: str
    sent_at: datetime | None = None
    received: int | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)


class QueueFailedError(Exception):
    """The queue cannot be read; the message says by which call, and which permission was missing."""

    def __init__(self, refused: Refused) -> None:
        self.refused = refused
        missing = f" (missing permission: {refused.missing_permission})" if refused.missing_permission else ""
        super().__init__(f"{refused.source}: {refused.words}{missing}")


class DeadLetterQueue:
    """The queue, by its URL."""

    def __init__(self, writer: Writer, url: str) -> None:
        self._writer = writer
        self._url = url

    def waiting(self) -> int | None:
        """About how many messages there are, those that somebody else has just received included; None: unknown."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        params = {"QueueUrl": self._url, "AttributeNames": names}
        answer = self._writer.write("sqs", "GetQueueAttributes", params)
        if isinstance(answer, Refused):
            return None
        numbers = answer.answer.get("Attributes", {})
        return sum(int(numbers[name]) for name in names) if numbers.keys() >= set(names) else None

    def receive(self, most: int) -> tuple[Message, ...]:
        """Some messages, at least one while any is visible; nobody else receives them for `HIDDEN_SECONDS`.

        Raises:
            QueueFailedError: the queue refuses, or does not answer.
            AwsUnavailable: the credentials are missing, expired or refused.
        """
        answer = self._writer.write(
            "sqs",
            "ReceiveMessage",
            {
                "QueueUrl": self._url,
                "MaxNumberOfMessages": min(most, _MOST_AT_ONCE),
                "VisibilityTimeout": HIDDEN_SECONDS,
                "WaitTimeSeconds": _WAIT_SECONDS,
                "MessageAttributeNames": ["All"],
                "MessageSystemAttributeNames": ["SentTimestamp", "ApproximateReceiveCount"],
            },
        )
        if isinstance(answer, Refused):
            raise QueueFailedError(answer)
        return tuple(map(_message, answer.answer.get("Messages", ())))

    def delete(self, message: Message) -> Refused | None:
        """Take it out for good; why not, where the queue refuses."""
        answer = self._writer.write("sqs", "DeleteMessage", {"QueueUrl": self._url, "ReceiptHandle": message.receipt})
        return answer if isinstance(answer, Refused) else None

    def give_back(self, receipts: Iterable[str]) -> Refused | None:
        """Let everybody see them again at once. What this fails at comes back by itself, after `HIDDEN_SECONDS`."""
        refused: Refused | None = None
        for some in batched(receipts, _MOST_AT_ONCE, strict=False):
            entries = [
                {"Id": str(number), "ReceiptHandle": receipt, "VisibilityTimeout": 0}
                for number, receipt in enumerate(some)
            ]
            params = {"QueueUrl": self._url, "Entries": entries}
            answer = self._writer.write("sqs", "ChangeMessageVisibilityBatch", params)
            refused = answer if isinstance(answer, Refused) else refused
        return refused


def hand_over(writer: Writer, function: str, event: object) -> Refused | None:
    """Give the event to a function, which runs when it can: Lambda tries three times, and keeps what fails for good.

    Returns why not, where Lambda has not taken it, or nobody knows whether it did.
    """
    payload = json.dumps(event).encode()
    answer = writer.write("lambda", "Invoke", {"FunctionName": function, "InvocationType": "Event", "Payload": payload})
    return answer if isinstance(answer, Refused) else None


def _message(raw: Mapping[str, Any]) -> Message:
    system = raw.get("Attributes", {})
    sent, received = system.get("SentTimestamp"), system.get("ApproximateReceiveCount")
    return Message(
        id=raw["MessageId"],
        receipt=raw["ReceiptHandle"],
        body=raw.get("Body", ""),
        sent_at=datetime.fromtimestamp(int(sent) / 1000, UTC) if sent else None,
        received=int(received) if received else None,
        attributes={
            name: value["StringValue"]
            for name, value in raw.get("MessageAttributes", {}).items()
            if value.get("StringValue") is not None
        },
    )
