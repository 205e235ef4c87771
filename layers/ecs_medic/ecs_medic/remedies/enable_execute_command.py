"""Let the tasks that the service starts from now on have ECS Exec.

Source: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateService.html (enableExecuteCommand)
"""

from ecs_medic.facts.fact import Unknown
from ecs_medic.facts.reading import flag
from ecs_medic.plan import Action, Change
from ecs_medic.remedies.journal import Look, Seen, TakingBack, Write, carry_out, take_back
from ecs_medic.remedies.params import Params, text
from ecs_medic.remedies.receipt import Receipt
from ecs_medic.remedies.remedy import Remedy
from ecs_medic.remedies.run import Run
from ecs_medic.remedies.services import GRANTS, service_of

_STEP = "execute_command"


def apply(change: Change, run: Run, receipt: Receipt) -> Receipt:
    """The flag alone: it starts no deployment by itself."""
    return carry_out(
        Write(
            name=_STEP,
            service="ecs",
            operation="UpdateService",
            params=_request(change.params, on=True),
            resource=text(change.params, "service"),
            look=_looking(change.params, run),
        ),
        receipt,
        run,
    )


def undo(receipt: Receipt, run: Run) -> Receipt:
    """The flag as it was."""
    params = receipt.change.params
    back = TakingBack(_STEP, "ecs", "UpdateService", _request(params, on=False), _looking(params, run))
    return take_back(back, receipt, run)


def _request(params: Params, *, on: bool) -> dict[str, object]:
    return {"cluster": text(params, "cluster"), "service": text(params, "service"), "enableExecuteCommand": on}


def _looking(params: Params, run: Run) -> Look:
    def look() -> Seen | Unknown:
        found = service_of(params, run.reader)
        if isinstance(found, Unknown):
            return found
        on = found is not None and flag(found, "enableExecuteCommand") is True
        return Seen(on, before={"enable_execute_command": on}, marked=False)

    return look


REMEDY = Remedy(
    action=Action.ENABLE_EXECUTE_COMMAND,
    grants=GRANTS,
    apply=apply,
    undo=undo,
)
