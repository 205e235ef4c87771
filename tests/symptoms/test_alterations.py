"""The same message, mangled on its way here, must not turn into a different specific symptom."""

import re
import textwrap
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from ecs_medic.incident import Message
from ecs_medic.symptoms.recognise import recognise
from ecs_medic.vocabulary import ROLES, Id, Role
from tests.corpus.accuracy import Labelled, load

CORPUS = load(Path(__file__).parent.parent / "corpus" / "messages.jsonl")

type Alteration = Callable[[str], str]

SAME_WORDS: dict[str, Alteration] = {
    "upper case": str.upper,
    "lower case": str.lower,
    "title case": str.title,
    "curly quotes": lambda text: text.replace("'", "’").replace('"', "”"),
    "double spaces": lambda text: text.replace(" ", "  "),
    "wrapped": lambda text: "\n".join(textwrap.wrap(text, 60)),
    "wrapped inside words": lambda text: "\n    ".join(text[at : at + 37] for at in range(0, len(text), 37)),
    "quoted mail": lambda text: "> " + text.replace("\n", "\n> "),
    "escaped for JSON": lambda text: text.replace('"', '\\"').replace("\n", "\\n"),
    "escaped for HTML": lambda text: text.replace('"', "&quot;").replace("'", "&#39;"),
    "coloured": lambda text: f"\x1b[31m{text}\x1b[0m",
    "bold": lambda text: f"**{text}**",
    "China": lambda text: text.replace("arn:aws:", "arn:aws-cn:").replace("amazonaws.com", "amazonaws.com.cn"),
    "GovCloud": lambda text: re.sub(r"\beu-west-1\b", "us-gov-east-1", text.replace("arn:aws:", "arn:aws-us-gov:")),
    "another account": lambda text: text.replace("123456789012", "111122223333"),
    "other names": lambda text: text.replace("orders", "payments").replace("shop", "billing"),
    "a full stop more": lambda text: text.rstrip(".") + ".",
}


def altered(message: Message, change: Alteration) -> Message:
    return replace(
        message,
        stopped_reason=message.stopped_reason and change(message.stopped_reason),
        container_reason=message.container_reason and change(message.container_reason),
    )


def is_right(item: Labelled, symptom: Id) -> bool:
    return symptom in {item.symptom, *item.also_ok}


@pytest.mark.parametrize("name", SAME_WORDS)
def test_the_words_count_not_their_looks(name):
    wrong = {
        item.id: symptom
        for item in CORPUS
        if not is_right(item, symptom := recognise(altered(item.message, SAME_WORDS[name])).symptom)
    }
    assert not wrong


@pytest.mark.parametrize("length", [255, 256, 1024])
def test_a_cut_message_becomes_more_general_or_unknown(length):
    for item in CORPUS:
        symptom = recognise(altered(item.message, lambda text: text[:length])).symptom
        assert is_right(item, symptom) or ROLES[symptom] is Role.SYMPTOM or symptom is Id.UNKNOWN, (item.id, symptom)
