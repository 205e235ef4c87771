"""`ecs-medic redrive`: what was lost on its way to a diagnosis, and its way back."""

import json
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ecs_medic.cli.failure import NOT_VERIFIED, UnusableInputError, one_line_failures
from ecs_medic.cli.redrive_function import check_function
from ecs_medic.cli.redrive_place import Place, place_of
from ecs_medic.cli.stack import StackOption
from ecs_medic.report.text import one_line

if TYPE_CHECKING:
    from ecs_medic.response.redrive import Done, Seen, Wish


@one_line_failures
def redrive(  # noqa: PLR0917 - each is an option of the command line
    stack: StackOption = None,
    queue: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Instead of --stack: its queue (output DeadLetterQueueUrl)."),
    ] = None,
    function: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="With --queue and --apply: its function (output DiagnoseFunctionName)."),
    ] = None,
    message: Annotated[
        list[str] | None,
        typer.Option(metavar="ID", help="Only this message, whatever is thought of it; may be given more than once."),
    ] = None,
    limit: Annotated[int, typer.Option(metavar="N", min=1, max=100_000, help="Most messages to look at.")] = 1000,
    save: Annotated[
        str | None, typer.Option(metavar="FILE", help="Add the messages to this file first, whole and as JSON lines.")
    ] = None,
    *,
    apply: Annotated[
        bool, typer.Option("--apply", help="Give the events to the function again, and take them out of the queue.")
    ] = False,
    discard: Annotated[
        bool, typer.Option("--discard", help="Delete what cannot be replayed, once it is in --save FILE.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, alone on standard output.")] = False,
) -> None:
    """Show the events that could not be delivered, understood or handled. Changes nothing without --apply or --discard.

    With --apply, each event that the function would accept is given to it again; an event counts once, however often
    it is replayed.
    """
    from ecs_medic.cli.dead_letter_words import show, show_one
    from ecs_medic.response.redrive import Outcome

    wish = _wish(message or (), limit, apply=apply, discard=discard, save=save)
    place = place_of(stack, queue, function, to_replay=apply)
    if apply and stack is None:
        check_function(place, saved=bool(save))
    told: list[Seen] = []

    def tell(seen: "Seen") -> None:
        told.append(seen)
        # Whoever cuts it off has seen what was done until then; what is only shown is given back first.
        if seen.outcome is not Outcome.LEFT and not as_json:
            show_one(seen)

    def say_json(waiting: int | None, done: "Done | None", error: str | None = None) -> None:
        if as_json:
            typer.echo(json.dumps(_json(place, waiting, told, done, error), ensure_ascii=False))

    waiting, done = _gone_through(place, wish, save, tell, say_json)
    say_json(waiting, done)
    if not as_json:
        show(told, done, place, waiting, act=wish.act)
    _end(wish, told, done)


def _wish(given: Sequence[str], limit: int, *, apply: bool, discard: bool, save: str | None) -> "Wish":
    from ecs_medic.response.redrive import Act, Wish

    if apply and discard:
        raise UnusableInputError("--discard: expected without --apply")
    if discard and not save:
        raise UnusableInputError("--save: expected the file that keeps what --discard deletes, got nothing")
    for one in given:
        if not one.strip():
            raise UnusableInputError("--message: is empty")
    act = Act.REPLAY if apply else Act.DISCARD if discard else Act.SHOW
    return Wish(act, frozenset(one.strip() for one in given), limit)


def _gone_through(
    place: Place,
    wish: "Wish",
    save: str | None,
    tell: "Callable[[Seen], None]",
    broken_off: Callable[[int | None, None, str], None],
) -> "tuple[int | None, Done]":
    """How many there were about, and what was done; `broken_off` is told of what ends it halfway, which is raised."""
    from ecs_medic.aws.dead_letter_queue import DeadLetterQueue, QueueFailedError, hand_over
    from ecs_medic.aws.refusals import Reason
    from ecs_medic.aws.writer import Writer
    from ecs_medic.cli.saved_messages import saved_to
    from ecs_medic.response.redrive import Round

    writer = Writer(place.region, gate=lambda: None)  # nothing of the account is changed
    queue = DeadLetterQueue(writer, place.queue_url)
    with ExitStack() as files:
        keep = files.enter_context(saved_to(save)) if save else (lambda _: None)
        round_ = Round(
            queue,
            wish,
            hand_over=lambda event: hand_over(writer, str(place.function), event),
            keep=keep,
            now=lambda: datetime.now(UTC),
            tell=tell,
        )
        waiting = queue.waiting()
        try:
            return waiting, round_.go()
        except BaseException as error:
            broken_off(waiting, None, one_line(str(error)) or type(error).__name__)
            if isinstance(error, QueueFailedError) and error.refused.reason is Reason.GONE:
                raise UnusableInputError(f"--queue: there is no queue {place.queue_url} in {place.region}") from None
            raise


def _json(
    place: Place, waiting: int | None, told: "Sequence[Seen]", done: "Done | None", error: str | None
) -> dict[str, Any]:
    """`done` is None where an error ended it halfway."""
    return {
        "schema": "ecs-medic.redrive/1",
        "region": place.region,
        "queue": place.queue_url,
        "function": place.function,
        "waiting": waiting,
        "letters": [
            {
                "message_id": one.message_id,
                "sent_at": one.sent_at.isoformat() if one.sent_at else None,
                "received": one.received,
                "outcome": one.outcome.value,
                "words": one.words,
                **one.found.as_json(),
            }
            for one in told
        ],
        "stopped": done.stopped if done else None,
        "hidden": done.hidden if done else None,
        "error": error,
    }


def _end(wish: "Wish", told: "Sequence[Seen]", done: "Done") -> None:
    """Say by the exit code what was not done."""
    from ecs_medic.response.redrive import Outcome

    if done.stopped or any(one.outcome is Outcome.FAILED for one in told):
        raise typer.Exit(NOT_VERIFIED)
    if missing := sorted(wish.only - {one.message_id for one in told}):
        looked = f"among the {len(done.seen)} messages that were looked at"
        raise UnusableInputError(f"--message: there is no {', '.join(one[:60] for one in missing)} {looked}")
