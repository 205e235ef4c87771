"""One repair in containers from its beginning to its end: diagnosed, asked about, approved by a click, made, proven.

The three functions are those that `sam build` made. RemediateFunction is a durable execution: its container is invoked
again after every wait, and goes through the workflow from its start.
"""

import json
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ecs_medic.ledger import controls, runs
from ecs_medic.ledger.runs import RunRecord
from ecs_medic.ledger.table import Table
from sandbox.client import Sandbox
from sandbox.gallery import build
from sandbox.stack import deploy
from tests.sam_local.emulator import Emulator, emulator
from tests.sam_local.expectations import shortcomings_of_repair
from tests.sam_local.invoke import DIAGNOSE, Function, Invocation, invoke_again

SCENARIO = "log_group_missing"
APPROVER = "U0ALICE"
FUNCTION = "RemediateFunction"
ALIAS = f"arn:aws:lambda:eu-west-1:123456789012:function:{FUNCTION}:live"
APPROVE = "ecs-medic-approve"
# A new task has to stay up for three minutes before the repair is proven.
LONGEST_SECONDS = 600.0
QUESTION_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Site:
    """Where it takes place; `scratch` is a folder for each of the containers."""

    sandbox: Sandbox
    scratch: Path
    environment: Mapping[str, str]
    architecture: str

    @property
    def table(self) -> Table:
        """The stack's ledger."""
        return Table(self.sandbox.client("dynamodb"), self.environment["LEDGER_TABLE"])

    def invoke(self, event: object, function: Function) -> Invocation:
        """One invocation, in a folder of its own."""
        folder = self.folder(function)
        (folder / "event.json").write_text(json.dumps(event))
        return invoke_again(folder / "event.json", self.environment, folder, self.architecture, function)

    def folder(self, function: Function) -> Path:
        """The function's own."""
        folder = self.scratch / function.name
        folder.mkdir(exist_ok=True)
        return folder

    def channel(self) -> list[dict[str, Any]]:
        """The messages that everybody sees."""
        return [
            one for one in self.sandbox.slack_messages() if not one.get("thread_ts") and not one.get("ephemeral_for")
        ]


class Wrong(Exception):  # noqa: N818 - what is wrong, in words
    """The repair cannot go on."""


def repair(sandbox: Sandbox, scratch: Path, architecture: str) -> tuple[Invocation, list[str]]:
    """Carries it out on that account, and tells what was wrong."""
    sandbox.reset()
    site = Site(sandbox, scratch, deploy(sandbox) | {"REMEDIATE_FUNCTION": ALIAS}, architecture)
    controls.publish(site.table, {"mode": "ask", "approvers": [APPROVER]})
    scenario = build(sandbox, SCENARIO)
    diagnosed = site.invoke(scenario.event, DIAGNOSE)
    try:
        run = _begun(site, diagnosed)
    except Wrong as error:
        return diagnosed, [str(error)]
    with emulator(scratch / "emulator.log") as lambda_:
        sandbox.clear_calls()
        sandbox.offer_durable_functions(lambda_.url)
        try:
            invocation, wrong = _approved(site, run, lambda_)
        finally:
            sandbox.offer_durable_functions(None)
    after = runs.read(site.table, run.id)
    return invocation, [*wrong, *shortcomings_of_repair(APPROVER, after, invocation, site.channel())]


def _begun(site: Site, diagnosed: Invocation) -> RunRecord:
    """The run that the diagnosis has asked Lambda to start; here nobody starts it but this process."""
    try:
        incident = diagnosed.returned()["incident_id"]
    except (ValueError, KeyError, TypeError):
        raise Wrong(f"the failure was not diagnosed: {diagnosed.answer[:200]!r}") from None
    found = runs.runs_of(site.table, incident)
    invoked = [call["operation"] for call in site.sandbox.calls("lambda")]
    if len(found) != 1 or "Invoke" not in invoked:
        raise Wrong(f"expected one run and its start, got {len(found)} and {invoked}")
    return found[0]


def _approved(site: Site, run: RunRecord, lambda_: Emulator) -> tuple[Invocation, list[str]]:
    arguments = ("--durable-execution-name", run.id)
    function = Function(FUNCTION, arguments, lambda_.variables, LONGEST_SECONDS)
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(site.invoke, {"run_id": run.id}, function)
        try:
            _within(QUESTION_SECONDS, lambda: running.done() or _asks(site, function))
            wrong = _clicked(site, running)
        except Wrong as error:
            wrong = [str(error)]
        return running.result(), wrong


def _asks(site: Site, function: Function) -> bool:
    """Whether the question is in Slack, and the function suspended: the runner cannot be answered in between."""
    log = site.folder(function) / "log"
    is_suspended = log.exists() and "REPORT RequestId" in log.read_text(errors="replace")
    return is_suspended and any(APPROVE in json.dumps(one["blocks"]) for one in site.channel())


def _clicked(site: Site, running: Future[Invocation]) -> list[str]:
    if running.done():
        return ["it ended before anybody was asked"]
    [message] = site.channel()
    request = site.sandbox.slack_click(message["ts"], APPROVE, APPROVER)
    clicked = site.invoke(request.as_function_url_event(), Function("SlackActionsFunction"))
    return [] if clicked.answer.strip() == '{"statusCode": 200}' else [f"the click: {clicked.answer[:200]!r}"]


def _within(seconds: float, look: Callable[[], bool]) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if look():
            return
        time.sleep(0.5)
    raise Wrong(f"nobody was asked within {seconds:.0f} s")
