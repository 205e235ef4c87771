"""The dead-letter queue, as whoever takes messages out of it sees it; and the way back of an event.

Sources: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html,
https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
"""

import json
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import batched
from typing import Any

from ecs_medic.aws.errors import in_short
from ecs_medic.aws.refusals import Reason, Refused
from ecs_medic.aws.writer import Done, Writer
from ecs_medic.facts.missing_permission import with_missing_permission

HIDDEN_SECONDS = 120
"""How long nobody else receives a message that was received and, by whatever crash, not given back.

Where more time has passed since the first one was received, as long as that: what was left in place would otherwise
come again and again, before the rest of a long queue.
"""
_LONGEST_HIDDEN = 12 * 60 * 60
"""SQS hides nothing for longer."""
_VISIBLE = ("MessageNotInflight", "not available for visibility timeout change")
"""How SQS says that there is nothing to give back: everybody sees it already, or it is gone."""
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
        super().__init__(with_missing_permission(f"{refused.source}: {refused.words}", refused.missing_permission))


class DeadLetterQueue:
    """The queue, by its URL."""

    def __init__(self, writer: Writer, url: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` tells seconds that pass."""
        self._writer = writer
        self._url = url
        self._clock = clock
        self._began: float | None = None

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
        """Some messages, at least one while any is visible; nobody else receives them for at least `HIDDEN_SECONDS`.

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
                "VisibilityTimeout": self._hidden_seconds(),
                "WaitTimeSeconds": _WAIT_SECONDS,
                "MessageAttributeNames": ["All"],
                "MessageSystemAttributeNames": ["SentTimestamp", "ApproximateReceiveCount"],
            },
        )
        if isinstance(answer, Refused):
            raise QueueFailedError(answer)
        return tuple(map(_message, answer.answer.get("Messages", ())))

    def _hidden_seconds(self) -> int:
        now = self._clock()
        if self._began is None:
            self._began = now
        return min(max(HIDDEN_SECONDS, int(now - self._began)), _LONGEST_HIDDEN)

    def delete(self, message: Message) -> Refused | None:
        """Take it out for good; why not, where the queue refuses."""
        answer = self._writer.write("sqs", "DeleteMessage", {"QueueUrl": self._url, "ReceiptHandle": message.receipt})
        return answer if isinstance(answer, Refused) else None

    def give_back(self, receipts: Iterable[str]) -> Refused | None:
        """Let everybody see them again at once; why not, where SQS refuses any: those come back by themselves."""
        refused: Refused | None = None
        for some in batched(receipts, _MOST_AT_ONCE, strict=False):
            entries = [
                {"Id": str(number), "ReceiptHandle": receipt, "VisibilityTimeout": 0}
                for number, receipt in enumerate(some)
            ]
            params = {"QueueUrl": self._url, "Entries": entries}
            answer = self._writer.write("sqs", "ChangeMessageVisibilityBatch", params)
            refused = (answer if isinstance(answer, Refused) else _not_given_back(answer)) or refused
        return refused


def _not_given_back(answer: Done) -> Refused | None:
    """SQS answers for each message of a batch by itself."""
    for one in answer.answer.get("Failed", ()):
        code, message = one.get("Code", "error"), one.get("Message", "")
        if not any(visible in f"{code}: {message}" for visible in _VISIBLE):
            reason = Reason.INVALID if one.get("SenderFault") else Reason.UNSURE
            return Refused(answer.source, reason, in_short(code, message))
    return None


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
