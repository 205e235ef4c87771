"""`ecs-medic redrive` against a queue and a function in the embedded account."""

import io
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import typer

import diagnose
from ecs_medic.aws.dead_letter_queue import DeadLetterQueue
from ecs_medic.cli.redrive import redrive
from ecs_medic.facts.fact import Known
from sandbox import stack
from sandbox.event_invocations import EventInvocations
from sandbox.gallery import build
from tests.events.samples import TASK_ARN, stopped_task
from tests.functions.conftest import deployed  # noqa: F401 - the fixture
from tests.functions.deployment import Deployment

STACK = "ecs-medic"
NOT_DELIVERED = {
    "RULE_ARN": "arn:aws:events:eu-west-1:123456789012:rule/ecs-medic-TaskStopped",
    "ERROR_CODE": "NO_PERMISSIONS",
    "ERROR_MESSAGE": "EventBridge may not invoke the function.",
    "RETRY_ATTEMPTS": "0",
}


@dataclass
class Lost:
    """A deployed stack whose function is invoked as Lambda does it."""

    deployed: Deployment
    invocations: EventInvocations
    capsys: pytest.CaptureFixture[str]

    @property
    def queue(self) -> str:
        return str(self.deployed.settings["DEAD_LETTER_QUEUE_URL"])

    def put(self, body: object, **attributes: str) -> str:
        """The message's id."""
        text = body if isinstance(body, str) else json.dumps(body)
        named = {name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()}
        sqs = self.deployed.account.client("sqs")
        sent = sqs.send_message(QueueUrl=self.queue, MessageBody=text, MessageAttributes=named)
        return str(sent["MessageId"])

    def fail(self, event: object) -> None:
        """Give it to the function, three times in vain."""
        fault = self.deployed.account.fault("dynamodb", "TransactWriteItems", "access_denied")
        self.invocations.invoked(stack.FUNCTION, json.dumps(event).encode())
        assert self.invocations.run() == []
        self.deployed.account.clear_faults(fault)

    def redrive(self, *, code: int = 0, **options: Any) -> dict[str, Any]:
        """What it says as JSON."""
        self.told(code=code, as_json=True, **options)
        answer: dict[str, Any] = json.loads(self.out)
        return answer

    def told(self, *, code: int = 0, **options: Any) -> str:
        """What it says on the terminal; on standard error where that is all."""
        ended = 0
        self.capsys.readouterr()
        try:
            redrive(**({"stack": STACK} | options))
        except typer.Exit as exit_:
            ended = exit_.exit_code
        self.out, self.err = self.capsys.readouterr()
        assert ended == code, self.err
        return self.out or self.err

    def make(self, function: str, handler: str, **variables: str) -> dict[str, Any]:
        """A function in the account; the options that name it and the queue by hand."""
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as code:
            code.writestr("diagnose.py", "")
        role = self.deployed.account.client("iam").create_role(RoleName=function, AssumeRolePolicyDocument="{}")
        self.deployed.account.client("lambda").create_function(
            FunctionName=function,
            Runtime="python3.13",
            Role=role["Role"]["Arn"],
            Handler=handler,
            Code={"ZipFile": archive.getvalue()},
            Environment={"Variables": variables},
        )
        return {"stack": None, "queue": self.queue, "function": function}

    def depth(self) -> int:
        """How many messages anybody would receive now."""
        name = "ApproximateNumberOfMessages"
        asked = self.deployed.account.client("sqs").get_queue_attributes(QueueUrl=self.queue, AttributeNames=[name])
        return int(asked["Attributes"][name])


@pytest.fixture
def lost(deployed: Deployment, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Lost]:  # noqa: F811
    monkeypatch.setenv("COLUMNS", "300")
    queue = deployed.settings["DEAD_LETTER_QUEUE_URL"]
    outputs = {"DeadLetterQueueUrl": queue, "DiagnoseFunctionName": stack.FUNCTION}
    template = {
        "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}},
        "Outputs": {name: {"Value": value} for name, value in outputs.items()},
    }
    deployed.account.client("cloudformation").create_stack(StackName=STACK, TemplateBody=json.dumps(template))
    handlers = {stack.FUNCTION: diagnose.handler}
    with EventInvocations.start(deployed.account, handlers, queue) as invocations:
        yield Lost(deployed, invocations, capsys)


def test_what_failed_three_times_is_shown_replayed_once_and_told_once(lost):
    event = build(lost.deployed.account, "log_group_missing").event
    lost.fail(event)
    assert lost.deployed.messages() == []
    shown = lost.told()
    assert "service audit in shop: log_group_missing" in shown
    assert "The function failed 3 times: LedgerRefused: AccessDenied" in shown
    assert "1 dead letter in ecs-medic-dead-letters (eu-west-1): 1 can be replayed, 0 cannot." in shown
    assert f"ecs-medic redrive --stack {STACK} --apply" in shown
    assert lost.depth() == 1
    replayed = lost.told(apply=True)
    assert "replayed: service audit in shop" in replayed
    assert "1 replayed, 0 failed, 0 left" in replayed
    (answer,) = lost.invocations.run()
    assert (answer["status"], answer["verdict"]["cause"]) == ("diagnosed", "log_group_missing")
    assert lost.invocations.taken[-1] == event
    assert (len(lost.deployed.messages()), lost.depth()) == (1, 0)
    assert lost.told(apply=True) == "No dead letters in ecs-medic-dead-letters (eu-west-1).\n"
    assert lost.invocations.run() == []


def test_what_was_never_delivered_is_replayed_and_counted_once_if_twice_replayed(lost):
    event = build(lost.deployed.account, "log_group_missing").event
    for _ in range(2):
        lost.put(event, **NOT_DELIVERED)
    first, second = lost.redrive(apply=True)["letters"]
    assert (first["origin"], first["tries"], first["outcome"]) == ("not_delivered", 1, "replayed")
    assert first["reason"] == "NO_PERMISSIONS: EventBridge may not invoke the function."
    assert first["incident_id"] == second["incident_id"]
    assert [answer["status"] for answer in lost.invocations.run()] == ["diagnosed", "duplicate"]
    assert len(lost.deployed.messages()) == 1


def test_what_fails_again_comes_back(lost):
    event = build(lost.deployed.account, "log_group_missing").event
    lost.fail(event)
    lost.redrive(apply=True)
    lost.deployed.account.fault("dynamodb", "TransactWriteItems", "access_denied")
    assert lost.invocations.run() == []
    (letter,) = lost.redrive()["letters"]
    assert (letter["origin"], letter["replayable"], letter["outcome"]) == ("failed", True, "left")


def test_what_cannot_be_used_is_left_until_somebody_discards_it(lost, tmp_path):
    bad = stopped_task(clusterArn=None)
    lost.invocations.invoked(stack.FUNCTION, json.dumps(bad).encode())
    (answer,) = lost.invocations.run()
    assert answer["status"] == "rejected"
    lost.put("no event \x1b[31m at all")
    lost.put({"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}})
    good = lost.put(build(lost.deployed.account, "log_group_missing").event)
    shown = lost.told()
    assert "Cannot be replayed: detail.clusterArn:" in shown
    assert "\x1b" not in shown
    assert "1 can be replayed, 3 cannot." in shown
    left = lost.told(apply=True)
    assert "1 replayed, 0 failed, 3 left as they were" in left
    assert "detail.clusterArn" not in left  # what nothing was done with
    assert good in left
    assert "--save: expected the file" in lost.told(code=2, discard=True)
    assert lost.depth() == 3
    saved = tmp_path / "saved.jsonl"
    assert len(lost.redrive(discard=True, save=str(saved))["letters"]) == 3
    lines = [json.loads(line) for line in saved.read_text().splitlines()]
    assert {json.loads(line["body"])["event"]["id"] for line in lines if "reason" in line["body"]} == {bad["id"]}
    assert saved.stat().st_mode & 0o077 == 0
    assert (len(lines), lost.depth()) == (3, 0)


def test_what_cannot_be_saved_is_not_discarded(lost, tmp_path):
    lost.put("no event")
    assert "--save: cannot write" in lost.told(code=2, discard=True, save=str(tmp_path / "no" / "where"))
    assert lost.depth() == 1


def test_without_the_permission_nothing_is_lost_and_it_is_named(lost):
    events = [build(lost.deployed.account, name).event for name in ("log_group_missing", "app_exited")]
    for event in events:
        lost.put(event)
    fault = lost.deployed.account.fault("lambda", "Invoke", "access_denied")
    answer = lost.redrive(code=3, apply=True)
    assert "missing permission: lambda:InvokeFunction" in answer["stopped"]
    assert [letter["outcome"] for letter in answer["letters"]] == ["failed", "left"]
    assert (lost.depth(), lost.invocations.taken) == (2, [])
    lost.deployed.account.clear_faults(fault)
    lost.deployed.account.fault("sqs", "DeleteMessage", "access_denied")
    answer = lost.redrive(code=3, apply=True)
    assert "missing permission: sqs:DeleteMessage" in answer["stopped"]
    assert [letter["outcome"] for letter in answer["letters"]] == ["replayed", "left"]
    assert lost.depth() == 2


def test_a_queue_that_cannot_be_read_is_no_answer(lost):
    lost.deployed.account.fault("sqs", "ReceiveMessage", "access_denied")
    assert "missing permission: sqs:ReceiveMessage" in lost.told(code=1)


def test_a_function_that_is_gone_keeps_the_events(lost):
    lost.put(build(lost.deployed.account, "log_group_missing").event)
    said = lost.told(code=2, stack=None, queue=lost.queue, function="Gone", apply=True)
    assert said == "ecs-medic: --function: there is no function Gone in eu-west-1\n"
    assert lost.depth() == 1


def test_the_function_of_that_queue_may_be_named_by_hand(lost):
    lost.put(build(lost.deployed.account, "log_group_missing").event)
    url = lost.queue.replace("127.0.0.1", "localhost")
    named = lost.make(stack.FUNCTION, "diagnose.handler", DEAD_LETTER_QUEUE_URL=url)
    assert "1 replayed, 0 failed" in lost.told(apply=True, **named)
    assert (len(lost.invocations.taken), lost.depth()) == (1, 0)


@pytest.mark.parametrize(
    ("handler", "queue"),
    [("orders.handler", ""), ("sweep.handler", "its own"), ("diagnose.handler", ""), ("diagnose.handler", "another's")],
)
def test_an_event_is_given_to_no_other_function(lost, tmp_path, handler, queue):
    """Lambda takes events for every one of them, and the message would be deleted."""
    lost.put(build(lost.deployed.account, "log_group_missing").event)
    url = {"its own": lost.queue, "another's": f"{lost.queue}-too"}.get(queue)
    named = lost.make(stack.FUNCTION, handler, **({"DEAD_LETTER_QUEUE_URL": url} if url else {}))
    said = lost.told(code=2, apply=True, save=str(tmp_path / "saved.jsonl"), **named)
    assert said == (
        "ecs-medic: --function: expected the DiagnoseFunction whose queue is ecs-medic-dead-letters, "
        f"got {stack.FUNCTION}\n"
    )
    assert (lost.invocations.taken, lost.depth()) == ([], 1)


def test_a_function_that_cannot_be_looked_at_is_given_only_what_is_saved(lost, tmp_path):
    lost.put(build(lost.deployed.account, "log_group_missing").event)
    named = {"stack": None, "queue": lost.queue, "function": stack.FUNCTION, "apply": True}
    lost.deployed.account.fault("lambda", "GetFunctionConfiguration", "access_denied")
    (line,) = lost.told(code=1, **named).splitlines()
    assert "(missing permission: lambda:GetFunctionConfiguration); add --save FILE" in line
    assert (lost.invocations.taken, lost.depth()) == ([], 1)
    saved = tmp_path / "saved.jsonl"
    (letter,) = lost.redrive(save=str(saved), **named)["letters"]
    (line,) = lost.err.splitlines()
    assert line.endswith("(missing permission: lambda:GetFunctionConfiguration)")
    assert (letter["outcome"], len(lost.invocations.taken), lost.depth()) == ("replayed", 1, 0)
    assert json.loads(json.loads(saved.read_text())["body"]) == lost.invocations.taken[0]


def test_a_function_whose_environment_cannot_be_decrypted(lost, monkeypatch):
    hidden = {"Handler": "diagnose.handler", "Environment": {"Error": {"ErrorCode": "AccessDeniedException"}}}
    answer = Known(hidden, "lambda:GetFunctionConfiguration")
    monkeypatch.setattr("ecs_medic.aws.reader.Reader.read", lambda *_: answer)
    said = lost.told(code=1, stack=None, queue=lost.queue, function=stack.FUNCTION, apply=True)
    assert "(missing permission: kms:Decrypt); add --save FILE" in said


def test_what_was_replayed_before_it_broke_off_is_told_as_json_too(lost, monkeypatch):
    for number in range(12):
        lost.put(stopped_task(taskArn=f"{TASK_ARN[:-4]}{number:04d}"))
    receive = DeadLetterQueue.receive

    def once(queue: DeadLetterQueue, most: int) -> Any:
        monkeypatch.setattr(DeadLetterQueue, "receive", broken)
        return receive(queue, most)

    def broken(queue: DeadLetterQueue, most: int) -> Any:
        lost.deployed.account.fault("sqs", "ReceiveMessage", "access_denied")
        return receive(queue, most)

    monkeypatch.setattr(DeadLetterQueue, "receive", once)
    answer = lost.redrive(code=1, apply=True)
    assert {letter["outcome"] for letter in answer["letters"]} == {"replayed"}
    assert len(answer["letters"]) == len(lost.invocations.taken) == 12 - lost.depth() > 0
    assert "missing permission: sqs:ReceiveMessage" in answer["error"]
    (line,) = lost.err.splitlines()
    assert line == f"ecs-medic: {answer['error']}"


def test_what_is_not_given_back_is_said(lost):
    lost.put("no event")
    lost.deployed.account.fault("sqs", "ChangeMessageVisibilityBatch", "access_denied")
    answer = lost.redrive()
    assert "missing permission: sqs:ChangeMessageVisibility" in answer["hidden"]
    assert answer["error"] is None


def test_more_than_a_page_is_gone_through_and_a_part_of_it_is_said(lost):
    for number in range(23):
        lost.put({"number": number})
    answer = lost.redrive()
    assert len({letter["message_id"] for letter in answer["letters"]}) == answer["waiting"] == 23
    assert lost.depth() == 23
    assert "Not looked at, or just being read by somebody else: about 18 more." in lost.told(limit=5)


WRONG = {
    "no place": ({"stack": None}, "--stack: expected the name of the stack, or --queue"),
    "two places": ({"queue": "https://sqs/123456789012/q"}, "--queue: expected without --stack"),
    "no URL": ({"stack": None, "queue": "dead-letters"}, "--queue: expected the URL of an SQS queue, got"),
    "no function": (
        {"stack": None, "queue": "http://sqs/123456789012/q", "apply": True},
        "--function: expected the name of the stack's DiagnoseFunction",
    ),
    "no name of a stack": ({"stack": "a b"}, "--stack: expected the name of a CloudFormation stack"),
    "no such stack": ({"stack": "nowhere"}, "--stack: there is no stack nowhere in eu-west-1"),
    "no such message": ({"message": ["m1"]}, "--message: there is no m1 among the 0 messages"),
    "both": ({"apply": True, "discard": True}, "--discard: expected without --apply"),
}


@pytest.mark.parametrize(("options", "said"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_used_is_said_in_one_line(lost, monkeypatch, options, said):
    monkeypatch.delenv("DEAD_LETTER_QUEUE_URL")
    lost.told(code=2, **options)
    (line,) = lost.err.splitlines()
    assert said in line


def test_a_queue_that_is_not_there(lost):
    said = lost.told(code=2, stack=None, queue=f"{lost.queue}-too")
    assert said.startswith("ecs-medic: --queue: there is no queue")


def test_the_command_is_there(lost):
    """In a process of its own; the queue is the environment's."""
    lost.put(build(lost.deployed.account, "log_group_missing").event)
    command = [sys.executable, "-c", "from ecs_medic.cli import main; main()", "redrive", "--json"]
    environment = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "DEAD_LETTER_QUEUE_URL": lost.queue}
    ran = subprocess.run(
        command,
        capture_output=True,
        env=environment | lost.deployed.account.environment,
        cwd=Path("/"),
        timeout=120,
        check=True,
    )
    (letter,) = json.loads(ran.stdout)["letters"]
    assert letter["symptom"] == "log_group_missing"
