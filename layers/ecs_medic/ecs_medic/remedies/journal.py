"""One write, made once: looked for first, written down, made, and written down again.

Whatever happens in between, going on from the receipt makes nothing a second time.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ecs_medic.aws.refusals import Reason, Refused
from ecs_medic.aws.writer import Done
from ecs_medic.facts.fact import Unknown
from ecs_medic.finding import JsonValue
from ecs_medic.remedies.receipt import FINISHED, Receipt, Stage, Step
from ecs_medic.remedies.run import Run


@dataclass(frozen=True, slots=True)
class Seen:
    """What a look shows: whether it is as wanted, the ids of what is there, and which run says that it made it.

    `run_id` is None where nothing is there, and where it bears no mark of a run. `marked` is whether such a thing bears
    one at all. `before` is what taking the write back will need.
    """

    so: bool
    made: Mapping[str, JsonValue] = field(default_factory=dict)
    run_id: str | None = None
    before: Mapping[str, JsonValue] = field(default_factory=dict)
    marked: bool = True


type Look = Callable[[], Seen | Unknown]


@dataclass(frozen=True, slots=True)
class Write:
    """One write of a change. `made` reads the ids of what came into being from AWS's answer."""

    name: str
    service: str
    operation: str
    params: Mapping[str, Any]
    resource: str
    look: Look
    made: Callable[[Mapping[str, Any]], Mapping[str, JsonValue]] = lambda _: {}
    region: str | None = None

    @property
    def call(self) -> str:
        """As receipts and permissions name it."""
        return f"{self.service}:{self.operation}"


def carry_out(write: Write, receipt: Receipt, run: Run) -> Receipt:
    """The receipt with this step: done, found to be so already, refused, or unsure.

    Raises:
        AwsUnavailable: the credentials are missing, expired or refused.
    """
    earlier = receipt.step(write.name)
    if earlier is not None and earlier.stage in FINISHED:
        return receipt
    begun = earlier is not None and earlier.stage in {Stage.INTENDED, Stage.UNSURE}
    seen = write.look()
    if isinstance(seen, Unknown):
        return _unseen(write, seen, earlier if begun else None, receipt, run)
    if seen.so:
        return _found(write, seen, earlier if begun else None, receipt, run)
    before = earlier.before if begun and earlier else seen.before
    intended = Step(write.name, write.call, write.resource, Stage.INTENDED, before)
    receipt = _saved(receipt.with_step(intended), run)
    answer = run.writer.write(write.service, write.operation, write.params, region=write.region)
    if isinstance(answer, Done):
        made = dict(write.made(answer.answer))
        if None not in made.values():
            return _saved(receipt.with_step(replace(intended, stage=Stage.DONE, made=made)), run)
        answer = Refused(write.call, Reason.UNSURE, "the answer does not say what was made")
    return _refused(write, answer, intended, receipt, run)


def _found(write: Write, seen: Seen, earlier: Step | None, receipt: Receipt, run: Run) -> Receipt:
    """It is so. Whose doing it is decides whether it may be taken back."""
    own = seen.run_id == run.id or (earlier is not None and not seen.marked)
    before = earlier.before if earlier else seen.before
    stage = Stage.DONE if own else Stage.ALREADY_SO
    step = Step(write.name, write.call, write.resource, stage, before, dict(seen.made))
    return _saved(receipt.with_step(step), run)


def _unseen(write: Write, seen: Unknown, earlier: Step | None, receipt: Receipt, run: Run) -> Receipt:
    """Nobody could look: nothing is written blindly."""
    words = f"could not look first: {seen.source}: {seen.reason}"
    if earlier is not None:
        step = replace(earlier, stage=Stage.UNSURE, words=words, missing_permission=seen.missing_permission)
    else:
        step = Step(
            write.name,
            write.call,
            write.resource,
            Stage.REFUSED,
            words=words,
            reason=Reason.DENIED if seen.missing_permission else None,
            missing_permission=seen.missing_permission,
        )
    return _saved(receipt.with_step(step), run)


def _refused(write: Write, answer: Refused, intended: Step, receipt: Receipt, run: Run) -> Receipt:
    """A refusal may come after the fact: the request was made twice, or its answer was lost."""
    if answer.reason in {Reason.UNSURE, Reason.CONFLICT}:
        seen = write.look()
        if isinstance(seen, Unknown):
            return _saved(receipt.with_step(_with(intended, Stage.UNSURE, answer)), run)
        if seen.so:
            return _found(write, seen, intended, receipt, run)
        if answer.reason is Reason.UNSURE:
            # It may still be on its way: nobody may claim that it was not made.
            return _saved(receipt.with_step(_with(intended, Stage.UNSURE, answer)), run)
    return _saved(receipt.with_step(_with(intended, Stage.REFUSED, answer)), run)


def _with(step: Step, stage: Stage, answer: Refused) -> Step:
    return replace(
        step, stage=stage, words=answer.words, reason=answer.reason.value, missing_permission=answer.missing_permission
    )


@dataclass(frozen=True, slots=True)
class TakingBack:
    """How one step is taken back.

    `look` shows what is there now: `so` while it is still as this run left it. `keep` is why it has to stay as it is.
    `not_done` reads from an answer without an error that it was refused all the same.
    """

    step: str
    service: str
    operation: str
    params: Mapping[str, Any]
    look: Look
    keep: Callable[[], str | None] = lambda: None
    not_done: Callable[[Mapping[str, Any]], str | None] = lambda _: None
    region: str | None = None


def take_back(back: TakingBack, receipt: Receipt, run: Run) -> Receipt:
    """The receipt with that step undone, kept, or still being undone: then this is to be called again later.

    Raises:
        AwsUnavailable: the credentials are missing, expired or refused.
    """
    step = receipt.step(back.step)
    if step is None or step.stage in {Stage.ALREADY_SO, Stage.REFUSED, Stage.UNDONE, Stage.KEPT}:
        return receipt
    seen = back.look()
    if isinstance(seen, Unknown):
        words = f"could not look: {seen.source}: {seen.reason}"
        waiting = replace(step, stage=Stage.UNDOING, words=words, missing_permission=seen.missing_permission)
        return _saved(receipt.with_step(waiting), run)
    if not seen.so:
        return _saved(receipt.with_step(replace(step, stage=Stage.UNDONE, words=None, reason=None)), run)
    if kept := back.keep():
        return _saved(receipt.with_step(replace(step, stage=Stage.KEPT, words=kept)), run)
    return _undone(back, replace(step, stage=Stage.UNDOING, words=None, reason=None), receipt, run)


def _undone(back: TakingBack, undoing: Step, receipt: Receipt, run: Run) -> Receipt:
    receipt = _saved(receipt.with_step(undoing), run)
    answer = run.writer.write(back.service, back.operation, back.params, region=back.region)
    if isinstance(answer, Refused):
        gone = answer.reason is Reason.GONE
        ended = replace(undoing, stage=Stage.UNDONE) if gone else _with(undoing, Stage.UNDOING, answer)
    else:
        failure = back.not_done(answer.answer)
        ended = replace(undoing, words=failure) if failure else replace(undoing, stage=Stage.UNDONE)
    return _saved(receipt.with_step(ended), run)


def _saved(receipt: Receipt, run: Run) -> Receipt:
    run.save(receipt)
    return receipt
