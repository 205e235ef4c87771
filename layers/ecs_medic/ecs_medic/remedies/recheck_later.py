"""Change nothing, and look again: what is wrong passes by itself, or does not."""

from ecs_medic.plan import Action, Change
from ecs_medic.remedies.receipt import Receipt
from ecs_medic.remedies.remedy import Remedy
from ecs_medic.remedies.run import Run

AFTER_SECONDS = 300


def apply(_: Change, __: Run, receipt: Receipt) -> Receipt:
    """No step at all."""
    return receipt


REMEDY = Remedy(action=Action.RECHECK_LATER, grants=(), apply=apply)
