"""`python -m tests.sam_local`: every event of events/, and a repair, through `sam local invoke`, on embedded accounts.

Needs a Docker engine with Lambda's Python 3.13 base image, and `sam build` for this machine's architecture.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from itertools import repeat
from pathlib import Path
from queue import SimpleQueue

from ecs_medic.aws.permissions import permission_for
from sandbox.client import Sandbox
from sandbox.gallery import build, names
from sandbox.sam_local import address_for_containers
from sandbox.stack import FUNCTION, deploy
from tests.sam_local import repair
from tests.sam_local.expectations import shortcomings, shortcomings_of_rejection
from tests.sam_local.invoke import ROOT, Invocation, invoke, invoke_again
from tests.template.stack import deployed, listed, statements_of

EVENTS = ROOT / "events"
# A transaction needs what its writes need by themselves, which tests/template compares with the ledger's code.
NEED_NO_PERMISSION = {"sts:GetCallerIdentity", "dynamodb:TransactWriteItems"}

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


@dataclass(frozen=True, slots=True)
class Account:
    """An embedded account for one invocation at a time, with a folder to itself."""

    sandbox: Sandbox
    scratch: Path

    def dead_letters(self, environment: Mapping[str, str]) -> list[str]:
        """Takes what lies in the dead-letter queue."""
        sqs, url = self.sandbox.client("sqs"), environment["DEAD_LETTER_QUEUE_URL"]
        messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        for message in messages:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return [str(message["Body"]) for message in messages]


@dataclass(frozen=True, slots=True)
class Checked:
    """One event: what came of it, what was wrong with it, and the permissions that functions of these roles needed."""

    name: str
    invocation: Invocation
    wrong: list[str]
    needed: frozenset[str]
    roles: tuple[str, ...] = ("DiagnoseRole",)
    summary: str | None = None

    def tell(self) -> None:
        """Prints a line, and where something was wrong all that may explain it."""
        seconds = f"{self.invocation.seconds:5.1f} s"
        print(
            f"{'FAILED' if self.wrong else 'ok    '} {seconds}  {self.name}  {self.summary or _short(self.invocation)}",
            flush=True,
        )
        if not self.wrong:
            return
        for line in (*self.wrong, *self.invocation.log_of_function()[-30:]):
            print(f"         {line}")
        sys.stdout.flush()


type Invoke = Callable[[Path, Mapping[str, str], Path, str], Invocation]
type Check = Callable[[Account, Invoke], Checked]


def check_scenario(name: str, architecture: str, account: Account, invoke_by: Invoke) -> Checked:
    """Invokes the function with that event of events/ and judges answer and channel."""
    # In an account of its own age: an agent that is pending for long is no longer merely starting.
    account.sandbox.reset()
    environment = deploy(account.sandbox)
    scenario = build(account.sandbox, name)
    account.sandbox.clear_calls()
    invocation = invoke_by(EVENTS / f"{name}.json", environment, account.scratch, architecture)
    wrong = shortcomings(scenario, invocation, account.sandbox.slack_messages())
    return Checked(name, invocation, wrong, _needed(account))


def check_rejection(name: str, architecture: str, account: Account, invoke_by: Invoke) -> Checked:
    """Invokes the function with that event of REJECTED and judges answer, channel and dead letter."""
    event, reason = REJECTED[name]
    account.sandbox.reset()
    environment = deploy(account.sandbox)
    account.sandbox.clear_calls()
    file = account.scratch / "event.json"
    file.write_text(json.dumps(event))
    invocation = invoke_by(file, environment, account.scratch, architecture)
    needed = _needed(account)
    letters = partial(account.dead_letters, environment)
    wrong = shortcomings_of_rejection(reason, letters, invocation, account.sandbox.slack_messages())
    return Checked(name, invocation, wrong, needed)


def check_repair(architecture: str, account: Account) -> Checked:
    """Carries a repair out: RemediateFunction is a durable execution of several invocations."""
    invocation, wrong = repair.repair(account.sandbox, account.scratch, architecture)
    name = f"{repair.SCENARIO} repaired by {repair.FUNCTION}"
    roles = ("RemedyRole", "SlackActionsRole")
    return Checked(name, invocation, wrong, _needed(account), roles, summary="not as expected" if wrong else "proven")


def _needed(account: Account) -> frozenset[str]:
    return frozenset(permission_for(call["service"], call["operation"]) for call in account.sandbox.calls())


def refused(needed: Iterable[str], roles: Iterable[str]) -> list[str]:
    """Those that none of the template's roles of these names allows: here nobody refuses any."""
    written = [statement for role in roles for statement in statements_of(role, deployed())]
    allowed = {action for statement in written for action in listed(statement["Action"])}
    return sorted(set(needed) - allowed - NEED_NO_PERMISSION)


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
    parser.add_argument("--only", action="append", help="name of an event, or repair (may be given several times)")
    parser.add_argument("--jobs", type=int, default=2, help="invocations at a time (%(default)s)")
    parser.add_argument("--afresh", action="store_true", help="start SAM anew for every event, as by hand; slow")
    options = parser.parse_args()
    started = time.monotonic()
    stems = sorted(path.stem for path in EVENTS.glob("*.json"))
    repairs = not options.only or "repair" in options.only
    # A repair finds the image that the first event has built.
    only = {*(options.only or stems), *([repair.SCENARIO] if repairs else [])}
    checks: list[Check] = [
        partial(check_scenario, name, options.architecture) for name in stems if name in names() and name in only
    ]
    if not options.only:
        checks += [partial(check_rejection, name, options.architecture) for name in REJECTED]
    failed, passed, needed = sorted(set(stems) - set(names())), 0, dict[tuple[str, ...], set[str]]()
    for name in failed:
        print(f"FAILED          {name}: no scenario of the gallery says what to expect")
    carry_out = _carry_out(checks, options.jobs, invoke if options.afresh else invoke_again)
    for checked in _with_a_repair(carry_out, options.architecture) if repairs else carry_out:
        checked.tell()
        needed.setdefault(checked.roles, set()).update(checked.needed)
        if checked.wrong:
            failed.append(checked.name)
        else:
            passed += 1
    for roles, permissions in needed.items():
        if lacking := refused(permissions, roles):
            failed.append("permissions")
            print(f"FAILED          {' and '.join(roles)} does not allow {', '.join(lacking)}")
    functions = f"{FUNCTION}, {repair.FUNCTION}" if repairs else FUNCTION
    total = f"{passed} passed in {time.monotonic() - started:.0f} s (sam local invoke {functions})"
    print(f"{len(failed)} failed, {total}: {', '.join(failed)}" if failed else total)
    return 1 if failed or not passed else 0


def _carry_out(checks: Sequence[Check], jobs: int, invoke_by: Invoke) -> Iterator[Checked]:
    """Carries out the first alone, by the command itself, which builds the image; then the others, some at a time."""
    with ExitStack() as stack:
        accounts = SimpleQueue[Account]()
        for _ in range(jobs):
            sandbox = stack.enter_context(Sandbox.start(host=address_for_containers()))
            accounts.put(Account(sandbox, Path(stack.enter_context(tempfile.TemporaryDirectory()))))

        def carry_out(check: Check, by: Invoke) -> Checked:
            account = accounts.get()
            try:
                return check(account, by)
            finally:
                accounts.put(account)

        yield from (carry_out(check, invoke) for check in checks[:1])
        pool = stack.enter_context(ThreadPoolExecutor(jobs))
        yield from pool.map(carry_out, checks[1:], repeat(invoke_by))


def _with_a_repair(checks: Iterator[Checked], architecture: str) -> Iterator[Checked]:
    """A repair beside all but the first: it takes minutes, in which it mostly waits."""
    with ExitStack() as stack:
        yield next(checks)
        account = Account(
            stack.enter_context(Sandbox.start(host=address_for_containers())),
            Path(stack.enter_context(tempfile.TemporaryDirectory())),
        )
        pool = stack.enter_context(ThreadPoolExecutor(1))
        repaired = pool.submit(check_repair, architecture, account)
        yield from checks
        yield repaired.result()


if __name__ == "__main__":
    sys.exit(main())
