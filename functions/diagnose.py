"""DiagnoseFunction: an EventBridge event in; counted, or diagnosed and told in Slack."""

import os
from dataclasses import asdict
from functools import cache

from aws_lambda_powertools.utilities.typing import LambdaContext

import ecs_medic.quick_start  # noqa: F401 - before what it makes quicker
from ecs_medic.response.execution_environment import ExecutionEnvironment
from ecs_medic.response.observed import Observed
from ecs_medic.response.own_account import own_account
from ecs_medic.response.respond import respond
from ecs_medic.response.time_left import seconds_left
from ecs_medic.settings import Settings


def handler(event: object, context: LambdaContext) -> dict[str, object]:
    """Answer one event as the contract of DiagnoseFunction says. What is raised, Lambda tries again and then keeps."""
    environment, observed = _environment()
    with observed.run("DiagnoseFunction", context.aws_request_id):
        around = environment.surroundings(
            context.aws_request_id, seconds_left=seconds_left(context), account=own_account(context, os.environ)
        )
        response = asdict(respond(event, around))
        observed.about(response["incident_id"])
        # A storm is thousands of these two: their number is a metric.
        quiet = response["status"] in {"counted", "duplicate"}
        (observed.log.debug if quiet else observed.log.info)("answered", extra={"response": response})
        return response


@cache
def _environment() -> tuple[ExecutionEnvironment, Observed]:
    observed = Observed()
    settings = Settings.from_environment(os.environ)
    return ExecutionEnvironment(settings, observed.log, observed.meter, observed.about), observed
