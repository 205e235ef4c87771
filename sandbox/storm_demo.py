"""The second half of `make demo`: a crash loop becomes one message, and the message turns green when it is over."""

import copy
import random
import time
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

from rich.console import Console
from rich.text import Text

from sandbox.client import Sandbox
from sandbox.gallery import build
from sandbox.gallery.scenario import Scenario
from sandbox.slack_view import slack_message

EVENTS = 400
DUPLICATES = 80
THREADS = 8
SEED = 11
CHANNEL = "C0OPS"


class Clock:
    """The functions' clock, which can be put forward."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def __call__(self) -> datetime:
        """Now, as the functions see it."""
        return datetime.now(UTC) + self._ahead

    def put_forward(self, **by: float) -> None:
        """Let time pass."""
        self._ahead += timedelta(**by)


def show_storm(console: Console, sandbox: Sandbox, diagnose: Any, sweep: Any) -> bool:
    """Runs it on an account in which the stack is deployed; `diagnose` and `sweep` are the functions' modules.

    Returns whether one message came of it, with an exact counter, and turned green.
    """
    clock = Clock()
    environment, _ = diagnose._environment()  # noqa: SLF001 - the very one that the handler uses

    def answer(event: dict[str, Any]) -> str:
        status: str = diagnose.respond(event, environment.surroundings("demo", now=clock)).status
        return status

    def take_up() -> None:
        sweep.sweep(environment.surroundings("demo-sweep", now=clock))

    scenario = build(sandbox, "ecr_dkr_endpoint_missing")
    console.rule(Text("A crash loop: thousands of events, one message", style="bold"), align="left")
    events = _storm(scenario)
    sandbox.clear_calls()
    begun = time.perf_counter()
    with ThreadPoolExecutor(THREADS) as pool:
        statuses = Counter(pool.map(answer, events))
    seconds = time.perf_counter() - begun
    calls = Counter("ledger" if one["service"] == "dynamodb" else "AWS" for one in sandbox.calls())
    clock.put_forward(seconds=30)
    take_up()
    console.print(
        f"{len(events)} events in random order from {THREADS} threads, {DUPLICATES} of them delivered twice, in "
        f"{seconds:.0f} s: {statuses['diagnosed']} diagnosed, {statuses['counted']} counted, "
        f"{statuses['duplicate']} known already; {calls['AWS']} reads of AWS.\n"
    )
    one = _show(console, sandbox)
    exact = one is not None and f"{EVENTS:,} times" in str(one["blocks"])

    console.rule(Text("It is repaired, and proves it", style="bold"), align="left")
    _repair(sandbox, scenario)
    for event in _new_deployment(sandbox, scenario):
        answer(event)
    clock.put_forward(minutes=5)
    console.print(
        "The endpoint is created and a deployment forced by hand. A steady state alone proves nothing: five minutes\n"
        "later the rule is run on fresh facts, and the new task still runs.\n"
    )
    take_up()
    one = _show(console, sandbox)
    green = one is not None and str(one["blocks"][0]["text"]["text"]).startswith("🟢")
    return exact and green


def _storm(scenario: Scenario) -> list[dict[str, Any]]:
    """As EventBridge would deliver it: each at least once, in no order."""
    chance = random.Random(SEED)
    events = [another_task(scenario.event, number) for number in range(EVENTS)]
    events += chance.choices(events, k=DUPLICATES)
    chance.shuffle(events)
    return events


def another_task(event: Mapping[str, Any], number: int) -> dict[str, Any]:
    """The same failure of the service's next task."""
    other = copy.deepcopy(dict(event))
    arn = f"{event['detail']['taskArn'].rsplit('/', 1)[0]}/{number:032x}"
    other["detail"]["taskArn"] = arn
    other["resources"] = [arn]
    other["id"] = f"00000000-0000-4000-8000-{number:012d}"
    return other


def _repair(sandbox: Sandbox, scenario: Scenario) -> None:
    ec2 = sandbox.client("ec2")
    like = next(one for one in ec2.describe_vpc_endpoints()["VpcEndpoints"] if one["VpcEndpointType"] == "Interface")
    ec2.create_vpc_endpoint(
        VpcId=like["VpcId"],
        VpcEndpointType="Interface",
        ServiceName=_missing(scenario),
        SubnetIds=like["SubnetIds"],
        SecurityGroupIds=[group["GroupId"] for group in like["Groups"]],
        PrivateDnsEnabled=True,
    )


def _missing(scenario: Scenario) -> str:
    services = scenario.params["services"]
    assert isinstance(services, list)  # noqa: S101 - by the gallery
    return str(services[0])


def _new_deployment(sandbox: Sandbox, scenario: Scenario) -> list[dict[str, Any]]:
    sandbox.take_events()
    sandbox.client("ecs").update_service(cluster=scenario.cluster, service=scenario.service, forceNewDeployment=True)
    wanted = {"SERVICE_STEADY_STATE", "SERVICE_DEPLOYMENT_COMPLETED"}
    return [one for one in sandbox.take_events() if one["detail"].get("eventName") in wanted]


def _show(console: Console, sandbox: Sandbox) -> dict[str, Any] | None:
    messages = [one for one in sandbox.slack_messages(CHANNEL) if not one.get("thread_ts")]
    for message in messages:
        console.print(slack_message(message, title=f"Slack {CHANNEL}"))
    console.print()
    return messages[0] if len(messages) == 1 else None
