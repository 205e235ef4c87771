"""Start the service's tasks anew, as they are defined.

Source: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateService.html (forceNewDeployment)
"""

from collections.abc import Mapping
from typing import Any

from ecs_medic.aws.reader import Reader
from ecs_medic.facts.fact import Unknown
from ecs_medic.facts.reading import text
from ecs_medic.finding import JsonValue
from ecs_medic.plan import Action, Change
from ecs_medic.remedies.journal import Look, Seen, Write, carry_out
from ecs_medic.remedies.params import text as text_of
from ecs_medic.remedies.receipt import Receipt
from ecs_medic.remedies.remedy import Remedy, Settling
from ecs_medic.remedies.run import Run
from ecs_medic.remedies.services import GRANTS, primary_of, service_of, steady

_STEP = "deployment"


def apply(change: Change, run: Run, receipt: Receipt) -> Receipt:
    """One deployment. A receipt that was begun knows the one before: a second look tells whether it was made."""
    return carry_out(
        Write(
            name=_STEP,
            service="ecs",
            operation="UpdateService",
            params={
                "cluster": text_of(change.params, "cluster"),
                "service": text_of(change.params, "service"),
                "forceNewDeployment": True,
            },
            resource=text_of(change.params, "service"),
            look=_looking(change, run, receipt),
            made=_made,
        ),
        receipt,
        run,
    )


def settled(receipt: Receipt, reader: Reader) -> Settling:
    """When that very deployment has got there: a rollback is none."""
    return steady(receipt.change.params, reader, receipt.made(_STEP, "deployment_id"))


def _looking(change: Change, run: Run, receipt: Receipt) -> Look:
    earlier = receipt.step(_STEP)
    known: list[JsonValue] = [earlier.before.get("deployment_id")] if earlier and earlier.before else []

    def look() -> Seen | Unknown:
        found = service_of(change.params, run.reader)
        if isinstance(found, Unknown):
            return found
        if found is None:
            return Unknown("ecs:DescribeServices", "the service is gone")
        present = text(primary_of(found), "id")
        if not known:
            known.append(present)
        ids: dict[str, JsonValue] = {"deployment_id": present}
        return Seen(present != known[0], made=ids, before=ids, marked=False)

    return look


def _made(answer: Mapping[str, Any]) -> dict[str, JsonValue]:
    return {"deployment_id": text(primary_of(answer.get("service") or {}), "id")}


REMEDY = Remedy(
    action=Action.FORCE_NEW_DEPLOYMENT,
    grants=GRANTS,
    apply=apply,
    settled=settled,
    reversible=False,
)
