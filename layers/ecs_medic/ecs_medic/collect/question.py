"""What collecting is made of: questions by name, and the answers so far."""

from collections.abc import Mapping

from ecs_medic.aws.call import Call
from ecs_medic.aws.reader import Answer
from ecs_medic.facts.fact import NOT_READ, Fact

type Key = tuple[str, ...]
"""What a question is about: ("simulation", role ARN). No question is asked twice."""

type Questions = dict[Key, Call]
type Answers = Mapping[Key, Fact[Answer]]


def answer_to(answers: Answers, *key: str) -> Fact[Answer]:
    """The answer to a question, or the fact that it was not asked."""
    return answers.get(key, NOT_READ)
