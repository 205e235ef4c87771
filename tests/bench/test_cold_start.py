"""The bare handler makes the function's calls in the function's waves; and what a cold start does not load."""

import subprocess
import sys

import pytest

from bench.cold_start import plan_of


def call(service: str, operation: str, started: float, ended: float, region: str = "eu-west-1") -> dict[str, object]:
    return {
        "service": service,
        "region": region,
        "operation": operation,
        "params": {"of": operation},
        "started": started,
        "ended": ended,
    }


def test_calls_that_overlap_are_one_wave_and_each_client_is_made_once():
    plan = plan_of(
        [
            call("ecs", "DescribeTasks", 0.0, 0.5),
            call("ecs", "DescribeServices", 0.1, 0.6),
            call("ec2", "DescribeSubnets", 0.61, 1.1),
            call("ec2", "DescribeVpcs", 0.62, 1.2, region="eu-central-1"),
            call("ecs", "DescribeClusters", 1.3, 1.4),
        ],
        [{"operation": "chat.postMessage", "started": 1.5, "ended": 1.6}],
        "http://127.0.0.1/slack/api/",
    )
    assert plan["clients"] == [("ecs", "eu-west-1"), ("ec2", "eu-west-1"), ("ec2", "eu-central-1")]
    assert [[one.get("operation", one.get("url")) for one in wave] for wave in plan["waves"]] == [
        ["DescribeTasks", "DescribeServices"],
        ["DescribeSubnets", "DescribeVpcs"],
        ["DescribeClusters"],
        ["http://127.0.0.1/slack/api/chat.postMessage"],
    ]
    assert [one["client"] for wave in plan["waves"][:3] for one in wave] == [0, 0, 1, 2, 0]
    assert plan["waves"][0][0]["params"] == {"of": "DescribeTasks"}


@pytest.mark.parametrize("module", ["diagnose", "slack_actions"])
def test_a_function_loads_nothing_that_its_first_answer_does_not_need(module):
    unneeded = (
        "asyncio",
        "aws_durable_execution_sdk_python",
        "aws_xray_sdk",
        "ecs_medic.cli",
        "moto",
        "rich",
        "slack_sdk",
        "typer",
    )
    program = f"import sys, {module}; print([one for one in {unneeded!r} if one in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout.strip() == "[]"
