"""The plan of a repair and what became of it, as a report holds them."""

from collections.abc import Iterable, Mapping
from typing import Any

from ecs_medic.plan import Change, Patch, Plan, change_from_json
from ecs_medic.report import model
from ecs_medic.report.change_words import LEAVES_NOTHING, undo
from ecs_medic.report.clean import clean, clean_if, clean_object
from ecs_medic.report.repair_words import STANDS
from ecs_medic.run_state import RunState


def shown_plan(plan: Plan) -> model.Plan:
    """The plan with its price, and with how each change is taken back."""
    costs = [change.monthly_cost_usd for change in plan.changes]
    return model.Plan(
        changes=tuple(map(shown_change, plan.changes)),
        reason_if_empty=clean_if(plan.reason_if_empty),
        monthly_cost_usd=None if None in costs else round(sum(filter(None, costs)), 2),
        patches=tuple(map(shown_patch, plan.patches)),
    )


def shown_change(change: Change) -> model.Change:
    """The change, and how it is taken back."""
    return model.Change(
        action=change.action,
        params=clean_object(change.params),
        safety=change.safety,
        monthly_cost_usd=change.monthly_cost_usd,
        blast_radius=clean(change.blast_radius),
        undo=undo(change.action, change.params),
    )


def shown_patch(patch: Patch) -> model.Patch:
    """The patch; its indentation stays."""
    return model.Patch(
        title=clean(patch.title), cloudformation=clean(patch.cloudformation), terraform=clean(patch.terraform)
    )


def shown_receipt(stored: Mapping[str, Any]) -> model.Receipt:
    """The receipt of one change, from the form in which it is kept.

    Raises:
        KeyError, TypeError, ValueError: it is no receipt.
    """
    return model.Receipt(change=shown_change(change_from_json(stored["change"])), steps=tuple(_steps(stored["steps"])))


def shown_repair(
    run_id: str,
    state: RunState,
    words: str,
    receipts: Iterable[Mapping[str, Any]] = (),
    progress: Iterable[str] = (),
) -> model.Repair:
    """What became of a repair; `receipts` in the form in which they are kept, in the order of the changes.

    Raises:
        KeyError, TypeError, ValueError: one of them is no receipt.
    """
    made = tuple(map(shown_receipt, receipts))
    steps = [step for receipt in made if receipt.change.action not in LEAVES_NOTHING for step in receipt.steps]
    return model.Repair(
        run_id=clean(run_id),
        state=state,
        words=clean(words),
        receipts=made,
        undone=any(step.stage == "undone" for step in steps) and not any(step.stage in STANDS for step in steps),
        progress=tuple(map(clean, progress)),
    )


def _steps(stored: Iterable[Mapping[str, Any]]) -> Iterable[model.ReceiptStep]:
    for one in stored:
        yield model.ReceiptStep(
            name=clean(str(one["name"])),
            call=clean(str(one["call"])),
            resource=clean(str(one["resource"])),
            stage=clean(str(one["stage"])),
            words=clean_if(one.get("words")),
            reason=clean_if(one.get("reason")),
            missing_permission=clean_if(one.get("missing_permission")),
            before=clean_object(one.get("before") or {}),
            made=clean_object(one.get("made") or {}),
        )
