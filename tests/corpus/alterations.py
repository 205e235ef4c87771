"""What happens to a message on its way: `python -m tests.corpus.alterations FILE…` prints where one is then misread.

A message may come through a console, a chat, a bug report, a log line; parts of it may be cut off. Changed looks must
change nothing. A message of which a part is missing, or to which something was added, may become more general or
unknown, but never a different specific symptom.
"""

import json
import re
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from ecs_medic.incident import Message
from ecs_medic.symptoms.normalise import is_cut
from ecs_medic.symptoms.recognise import recognise
from ecs_medic.vocabulary import ROLES, Id, Role
from tests.corpus.accuracy import Labelled, load

type Alteration = Callable[[str], str]

_REGION = r"(?<![a-z0-9])(?:us|eu|ap|ca|sa|me|af|il|mx)-(?:[a-z]+-)?[a-z]+-\d(?![0-9])"
_RESOURCE = r"(arn:[^\s:]+:ecs:[^\s:]+:[^\s:]+:(?:task|service|container-instance))/[^\s/\"',:]+/"


def _wrapped(text: str, width: int) -> str:
    return "\n    ".join(text[at : at + width] for at in range(0, len(text), width))


SAME_WORDS: dict[str, Alteration] = {
    "upper case": str.upper,
    "lower case": str.lower,
    "title case": str.title,
    "curly quotes": lambda text: text.replace("'", "’").replace('"', "”"),
    "no quotes": lambda text: re.sub(r"[\"'`‘’“”]", "", text),
    "double spaces": lambda text: text.replace(" ", "  "),
    "tabs": lambda text: text.replace(" ", "\t"),
    "no-break spaces": lambda text: text.replace(" ", "\u00a0"),
    "zero-width spaces": lambda text: text.replace(" ", " \u200b"),
    "soft hyphens": lambda text: text.replace("e", "e\u00ad"),
    "wrapped": lambda text: "\n".join(textwrap.wrap(text, 60)),
    "wrapped inside words": lambda text: _wrapped(text, 37),
    "wrapped for Windows": lambda text: _wrapped(text, 50).replace("\n", "\r\n"),
    "quoted mail": lambda text: "> " + text.replace("\n", "\n> "),
    "escaped for JSON": lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
    "escaped for JSON in ASCII": lambda text: json.dumps(text)[1:-1],
    "escaped for JSON twice": lambda text: json.dumps(json.dumps(text))[1:-1],
    "escaped for HTML": lambda text: text.replace('"', "&quot;").replace("'", "&#39;"),
    "escaped for HTML in full": lambda text: text.replace("<", "&lt;").replace(">", "&gt;").replace("'", "&#x27;"),
    "spaces as HTML": lambda text: text.replace(" ", "&nbsp;"),
    "coloured": lambda text: f"\x1b[31m{text}\x1b[0m",
    "bold": lambda text: f"**{text}**",
    "code": lambda text: f"```\n{text}\n```",
    "a table's row": lambda text: f"| {text} |",
    "China": lambda text: text.replace("arn:aws:", "arn:aws-cn:").replace("amazonaws.com", "amazonaws.com.cn"),
    "GovCloud": lambda text: re.sub(_REGION, "us-gov-east-1", text.replace("arn:aws:", "arn:aws-us-gov:")),
    "another Region": lambda text: re.sub(_REGION, "ap-southeast-4", text),
    "another account": lambda text: re.sub(r"(?<!\d)\d{12}(?!\d)", "444455556666", text),
    "ARNs of the old form": lambda text: re.sub(_RESOURCE, r"\1/", text),
    "other names": lambda text: text.replace("orders", "payments").replace("shop", "billing"),
    "a full stop more": lambda text: text.rstrip(".") + ".",
}
"""Changes of looks and of names, which say nothing else than before."""

MORE_WORDS: dict[str, Alteration] = {
    "a log line": lambda text: f"2026-05-04T03:02:01.123Z [ERROR] {text}",
    "a console's line": lambda text: f"Stopped reason | {text}",
    "a task's end": lambda text: f"Task stopped at: 2026-05-04T03:02:01.123Z {text}",
    "a service's name": lambda text: f"(service orders) {text}",
    "an event of a service": lambda text: f"(service orders) was unable to place a task. Reason: {text}",
    "a greeting": lambda text: f"Hi all, since this morning we get this, any ideas? {text} Thanks!",
    "an exclamation mark": lambda text: f"{text}!",
    "a bracket": lambda text: f"({text})",
    "a semicolon": lambda text: f"{text};",
    "dots": lambda text: f"{text}...",
    "an ellipsis": lambda text: f"{text}…",
    "a request id": lambda text: f"{text} status code: 400, request id: 0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f",
}
"""What people and programs put around a message. Words and punctuation may settle or unsettle what it says."""

ALSO_WHOLE: dict[tuple[Id, Id], str] = {
    (Id.ENDPOINT_POLICY_DENIES, Id.EXECUTION_ROLE_CANNOT_PULL): "IAM's older sentence ends before the reason",
    (Id.ENDPOINT_POLICY_DENIES, Id.EXECUTION_ROLE_CANNOT_READ_SECRET): "IAM's older sentence ends before the reason",
    (Id.EXECUTION_ROLE_CANNOT_PULL, Id.IMAGE_ACCESS_DENIED): "docker says no more when a repository does not exist",
    (Id.SUBNET_OUT_OF_ADDRESSES, Id.ENI_SETUP_FAILED): "AWS documents the sentence without EC2's code",
    (Id.EFS_DNS_FAILED, Id.VOLUME_FAILED): "that the volume could not be set up is true as well",
    (Id.LOGS_UNREACHABLE, Id.LOG_GROUP_MISSING): "AWS says the same sentence first where the group is missing",
    (Id.EXEC_SESSION_FAILED, Id.EXEC_COMMAND_NOT_FOUND): "the plug-in says no more when a command cannot be parsed",
    (Id.AZ_REBALANCING, Id.NORMAL_OPERATION): "starting tasks is normal life, too",
    (Id.UNHEALTHY_TASKS_REPLACED, Id.NORMAL_OPERATION): "starting tasks is normal life, too",
}
"""Beginnings of messages that are whole messages with a meaning of their own: what they would become, and why."""


@dataclass(frozen=True, slots=True)
class WrongTurn:
    """A message that an alteration turned into another specific symptom."""

    item: Labelled
    alteration: str
    text: str
    symptom: Id


def altered(message: Message, change: Alteration) -> Message:
    """The message with all of its words changed."""
    return replace(
        message,
        stopped_reason=message.stopped_reason and change(message.stopped_reason),
        container_reason=message.container_reason and change(message.container_reason),
    )


def is_right(item: Labelled, symptom: Id) -> bool:
    """Whether a symptom is the label's, or one of the others that are right."""
    return symptom in {item.symptom, *item.also_ok}


def seems_cut(message: Message) -> bool:
    """Whether a text of the message seems to have lost its end."""
    return is_cut(message.stopped_reason) or is_cut(message.container_reason)


def is_harmless(item: Labelled, message: Message) -> bool:
    """Whether what an altered message is recognised as is right, more general, unknown, or what its codes alone say."""
    symptom = recognise(message).symptom
    if is_right(item, symptom) or symptom is Id.UNKNOWN or ROLES[symptom] is Role.SYMPTOM:
        return True
    codes = recognise(replace(message, stopped_reason=None, container_reason=None)).symptom
    return symptom in {codes, recognise(item.message).symptom} or (Id(item.symptom), symptom) in ALSO_WHOLE


def cuts(message: Message) -> Iterator[Message]:
    """The message cut off after each of its words, one of its texts at a time."""
    for field in ("stopped_reason", "container_reason"):
        text = getattr(message, field)
        for end in re.finditer(r"(?<=\S)(?=\s)|(?<=[:,;.])(?=\S)", text or ""):
            yield replace(message, **{field: text[: end.start()]})


def wrong_turns(corpus: Iterable[Labelled]) -> Iterator[WrongTurn]:
    """Every alteration of every message that is misread."""
    for item in corpus:
        for name, change in SAME_WORDS.items():
            message = altered(item.message, change)
            # A change of length may by chance make the length at which AWS cuts.
            right = is_harmless(item, message) if seems_cut(message) else is_right(item, recognise(message).symptom)
            if not right and is_right(item, recognise(item.message).symptom):
                yield _wrong(item, name, message)
        for name, change in MORE_WORDS.items():
            if not is_harmless(item, message := altered(item.message, change)):
                yield _wrong(item, name, message)
        for message in cuts(item.message):
            if not is_harmless(item, message):
                yield _wrong(item, "cut", message)


def _wrong(item: Labelled, alteration: str, message: Message) -> WrongTurn:
    text = " | ".join(filter(None, (message.stopped_reason, message.container_reason)))
    return WrongTurn(item, alteration, text, recognise(message).symptom)


def main(paths: list[str]) -> int:
    """Print every wrong turn in the files; returns 1 where there is one."""
    if not paths:
        sys.stderr.write("usage: python -m tests.corpus.alterations FILE…\n")
        return 2
    found = [turn for path in paths for turn in wrong_turns(load(Path(path)))]
    for turn in found:
        sys.stdout.write(f"{turn.item.id} {turn.item.symptom} -> {turn.symptom} ({turn.alteration}): {turn.text!r}\n")
    sys.stdout.write(f"{len(found)} wrong turns\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
