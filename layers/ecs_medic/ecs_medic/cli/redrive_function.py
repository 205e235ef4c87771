"""Whether a function that was named by hand is the one whose dead letters these are."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import typer

from ecs_medic.cli.failure import UnusableInputError

if TYPE_CHECKING:
    from ecs_medic.cli.redrive_place import Place
    from ecs_medic.facts.fact import Known, Unknown

_HANDLER = "diagnose.handler"


def check_function(place: "Place", *, saved: bool) -> None:
    """Lambda takes events for every function there is: given to a wrong one, they would be deleted and lost.

    Where nobody can tell, it is said; that is enough only if the messages are `saved` before they are deleted.

    Raises:
        UnusableInputError: there is no such function, or it is another one.
        AwsUnavailable: nobody can tell, and nothing is saved.
    """
    from ecs_medic.aws.errors import AwsUnavailable
    from ecs_medic.aws.reader import Reader
    from ecs_medic.facts.fact import Absent, Known
    from ecs_medic.facts.missing_permission import with_missing_permission

    answer = Reader(place.region).read("lambda", "GetFunctionConfiguration", {"FunctionName": place.function})
    if isinstance(answer, Absent):
        raise UnusableInputError(f"--function: there is no function {place.function} in {place.region}")
    queue = _queue_of(answer.value, answer.source) if isinstance(answer, Known) else answer
    if isinstance(queue, Known):
        if _same(queue.value, place.queue_url):
            return
        raise UnusableInputError(
            f"--function: expected the DiagnoseFunction whose queue is {place.queue_name}, got {place.function}"
        )
    why = with_missing_permission(queue.reason, queue.missing_permission)
    unknown = f"whether {place.function} is the stack's DiagnoseFunction is unknown: {why}"
    if not saved:
        raise AwsUnavailable(f"{unknown}; add --save FILE, which keeps every message, or name the --stack")
    typer.echo(f"ecs-medic: {unknown}", err=True)


def _queue_of(configuration: Mapping[str, Any], source: str) -> "Known[str] | Unknown":
    """The dead-letter queue that the function has if it is a stack's DiagnoseFunction, else an empty text."""
    from ecs_medic.facts.fact import Known, Unknown

    environment = configuration.get("Environment", {})
    if configuration.get("Handler") != _HANDLER:
        return Known("", source)
    if "Error" in environment:
        # Lambda shows the rest to whoever may not use the key that encrypts the environment.
        return Unknown(source, "its environment cannot be decrypted", "kms:Decrypt")
    return Known(environment.get("Variables", {}).get("DEAD_LETTER_QUEUE_URL", ""), source)


def _same(queue: str, other: str) -> bool:
    """Whether both URLs end in the same account and name: a queue has several hosts."""
    return queue.split("/")[-2:] == other.split("/")[-2:]
