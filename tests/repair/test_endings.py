"""Every way through the workflow: it ends, its words are true, no two steps share a name, and a replay agrees."""

import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from ecs_medic.finding import JsonValue
from ecs_medic.plan import Action, Change, Safety
from ecs_medic.repair.pace import Pace
from ecs_medic.repair.proposal import Consent, Proposal
from ecs_medic.repair.site import Looked, Site
from ecs_medic.repair.steps import Answer, StepFailed
from ecs_medic.repair.workflow import Ending, repair
from ecs_medic.run_state import RunState
from ecs_medic.vocabulary import Id

PACE = Pace()
_LEFT = "Left as it is: everything."
_APPROVED, _DENIED = {"decision": "approved", "by": "U0A"}, {"decision": "denied", "by": "U0A"}


def _change(action: Action) -> Change:
    return Change(action, {}, Safety.ASK, 0.0, "")


PROPOSAL = Proposal(
    tuple(map(_change, (Action.CREATE_LOG_GROUP, Action.CREATE_VPC_ENDPOINT, Action.FORCE_NEW_DEPLOYMENT))),
    cause=Id.LOG_GROUP_MISSING,
)
OTHER = Proposal((_change(Action.RECHECK_LATER),), cause=Id.ENDPOINT_NOT_AVAILABLE)
NOTHING = Proposal((), words="There is nothing to repair.")
OFF = Proposal(PROPOSAL.changes, Consent.OFF, "Repairs are stopped.")
_DONE: dict[str, JsonValue] = {"done": True, "again": False, "stopped": False, "words": "made"}


@dataclass
class Dice:
    """A site on which anything may happen. `bias` is how often all goes well; `made` are the changes that were made."""

    roll: random.Random
    bias: float
    made: list[int] = field(default_factory=list)
    said: list[tuple[RunState, str]] = field(default_factory=list)

    def _well(self) -> bool:
        return self.roll.random() < self.bias

    def propose(self) -> JsonValue:
        return (PROPOSAL if self._well() else self.roll.choice((PROPOSAL, OTHER, NOTHING, OFF))).as_json()

    def put(self, proposal: Proposal, seconds: int, callback_id: str) -> None:
        pass

    def reserve(self, round_: int, proposal: Proposal) -> JsonValue:
        return None if self._well() else self.roll.choice((None, "Another repair works on it."))

    def obstacles(self, proposal: Proposal) -> JsonValue:
        if self._well():
            return {"words": None, "stopped": False}
        return {"words": "It is in the way.", "stopped": self.roll.random() < 0.3}

    def apply(self, position: int, change: Change) -> JsonValue:
        if self._well():
            self.made.append(position)
            return _DONE
        again = self.roll.random() < 0.6
        return {"done": False, "again": again, "stopped": not again and self.roll.random() < 0.3, "words": "Not made."}

    def settled(self, position: int) -> JsonValue:
        state = "settled" if self._well() else self.roll.choice(("waiting", "waiting", "waiting", "failed"))
        return {"state": state, "words": state}

    def moment(self) -> JsonValue:
        return "2026-01-15T09:00:00+00:00"

    def look(self, proposal: Proposal, since: str) -> Looked:
        if self._well():
            return Looked("Proven.", over=True)
        kinds: tuple[dict[str, Any], ...] = (
            {},
            {},
            {"ripe_in": 3600},
            {"keep": True},
            {"elsewhere": True},
            {"by_hand": True},
        )
        return Looked("Not proven.", **self.roll.choice(kinds))

    def undo(self, position: int) -> JsonValue:
        return {"finished": self._well()}

    def taken_back(self, positions: list[int]) -> JsonValue:
        state = self.roll.choice((RunState.UNDONE, RunState.FAILED)) if self.made else RunState.IMPOSSIBLE
        return {"state": state.value, "words": "So it is."}

    def left(self) -> JsonValue:
        return _LEFT if self.made else "Nothing was changed."

    def say(self, state: RunState, words: str) -> None:
        self.said.append((state, words))


@dataclass
class Recorded:
    """Steps that keep everything, and bear no name twice. `breaks`: how often a step fails for good."""

    roll: random.Random
    breaks: float = 0.0
    results: dict[str, JsonValue] = field(default_factory=dict)
    waited: int = 0

    def _kept(self, name: str, result: JsonValue) -> JsonValue:
        assert name not in self.results, name
        self.results[name] = json.loads(json.dumps(result))
        return self.results[name]

    def do(self, name: str, work: Callable[[], JsonValue]) -> JsonValue:
        if name not in {"left", "end"} and self.roll.random() < self.breaks:
            self._kept(name, "failed for good")
            raise StepFailed("no answer")
        return self._kept(name, work())

    def wait(self, name: str, seconds: int) -> None:
        assert seconds > 0
        self._kept(name, None)
        self.waited += seconds

    def ask(self, name: str, put: Callable[[str], None], seconds: int) -> Answer | None:
        self.do(f"{name}: put", lambda: put(name))
        answer = _APPROVED if self.roll.random() < 0.8 else self.roll.choice((_DENIED, None))
        return cast("Answer | None", self._kept(name, cast("JsonValue", answer)))


@dataclass
class Replayed:
    """The same again, by what was kept alone."""

    results: dict[str, JsonValue]
    left: set[str] = field(init=False)

    def __post_init__(self) -> None:
        self.left = set(self.results)

    def do(self, name: str, work: Callable[[], JsonValue]) -> JsonValue:
        self.left.remove(name)
        if self.results[name] == "failed for good":
            raise StepFailed("no answer")
        return self.results[name]

    def wait(self, name: str, seconds: int) -> None:
        self.left.remove(name)

    def ask(self, name: str, put: Callable[[str], None], seconds: int) -> Answer | None:
        self.do(f"{name}: put", lambda: None)
        return cast("Answer | None", self.do(name, lambda: None))


def _one(seed: int) -> tuple[Ending, Dice, Recorded]:
    roll = random.Random(seed)
    site = Dice(roll, bias=roll.choice((0.3, 0.6, 0.9)))
    steps = Recorded(roll, breaks=roll.choice((0.0, 0.0, 0.02)))
    return repair(steps, cast("Site", site), PACE), site, steps


_SEEDS = range(600)
_SAYS_SO = {RunState.DENIED, RunState.EXPIRED, RunState.IMPOSSIBLE}
_LONGEST_ROUND = PACE.attempts * 3 * PACE.between_attempts + PACE.recheck + 2 * PACE.settle + PACE.prove + 3 * PACE.undo


def test_every_way_ends_with_true_words_and_is_gone_through_again_alike():
    reached = set()
    for seed in _SEEDS:
        ending, site, steps = _one(seed)
        reached.add(ending.state)
        words = ending.words.lower()
        assert ending.state.ended, seed
        assert site.said[-1] == (ending.state, ending.words), seed
        assert ("nothing was changed" not in words) or not site.made, (seed, ending)
        if ending.state in _SAYS_SO:
            assert not site.made, (seed, ending)
        if ending.state is RunState.STOPPED:
            assert (_LEFT if site.made else "Nothing was changed.") in ending.words, (seed, ending)
        # Every pause may be the longest one once; a look that knows when it will be ripe waits an hour at the most.
        assert steps.waited <= PACE.rounds * (_LONGEST_ROUND + 3600 + 20 * PACE.longest_pause), seed
        again, unused = Replayed(steps.results), Dice(random.Random(seed), 0.0)
        assert repair(again, cast("Site", unused), PACE) == ending, seed
        assert not again.left, seed
        assert not unused.said, seed
    assert reached == {one for one in RunState if one.ended}


@pytest.mark.parametrize(
    ("pace", "seconds"), [(Pace(), one) for one in (0, 1, 5, 59, 60, 1200, 86_400)] + [(Pace(first_look=60), 600)]
)
def test_looks_cover_the_time_and_little_more(pace: Pace, seconds: int):
    pauses = [pace.pause(look) for look in range(pace.looks(seconds) - 1)]
    assert all(0 < one <= pace.longest_pause for one in pauses)
    assert pauses == sorted(pauses)
    assert seconds <= sum(pauses) < seconds + pace.longest_pause
