"""Where dead letters lie, and which function they were for."""

import os
import re
from dataclasses import dataclass

from ecs_medic.cli.failure import UnusableInputError
from ecs_medic.cli.region import region_of
from ecs_medic.cli.stack import outputs_of

_QUEUE = re.compile(r"https?://[^\s/]+/\d{12}/(?P<name>[A-Za-z0-9_-]{1,80})")
_REGION = re.compile(r"https?://sqs\.(?P<region>[a-z]{2,}(-[a-z0-9]+)+)\.amazonaws\.com(\.cn)?/")
_FUNCTION = re.compile(r"[A-Za-z0-9_:$-]{1,256}")


@dataclass(frozen=True, slots=True)
class Place:
    """`options` name it on a command line. `function` is None where none was named and none is needed."""

    region: str
    queue_url: str
    function: str | None
    options: str

    @property
    def queue_name(self) -> str:
        """The last part of the queue's URL."""
        return self.queue_url.rsplit("/", 1)[-1]


def place_of(stack: str | None, queue: str | None, function: str | None, *, to_replay: bool) -> Place:
    """What the options name, or what DEAD_LETTER_QUEUE_URL does where they name nothing.

    Raises:
        UnusableInputError: they name nothing, too much, or what there is not.
        AwsUnavailable: the stack cannot be read.
    """
    if stack is not None:
        for option, given in (("--queue", queue), ("--function", function)):
            if given is not None:
                raise UnusableInputError(f"{option}: expected without --stack, which names it")
        return _of_stack(stack)
    url = os.environ.get("DEAD_LETTER_QUEUE_URL", "") if queue is None else queue
    if not url:
        raise UnusableInputError("--stack: expected the name of the stack, or --queue with the URL of its queue")
    if not _QUEUE.fullmatch(url):
        raise UnusableInputError(f"--queue: expected the URL of an SQS queue, got {url[:80]!r}")
    if function is None and to_replay:
        raise UnusableInputError("--function: expected the name of the stack's DiagnoseFunction, got nothing")
    if function is not None and not _FUNCTION.fullmatch(function):
        raise UnusableInputError(f"--function: expected the name or ARN of a function, got {function[:60]!r}")
    named = _REGION.match(url)
    region = named["region"] if named else region_of(os.environ, "the queue")
    return Place(region, url, function, f"--queue {url} --function {function or '<NAME>'}")


def _of_stack(name: str) -> Place:
    from ecs_medic.aws.reader import Reader

    outputs = outputs_of(Reader(region_of(os.environ, "the stack")), name)
    url, function = outputs.get("DeadLetterQueueUrl"), outputs.get("DiagnoseFunctionName")
    if url is None or function is None:
        raise UnusableInputError(f"--stack: {name} has no output DeadLetterQueueUrl and DiagnoseFunctionName")
    return Place(region_of(os.environ, "the stack"), url, function, f"--stack {name}")
