"""What a run of a repair is called in each of its states, and its writes in each of their stages."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ecs_medic.report.change_words import LEAVES_NOTHING
from ecs_medic.report.model import Receipt, ReceiptStep
from ecs_medic.report.repair_standing import RepairStanding
from ecs_medic.report.standing import Standing, State
from ecs_medic.run_state import RunState


@dataclass(frozen=True, slots=True)
class StateWords:
    """A state: its sign, its name, what it means, and what a message's first line adds to whom it is about.

    `sign` is None where the trouble is what it was, and so is its sign.
    """

    name: str
    meaning: str
    sign: str | None = None
    subject: str = ""


STATES: Mapping[RunState, StateWords] = {
    RunState.PLANNING: StateWords(
        "Repair begins", "The plan is made anew on fresh facts.", "🔧", " (repair being planned)"
    ),
    RunState.ASKING: StateWords(
        "Repair to approve", "Nothing is changed before somebody approves.", None, " (needs your approval)"
    ),
    RunState.APPLYING: StateWords("Repair in progress", "The changes are being made.", "🔧", " (being repaired)"),
    RunState.SETTLING: StateWords(
        "Repair in progress", "The changes are made, and take a while to have their effect.", "🔧", " (being repaired)"
    ),
    RunState.VERIFYING: StateWords(
        "Repair in progress",
        "The changes are in effect; whether they helped is being checked.",
        "🔧",
        " (being repaired)",
    ),
    RunState.UNDOING: StateWords(
        "Repair being taken back", "It did not help: its changes are being undone.", "↩️", " (repair being taken back)"
    ),
    RunState.REPAIRED: StateWords("Repaired", "The cause is gone, and a new task stays up.", "🟢", " (repaired)"),
    RunState.HELPED: StateWords(
        "Repair was not enough",
        "Its cause is gone and the changes stay, but something else is in the way.",
        None,
        " (repair was not enough)",
    ),
    RunState.NOTHING_TO_DO: StateWords("Nothing to repair", "On fresh facts there was nothing to change."),
    RunState.IMPOSSIBLE: StateWords(
        "Repair not possible", "It cannot be made as planned, and nothing was changed.", None, " (repair not possible)"
    ),
    RunState.DENIED: StateWords("Repair denied", "Nothing was changed.", None, " (repair denied)"),
    RunState.EXPIRED: StateWords(
        "Repair not answered", "Nobody answered in time; nothing was changed.", None, " (repair not answered)"
    ),
    RunState.STOPPED: StateWords(
        "Repair stopped", "What had been changed by then stays as it is.", "🛑", " (repair stopped)"
    ),
    RunState.UNDONE: StateWords(
        "Repair taken back",
        "It did not help, or could not be finished; everything is as it was before.",
        None,
        " (repair taken back)",
    ),
    RunState.FAILED: StateWords(
        "Repair failed", "Something that it changed is left behind, or may be.", "🛑", " (repair failed)"
    ),
}

UNATTENDED = frozenset({RunState.APPLYING, RunState.SETTLING, RunState.VERIFYING, RunState.UNDOING})
"""Where policy has allowed it, unless somebody has approved it."""

WORKING = frozenset({RunState.PLANNING, RunState.APPLYING, RunState.SETTLING, RunState.VERIFYING, RunState.UNDOING})
"""While something happens by itself."""


def is_under_way(repair: RepairStanding) -> bool:
    """Whether somebody is asked, or something is being done."""
    return not repair.state.ended


def is_of_an_earlier_failure(standing: Standing) -> bool:
    """Whether it was repaired, and has failed again since."""
    repaired = standing.repair is not None and standing.repair.state is RunState.REPAIRED
    return repaired and standing.state is State.FAILED_AGAIN


def told_first(standing: Standing) -> StateWords | None:
    """What the first line says of the repair; None where it is about something else."""
    repair = standing.repair
    if repair is None or standing.state in {State.RESOLVED, State.MOVED}:
        return None
    return STATES[repair.state] if is_under_way(repair) or standing.state is State.OPEN else None


STAGES: Mapping[str, tuple[str, str]] = {
    "intended": ("?", "begun, and perhaps made"),
    "done": ("✓", "made"),
    "already_so": ("=", "was so already"),
    "refused": ("✗", "not made"),
    "unsure": ("?", "perhaps made"),
    "undoing": ("?", "not taken back yet"),
    "undone": ("↩", "taken back"),
    "kept": ("!", "kept"),
}
"""Of each stage of a write: its sign and what it means."""

STANDS = frozenset({"intended", "done", "unsure", "undoing", "kept"})
"""Stages in which something is there that was not there before, or may be."""


def standing_steps(receipts: tuple[Receipt, ...]) -> Iterator[ReceiptStep]:
    """The writes that have left something, or may have."""
    for receipt in receipts:
        if receipt.change.action not in LEAVES_NOTHING:
            yield from (step for step in receipt.steps if step.stage in STANDS)


def resources(step: ReceiptStep) -> str:
    """What a write was about: what it made where that has an id of its own, else the resource."""
    made = [one for value in step.made.values() for one in (value if isinstance(value, list) else [value])]
    ids = dict.fromkeys(one for one in made if isinstance(one, str) and one != step.resource)
    return ", ".join(ids) or step.resource
