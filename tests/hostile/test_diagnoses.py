"""Three hundred hostile events, and more, through a whole diagnosis: the real handler, an embedded account, a Slack.

What comes back from the account is hostile too: log lines, tags and names are whatever their owners wrote.
"""

import io
import json
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings

import diagnose
from sandbox.gallery import build
from tests.faults.patience import at_most
from tests.functions.deployment import Deployment
from tests.hostile import oracles
from tests.hostile.events import Recipe, recipes, replaced
from tests.hostile.harmless import LONGEST, PATIENCE
from tests.hostile.texts import INJECTIONS, SECRETS, hostile

DIAGNOSES = 300
RUNS = 680
"""About two in five are rejected, or only counted."""
SCENARIOS = (
    "ecr_dkr_endpoint_missing",
    "app_exited",
    "exec_not_enabled",
    "service_task_start_impaired",
    "update_service_denied",
    "push_denied",
    "elb_wrong_answer",
    "out_of_memory",
)
STATUSES = {"diagnosed", "counted", "duplicate", "ignored", "resolved", "rejected"}


@pytest.fixture
def written(deployed: Deployment, monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """What the function logs."""
    _, observed = diagnose._environment()
    stream = io.StringIO()
    monkeypatch.setattr(observed.log.registered_handler, "stream", stream)
    return stream


def spoil_the_account(deployed: Deployment, events: Sequence[dict[str, Any]]) -> None:
    """Log lines and tags, as far as the services themselves take them."""
    logs, ecs = deployed.account.client("logs"), deployed.account.client("ecs")
    lines = [hostile(number, number) for number in range(len(INJECTIONS) + len(SECRETS))]
    encodable = [line.encode("utf-8", "replace").decode() for line in lines if line.strip()]
    now = int(time.time() * 1000)
    for group in logs.describe_log_groups()["logGroups"]:
        for stream in logs.describe_log_streams(logGroupName=group["logGroupName"])["logStreams"]:
            logs.put_log_events(
                logGroupName=group["logGroupName"],
                logStreamName=stream["logStreamName"],
                logEvents=[{"timestamp": now + at, "message": line} for at, line in enumerate(encodable)],
            )
    for event in events:
        arn = event["detail"].get("taskArn") or next(iter(event["resources"]), None)
        if arn and ":ecs:" in arn:
            tags = [{"key": f"tag{number}", "value": line[:200]} for number, line in enumerate(encodable[:20])]
            ecs.tag_resource(resourceArn=arn, tags=[*tags, {"key": "ecs-medic:owner", "value": encodable[3][:200]}])


def of_its_own(event: dict[str, Any], number: int) -> dict[str, Any]:
    """The same failure of another service or caller, lest it be only counted."""
    detail = event["detail"]
    event["id"] = f"00000000-0000-0000-0000-{number:012d}"
    for name, value in (("group", f"service:orders{number}"), ("version", number + 10), ("eventID", event["id"])):
        if name in detail:
            detail[name] = value
    if event["detail-type"] == "ECS Service Action":
        event["resources"] = [f"{event['resources'][0]}{number}"]
    if (identity := detail.get("userIdentity")) is not None:
        identity["arn"] = f"{identity['arn']}{number}"
        identity.pop("sessionContext", None)
    return event


@pytest.fixture
def scenarios(deployed: Deployment) -> list[dict[str, Any]]:
    """The events of failures that the account really has."""
    events = [dict(build(deployed.account, name).event) for name in SCENARIOS]
    spoil_the_account(deployed, events)
    deployed.account.take_events()
    return events


def test_hostile_events_are_diagnosed_without_harm(deployed, scenarios, written):
    for event in scenarios:
        deployed.handle(event)
    seen: Counter[str] = Counter()

    @settings(
        max_examples=RUNS,
        derandomize=True,
        database=None,
        deadline=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(recipes(range(256)))
    def each(recipe: Recipe) -> None:
        seen["runs"] += 1
        base = of_its_own(json.loads(json.dumps(scenarios[recipe.base % len(scenarios)])), seen["runs"])
        event = replaced(base, recipe._replace(spoilt=recipe.spoilt[:2]))
        began = time.process_time()
        with at_most(PATIENCE, "one event"):
            answer = deployed.handle(event)
        seconds = time.process_time() - began
        assert seconds < LONGEST, f"{seconds} s of its own time"
        assert answer.keys() == {"status", "incident_id", "action", "verdict", "posted", "remediation"}
        assert answer["status"] in STATUSES
        assert answer["posted"] or answer["status"] != "diagnosed"
        seen[answer["status"]] += 1

    each()
    assert seen["runs"] >= RUNS
    assert seen["diagnosed"] >= DIAGNOSES, seen
    assert seen["rejected"] >= RUNS // 20, seen
    messages = deployed.account.slack_messages()
    assert len(messages) >= seen["diagnosed"]
    for message in messages:
        oracles.slack_message(message["text"], message["blocks"])
    oracles.log_lines(written.getvalue())
    queue = deployed.settings["DEAD_LETTER_QUEUE_URL"]
    counted = deployed.account.client("sqs").get_queue_attributes(
        QueueUrl=queue, AttributeNames=["ApproximateNumberOfMessages"]
    )
    assert int(counted["Attributes"]["ApproximateNumberOfMessages"]) == seen["rejected"]
    print(seen)


@pytest.mark.parametrize("levels", [100, 900, 3_000, 9_000])
def test_an_event_nested_as_deep_as_json_is_read_at_all(deployed, levels):
    event = build(deployed.account, "app_exited").event
    nested: Any = "x"
    for _ in range(levels):
        nested = {"a": [nested]} if levels < 5_000 else [nested]
    event["detail"]["attributes"] = nested
    with at_most(PATIENCE, "one event"):
        assert deployed.handle(event)["status"] == "diagnosed"
    event["detail"]["containers"] = nested
    with at_most(PATIENCE, "one event"):
        assert deployed.handle(event)["status"] == "rejected"
