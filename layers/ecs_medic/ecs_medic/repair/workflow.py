"""The repair, on one screen: plan on fresh facts, ask, change, wait, prove, and undo what did not help.

It may be gone through again from the start at any time, with the results of the steps that were finished: nothing here
looks at a clock, at chance or at AWS but in a step.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from ecs_medic.plan import Action, Change
from ecs_medic.repair.pace import Pace
from ecs_medic.repair.proposal import Consent, Proposal
from ecs_medic.repair.site import Looked, Site
from ecs_medic.repair.steps import StepFailed, Steps
from ecs_medic.run_state import RunState

_TASKS_ANEW = frozenset({Action.FORCE_NEW_DEPLOYMENT, Action.ENABLE_PUBLIC_IP, Action.REPLACE_TASK})
"""What starts tasks: only once everything else has its effect."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How the run ended, in words for whoever follows it."""

    state: RunState
    words: str


def repair(steps: Steps, site: Site, pace: Pace) -> Ending:
    """Carry one run through to its end, and say how it ended."""
    try:
        ending = _rounds(steps, site, pace)
    except StepFailed as failure:
        left = steps.do("left", site.left)
        ending = Ending(RunState.FAILED, f"The run could not go on: {failure}. {left}")
    steps.do("end", lambda: site.say(ending.state, ending.words))
    return ending


def _rounds(steps: Steps, site: Site, pace: Pace) -> Ending:
    """A cause that shows once the one before is gone has a round of its own."""
    helped, first = "", 0
    for number in range(1, pace.rounds + 1):
        this = _Round(number, first, steps, site, pace)
        proposal = _agreed(this)
        result = proposal if isinstance(proposal, Ending) else _carried_out(this, proposal)
        if isinstance(result, Ending):
            return _after(helped, result)
        helped, first = f"{helped} {result.words}".strip(), first + result.changes
    return Ending(RunState.HELPED, f"{helped} After {pace.rounds} rounds it is for a person to go on.")


def _after(helped: str, ending: Ending) -> Ending:
    """What an earlier round has brought about stays, whatever became of the next."""
    if not helped or ending.state in {RunState.REPAIRED, RunState.FAILED, RunState.STOPPED}:
        return Ending(ending.state, f"{helped} {ending.words}".strip())
    return Ending(RunState.HELPED, f"{helped} {ending.words}")


@dataclass(frozen=True, slots=True)
class _Round:
    """One round; its changes are numbered from `first` on through the whole run."""

    number: int
    first: int
    steps: Steps
    site: Site
    pace: Pace

    @property
    def unchanged(self) -> str:
        """What is to be said where this round changes nothing: an earlier one has."""
        return "nothing more was changed" if self.first else "nothing was changed"

    def do(self, name: str, work: Callable[[], Any]) -> Any:
        """One step of this round."""
        return self.steps.do(f"round-{self.number}-{name}", work)

    def until(self, name: str, work: Callable[[], Any], over: Callable[[Any], bool], seconds: int) -> Any:
        """The same step ever again until its result says that it is over, at most for so long; its last result."""
        result, looks = None, self.pace.looks(seconds)
        for look in range(looks):
            result = self.do(f"{name}-{look}", work)
            if over(result):
                break
            if look < looks - 1:
                self.steps.wait(f"round-{self.number}-{name}-{look}-pause", self.pace.pause(look))
        return result


@dataclass(frozen=True, slots=True)
class _Helped:
    """The round's cause is gone, and another one shows."""

    words: str
    changes: int


@dataclass(frozen=True, slots=True)
class _Failure:
    words: str
    stopped: bool = False


def _agreed(this: _Round) -> Proposal | Ending:
    """What is to be changed by fresh facts, agreed to as it is: a plan that has changed is asked about again."""
    approved: str | None = None
    for question in range(1, this.pace.questions + 1):
        proposal = Proposal.from_json(this.do(f"plan-{question}", this.site.propose))
        if not proposal.changes:
            return Ending(RunState.NOTHING_TO_DO, proposal.words or "There is nothing to change.")
        if proposal.consent is Consent.OFF:
            return _stopped(this, proposal.words or "Repairs are switched off.")
        if proposal.consent is Consent.GIVEN or proposal.fingerprint == approved:
            return proposal
        put = partial(this.site.put, proposal, this.pace.answer)
        seconds = this.pace.answer + this.pace.arrive
        answer = this.steps.ask(f"round-{this.number}-question-{question}", put, seconds)
        if answer is None:
            return Ending(RunState.EXPIRED, f"Nobody answered in time; {this.unchanged}.")
        if answer.get("decision") != "approved":
            return Ending(RunState.DENIED, f"Denied by {answer.get('by') or 'somebody'}; {this.unchanged}.")
        approved = proposal.fingerprint
    return Ending(RunState.EXPIRED, f"The plan changed each time it was approved; {this.unchanged}.")


def _carried_out(this: _Round, proposal: Proposal) -> Ending | _Helped:
    """Make the changes and prove them; what did not help is taken back."""
    if hindered := _hindered(this, proposal):
        return hindered
    failure = _prepared(this, proposal)
    # From here on tasks are started that the changes should have helped.
    since = this.do("since", this.site.moment)
    failure = failure or _started_anew(this, proposal)
    if failure is None:
        looked = _proven(this, proposal, since)
        if result := _shown_by(this, looked, len(proposal.changes)):
            return result
        failure = _Failure(looked.words)
    if failure.stopped:
        return _stopped(this, failure.words)
    return _undone(this, failure.words, len(proposal.changes))


def _shown_by(this: _Round, looked: Looked, changes: int) -> Ending | _Helped | None:
    """What the last look says of the round; None where its changes did not help."""
    if looked.over:
        return Ending(RunState.REPAIRED, looked.words)
    if looked.by_hand:
        return Ending(RunState.HELPED, looked.words)
    if looked.elsewhere:
        return _Helped(looked.words, changes)
    if looked.keep:
        return Ending(RunState.FAILED, f"{looked.words} {this.do('left', this.site.left)}")
    return None


def _hindered(this: _Round, proposal: Proposal) -> Ending | None:
    """What keeps the changes from being made, found out before the first of them."""
    if refused := this.do("reserve", lambda: this.site.reserve(this.number, proposal)):
        return _stopped(this, refused)
    obstacles = this.do("obstacles", lambda: this.site.obstacles(proposal))
    if obstacles["stopped"]:
        return _stopped(this, obstacles["words"])
    if obstacles["words"]:
        return Ending(RunState.IMPOSSIBLE, f"{obstacles['words']} {this.unchanged.capitalize()}.")
    return None


def _stopped(this: _Round, words: str) -> Ending:
    """Switched off, or a guardrail was in the way: what was changed by then stays as it is."""
    return Ending(RunState.STOPPED, f"{words} {this.do('left', this.site.left)}")


def _prepared(this: _Round, proposal: Proposal) -> _Failure | None:
    """Make the changes that tasks need, and wait until they have their effect."""
    numbered = [one for one in enumerate(proposal.changes, this.first) if one[1].action not in _TASKS_ANEW]
    for at, change in numbered:
        if failure := _made(this, at, change):
            return failure
    return _settled(this, [at for at, _ in numbered])


def _started_anew(this: _Round, proposal: Proposal) -> _Failure | None:
    """Then the tasks; whether they run is not waited for here: it is what has to be proven."""
    numbered = [one for one in enumerate(proposal.changes, this.first) if one[1].action in _TASKS_ANEW]
    return next(filter(None, (_made(this, at, change) for at, change in numbered)), None)


def _made(this: _Round, at: int, change: Change) -> _Failure | None:
    """What AWS has no time for now is tried again; what it refuses is not."""
    for attempt in range(this.pace.attempts):
        made = this.do(f"apply-{at}-{attempt}", lambda: this.site.apply(at, change))
        if made["done"]:
            return None
        if not made["again"]:
            break
        this.steps.wait(f"round-{this.number}-apply-{at}-{attempt}-pause", this.pace.between_attempts)
    return _Failure(made["words"], stopped=made["stopped"])


def _settled(this: _Round, positions: Iterable[int]) -> _Failure | None:
    for at in positions:
        look = partial(this.site.settled, at)
        settled = this.until(f"settled-{at}", look, lambda found: found["state"] != "waiting", this.pace.settle)
        if settled["state"] == "waiting":
            return _Failure(f"It did not take effect in time: {settled['words']}.")
        if settled["state"] == "failed":
            return _Failure(f"It did not take effect: {settled['words']}.")
    return None


def _proven(this: _Round, proposal: Proposal, since: str) -> Looked:
    """Look until it is over, until something else shows, or until time is up; a task has to stay up for a while."""
    if any(change.action is Action.RECHECK_LATER for change in proposal.changes):
        this.steps.wait(f"round-{this.number}-recheck", this.pace.recheck)
    passed, look = 0, 0
    while True:
        looked = Looked.from_json(this.do(f"look-{look}", lambda: this.site.look(proposal, since).as_json()))
        if looked.over or looked.elsewhere or looked.by_hand or passed >= this.pace.prove + looked.ripe_in:
            return looked
        pause = looked.ripe_in or this.pace.pause(look)
        this.steps.wait(f"round-{this.number}-look-{look}-pause", pause)
        passed, look = passed + pause, look + 1


def _undone(this: _Round, words: str, changes: int) -> Ending:
    """Take the round's changes back, the last one first; what cannot be taken back is named."""
    positions = list(range(this.first, this.first + changes))
    for at in reversed(positions):
        this.until(f"undo-{at}", partial(this.site.undo, at), lambda done: bool(done["finished"]), this.pace.undo)
    after = this.do("after", partial(this.site.taken_back, positions))
    return Ending(RunState(after["state"]), f"{words} {after['words']}")
