"""SweepFunction: once a minute, what no event brings about; the input is of no account."""

import os
from dataclasses import asdict
from functools import cache

from aws_lambda_powertools.utilities.typing import LambdaContext

import ecs_medic.quick_start  # noqa: F401 - before what it makes quicker
from ecs_medic.response.execution_environment import ExecutionEnvironment
from ecs_medic.response.observed import Observed
from ecs_medic.response.own_account import own_account
from ecs_medic.response.sweep import sweep
from ecs_medic.response.time_left import seconds_left
from ecs_medic.settings import Settings


def handler(event: object, context: LambdaContext) -> dict[str, object]:  # noqa: ARG001 - Lambda passes it
    """Take up what is due; returns how much that was."""
    environment, observed = _environment()
    with observed.run("SweepFunction", context.aws_request_id):
        environment.publish_controls()
        left = seconds_left(context)
        account = own_account(context, os.environ)
        around = environment.surroundings(context.aws_request_id, seconds_left=left, account=account)
        done = asdict(sweep(around, seconds_left=left))
        if any(done.values()):
            observed.log.info("swept", extra={"done": done})
        return done


@cache
def _environment() -> tuple[ExecutionEnvironment, Observed]:
    observed = Observed()
    settings = Settings.from_environment(os.environ)
    return ExecutionEnvironment(settings, observed.log, observed.meter, observed.about), observed
