"""How far a repair has come, in the words that the ledger, the messages and the commands share."""

from enum import StrEnum


class RunState(StrEnum):
    """Where a run of a repair is."""

    PLANNING = "planning"
    ASKING = "asking"
    """Somebody has to approve it first."""
    APPLYING = "applying"
    SETTLING = "settling"
    """Everything is changed; it takes a while to have its effect."""
    VERIFYING = "verifying"
    UNDOING = "undoing"

    REPAIRED = "repaired"
    """Proven: the cause is gone and a new task stays up."""
    HELPED = "helped"
    """The cause is proven to be gone, so that the changes stay; but something else is in the way of the tasks."""
    NOTHING_TO_DO = "nothing_to_do"
    """On fresh facts there is nothing to change; nothing was changed."""
    IMPOSSIBLE = "impossible"
    """It cannot be made as planned, and nothing was changed: AWS would refuse it, or refused the first change."""
    DENIED = "denied"
    EXPIRED = "expired"
    """Nobody answered in time; nothing was changed."""
    STOPPED = "stopped"
    """Switched off, or a guardrail was in the way. What had been changed by then stays, and the words say what."""
    UNDONE = "undone"
    """It did not help, or could not be finished, and everything is as it was before."""
    FAILED = "failed"
    """Something that this run has changed is left behind, or may be: the words and the receipts say what."""

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen in the run."""
        return self in _ENDED

    @property
    def asks_for_a_person(self) -> bool:
        """Whether somebody has to look after what was left."""
        return self in {RunState.FAILED, RunState.STOPPED}


_ENDED = frozenset(
    {
        RunState.REPAIRED,
        RunState.HELPED,
        RunState.NOTHING_TO_DO,
        RunState.IMPOSSIBLE,
        RunState.DENIED,
        RunState.EXPIRED,
        RunState.STOPPED,
        RunState.UNDONE,
        RunState.FAILED,
    }
)
