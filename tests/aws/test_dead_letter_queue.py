"""The dead-letter queue: how long what is received stays hidden, and what is not given back."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from ecs_medic.aws.dead_letter_queue import HIDDEN_SECONDS, DeadLetterQueue
from ecs_medic.aws.refusals import Reason, Refused
from ecs_medic.aws.writer import Done, Writer, Written
from sandbox.client import REGION, Sandbox

GONE_BACK = (
    f"Value {'A' * 2000} for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available "
    "for visibility timeout change."
)


class Answers(Writer):
    """Answers every call with the next of these, and keeps what was asked."""

    def __init__(self, *answers: Written) -> None:
        self.answers: Iterator[Written] = iter(answers)
        self.asked: list[Mapping[str, Any]] = []

    def write(self, service: str, operation: str, params: Mapping[str, Any], *, region: str | None = None) -> Written:
        self.asked.append(params)
        return next(self.answers)


def batch(*failed: Mapping[str, Any]) -> Done:
    return Done("sqs:ChangeMessageVisibilityBatch", {"Successful": [], "Failed": list(failed)} if failed else {})


def not_given_back(code: str, message: str = "", *, sender: bool = True) -> Mapping[str, Any]:
    return {"Id": "0", "Code": code, "Message": message, "SenderFault": sender}


def given_back(*answers: Written) -> Refused | None:
    return DeadLetterQueue(Answers(*answers), "https://sqs").give_back([f"r{number}" for number in range(12)])


def test_the_longer_it_takes_the_longer_they_are_hidden():
    """So that what was left in place does not come again and again before the rest."""
    times = iter([1000.0, 1060.0, 1300.0, 1000.0 + 7 * 24 * 3600])
    writer = Answers(*[Done("sqs:ReceiveMessage", {})] * 4)
    queue = DeadLetterQueue(writer, "https://sqs", clock=lambda: next(times))
    for _ in range(4):
        queue.receive(10)
    longest = 12 * 60 * 60  # SQS hides nothing for longer
    assert [one["VisibilityTimeout"] for one in writer.asked] == [HIDDEN_SECONDS, HIDDEN_SECONDS, 300, longest]


def test_what_is_given_back_is_there_at_once(account: Sandbox):
    sqs = account.client("sqs")
    url = sqs.create_queue(QueueName="dead")["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="{}")
    queue = DeadLetterQueue(Writer(REGION, gate=lambda: None), url)
    (one,) = queue.receive(10)
    assert queue.receive(10) == ()
    assert queue.give_back([one.receipt]) is None
    assert queue.give_back([one.receipt]) is None  # it is there already
    assert len(queue.receive(10)) == 1


@pytest.mark.parametrize(
    ("sender", "reason"),
    [(True, Reason.INVALID), (False, Reason.UNSURE)],
)
def test_a_single_message_that_is_not_given_back_is_said(sender, reason):
    refused = given_back(batch(not_given_back("InternalError", "try later", sender=sender)), batch())
    assert refused == Refused("sqs:ChangeMessageVisibilityBatch", reason, "InternalError: try later")


def test_what_everybody_sees_already_is_not_said():
    in_flight = not_given_back("AWS.SimpleQueueService.MessageNotInflight")
    assert given_back(batch(in_flight, not_given_back("InvalidParameterValue", GONE_BACK)), batch()) is None


def test_one_batch_that_is_refused_is_said_though_the_next_is_not():
    denied = Refused("sqs:ChangeMessageVisibilityBatch", Reason.DENIED, "no", "sqs:ChangeMessageVisibility")
    assert given_back(denied, batch()) == denied
