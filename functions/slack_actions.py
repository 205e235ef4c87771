"""SlackActionsFunction: a click in Slack, by the function's public address; verified, done or handed on, answered."""

import os
from datetime import UTC, datetime
from functools import cache

from aws_lambda_powertools.utilities.typing import LambdaContext

import ecs_medic.quick_start  # noqa: F401 - before what it makes quicker
from ecs_medic.response.click import answer
from ecs_medic.response.desk import Desk
from ecs_medic.response.execution_environment import ExecutionEnvironment
from ecs_medic.response.observed import Observed
from ecs_medic.settings import Settings


def handler(event: object, context: LambdaContext) -> dict[str, object]:
    """Answer one request. What is raised is an HTTP 502 to Slack, which warns who clicked."""
    environment, observed = _environment()
    with observed.run("SlackActionsFunction", context.aws_request_id):
        desk = Desk(
            owner=context.aws_request_id,
            table=environment.table,
            credentials=environment.credentials,
            renewed=environment.renewed_lately,
            groups=environment.groups,
            answer=environment.answer,
            now=lambda: datetime.now(UTC),
            log=observed.log,
        )
        return {"statusCode": answer(event, desk).status}


@cache
def _environment() -> tuple[ExecutionEnvironment, Observed]:
    observed = Observed()
    return ExecutionEnvironment(Settings.from_environment(os.environ), observed.log, observed.meter), observed
