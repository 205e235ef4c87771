"""How well are messages recognised? `python -m tests.corpus.accuracy FILE…` prints it by family, with every miss.

Each line of a file is a message as `ecs-medic explain --jsonl` takes it, with its label: `symptom`, and in `also_ok`
what is right as well. Exit code 1 where fewer than 98 in 100 are right, or fewer than 99 in 100 of the `certain` ones.
"""

import json
import sys
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ecs_medic.incident import Kind, Message, SymptomConfidence
from ecs_medic.symptoms.recognise import Recognition, recognise

RIGHT_AT_LEAST, CERTAIN_RIGHT_AT_LEAST = 0.98, 0.99


@dataclass(frozen=True, slots=True)
class Labelled:
    """A message with what it should be recognised as."""

    id: str
    message: Message
    symptom: str
    also_ok: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What was recognised in a labelled message."""

    labelled: Labelled
    recognition: Recognition

    @property
    def right(self) -> bool:
        return self.recognition.symptom in {self.labelled.symptom, *self.labelled.also_ok}

    @property
    def certain(self) -> bool:
        return self.recognition.confidence is SymptomConfidence.CERTAIN


def load(path: Path) -> tuple[Labelled, ...]:
    """The labelled messages of a JSON Lines file."""
    return tuple(labelled(json.loads(line)) for line in path.read_text("utf-8").splitlines() if line.strip())


def labelled(line: dict[str, Any]) -> Labelled:
    """One line as a value."""
    message = Message(
        kind=Kind(line["kind"]),
        stop_code=line.get("stop_code"),
        stopped_reason=line.get("stopped_reason"),
        container_reason=line.get("container_reason"),
        exit_code=line.get("exit_code"),
        launch_type=line.get("launch_type"),
        error_code=line.get("error_code"),
    )
    return Labelled(line["id"], message, line["symptom"], tuple(line.get("also_ok", ())))


def answers(corpus: Iterable[Labelled]) -> list[Answer]:
    """What is recognised in each message."""
    return [Answer(item, recognise(item.message)) for item in corpus]


def rate(flags: Iterable[bool]) -> float:
    """The share of what is true; 1.0 of nothing."""
    counted = list(flags)
    return sum(counted) / len(counted) if counted else 1.0


def report(given: list[Answer]) -> str:
    """The table by family, every miss, and the totals."""
    families: dict[str, list[Answer]] = defaultdict(list)
    for answer in given:
        families[answer.labelled.symptom].append(answer)
    lines = [f"{'family':<40}{'right':>9}{'certain':>9}"]
    for family, members in sorted(families.items()):
        right = f"{sum(answer.right for answer in members)}/{len(members)}"
        lines.append(f"{family:<40}{right:>9}{sum(answer.certain for answer in members):>9}")
        lines += [_miss(answer) for answer in members if not answer.right]
    certain = [answer for answer in given if answer.certain]
    lines += ["", f"right: {_share(given)}", f"certain answers that are right: {_share(certain)}"]
    return "\n".join(lines)


def _share(given: list[Answer]) -> str:
    right = [answer.right for answer in given]
    return f"{sum(right)} of {len(right)} = {rate(right):.1%}"


def good_enough(given: list[Answer]) -> bool:
    """Whether both bounds are kept."""
    return rate(a.right for a in given) >= RIGHT_AT_LEAST and (
        rate(a.right for a in given if a.certain) >= CERTAIN_RIGHT_AT_LEAST
    )


def _miss(answer: Answer) -> str:
    message = answer.labelled.message
    text = " | ".join(filter(None, (message.stopped_reason, message.container_reason)))
    sure = answer.recognition.confidence
    return f"    {answer.labelled.id}: {answer.recognition.symptom} ({sure}): {' '.join(text.split())[:140]}"


def main(paths: list[str]) -> int:
    """Print the report of all files together; returns the exit code."""
    if not paths:
        sys.stderr.write("usage: python -m tests.corpus.accuracy FILE…\n")
        return 2
    given = answers(item for path in paths for item in load(Path(path)))
    sys.stdout.write(report(given) + "\n")
    return 0 if good_enough(given) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
