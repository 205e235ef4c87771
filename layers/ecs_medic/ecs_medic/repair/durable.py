"""The steps of a workflow as operations of a durable execution of AWS Lambda.

Source: https://docs.aws.amazon.com/lambda/latest/dg/durable-functions.html

The function is gone through from its start whenever Lambda resumes it; what was finished before gives its kept result.
It is suspended by an exception that is no `Exception`: a workflow must not catch `BaseException`, and what it does in
`finally` is done at every suspension.
"""

import json
from collections.abc import Callable, Mapping
from typing import cast

from aws_durable_execution_sdk_python import DurableContext
from aws_durable_execution_sdk_python.config import CallbackConfig, Duration, JitterStrategy, StepConfig
from aws_durable_execution_sdk_python.exceptions import CallbackError, StepError
from aws_durable_execution_sdk_python.retries import RetryDecision
from aws_durable_execution_sdk_python.serdes import JsonSerDes
from botocore.exceptions import BotoCoreError, ClientError

from ecs_medic.aws.errors import AwsUnavailable
from ecs_medic.finding import JsonValue
from ecs_medic.ledger.errors import LedgerBusy, LedgerRefused
from ecs_medic.repair.steps import Answer, StepFailed
from ecs_medic.slack.errors import SlackError

ATTEMPTS = 6
"""Of one step, before what it raises is the workflow's."""
LARGEST_RESULT = 255 * 1024
"""Bytes of JSON. Lambda keeps 256 KiB of one operation, and ends the whole execution at a larger one."""
LONGEST_ERROR = 2000
"""Characters of an exception's words that are kept, for the same reason."""

_MENDABLE = (AwsUnavailable, BotoCoreError, ClientError, LedgerBusy, LedgerRefused, OSError, SlackError)
"""What another attempt may mend: something on the way. Anything else is a mistake, and stays one."""
_FIRST_DELAY, _GROWTH, _LONGEST_DELAY = 5, 3, 300


class Shortened(Exception):  # noqa: N818 - named after what happened
    """A step's exception had more words than can be kept: these are the first ones, and it is the cause."""


class ResultTooLarge(ValueError):  # noqa: N818 - named after what happened
    """A step gave more than can be kept."""


class DurableSteps:
    """Implements `ecs_medic.repair.steps.Steps`; one for each invocation of the function."""

    def __init__(self, context: DurableContext) -> None:
        self._context = context

    def do(self, name: str, work: Callable[[], JsonValue]) -> JsonValue:
        """The result of the work.

        Raises:
            StepFailed: it raised at its last attempt; the same whenever the function is gone through again.
        """
        config = StepConfig(retry_strategy=again, serdes=JsonSerDes())
        try:
            return self._context.step(lambda _: _kept(work), name=name, config=config)
        except StepError as error:
            raise StepFailed(error.message or "it gave no reason") from None

    def wait(self, name: str, seconds: int) -> None:
        """Suspends the execution for so long, and for a second at least."""
        self._context.wait(Duration.from_seconds(max(1, seconds)), name=name)

    def ask(self, name: str, put: Callable[[str], None], seconds: int) -> Answer | None:
        """Suspends the execution until the callback is answered with a JSON object.

        None where it was answered with anything else as well: that is no consent.
        """
        timeout = CallbackConfig(timeout=Duration.from_seconds(max(1, seconds)))
        callback = self._context.create_callback(name, config=timeout)
        self.do(f"{name}: put", lambda: put(callback.callback_id))
        try:
            return _answer(callback.result())
        except CallbackError:
            return None


def again(error: Exception, attempts_made: int) -> RetryDecision:
    """Whether a step is tried again, and when: after 5, 15, 45, 135 and 300 seconds, or a random part of that."""
    cause = error.__cause__ if isinstance(error, Shortened) else error
    if attempts_made >= ATTEMPTS or not isinstance(cause, _MENDABLE):
        return RetryDecision.no_retry()
    delay = min(_FIRST_DELAY * _GROWTH ** (attempts_made - 1), _LONGEST_DELAY)
    return RetryDecision.retry(Duration.from_seconds(JitterStrategy.HALF.finalize_delay(delay)))


def _kept(work: Callable[[], JsonValue]) -> JsonValue:
    try:
        result = work()
    except Exception as error:
        words = str(error)
        if len(words) > LONGEST_ERROR:
            raise Shortened(f"{type(error).__name__}: {words[:LONGEST_ERROR]} …") from error
        raise
    size = len(json.dumps(result).encode())
    if size > LARGEST_RESULT:
        raise ResultTooLarge(f"the step's result has {size} bytes of JSON, and {LARGEST_RESULT} can be kept")
    return result


def _answer(received: object) -> Answer | None:
    try:
        answer = json.loads(received) if isinstance(received, str | bytes) else received
    except ValueError:
        return None
    return cast("Answer", answer) if isinstance(answer, Mapping) else None
