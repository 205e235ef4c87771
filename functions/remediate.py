"""RemediateFunction: one run of a repair, as a durable execution; the input is {"run_id"}."""

import os
from functools import cache
from typing import Any

from aws_durable_execution_sdk_python import DurableContext, durable_execution

import ecs_medic.quick_start  # noqa: F401 - before what it makes quicker
from ecs_medic.repair.durable import DurableSteps
from ecs_medic.response.carry_out import carry_out
from ecs_medic.response.execution_environment import ExecutionEnvironment
from ecs_medic.response.observed import Observed
from ecs_medic.response.own_account import own_account
from ecs_medic.response.time_left import seconds_left
from ecs_medic.settings import Settings


@durable_execution
def handler(event: Any, context: DurableContext) -> dict[str, object]:
    """Go on with the run that the input names. What is raised ends it; the sweep then says what it has left."""
    environment, observed = _environment()
    request_id = str(getattr(context.lambda_context, "aws_request_id", "none"))
    with observed.run("RemediateFunction", request_id):
        around = environment.surroundings(
            request_id,
            seconds_left=seconds_left(context.lambda_context),
            account=own_account(context.lambda_context, os.environ),
        )
        return dict(carry_out(str(event["run_id"]), DurableSteps(context), around))


@cache
def _environment() -> tuple[ExecutionEnvironment, Observed]:
    observed = Observed()
    settings = Settings.from_environment(os.environ)
    return ExecutionEnvironment(settings, observed.log, observed.meter, observed.about), observed
