"""`ecs-medic diagnose`, run in a process of its own against the embedded account."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ecs_medic.report.model import Report
from sandbox.client import Sandbox
from sandbox.gallery import build
from tests.events.samples import stopped_task

COMMAND = [sys.executable, "-c", "from ecs_medic.cli import main; main()", "diagnose"]
BARE = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "COLUMNS": "100", "LANG": "C.UTF-8"}


def run(
    *arguments: str, environment: dict[str, str] | None = None, stdin: bytes = b""
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*COMMAND, *arguments],
        input=stdin,
        capture_output=True,
        env=BARE | (environment or {}),
        timeout=120,
        check=False,
    )


def refusal(process: subprocess.CompletedProcess[bytes]) -> str:
    assert process.stdout == b""
    (line,) = process.stderr.decode().splitlines()
    return line.removeprefix("ecs-medic: ")


def written(folder: Path, event: Any) -> str:
    file = folder / "event.json"
    file.write_text(event if isinstance(event, str) else json.dumps(event))
    return str(file)


def test_an_event_gives_a_report_alone_on_standard_output(account: Sandbox, tmp_path: Path):
    scenario = build(account, "ecr_dkr_endpoint_missing")
    process = run("--event", written(tmp_path, scenario.event), "--json", environment=account.environment)
    assert (process.returncode, process.stderr) == (0, b"")
    report = Report.model_validate_json(process.stdout)
    assert report.verdict.cause == "vpc_endpoint_missing"
    assert report.verdict.params["services"] == ["com.amazonaws.eu-west-1.ecr.dkr"]
    assert json.loads(process.stdout)["schema"] == "ecs-medic.report/1"


def test_an_event_from_standard_input_gives_a_report_to_read(account: Sandbox):
    scenario = build(account, "log_group_missing")
    process = run("--event", "-", environment=account.environment, stdin=json.dumps(scenario.event).encode())
    shown = process.stdout.decode()
    assert process.returncode == 0
    assert "CONFIRMED" in shown
    assert "aws logs create-log-group" in shown
    assert "\x1b" not in shown


def test_a_task_and_its_service_are_diagnosed_without_an_event(account: Sandbox):
    scenario = build(account, "log_group_missing")
    task = scenario.event["detail"]["taskArn"]
    for asked in (("--task", task), ("--cluster", scenario.cluster, "--service", str(scenario.service))):
        process = run(*asked, "--json", environment=account.environment)
        report = Report.model_validate_json(process.stdout)
        assert (report.action, report.verdict.cause) == ("alert", "log_group_missing"), asked
        assert report.incident.kind == "on_demand"


def test_nothing_wrong_is_said_so(account: Sandbox):
    scenario = build(account, "service_steady_state")
    process = run(
        "--cluster", scenario.cluster, "--service", str(scenario.service), "--json", environment=account.environment
    )
    report = Report.model_validate_json(process.stdout)
    assert (process.returncode, report.action, report.verdict.cause) == (0, "ignore", "healthy")
    # What was not looked at is not called in order.
    assert any("ECS Exec" in gap.check and "ecs-medic check" in gap.reason for gap in report.not_checked)


def test_without_a_trail_it_says_that_exec_alerts_cannot_come(account: Sandbox, tmp_path: Path):
    scenario = build(account, "log_group_missing")
    process = run("--event", written(tmp_path, scenario.event), environment=account.environment)
    assert "CloudTrail" in process.stdout.decode()


def test_every_read_denied_is_still_an_answer(account: Sandbox, tmp_path: Path):
    scenario = build(account, "ecr_dkr_endpoint_missing")
    # All but sts:GetCallerIdentity, which takes no permission.
    for service in ("ecs", "ec2", "iam", "ecr", "logs", "s3", "cloudtrail", "route53"):
        account.fault(service, "*", "access_denied")
    process = run("--event", written(tmp_path, scenario.event), "--json", environment=account.environment)
    report = Report.model_validate_json(process.stdout)
    assert process.returncode == 0
    assert report.verdict.confidence != "confirmed"
    assert "ecs:DescribeTaskDefinition" in {gap.missing_permission for gap in report.not_checked}


def test_another_accounts_credentials_prove_nothing(account: Sandbox, tmp_path: Path):
    event = stopped_task(stoppedReason="CannotPullContainerError: pull image manifest has been retried 1 time(s)")
    assert event["account"] == "111122223333"
    account.clear_calls()
    process = run("--event", written(tmp_path, event), "--json", environment=account.environment)
    report = Report.model_validate_json(process.stdout)
    assert process.returncode == 0
    assert {call["operation"] for call in account.calls()} == {"GetCallerIdentity"}
    assert all(finding.confidence != "confirmed" for finding in report.findings)
    assert "the credentials are of account 123456789012" in report.not_checked[0].reason


def test_missing_credentials_are_one_line_and_exit_code_1(account: Sandbox, tmp_path: Path):
    without = {k: v for k, v in account.environment.items() if not k.startswith("AWS_ACCESS") and "SECRET" not in k}
    process = run("--event", written(tmp_path, stopped_task()), environment=without)
    assert process.returncode == 1
    assert "credentials" in refusal(process)


def test_expired_credentials_are_one_line_and_exit_code_1(account: Sandbox, tmp_path: Path):
    account.fault("*", "*", "expired_credentials")
    process = run("--event", written(tmp_path, stopped_task()), environment=account.environment)
    assert process.returncode == 1
    assert "credentials" in refusal(process)


@pytest.mark.parametrize("address", ["http://127.0.0.1:9", "notaurl"])
def test_an_aws_that_does_not_answer_is_exit_code_1(account: Sandbox, tmp_path: Path, address: str):
    nowhere = account.environment | {"AWS_ENDPOINT_URL": address}
    process = run("--event", written(tmp_path, stopped_task()), environment=nowhere)
    assert process.returncode == 1
    assert "AWS_ENDPOINT_URL" in refusal(process)


def test_a_profile_that_does_not_exist_is_one_line_and_exit_code_1():
    process = run("--cluster", "shop", "--service", "orders", environment={"AWS_PROFILE": "nobody"})
    assert process.returncode == 1
    assert "nobody" in refusal(process)


UNUSABLE = {
    "empty": ("", "is empty"),
    "spaces": (" \n", "is empty"),
    "no JSON": ('{"source": ', "is not JSON"),
    "an array": ([stopped_task()], "event: expected a JSON object"),
    "another service": (stopped_task() | {"source": "aws.ec2"}, "source: expected one of 'aws.ecs', 'aws.ecr'"),
    "a null field": (stopped_task(clusterArn=None), "detail.clusterArn:"),
    "a missing field": (stopped_task(lastStatus=...), "detail.lastStatus:"),
    "an absurd reason": (stopped_task(stoppedReason="x" * 100_000), "detail.stoppedReason:"),
    "a number of 10,000 digits": ('{"version": 1' + "0" * 10_000 + "}", "cannot be read"),
    "a nonsense Region": (stopped_task() | {"region": "x y"}, "region: "),
    "nested": ("[" * 100_000, "nested too deeply"),
}


@pytest.mark.parametrize(("event", "expected"), UNUSABLE.values(), ids=UNUSABLE)
def test_an_unusable_event_is_one_line_and_exit_code_2(tmp_path, event, expected):
    process = run("--event", written(tmp_path, event))
    assert process.returncode == 2
    line = refusal(process)
    assert expected in line
    assert len(line) < 400


def test_bytes_that_are_no_text_are_one_line(tmp_path):
    file = tmp_path / "event.json"
    file.write_bytes(b"\xff\xfe\x00")
    process = run("--event", str(file))
    assert (process.returncode, "UTF-8" in refusal(process)) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((), "expected exactly one of --event, --task, --service"),
        (("--event", "x", "--task", "y"), "got --event and --task"),
        (("--event", "/nonexistent/file"), "cannot read /nonexistent/file"),
        (("--task", "shop"), "--task: expected the ARN of an ECS task"),
        (("--service", "orders"), "--cluster: missing"),
        (("--cluster", "shop"), "expected exactly one of"),
        (("--cluster", "shop", "--service", "orders"), "AWS_REGION: expected the Region"),
        (("--nonsense",), "--nonsense"),
        (("--task", "arn:aws:ecs:eu-west-1:123:task/shop/0"), "--task: expected the ARN of an ECS task"),
        (("--cluster", "", "--service", "orders"), "--cluster: is empty"),
        (("--event", ""), "--event: is empty"),
    ],
)
def test_wrong_arguments_are_one_line_and_exit_code_2(arguments, expected):
    process = run(*arguments)
    assert process.returncode == 2
    assert expected in refusal(process)
