"""Invokes a function as Lambda does: JSON in, JSON out, and whatever it does not survive is a failed invocation."""

import json
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from aws_durable_execution_sdk_python.execution import DurableExecutionInvocationInput, InitialExecutionState
from aws_durable_execution_sdk_python.lambda_service import DurableExecutionInvocationOutput
from aws_durable_execution_sdk_python_testing.exceptions import DurableFunctionsTestError, ResourceNotFoundException
from aws_durable_execution_sdk_python_testing.execution import Execution
from aws_durable_execution_sdk_python_testing.invoker import InvokeResponse
from aws_durable_execution_sdk_python_testing.model import LambdaContext

type Handler = Callable[[Any, Any], Any]
"""A Lambda handler as `durable_execution` makes it."""


class Invoker:
    """The testing package's protocol of that name, for handlers of this process."""

    def __init__(self, handlers: Mapping[str, Handler]) -> None:
        self._handlers = handlers

    def create_invocation_input(self, execution: Execution) -> DurableExecutionInvocationInput:
        """What the function is invoked with."""
        return DurableExecutionInvocationInput(
            durable_execution_arn=execution.durable_execution_arn,
            checkpoint_token=execution.get_new_checkpoint_token(),
            initial_execution_state=InitialExecutionState(operations=list(execution.operations), next_marker=""),
        )

    def invoke(
        self,
        function_name: str,
        input: DurableExecutionInvocationInput,  # noqa: A002 - the protocol's name
        endpoint_url: str | None = None,  # noqa: ARG002 - the protocol's
    ) -> InvokeResponse:
        """Invokes it once.

        Raises:
            ResourceNotFoundException: there is no such function.
            DurableFunctionsTestError: the function ended without an answer, as when its process dies.
        """
        if function_name not in self._handlers:
            raise ResourceNotFoundException(f"Function not found: {function_name}")
        context = LambdaContext(aws_request_id=str(uuid.uuid4()), function_name=function_name)
        event = json.loads(json.dumps(input.to_json_dict()))
        try:
            answer = json.loads(json.dumps(self._handlers[function_name](event, context)))
        except BaseException as error:
            raise DurableFunctionsTestError(f"{function_name} ended with {type(error).__name__}: {error}") from error
        return InvokeResponse(DurableExecutionInvocationOutput.from_dict(answer), context.aws_request_id)

    def update_endpoint(self, endpoint_url: str, region_name: str) -> None:
        """Nothing: the handlers are in this process."""
