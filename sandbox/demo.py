"""`make demo`: failures of the gallery through the very handlers that Lambda runs, a storm of one, and five repairs."""

import json
import os
import sys
from collections.abc import Iterable
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from sandbox import stack
from sandbox.client import Sandbox
from sandbox.durable.functions import DurableFunctions
from sandbox.function_url import function_url
from sandbox.gallery import build_each
from sandbox.gallery.scenario import Scenario
from sandbox.lambda_context import LambdaContext
from sandbox.repair_demo import ONCALL, REPAIRED, Deployed, show_repair
from sandbox.slack_view import slack_message
from sandbox.storm_demo import show_storm

SEED = 7
ALERT_WIDTH = 118


def main() -> int:
    """Runs the gallery and the storm; the exit code is the number of things that did not go as they were built."""
    console = Console(width=ALERT_WIDTH if not sys.stdout.isatty() else None)
    console.print(
        "[bold]An embedded AWS account starts. Each failure below is built in it over the wire; its ECS decides by a\n"
        "packet walk of its own how the task fails, and emits the event that the handler is then given.[/]\n"
    )
    with Sandbox.start(seed=SEED) as sandbox:
        quiet = {"POWERTOOLS_LOG_LEVEL": "CRITICAL", "POWERTOOLS_METRICS_DISABLED": "true"}
        os.environ.update(sandbox.environment | stack.deploy(sandbox) | quiet)
        # The handler reads its settings from the environment, which only now points at the account.
        import diagnose  # noqa: PLC0415
        import sweep  # noqa: PLC0415

        rows = [_show(console, sandbox, scenario, diagnose.handler) for scenario in build_each(sandbox)]
        sandbox.reset(seed=SEED)
        stack.deploy(sandbox)
        calm = show_storm(console, sandbox, diagnose, sweep)
        unrepaired = _repairs(console, sandbox)
    console.print(_summary(rows))
    wrong = [scenario.name for scenario, right, _ in rows if not right]
    console.print(
        f"{len(rows)} failures, {len(rows) - len(wrong)} diagnosed as they were built."
        + (f" Wrong: {', '.join(wrong)}" if wrong else "")
    )
    console.print(
        "The storm was one message with an exact counter, and it turned green."
        if calm
        else "[bold red]The storm was not one message, or its counter is wrong, or it did not turn green.[/]"
    )
    console.print(
        f"{len(REPAIRED)} failures were approved in Slack, repaired and proven; their messages are green."
        if not unrepaired
        else f"[bold red]Not repaired: {', '.join(unrepaired)}[/]"
    )
    return len(wrong) + (not calm) + len(unrepaired)


def _repairs(console: Console, sandbox: Sandbox) -> list[str]:
    """The failures that were not repaired, of those that can be; waits are skipped, and the functions know it."""
    import diagnose  # noqa: PLC0415 - see above
    import remediate  # noqa: PLC0415
    import slack_actions  # noqa: PLC0415
    import sweep  # noqa: PLC0415

    publish: Any = sweep.handler
    failed = []
    with (
        DurableFunctions.start(sandbox, {"RemediateFunction": remediate.handler}) as durable,
        function_url(slack_actions.handler, LambdaContext) as request_url,
    ):
        os.environ["REMEDIATE_FUNCTION"] = durable.alias("RemediateFunction")
        os.environ["REPAIR_CONTROLS"] = json.dumps({"mode": "ask", "approvers": [ONCALL]})
        for name in REPAIRED:
            sandbox.reset(seed=SEED)
            stack.deploy(sandbox)
            for module in (diagnose, remediate, slack_actions, sweep):
                module._environment.cache_clear()  # noqa: SLF001 - as a new version of the function would start
                module._environment()[0].now = durable.now  # noqa: SLF001 - the very one that the handler uses
            publish({}, LambdaContext())
            deployed = Deployed(diagnose.handler, request_url, durable)
            if not show_repair(console, sandbox, name, deployed):
                failed.append(name)
    return failed


type Row = tuple[Scenario, bool, dict[str, Any]]


def _show(console: Console, sandbox: Sandbox, scenario: Scenario, handler: Any) -> Row:
    """Gives one event to the handler and shows what arrived in Slack."""
    sandbox.clear_slack()
    console.rule(Text(scenario.title, style="bold"), align="left")
    console.print(Text(f"what happened: {scenario.trigger}", style="dim"))
    answer: dict[str, Any] = handler(scenario.event, LambdaContext())
    verdict = answer["verdict"]
    right = verdict["cause"] == scenario.cause and answer["action"] == scenario.action
    if scenario.action == "alert":
        right = right and verdict["confidence"] == scenario.confidence and answer["posted"]
    messages = [message for message in sandbox.slack_messages() if not message.get("thread_ts")]
    for message in messages:
        console.print(slack_message(message, title=f"Slack {message['channel']}"))
    if not messages:
        console.print(Text(f"no alert: {verdict['cause']}", style="dim"))
    console.print()
    return scenario, right, answer


def _summary(rows: Iterable[Row]) -> Table:
    table = Table(title="What was built, and what the diagnosis says", title_justify="left")
    for heading in ("", "failure", "verdict", "confidence"):
        table.add_column(heading)
    for scenario, right, answer in rows:
        mark = Text("✓", style="green") if right else Text(f"✗ expected {scenario.cause}", style="bold red")
        table.add_row(mark, scenario.title, answer["verdict"]["cause"], answer["verdict"]["confidence"])
    return table


if __name__ == "__main__":
    sys.exit(main())
