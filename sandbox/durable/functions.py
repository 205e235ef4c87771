"""Durable functions whose handlers run in this process, under the endpoint of an embedded account.

    with DurableFunctions.start(sandbox, {"RemediateFunction": handler}) as functions:
        boto3.client("lambda").invoke(FunctionName=functions.alias("RemediateFunction"), InvocationType="Event", …)
        functions.wait("run-0123456789ab")

The handlers, and whatever they call, find the account by this process's environment (`sandbox.environ()`).
"""

import contextlib
import json
import math
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from aws_durable_execution_sdk_python.lambda_service import LambdaClient, OperationType
from aws_durable_execution_sdk_python_testing.exceptions import (
    InvalidParameterValueException,
    ResourceNotFoundException,
)
from aws_durable_execution_sdk_python_testing.model import StartDurableExecutionInput

from sandbox.client import REGION, Sandbox
from sandbox.durable.executor import DurableExecutor
from sandbox.durable.invoker import Handler, Invoker
from sandbox.durable.server import AlreadyStarted, Server

ACCOUNT = "123456789012"
ALIAS = "live"
SKIPPED = math.inf
"""A speed: waits and retries take no time."""
PATIENCE = 5
LONGEST_DAYS = 14
POLL_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of an execution, as Lambda keeps it: `kind` is STEP, WAIT or CALLBACK."""

    name: str
    kind: str
    status: str
    attempts: int


@dataclass(frozen=True, slots=True)
class Ended:
    """How an execution ended: SUCCEEDED with what the handler returned, or FAILED, TIMED_OUT, STOPPED with the error's
    words.
    """

    status: str
    result: Any
    error: str | None


class DurableFunctions:
    """Started by `start`; its executions are named as the invocations named them."""

    def __init__(self, handlers: Mapping[str, Handler], *, speed: float, patience: int) -> None:
        self._handlers = handlers
        self._executor = DurableExecutor(Invoker(handlers), speed, patience)
        self._server = Server(self._executor, self)
        self._started: dict[str, tuple[str, str]] = {}
        self._lock = threading.Lock()

    @classmethod
    @contextlib.contextmanager
    def start(
        cls,
        sandbox: Sandbox | None,
        handlers: Mapping[str, Handler],
        *,
        speed: float = SKIPPED,
        patience: int = PATIENCE,
    ) -> Iterator[Self]:
        """Offers them under the account's endpoint until the block ends; only one can be offered at a time.

        `speed` is how many times faster than in Lambda waits and retries go by; questions keep their time. `patience`
        is how many invocations of one execution may fail. Without an account they are offered at `url` alone.
        """
        functions = cls(handlers, speed=speed, patience=patience)
        # The SDK keeps one client for the whole process, which may be another account's.
        LambdaClient._cached_boto_client = None  # noqa: SLF001 - it offers no other way
        serving = threading.Thread(target=functions._server.serve_forever, kwargs={"poll_interval": POLL_SECONDS})
        serving.start()
        if sandbox:
            sandbox.offer_durable_functions(functions.url)
        try:
            yield functions
        finally:
            if sandbox:
                sandbox.offer_durable_functions(None)
            functions._server.shutdown()
            functions._server.server_close()
            serving.join()
            functions._executor.stop()
            LambdaClient._cached_boto_client = None  # noqa: SLF001 - as above

    @property
    def url(self) -> str:
        """Where Lambda's API for durable executions is answered."""
        return self._server.url

    @staticmethod
    def alias(function: str) -> str:
        """The ARN of its alias, which invocations name."""
        return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{function}:{ALIAS}"

    @property
    def executions(self) -> tuple[str, ...]:
        """The names of those that were started, in order."""
        with self._lock:
            return tuple(self._started)

    def now(self) -> datetime:
        """The time as it would be had nobody skipped a wait."""
        return datetime.now(UTC) + timedelta(seconds=self._executor.skipped)

    def wait(self, name: str, seconds: float = 60.0) -> Ended:
        """Waits for the end of that execution; TimeoutError when it takes longer."""
        arn = self._arn(name)
        if not self._executor.wait_until_ended(arn, seconds):
            raise TimeoutError(f"{name} has not ended within {seconds} s: {self.operations(name)}")
        details = self._executor.get_execution_details(arn)
        error = details.error.message if details.error else None
        return Ended(details.status, json.loads(details.result) if details.result else None, error)

    def operations(self, name: str) -> tuple[Operation, ...]:
        """What the execution has done so far."""
        kept = self._executor.get_execution(self._arn(name)).operations
        return tuple(
            Operation(
                one.name or "",
                one.operation_type.value,
                one.status.value,
                one.step_details.attempt if one.step_details else 0,
            )
            for one in list(kept)
            if one.operation_type is not OperationType.EXECUTION
        )

    def questions(self, name: str) -> tuple[str, ...]:
        """The ids of the execution's open callbacks."""
        return self._executor.questions(self._arn(name))

    def expire(self, name: str) -> int:
        """Lets the time of the execution's open questions be over; how many there were."""
        return self._executor.expire(self._arn(name))

    def start_execution(self, function: str, qualifier: str | None, name: str | None, kind: str, payload: str) -> str:
        """What Invoke does.

        Source: https://docs.aws.amazon.com/lambda/latest/dg/durable-execution-idempotency.html

        Raises:
            InvalidParameterValueException: not by name, not as an event, or without version or alias.
            ResourceNotFoundException: there is no such function.
            AlreadyStarted: the name is taken, by one with another payload.
        """
        function, qualifier = _parts(function, qualifier)
        if function not in self._handlers:
            raise ResourceNotFoundException(f"Function not found: {function}")
        if name is None or kind != "Event" or qualifier is None:
            raise InvalidParameterValueException(
                "Here durable functions are invoked by alias, as an event, with a name."
            )
        with self._lock:
            if name in self._started:
                arn, before = self._started[name]
                if before != payload:
                    raise AlreadyStarted(f"{name} was started with another payload.")
                return arn
            arn = self._begin(function, qualifier, name, payload)
            self._started[name] = (arn, payload)
            return arn

    def _begin(self, function: str, qualifier: str, name: str, payload: str) -> str:
        started = self._executor.start_execution(
            StartDurableExecutionInput(
                account_id=ACCOUNT,
                function_name=function,
                function_qualifier=qualifier,
                execution_name=name,
                execution_timeout_seconds=LONGEST_DAYS * 86400,
                execution_retention_period_days=LONGEST_DAYS,
                input=payload,
            )
        )
        return str(started.execution_arn)

    def _arn(self, name: str) -> str:
        with self._lock:
            return self._started[name][0]


def _parts(function: str, qualifier: str | None) -> tuple[str, str | None]:
    """Name and qualifier: Lambda takes a name, a name with its qualifier, and either kind of ARN."""
    parts = function.split(":function:", 1)[-1].split(":")
    return parts[0], qualifier or (parts[1] if len(parts) > 1 else None)
