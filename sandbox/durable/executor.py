"""AWS's own executor of durable executions, with what a service has beyond a test run.

Invocations run beside one another, and one at a time for each execution. What arrives for an execution during an
invocation is kept until that has ended: the testing package would otherwise make the invocation's next checkpoint fail,
or lose what arrived.
"""

import asyncio
import contextlib
import threading
from collections.abc import Callable, Iterator

from aws_durable_execution_sdk_python.lambda_service import ErrorObject, OperationStatus, OperationType
from aws_durable_execution_sdk_python_testing.checkpoint.processor import CheckpointProcessor
from aws_durable_execution_sdk_python_testing.exceptions import (
    CallbackTimeoutException,
    IllegalStateException,
    InvalidParameterValueException,
    ResourceNotFoundException,
)
from aws_durable_execution_sdk_python_testing.execution import Execution
from aws_durable_execution_sdk_python_testing.executor import Executor
from aws_durable_execution_sdk_python_testing.invoker import Invoker
from aws_durable_execution_sdk_python_testing.model import (
    SendDurableExecutionCallbackFailureResponse,
    SendDurableExecutionCallbackSuccessResponse,
)
from aws_durable_execution_sdk_python_testing.scheduler import Scheduler
from aws_durable_execution_sdk_python_testing.stores.memory import InMemoryExecutionStore
from aws_durable_execution_sdk_python_testing.token import CallbackToken

STOP_SECONDS = 10.0
RETRY_SECONDS = 5.0
"""Before an invocation that failed is repeated."""


class CallbackClosed(CallbackTimeoutException):
    """As Lambda answers it, which is not as the testing package does."""

    http_status_code = 400


class DurableExecutor(Executor):
    """`speed` is how many times faster than in Lambda waits and retries go by. Questions keep their time.

    `skipped` is how many seconds of waits that are over were not waited.
    """

    def __init__(self, invoker: Invoker, speed: float, patience: int) -> None:
        """`patience` is how many invocations of one execution may fail."""
        self.MAX_CONSECUTIVE_FAILED_ATTEMPTS = patience
        self._speed = speed
        self._clock = _Scheduler()
        store = InMemoryExecutionStore()
        checkpoints = CheckpointProcessor(store, self._clock)
        super().__init__(store, self._clock, invoker, checkpoints)
        checkpoints.add_execution_observer(self)
        self._guard = threading.Lock()
        self._waits: dict[tuple[str, str], float] = {}
        self.skipped = 0.0
        self._turns: dict[str, threading.RLock] = {}
        self._ended: dict[str, threading.Event] = {}
        self._clock.start()  # type: ignore[no-untyped-call]

    def stop(self) -> None:
        """Ends what is under way, within seconds."""
        self._clock.stop()

    def wait_until_ended(self, execution_arn: str, seconds: float) -> bool:
        """Whether it ended within so long."""
        return self._end_of(execution_arn).wait(seconds)

    def questions(self, execution_arn: str) -> tuple[str, ...]:
        """The callbacks that wait for an answer."""
        with self._turn_of(execution_arn):
            return tuple(_open_callbacks(self.get_execution(execution_arn)))

    def expire(self, execution_arn: str) -> int:
        """Lets the time of every open question be over now; how many there were."""
        with self._turn_of(execution_arn):
            questions = self.questions(execution_arn)
            for callback_id in questions:
                self._on_callback_timeout(execution_arn, callback_id)
            return len(questions)

    def send_callback_success(
        self, callback_id: str, result: bytes | None = None
    ) -> SendDurableExecutionCallbackSuccessResponse:
        """Answers a question.

        Raises:
            InvalidParameterValueException: that is no callback id.
            ResourceNotFoundException: nobody asked that.
            CallbackClosed: it is answered already, or its time is over.
        """
        with self._question(callback_id):
            return super().send_callback_success(callback_id, result)

    def send_callback_failure(
        self, callback_id: str, error: ErrorObject | None = None
    ) -> SendDurableExecutionCallbackFailureResponse:
        """Answers a question with a failure; raises the same."""
        with self._question(callback_id):
            return super().send_callback_failure(callback_id, error)

    def on_wait_timer_scheduled(self, execution_arn: str, operation_id: str, delay: float) -> None:
        """A wait has begun."""
        with self._guard:
            self._waits[execution_arn, operation_id] = delay - delay / self._speed
        super().on_wait_timer_scheduled(execution_arn, operation_id, delay / self._speed)

    def on_step_retry_scheduled(self, execution_arn: str, operation_id: str, delay: float) -> None:
        """A step failed, and is to be tried again."""
        super().on_step_retry_scheduled(execution_arn, operation_id, delay / self._speed)

    def _invoke_execution(self, execution_arn: str, delay: float = 0) -> None:
        super()._invoke_execution(execution_arn, RETRY_SECONDS / self._speed if delay else 0)

    def _invoke_handler(self, execution_arn: str) -> Callable[[], None]:  # type: ignore[override]
        invoke = super()._invoke_handler(execution_arn)

        def in_its_turn() -> None:
            with self._turn_of(execution_arn):
                # Its coroutine waits for nothing: run here, it does not hold up the scheduler.
                asyncio.run(invoke())  # type: ignore[arg-type]

        return in_its_turn

    def _on_wait_succeeded(self, execution_arn: str, operation_id: str) -> None:
        with self._turn_of(execution_arn):
            with self._guard:
                self.skipped += self._waits.pop((execution_arn, operation_id), 0.0)
            super()._on_wait_succeeded(execution_arn, operation_id)

    def _on_retry_ready(self, execution_arn: str, operation_id: str) -> None:
        with self._turn_of(execution_arn):
            super()._on_retry_ready(execution_arn, operation_id)

    def _on_callback_timeout(self, execution_arn: str, callback_id: str) -> None:
        with self._turn_of(execution_arn):
            super()._on_callback_timeout(execution_arn, callback_id)

    def _complete_events(self, execution_arn: str) -> None:
        super()._complete_events(execution_arn)
        self._end_of(execution_arn).set()

    @contextlib.contextmanager
    def _question(self, callback_id: str) -> Iterator[None]:
        try:
            execution_arn = CallbackToken.from_str(callback_id).execution_arn
        except (ValueError, KeyError) as error:
            raise InvalidParameterValueException(f"Invalid callback id: {callback_id}") from error
        with self._turn_of(execution_arn):
            execution = self.get_execution(execution_arn)
            try:
                _, operation = execution.find_callback_operation(callback_id)
            except IllegalStateException as error:
                raise ResourceNotFoundException(str(error)) from error
            if execution.is_complete or operation.status is not OperationStatus.STARTED:
                raise CallbackClosed("The callback has expired or has already been closed.")
            yield

    def _turn_of(self, execution_arn: str) -> threading.RLock:
        with self._guard:
            return self._turns.setdefault(execution_arn, threading.RLock())

    def _end_of(self, execution_arn: str) -> threading.Event:
        with self._guard:
            return self._ended.setdefault(execution_arn, threading.Event())


class _Scheduler(Scheduler):
    """The testing package's, which leaves its event loop open when it stops."""

    def stop(self) -> None:
        if not self.is_started():
            return
        super().stop()  # type: ignore[no-untyped-call]
        self._loop.run_until_complete(self._finish())
        self._loop.close()

    async def _finish(self) -> None:
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.wait_for(self._loop.shutdown_default_executor(), STOP_SECONDS)


def _open_callbacks(execution: Execution) -> Iterator[str]:
    for operation in execution.operations:
        is_open = operation.operation_type is OperationType.CALLBACK and operation.status is OperationStatus.STARTED
        if is_open and operation.callback_details:
            yield operation.callback_details.callback_id
