"""The third part of `make demo`: a failure is planned, approved in Slack, repaired and proven; its message is green."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.text import Text

from sandbox.client import Sandbox
from sandbox.durable.functions import DurableFunctions
from sandbox.gallery import build
from sandbox.gallery.scenario import Scenario
from sandbox.lambda_context import LambdaContext
from sandbox.slack_view import slack_message

REPAIRED = (
    "every_endpoint_missing",
    "endpoint_security_group_closed",
    "s3_gateway_not_on_route_table",
    "log_group_missing",
    "exec_not_enabled",
)
APPROVE = "ecs-medic-approve"
ONCALL = "U0ALICE"
CHANNEL = "C0OPS"
PATIENCE = 60.0


@dataclass(frozen=True, slots=True)
class Deployed:
    """The functions as they are deployed: the diagnosing handler, the address that Slack calls, the durable ones."""

    diagnose: Callable[[Any, Any], dict[str, Any]]
    request_url: str
    durable: DurableFunctions


def show_repair(console: Console, sandbox: Sandbox, name: str, deployed: Deployed) -> bool:
    """Builds one failure in an account in which the stack is deployed, and has it repaired.

    Returns whether it came to a running task (or a session that opens) and a green message.
    """
    scenario = build(sandbox, name)
    console.rule(Text(f"Repaired: {scenario.title}", style="bold"), align="left")
    answer = deployed.diagnose(scenario.event, LambdaContext())
    run_id = deployed.durable.executions[-1] if deployed.durable.executions else ""
    if answer["remediation"] != "waiting" or not _eventually(lambda: deployed.durable.questions(run_id)):
        console.print(f"[bold red]nobody was asked: {answer}[/]")
        return False
    _show(console, sandbox, "asked")
    _approve(sandbox, deployed.request_url)
    ended = deployed.durable.wait(run_id, PATIENCE)
    message = _show(console, sandbox, "afterwards")
    green = str(message["blocks"][0]["text"]["text"]).startswith("🟢")
    console.print(Text(f"the run ended: {ended.result['state'] if ended.result else ended.error}\n", style="dim"))
    return green and bool(ended.result) and ended.result["state"] == "repaired" and _works(sandbox, scenario)


def _approve(sandbox: Sandbox, request_url: str) -> None:
    """What Slack sends when somebody clicks: a signed HTTP request to the function's public address."""
    status, _ = sandbox.slack_click(_message(sandbox)["ts"], APPROVE, ONCALL).send(request_url)
    if status != 200:
        raise RuntimeError(f"the click was answered by {status}")


def _works(sandbox: Sandbox, scenario: Scenario) -> bool:
    ecs = sandbox.client("ecs")
    service = ecs.describe_services(cluster=scenario.cluster, services=[scenario.service])["services"][0]
    if service["runningCount"] < service["desiredCount"]:
        return False
    if not scenario.trigger.startswith("ExecuteCommand"):
        return True
    [task, *_] = ecs.list_tasks(cluster=scenario.cluster, serviceName=scenario.service)["taskArns"]
    opened = ecs.execute_command(cluster=scenario.cluster, task=task, interactive=True, command="/bin/sh")
    return bool(opened["session"]["sessionId"])


def _show(console: Console, sandbox: Sandbox, when: str) -> dict[str, Any]:
    message = _message(sandbox)
    console.print(slack_message(message, title=f"Slack {CHANNEL}, {when}"))
    return message


def _message(sandbox: Sandbox) -> dict[str, Any]:
    posted = [one for one in sandbox.slack_messages(CHANNEL) if not one.get("ephemeral_for")]
    [message] = [one for one in posted if not one.get("thread_ts")]
    return message


def _eventually(look: Callable[[], Any]) -> bool:
    end = time.monotonic() + PATIENCE
    while not look():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True
