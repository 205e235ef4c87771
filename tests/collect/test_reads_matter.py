"""Nothing is read for nothing: without the answer, some diagnosis of the gallery says something else."""

import os
from collections.abc import Hashable, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from ecs_medic.aws.call import Call
from ecs_medic.aws.reader import Answer, Reader
from ecs_medic.diagnosis import examine
from ecs_medic.events.parse import parse
from ecs_medic.facts.fact import NOT_READ, Fact, Unknown
from ecs_medic.vocabulary import NORMAL_LIFE
from sandbox.client import REGION
from sandbox.gallery import build, names

TOLD_ELSEWHERE = {
    "ecr:DescribePullThroughCacheRules": "only where an image of a pull-through cache is missing",
    "ecs:DescribeClusters": "where the log of sessions is encrypted, and for the tags that forbid repairs",
    "efs:DescribeFileSystemPolicy": "only where it denies",
    "iam:GetRole": "only where the role is gone or does not trust ECS",
    "kms:DescribeKey": "only where the key is disabled",
    "kms:GetKeyPolicy": "only where it denies",
    "s3:GetBucketPolicy": "only where it denies",
}
"""What is read to rule a cause out that no scenario of the gallery has; the rules' own tests have them."""

type Question = tuple[str, str, str | None]


class Remembering(Reader):
    """Asks once and then answers from memory; one answer can be withheld, as if nobody had asked."""

    def __init__(self, region: str) -> None:
        super().__init__(region)
        self.memory: dict[Question, Fact[Answer]] = {}
        self.asks = True
        self.withheld: Question | None = None

    def together[K: Hashable](self, calls: Mapping[K, Call]) -> dict[K, Fact[Answer]]:
        if self.asks:
            found = super().together(calls)
            self.memory |= {question_of(call): found[key] for key, call in calls.items()}
            return found
        return {key: self._remembered(question_of(call)) for key, call in calls.items()}

    def read(
        self, service: str, operation: str, params: Mapping[str, Any], *, region: str | None = None
    ) -> Fact[Answer]:
        return self.together({0: Call(service, operation, params, region)})[0]

    def ensure_reached(self) -> None:
        """From memory, nothing need be reached."""

    @property
    def calls(self) -> tuple[str, ...]:
        return ()

    @property
    def failures(self) -> tuple[Unknown, ...]:
        return ()

    def _remembered(self, question: Question) -> Fact[Answer]:
        return NOT_READ if question == self.withheld else self.memory.get(question, NOT_READ)


def question_of(call: Call) -> Question:
    return call.name, repr(sorted(call.params.items())), call.region


@pytest.mark.soak
def test_every_kind_of_read_matters_to_some_diagnosis(account, monkeypatch):
    for name, value in account.environment.items():
        monkeypatch.setitem(os.environ, name, value)
    reader = Remembering(REGION)
    asked: set[str] = set()
    telling: set[str] = set()
    for name in names():
        account.reset(seed=1)
        incident = parse(build(account, name).event)
        if incident.can_end or incident.symptom in NORMAL_LIFE:
            continue
        now = datetime.now(UTC)
        reader.memory.clear()
        reader.asks, reader.withheld = True, None
        examine(incident, reader.again(), now)
        reader.asks = False
        whole = examine(incident, reader.again(), now).report
        for question in list(reader.memory):
            asked.add(question[0])
            reader.withheld = question
            if question[0] not in telling and examine(incident, reader.again(), now).report != whole:
                telling.add(question[0])
    assert sorted(asked - telling - TOLD_ELSEWHERE.keys() - {"sts:GetCallerIdentity"}) == []
    assert sorted(telling & TOLD_ELSEWHERE.keys()) == []
