"""Stop one task of a service, so that its service starts another.

Source: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_StopTask.html
"""

from ecs_medic.aws.reader import Reader
from ecs_medic.facts.fact import Unknown
from ecs_medic.facts.reading import text
from ecs_medic.plan import Action, Change
from ecs_medic.remedies.journal import Look, Seen, Write, carry_out
from ecs_medic.remedies.looking import only
from ecs_medic.remedies.params import Params
from ecs_medic.remedies.params import text as text_of
from ecs_medic.remedies.receipt import Receipt
from ecs_medic.remedies.remedy import Grant, Remedy, Settling
from ecs_medic.remedies.run import Run
from ecs_medic.remedies.services import ARN as SERVICE_ARN
from ecs_medic.remedies.services import steady

_STEP = "task"


def apply(change: Change, run: Run, receipt: Receipt) -> Receipt:
    """A task that is stopping, or is gone, need not be stopped."""
    task = text_of(change.params, "task_arn")
    return carry_out(
        Write(
            name=_STEP,
            service="ecs",
            operation="StopTask",
            params={
                "cluster": text_of(change.params, "cluster"),
                "task": task,
                "reason": f"Replaced by ecs-medic for {run.incident_id}",
            },
            resource=task,
            look=_looking(change.params, run),
        ),
        receipt,
        run,
    )


def settled(receipt: Receipt, reader: Reader) -> Settling:
    """When the service is complete again."""
    return steady(receipt.change.params, reader)


def _looking(params: Params, run: Run) -> Look:
    def look() -> Seen | Unknown:
        asked = {"cluster": text_of(params, "cluster"), "tasks": [text_of(params, "task_arn")]}
        found = only(run.reader, "ecs", "DescribeTasks", asked, "tasks")
        if isinstance(found, Unknown):
            return found
        return Seen(found is None or text(found, "desiredStatus") == "STOPPED", marked=False)

    return look


REMEDY = Remedy(
    action=Action.REPLACE_TASK,
    grants=(
        Grant(("ecs:StopTask", "ecs:DescribeTasks"), ("arn:{partition}:ecs:{region}:{account}:task/{cluster}/*",)),
        Grant(("ecs:DescribeServices",), (SERVICE_ARN,)),
    ),
    apply=apply,
    settled=settled,
    reversible=False,
)
