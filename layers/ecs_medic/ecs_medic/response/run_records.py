"""A run's records in the ledger. Whatever it writes down, the alert of its incident says."""

from datetime import datetime

from ecs_medic.ledger import incidents, questions, receipts, reservations, runs
from ecs_medic.ledger.rhythm import HOUR, MINUTE, epoch_ms
from ecs_medic.ledger.runs import RunRecord
from ecs_medic.redaction import redact
from ecs_medic.remedies.receipt import Receipt, as_json, from_json
from ecs_medic.repair.consent import withdrawn
from ecs_medic.repair.controls import Controls
from ecs_medic.repair.proposal import Proposal
from ecs_medic.response.announce import announce
from ecs_medic.response.ending import end_repaired, verify_soon
from ecs_medic.response.surroundings import Surroundings
from ecs_medic.run_state import RunState

_ATTEMPT = "run"
"""A run is one attempt, however many rounds it has."""


class RunRecords:
    """Implements `ecs_medic.repair.records.Records` for one run.

    Every method raises LedgerError where the ledger cannot be used. Slack keeps nothing from being done.
    """

    def __init__(self, run: RunRecord, around: Surroundings) -> None:
        """`run` is as it was when it started: only what never changes of it is used."""
        self._run = run
        self._around = around

    @property
    def incident_id(self) -> str:
        """The incident that is to be repaired."""
        return self._run.incident_id

    def say(self, state: RunState, words: str) -> None:
        """The run is there now. A repair that is proven ends its incident."""
        clean = redact(words)
        before = runs.read(self._around.table, self._run.id)
        if state is RunState.REPAIRED:
            # Whatever becomes of this run of the function, the sweep then looks whether it is over.
            verify_soon(self.incident_id, self._around)
        said = runs.say(self._around.table, self._run.id, state, clean, now=self._now())
        if said is not None and before is not None and (before.state, before.words) != (said.state, said.words):
            self._tell(hurry=before.state is not said.state)
        if state is RunState.REPAIRED and (said is not None or (before is not None and before.state is state)):
            self._end(clean)

    def put(self, proposal: Proposal, callback_id: str, until: datetime) -> None:
        """Ask whether these changes may be made; the answer goes to the callback."""
        asked = questions.ask(
            self._around.table,
            self._run.id,
            plan=proposal.as_json(),
            fingerprint=proposal.fingerprint,
            callback_id=callback_id,
            until=epoch_ms(until),
            now=self._now(),
        )
        if asked is not None:
            self._tell(hurry=True)

    def reserve(self, round_: int, proposal: Proposal) -> str | None:  # noqa: ARG002 - a run is one attempt
        """Take the service and the VPCs for this run, and count the attempt; or why not."""
        controls = self._around.controls()
        return reservations.reserve(
            self._around.table,
            self._run.id,
            reservations.subjects_of(self._run.subject, proposal.vpc_ids),
            attempt_key=_ATTEMPT,
            now=self._now(),
            attempts=controls.attempts,
            window=round(controls.window_hours * HOUR),
            cool_down=round(controls.cool_down_minutes * MINUTE),
            lease=runs.LEASE,
            plan=proposal.as_json(),
        )

    def closed(self) -> str | None:
        """Why nothing may be changed now. The table is read every time: a switch may be thrown at any moment."""
        controls = self._around.controls()
        if controls.closed is not None:
            return controls.closed
        run = runs.read(self._around.table, self._run.id)
        if run is None or run.state.ended:
            return "This run has ended."
        if not run.subjects or not reservations.holds(self._around.table, run.id):
            return "What this run was to change is no longer its own."
        # What was changed with consent may be taken back without another one.
        return None if run.state is RunState.UNDOING else _withdrawn(run, controls)

    def save(self, position: int, receipt: Receipt) -> None:
        """Keep the receipt of the change at this position of the run."""
        receipts.keep_receipt(self._around.table, self._run.id, position, as_json(receipt), now=self._now())

    def receipts(self) -> dict[int, Receipt]:
        """All receipts of the run by their position."""
        return receipts_of(self._run.id, self._around)

    def _now(self) -> int:
        return epoch_ms(self._around.now())

    def _tell(self, *, hurry: bool) -> None:
        tell(self._run, self._around, hurry=hurry)

    def _end(self, words: str) -> None:
        try:
            end_repaired(self.incident_id, words, self._around)
        except Exception:
            self._around.log.warning("the incident is not ended yet", extra={"run_id": self._run.id}, exc_info=True)


def _withdrawn(run: RunRecord, controls: Controls) -> str | None:
    """Why what the run is about to change was not agreed to, or is not any more."""
    if run.plan is None:
        return "Nobody has approved the changes."
    agreed = Proposal.from_json(run.plan)
    approved = run.decision == "approved" and run.fingerprint == agreed.fingerprint
    return withdrawn(agreed, controls, approved=approved)


def receipts_of(run_id: str, around: Surroundings) -> dict[int, Receipt]:
    """All receipts of a run by their position.

    Raises:
        LedgerError: the ledger cannot be used.
    """
    return {position: from_json(kept) for position, kept in receipts.receipts(around.table, run_id).items()}


def tell(run: RunRecord, around: Surroundings, *, hurry: bool) -> None:
    """Have Slack say how far the run is. What does not arrive now is due: the sweep tells it."""
    try:
        incident = incidents.read(around.table, run.incident_id)
        alert_id = (incident and incident.alert_id) or run.alert_id
        if alert_id is not None:
            announce(alert_id, around, hurry=hurry)
    except Exception:
        around.log.warning("the message does not say it yet", extra={"run_id": run.id}, exc_info=True)
