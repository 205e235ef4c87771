"""`ecs-medic explain`: what one pasted message, or many, can mean. Touches no AWS account."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from ecs_medic.catalogue.lookup import candidates, row
from ecs_medic.cli.by_words import fix_by_words, fix_in_one_line
from ecs_medic.cli.failure import UnusableInputError, one_line_failures
from ecs_medic.cli.message_line import message_of_line
from ecs_medic.incident import Kind, Message
from ecs_medic.symptoms.guess_kind import guess_kind
from ecs_medic.symptoms.recognise import Recognition, recognise

_OTHER_UNICODE = (b"\xff\xfe", b"\xfe\xff")
_UTF8_MARK = b"\xef\xbb\xbf"


@one_line_failures
def explain(
    text: Annotated[
        str | None,
        typer.Argument(metavar="TEXT", help="A message as AWS, docker or a client gave it; - for standard input."),
    ] = None,
    jsonl: Annotated[
        str | None,
        typer.Option("--jsonl", metavar="FILE", help="One message a line as a JSON object; - for standard input."),
    ] = None,
    kind: Annotated[
        str | None, typer.Option(metavar="KIND", help="stopped_task, exec_error, service_event, ecr_push or api_call.")
    ] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="The answer as JSON, alone on standard output.")] = False,
) -> None:
    """Name the symptom that a message shows, the causes that can be behind it, and the fix. Reads no AWS account."""
    if text is not None and jsonl is None:
        _explain_one(_pasted(text), _kind(kind), as_json=as_json)
    elif jsonl is not None and text is None:
        _explain_lines(jsonl)
    else:
        raise UnusableInputError("expected either TEXT or --jsonl FILE")


def answer_of(message: Message, recognition: Recognition) -> dict[str, object]:
    """What is said about a recognised message, as the JSON of the contract."""
    return {
        "symptom": recognition.symptom.value,
        "confidence": recognition.confidence.value,
        "candidates": [cause.value for cause in candidates(recognition.symptom)],
        "summary": row(recognition.symptom).title,
        "fix": fix_in_one_line(fix_by_words(message, recognition.symptom), recognition.symptom),
    }


def _explain_one(text: str, kind: Kind | None, *, as_json: bool) -> None:
    message = Message(kind=kind or guess_kind(text), stopped_reason=text)
    recognition = recognise(message)
    if as_json:
        typer.echo(json.dumps(answer_of(message, recognition)))
        return
    # rich takes longer to import than everything else together takes to answer.
    from rich.console import Console

    from ecs_medic.cli.explanation import print_explanation

    print_explanation(message, recognition, Console(highlight=False))


def _explain_lines(name: str) -> None:
    for raw in _lines(name):
        try:
            message = message_of_line(raw)
            answer = answer_of(message, recognise(message))
        except UnusableInputError as error:
            answer = {"error": str(error)}
        sys.stdout.write(json.dumps(answer) + "\n")


def _lines(name: str) -> Iterator[bytes]:
    """The lines of a file, `-` for standard input, one after the other.

    Raises:
        UnusableInputError: no such file, not readable, nothing in it, or not UTF-8 as a whole.
    """
    if name == "-":
        yield from _checked(sys.stdin.buffer, "standard input")
        return
    try:
        with Path(name).open("rb") as file:
            yield from _checked(file, name)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UnusableInputError(f"--jsonl: cannot read {name}: {reason}") from None


def _checked(file: BinaryIO, where: str) -> Iterator[bytes]:
    first = file.readline()
    if not first:
        raise UnusableInputError(f"--jsonl: {where} is empty, expected one JSON object a line")
    if first.startswith(_OTHER_UNICODE):
        raise UnusableInputError(f"--jsonl: {where} is not UTF-8 text (UTF-16 or UTF-32)")
    yield first.removeprefix(_UTF8_MARK)
    yield from file


def _pasted(text: str) -> str:
    if text == "-":
        try:
            text = sys.stdin.buffer.read().decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise UnusableInputError(f"TEXT: standard input is not UTF-8 text (byte {error.start})") from None
    if not text.strip():
        raise UnusableInputError("TEXT: is empty, expected a message")
    return text


def _kind(given: str | None) -> Kind | None:
    if given is None:
        return None
    if given in Kind and given != Kind.ON_DEMAND:
        return Kind(given)
    expected = ", ".join(kind.value for kind in Kind if kind is not Kind.ON_DEMAND)
    raise UnusableInputError(f"--kind: expected one of {expected}, got {given[:40]!r}")
