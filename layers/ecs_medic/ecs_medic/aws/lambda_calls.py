"""Starting a durable execution of a Lambda function, and answering the question that one waits with.

Sources: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html,
https://docs.aws.amazon.com/lambda/latest/api/API_SendDurableExecutionCallbackSuccess.html
"""

import json
from collections.abc import Mapping
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from ecs_medic.aws.errors import in_short
from ecs_medic.finding import JsonValue

CONFIG = Config(connect_timeout=2, read_timeout=5, retries={"total_max_attempts": 2})
"""For the client that these functions are given: what does not work soon is tried again by the sweep."""

_STARTED_ALREADY = "DurableExecutionAlreadyStartedException"
_CLOSED = frozenset({"CallbackTimeoutException", "InvalidParameterValueException", "ResourceNotFoundException"})


class LambdaFailed(Exception):  # noqa: N818 - named after what happened
    """Lambda did not take the call, or nobody knows whether it did; trying again does no harm."""


class CallbackClosed(LambdaFailed):
    """Nobody waits for this answer any more: it was given already, or its time is over."""


def start_execution(client: Any, function: str, name: str, payload: Mapping[str, JsonValue]) -> None:
    """Start the execution of that name, once: a second start of the same name with the same payload does nothing.

    `client` is boto3's for `lambda`, `function` the ARN of a version or an alias: durable executions need one.

    Raises:
        LambdaFailed: Lambda did not take it, as far as is known.
    """
    try:
        client.invoke(
            FunctionName=function,
            InvocationType="Event",
            DurableExecutionName=name,
            Payload=json.dumps(payload).encode(),
        )
    except ClientError as error:
        if _code(error) != _STARTED_ALREADY:
            raise LambdaFailed(_words(error)) from None
    except (BotoCoreError, ResponseParserError) as error:
        raise LambdaFailed(f"{type(error).__name__}: {error}") from None


def send_callback(client: Any, callback_id: str, answer: Mapping[str, JsonValue]) -> None:
    """Let the execution that waits with this callback go on with the answer.

    Raises:
        CallbackClosed: it does not wait for it any more.
        LambdaFailed: Lambda did not take it, as far as is known.
    """
    try:
        client.send_durable_execution_callback_success(CallbackId=callback_id, Result=json.dumps(answer).encode())
    except ClientError as error:
        raise (CallbackClosed if _code(error) in _CLOSED else LambdaFailed)(_words(error)) from None
    except (BotoCoreError, ResponseParserError) as error:
        raise LambdaFailed(f"{type(error).__name__}: {error}") from None


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code") or "")


def _words(error: ClientError) -> str:
    return in_short(_code(error) or "error", str(error.response.get("Error", {}).get("Message") or ""))
