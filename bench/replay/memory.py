"""The answers that were recorded, and which of them comes next."""

from collections import Counter
from dataclasses import dataclass, field

from bench.replay.question import Question


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer: its status, the headers that belong to the answer itself, the body byte for byte."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


@dataclass(slots=True)
class Memory:
    """Answers by question, in the order in which they came.

    A question that was recorded several times gets its answers in that order, and then the last one for ever. One that
    was never recorded has no answer, but for DynamoDB and Slack, whose requests hold times and owners that change from
    run to run: there, the n-th request of an operation (DynamoDB: on the same tables) that has no answer of its own
    gets what the n-th of them got in the recorded run, and again the last one for ever. Whoever repeats a run that
    writes says `from_the_start` before each repetition.
    """

    _same: dict[str, list[Answer]] = field(default_factory=dict)
    _in_order: dict[str, list[Answer]] = field(default_factory=dict)
    _given: Counter[str] = field(default_factory=Counter)

    def keep(self, question: Question, answer: Answer) -> None:
        """Remember what was answered."""
        self._same.setdefault(question.digest, []).append(answer)
        if question.in_order is not None:
            self._in_order.setdefault(question.in_order, []).append(answer)

    def answer_to(self, question: Question) -> Answer | None:
        """What is answered now, None where nothing can be."""
        same = self._next(question.digest, self._same)
        in_order = self._next(question.in_order, self._in_order) if question.in_order is not None else None
        return same or in_order

    def from_the_start(self) -> None:
        """Give the first answers again."""
        self._given.clear()

    def forget(self) -> None:
        """Remember nothing."""
        self._same.clear()
        self._in_order.clear()
        self._given.clear()

    def _next(self, key: str, kept: dict[str, list[Answer]]) -> Answer | None:
        answers = kept.get(key)
        if not answers:
            return None
        number = self._given[key]
        self._given[key] += 1
        return answers[min(number, len(answers) - 1)]
