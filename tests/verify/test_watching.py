"""What proves that a repair has helped, where the command line makes it."""

import json
import subprocess
from typing import Any

import pytest

from verify import watching
from verify.place import Place
from verify.record import OWN_REPAIR, REPAIR, Record, Verdict


class Ecs:
    def __init__(self, *statuses):
        self.tasks = [{"taskArn": f"task/{number}", "lastStatus": status} for number, status in enumerate(statuses)]

    def list_tasks(self, **_):
        return {"taskArns": [one["taskArn"] for one in self.tasks]}

    def describe_tasks(self, **_):
        return {"tasks": self.tasks}


def verdicts(monkeypatch, said, *statuses, status=0):
    place = Place("1", "eu-west-1", lambda _: None, lambda _: None, session=None, clients={"ecs": Ecs(*statuses)})
    record = Record("1", "eu-west-1", "0")
    monkeypatch.setattr(watching, "_begun", lambda *_: None)
    given = []

    def run(command, *, env, **_):
        given.append(env)
        return subprocess.CompletedProcess(command, status, said, "")

    monkeypatch.setattr(subprocess, "run", run)
    nothing: Any = None
    watching.see_repair(place, nothing, "incident", record)
    assert (given[0]["AWS_REGION"], given[0]["AWS_DEFAULT_REGION"]) == ("eu-west-1", "eu-west-1")
    return {one.fact: one.verdict for one in record.observations}


REPAIRED = json.dumps({"repair": {"state": "repaired", "words": "a new task runs"}})


def test_a_repair_that_is_told_and_a_task_that_runs_are_the_proof(monkeypatch):
    assert verdicts(monkeypatch, REPAIRED, "RUNNING") == {OWN_REPAIR: Verdict.OTHERWISE, REPAIR: Verdict.SEEN}


@pytest.mark.parametrize(
    ("said", "statuses", "status"),
    [
        (json.dumps({"repair": None}), ["RUNNING"], 0),
        (json.dumps({"repair": {"state": "nothing_to_do", "words": ""}}), ["RUNNING"], 0),
        (REPAIRED, ["PENDING"], 0),
        (REPAIRED, [], 0),
        (REPAIRED, ["RUNNING"], 5),
        ("", ["RUNNING"], 0),
        ("[]", ["RUNNING"], 0),
    ],
)
def test_an_exit_of_0_alone_is_none(monkeypatch, said, statuses, status):
    assert verdicts(monkeypatch, said, *statuses, status=status)[REPAIR] is Verdict.OTHERWISE
