"""`python -m tests.sam_local`: every event of events/ through `sam local invoke`, on the embedded account.

Needs a Docker engine with Lambda's Python 3.13 base image, and `sam build` for this machine's architecture.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from ecs_medic.aws.permissions import permission_for
from sandbox.client import Sandbox
from sandbox.gallery import build, names
from sandbox.sam_local import address_for_containers
from sandbox.stack import FUNCTION, deploy
from tests.sam_local.expectations import shortcomings, shortcomings_of_rejection
from tests.sam_local.invoke import ROOT, Invocation, invoke
from tests.template.stack import deployed, listed, of_type, statements

EVENTS = ROOT / "events"
NEED_NO_PERMISSION = {"sts:GetCallerIdentity"}

# Events that cannot be used, and what the dead letter must say of each.
REJECTED: Mapping[str, tuple[object, str]] = {
    "an event of another service": (
        {
            "version": "0",
            "id": "7bf73129-1428-4cd3-a780-95db273d1602",
            "detail-type": "EC2 Instance State-change Notification",
            "source": "aws.ec2",
            "account": "123456789012",
            "time": "2026-03-01T09:00:00Z",
            "region": "eu-west-1",
            "resources": [],
            "detail": {"instance-id": "i-0123456789abcdef0", "state": "stopped"},
        },
        "source",
    ),
    "an array": ([], "an array"),
    "a task without its cluster": (
        {
            "version": "0",
            "id": "3317b2af-7005-947d-b652-f55e762e571a",
            "detail-type": "ECS Task State Change",
            "source": "aws.ecs",
            "account": "123456789012",
            "time": "2026-03-01T09:00:00Z",
            "region": "eu-west-1",
            "resources": [],
            "detail": {"lastStatus": "STOPPED", "clusterArn": None},
        },
        "clusterArn",
    ),
}


class Run:
    """One run over all events, and what it has found wrong so far."""

    def __init__(self, sandbox: Sandbox, environment: Mapping[str, str], scratch: Path, architecture: str) -> None:
        self.sandbox = sandbox
        self.environment = environment
        self.scratch = scratch
        self.architecture = architecture
        self.passed = 0
        self.failed: list[str] = []
        self.calls: set[str] = set()

    def one(self, name: str, event: Path, judge: Callable[[Invocation, list[dict[str, Any]]], list[str]]) -> None:
        """Invokes the function with one event, judges answer and channel, and prints a line."""
        self.sandbox.clear_slack()
        self.sandbox.clear_calls()
        invocation = invoke(event, self.environment, self.scratch, self.architecture)
        self.calls |= {permission_for(call["service"], call["operation"]) for call in self.sandbox.calls()}
        wrong = judge(invocation, self.sandbox.slack_messages())
        print(
            f"{'FAILED' if wrong else 'ok    '} {invocation.seconds:5.1f} s  {name}  {_short(invocation)}", flush=True
        )
        if not wrong:
            self.passed += 1
            return
        self.failed.append(name)
        for line in wrong:
            print(f"         {line}")
        print(*(f"         {line}" for line in invocation.log_of_function()[-30:]), sep="\n", flush=True)

    def check_permissions(self) -> None:
        """Whether the template's role would have allowed every call that arrived: here nobody refuses any."""
        role = of_type(deployed(), "AWS::IAM::Role")["DiagnoseRole"]
        allowed = {action for statement in statements(role) for action in listed(statement["Action"])}
        if refused := self.calls - allowed - NEED_NO_PERMISSION:
            self.failed.append("permissions")
            print(f"FAILED          the role of {FUNCTION} does not allow {', '.join(sorted(refused))}")

    def dead_letters(self) -> list[str]:
        """Takes what lies in the dead-letter queue."""
        sqs, url = self.sandbox.client("sqs"), self.environment["DEAD_LETTER_QUEUE_URL"]
        messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        for message in messages:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return [str(message["Body"]) for message in messages]


def _short(invocation: Invocation) -> str:
    try:
        answer = invocation.returned()
        verdict = answer["verdict"] or {}
        return " · ".join([answer["status"], *verdict.values()])
    except (ValueError, KeyError, TypeError, AttributeError):
        return invocation.answer[:100]


def main() -> int:
    """Runs all of it; 0 when every answer and every message was right."""
    parser = argparse.ArgumentParser(prog="python -m tests.sam_local", description=__doc__)
    parser.add_argument("--architecture", default="x86_64", help="what `sam build` was told (%(default)s)")
    parser.add_argument("--only", action="append", help="name of an event (may be given several times)")
    options = parser.parse_args()
    started = time.monotonic()
    with Sandbox.start(host=address_for_containers()) as sandbox, tempfile.TemporaryDirectory() as scratch:
        run = Run(sandbox, deploy(sandbox), Path(scratch), options.architecture)
        paths = [path for path in sorted(EVENTS.glob("*.json")) if not options.only or path.stem in options.only]
        for path in paths:
            if path.stem not in names():
                run.failed.append(path.stem)
                print(f"FAILED          {path.stem}: no scenario of the gallery says what to expect")
                continue
            # Each in an account of its own age: an agent that is pending for long is no longer merely starting.
            sandbox.reset()
            deploy(sandbox)
            run.one(path.stem, path, partial(shortcomings, build(sandbox, path.stem)))
        if not options.only:
            _reject(run)
        run.check_permissions()
    total = f"{run.passed} passed in {time.monotonic() - started:.0f} s (sam local invoke {FUNCTION})"
    print(f"{len(run.failed)} failed, {total}: {', '.join(run.failed)}" if run.failed else total)
    return 1 if run.failed or not run.passed else 0


def _reject(run: Run) -> None:
    for name, (event, reason) in REJECTED.items():
        file = run.scratch / "event.json"
        file.write_text(json.dumps(event))
        run.one(name, file, partial(shortcomings_of_rejection, reason, run.dead_letters))


if __name__ == "__main__":
    sys.exit(main())
