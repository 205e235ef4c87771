"""What an ECS Exec session needs.

Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html
"""

from collections.abc import Iterator

from ecs_medic.facts.ecs import ExecConfiguration
from ecs_medic.finding import Phase
from ecs_medic.needs.endpoints import destination
from ecs_medic.needs.need import Need, Purpose
from ecs_medic.needs.surroundings import Surroundings

CHANNEL_ACTIONS = (
    "ssmmessages:CreateControlChannel",
    "ssmmessages:CreateDataChannel",
    "ssmmessages:OpenControlChannel",
    "ssmmessages:OpenDataChannel",
)


def exec_needs(subject: str, configuration: ExecConfiguration | None, around: Surroundings) -> Iterator[Need]:
    """The channel, and the session key where the cluster names one of the customer's own."""
    home, by, role = around.region, around.carriers.application, around.carriers.task_role
    yield Need(
        Purpose.EXEC_CHANNEL, Phase.EXEC, by, destination("ssmmessages", home, home), subject, None, role,
        CHANNEL_ACTIONS, ("*",),
    )  # fmt: skip
    key = configuration.kms_key_id if configuration else None
    if not key:
        return
    if key.startswith("arn:"):
        arn = key
    else:
        kind = "" if key.startswith("alias/") else "key/"
        arn = f"arn:{around.partition}:kms:{home}:{around.account}:{kind}{key}"
    region = arn.split(":")[3] or home
    yield Need(
        Purpose.EXEC_KEY, Phase.EXEC, by, destination("kms", region, home), key, None, role, ("kms:Decrypt",), (arn,)
    )
