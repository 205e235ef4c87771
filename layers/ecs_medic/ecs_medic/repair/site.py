"""Where a repair takes place: everything that the workflow's steps do, each of which bears being done twice."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Self

from ecs_medic.aws.reader import Reader
from ecs_medic.aws.refusals import Reason
from ecs_medic.aws.writer import Writer
from ecs_medic.collect.ecs import service_from_answer
from ecs_medic.collect.identify import Identified
from ecs_medic.collect.on_demand import incident_for_service
from ecs_medic.collect.question import answer_to
from ecs_medic.diagnosis import Examination, examine
from ecs_medic.facts.ecs import Deployment, Service, Task
from ecs_medic.facts.fact import Fact, Known, Unknown
from ecs_medic.finding import JsonValue
from ecs_medic.incident import REFUSED_CALLS, Incident, Kind
from ecs_medic.plan import Change
from ecs_medic.remedies.receipt import Receipt, Stage, Step
from ecs_medic.remedies.registry import remedy
from ecs_medic.remedies.run import Run
from ecs_medic.repair.controls import Controls
from ecs_medic.repair.planned import asked_for_a_plan, planned
from ecs_medic.repair.proposal import Proposal
from ecs_medic.repair.records import Records
from ecs_medic.repair.wording import DOING, DONE, what_is_left, what_stands, what_was_taken_back
from ecs_medic.run_state import RunState
from ecs_medic.verification import Past, Verification, lived, verify
from ecs_medic.vocabulary import NORMAL_LIFE, Id

_WORTH_ANOTHER_TRY = frozenset({Reason.THROTTLED.value, Reason.UNSURE.value, Reason.GONE.value, None})
"""None: AWS was not asked to write, since it gave no answer to the look before."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What a look after the changes shows.

    `elsewhere`: the cause is gone, and the tasks fail by something else. `by_hand`: it is gone, and the rest is for a
    person: there is nothing to look at. `keep`: it is not proven, and taking the
    changes back might harm what runs, or nobody can tell whether it would. `ripe_in` is after how many seconds another
    look will tell more; 0: nobody knows.
    """

    words: str
    over: bool = False
    elsewhere: bool = False
    by_hand: bool = False
    keep: bool = False
    ripe_in: int = 0

    def as_json(self) -> dict[str, JsonValue]:
        """As a step's result is kept."""
        return asdict(self)

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> Self:
        """What `as_json` kept."""
        return cls(**kept)


@dataclass(frozen=True, slots=True)
class Site:
    """One run's: the failure that it is to repair, AWS, and its records.

    `incident` is the failure as its event shows it. `reader` gives a reader that remembers nothing. `stay_up` is how
    long a new task has to run at the least before the repair is proven.
    """

    run_id: str
    incident: Incident
    reader: Callable[[], Reader]
    writer: Writer
    records: Records
    controls: Callable[[], Controls]
    now: Callable[[], datetime]
    stay_up: timedelta

    def propose(self) -> JsonValue:
        """The plan by facts that are read now: of what the event shows, or of the failure that came after it."""
        self.records.say(RunState.PLANNING, "Reading the account and planning the repair.")
        reader = self.reader()
        subject = self._subject(reader)
        if subject is None:
            return Proposal((), words="By now nothing fails any more.").as_json()
        found = planned(examine(subject, reader, self.now(), along=asked_for_a_plan), reader, self.controls())
        return found.proposal.as_json()

    def put(self, proposal: Proposal, seconds: int, callback_id: str) -> None:
        """Ask whether the changes may be made."""
        self.records.put(proposal, callback_id, self.now() + timedelta(seconds=seconds))

    def reserve(self, round_: int, proposal: Proposal) -> JsonValue:
        """Take what the changes touch for this run; else why not."""
        return self.records.reserve(round_, proposal)

    def obstacles(self, proposal: Proposal) -> JsonValue:
        """Why the changes would fail, in words, None where nothing is known; or that they are switched off by now."""
        found: list[str] = []
        for change in proposal.changes:
            for one in remedy(change).obstacles(change, self._run(-1)):
                missing = f" (missing permission {one.missing_permission})" if one.missing_permission else ""
                found.append(f"{one.check}: {one.words.rstrip('.')}{missing}.")
        closed = self.records.closed() if found else None
        return {"words": closed or " ".join(dict.fromkeys(found)) or None, "stopped": closed is not None}

    def apply(self, position: int, change: Change) -> JsonValue:
        """Make one change, or go on with it; `again`: another try may do better."""
        self.records.say(RunState.APPLYING, f"{DOING[change.action]}.")
        run = self._run(position)
        receipt = self.records.receipts().get(position) or Receipt(run.id, run.incident_id, change)
        receipt = remedy(change).apply(change, run, receipt)
        self.records.save(position, receipt)
        failed = receipt.failed
        if failed is None:
            return {"done": True, "again": False, "stopped": False, "words": f"{DONE[change.action]}."}
        return {
            "done": False,
            "again": failed.reason in _WORTH_ANOTHER_TRY,
            "stopped": failed.reason == Reason.STOPPED.value,
            "words": _refused(failed),
        }

    def settled(self, position: int) -> JsonValue:
        """Whether the change has taken effect."""
        receipt = self.records.receipts()[position]
        found = remedy(receipt.change).settled(receipt, self.reader())
        self.records.say(RunState.SETTLING, f"{DONE[receipt.change.action]}: {found.words}.")
        return {"state": found.state.value, "words": found.words}

    def moment(self) -> JsonValue:
        """Now, from which on what fails counts."""
        return self.now().isoformat()

    def look(self, proposal: Proposal, since: str) -> Looked:
        """Whether the cause is gone and a new task stays up, by the very rules that found the cause."""
        looked = self._looked(proposal, datetime.fromisoformat(since))
        if not looked.over:
            self.records.say(RunState.VERIFYING, looked.words)
        return looked

    def undo(self, position: int) -> JsonValue:
        """Take one change back, as far as this run has made it, and as far as that can be done at all."""
        receipt = self.records.receipts().get(position)
        if receipt is None or receipt.undone or not remedy(receipt.change).reversible:
            return {"finished": True}
        self.records.say(RunState.UNDOING, f"Taking back: {DOING[receipt.change.action].lower()}.")
        receipt = remedy(receipt.change).undo(receipt, self._run(position))
        self.records.save(position, receipt)
        return {"finished": receipt.undone or not _may_go_on(receipt)}

    def taken_back(self, positions: Sequence[int]) -> JsonValue:
        """The state that undoing has ended in, and what is left all the same."""
        receipts = self.records.receipts()
        own = [receipts[at] for at in positions if at in receipts]
        left = what_is_left(own)
        if left:
            return {"state": RunState.FAILED.value, "words": left}
        refused = any(one.failed for one in own) and not any(map(_changed, own))
        state = RunState.IMPOSSIBLE if refused else RunState.UNDONE
        return {"state": state.value, "words": what_was_taken_back(own, before=min(positions, default=0) > 0)}

    def left(self) -> JsonValue:
        """What this run has changed and leaves, in words; also that it is nothing."""
        return what_stands(tuple(self.records.receipts().values()))

    def say(self, state: RunState, words: str) -> None:
        """Tell whoever follows the run."""
        self.records.say(state, words)

    def _run(self, position: int) -> Run:
        def save(receipt: Receipt) -> None:
            self.records.save(position, receipt)

        return Run(self.run_id, self.records.incident_id, self.incident.region, self.reader(), self.writer, save)

    def _subject(self, reader: Reader) -> Incident | Identified | None:
        """What the event shows, as long as its service fails; once this run has changed something, what fails since."""
        if self.incident.service is None or not self._is_about_tasks_that_stop:
            return self.incident
        found = incident_for_service(reader, self.incident.cluster, self.incident.service, self.now())
        if found.incident.symptom in NORMAL_LIFE:
            return None
        return found if self.records.receipts() else self.incident

    @property
    def _is_about_tasks_that_stop(self) -> bool:
        """Not about a session, a call, or a task that runs: those a service may have, and be in order all the same."""
        if self.incident.kind is Kind.EXEC_ERROR or self.incident.kind in REFUSED_CALLS:
            return False
        return self.incident.task is None or self.incident.task.last_status == "STOPPED"

    def _looked(self, proposal: Proposal, since: datetime) -> Looked:
        if self.incident.service is None:
            return self._looked_at_the_cause(proposal.cause)
        now, reader = self.now(), self.reader()
        verification = verify(self.incident, self._past(proposal.cause, since), reader, now)
        if verification.over:
            return Looked(verification.words, over=True)
        if verification.again_at is not None:
            return Looked(verification.words, ripe_in=max(1, int((verification.again_at - now).total_seconds()) + 1))
        return self._failed_since(proposal.cause, since, verification)

    def _past(self, cause: Id | None, since: datetime) -> Past:
        return Past(cause=cause, last_failure=since, lived=lived(self.incident.task), shortest_quiet=self.stay_up)

    def _failed_since(self, cause: Id | None, since: datetime, verification: Verification) -> Looked:
        """Tasks that were started since may fail by something else: then the cause is gone all the same."""
        if verification.unread or self.incident.kind is Kind.EXEC_ERROR:
            return Looked(verification.words, keep=verification.unread)
        reader = self.reader()
        found = incident_for_service(reader, self.incident.cluster, str(self.incident.service), self.now())
        incident = found.incident
        service = service_from_answer(answer_to(found.answers, "service"), incident.service or "")
        fails = incident.symptom not in NORMAL_LIFE
        unproven = Looked(verification.words, keep=_may_run_by_it(service, fails=fails))
        if not fails or incident.task is None or incident.occurred_at < since:
            return unproven
        if not _of_newest_deployment(incident.task, service):
            # What another deployment started says nothing about what was changed since.
            return unproven
        examination = examine(found, reader, self.now())
        if _is_gone(examination, cause):
            summary = examination.report.verdict.summary
            return Looked(f"What was repaired is in order now. Something else is in the way: {summary}", elsewhere=True)
        return unproven

    def _looked_at_the_cause(self, cause: Id | None) -> Looked:
        """A task of no service is started anew by whoever started it: only the cause can be looked at."""
        examination = examine(self.incident, self.reader(), self.now())
        if _is_gone(examination, cause):
            words = "The cause is gone. The task belongs to no service: run it again."
            return Looked(words, by_hand=True)
        return Looked(f"It is still so: {examination.report.verdict.summary}")


def _is_gone(examination: Examination, cause: Id | None) -> bool:
    """Judged, and neither found, be it as a mere possibility, nor left open."""
    found = any(one.cause is cause for one in examination.findings)
    return not found and not any(cause and one.check.startswith(cause) for one in examination.report.not_checked)


def _newest_deployment(service: Service) -> Deployment | None:
    return next((one for one in service.deployments if one.status == "PRIMARY"), None)


def _of_newest_deployment(task: Task, service: Fact[Service]) -> bool:
    newest = _newest_deployment(service.value) if isinstance(service, Known) else None
    return newest is not None and newest.id == task.started_by


def _may_run_by_it(service: Fact[Service], *, fails: bool) -> bool:
    """Whether tasks run that were started last, or are about to, or nobody can tell: they may live by the changes."""
    if not isinstance(service, Known):
        return isinstance(service, Unknown)
    running = (_newest_deployment(service.value) or service.value).running_count
    return running > 0 or (service.value.pending_count > 0 and not fails)


def _refused(step: Step) -> str:
    missing = f" (missing permission {step.missing_permission})" if step.missing_permission else ""
    verb = "may or may not have been made" if step.stage is Stage.UNSURE else "was not made"
    return f"{step.call} for {step.resource} {verb}: {(step.words or '').rstrip('.')}{missing}."


def _may_go_on(receipt: Receipt) -> bool:
    """Whether another try may take it back; what is switched off or not permitted stays."""
    hopeless = {Reason.STOPPED.value, Reason.DENIED.value}
    return not any(one.stage is Stage.UNDOING and one.reason in hopeless for one in receipt.steps)


def _changed(receipt: Receipt) -> bool:
    return any(one.stage in {Stage.UNDONE, Stage.DONE, Stage.KEPT} for one in receipt.steps)
