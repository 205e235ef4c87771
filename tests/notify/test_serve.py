"""The stand-in for the endpoint: the same answers in form as AWS's, from options or from a task definition."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from ecs_medic_notify import Limits, identity_of, metadata
from ecs_medic_notify.commands import main
from tests.notify.endpoint import recorded

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "notify" / "examples" / "task-definition.json"
V4 = "ECS_CONTAINER_METADATA_URI_V4"
SERVE = [sys.executable, "-m", "ecs_medic_notify", "metadata", "serve"]


@contextmanager
def serving(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    """A running `metadata serve`, and the lines that it prints: as many as there are containers."""
    count = max(1, arguments.count("--container"), 2 if "--task-definition" in arguments else 1)
    process = subprocess.Popen(
        [*SERVE, "--port", "0", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        yield process, [process.stdout.readline().rstrip("\n") for _ in range(count)]
    finally:
        process.kill()
        process.communicate()


def address(line: str) -> str:
    export, _, value = line.partition(f"{V4}=")
    assert export == "export "
    return value.split()[0]


def get(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=5) as answer:
        return json.loads(answer.read())


def shape(value: Any) -> Any:
    """Field names and types, without values: of a list, what its entries have in common."""
    if isinstance(value, dict):
        return {key: shape(one) for key, one in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return "number" if isinstance(value, int | float) else type(value).__name__


@pytest.mark.parametrize("launch_type", ["FARGATE", "EC2", "MANAGED_INSTANCES"])
def test_it_answers_in_the_form_that_aws_documents(launch_type, tmp_path):
    """Field by field against the recorded answer; what only the recorded one has depends on the task."""
    answers = recorded(launch_type.lower())
    own = next(one for one in answers["/task"]["Containers"] if one["Name"] == answers[""]["Name"])
    definition = {
        "family": "orders-import",
        "networkMode": own["Networks"][0]["NetworkMode"],
        "cpu": "256",
        "memory": "512",
        "containerDefinitions": [
            {
                "name": "import",
                "image": "import:1",
                "cpu": 128,
                "memory": 256,
                "logConfiguration": {"logDriver": "awslogs", "options": dict(own["LogOptions"])},
            }
        ],
    }
    file = tmp_path / "definition.json"
    file.write_text(json.dumps(definition))
    arguments = ("--launch-type", launch_type, "--service", "orders", "--task-definition", str(file))
    task, container = _asked(arguments)
    depends = {"Limits", "ServiceName"}
    assert set(answers["/task"]) - depends == set(task) - depends
    assert set(own) - set(container) <= {"Snapshotter", "RestartCount"}
    assert set(container) <= set(own)
    for key in set(own) & set(container) - {"Limits", "LogOptions", "Networks"}:
        assert shape(container[key]) == shape(own[key]), key
    for key in set(answers["/task"]) & set(task) - {"Containers"}:
        assert shape(task[key]) == shape(answers["/task"][key]), key
    optional = {"DomainNameServers", "DomainNameSearchList"}
    assert set(own["Networks"][0]) - optional == set(container["Networks"][0])
    assert task["Containers"] == [container]
    assert task["Cluster"].startswith("arn:") == answers["/task"]["Cluster"].startswith("arn:")
    assert len(container["DockerId"]) == len(own["DockerId"])


def _asked(arguments: tuple[str, ...]) -> tuple[Any, Any]:
    command = [*SERVE, *arguments, "--", sys.executable, "-c", _ASK]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
    task, container = json.loads(done.stdout)
    return task, container


_ASK = f"""
import json, os, urllib.request
url = os.environ["{V4}"]
print(json.dumps([json.load(urllib.request.urlopen(url + path)) for path in ("/task", "")]))
"""


def test_several_containers_have_an_address_each_and_share_the_task():
    with serving("--task-definition", str(EXAMPLE), "--revision", "7", "--cluster", "shop") as (_, lines):
        assert [line.rpartition("# ")[2] for line in lines] == ["import", "metrics"]
        first, second = (metadata({V4: address(line)}) for line in lines)
        assert (first.container.name, second.container.name) == ("import", "metrics")
        assert first.task == second.task
        assert identity_of(first).task_definition == "orders-import:7"
        assert first.task.limits == Limits(cpu=0.25, memory=512)
        assert first.container.limits == Limits(cpu=192.0, memory=384)
        assert first.container.log_options["awslogs-stream"] == f"ecs/import/{first.task.task_id}"
        root = address(lines[0]).rpartition("/")[0]
        assert get(f"{root}/metrics")["Name"] == "metrics"
        assert get(root)["Name"] == get(f"{root}/")["Name"] == "import"
        assert get(f"{root}/task") == get(f"{address(lines[1])}/task/")


def test_statistics_are_dockers_in_form():
    with serving("--container", "import", "--container", "proxy=nginx:1", "--memory", "512") as (_, lines):
        url = address(lines[1])
        stats, of_task = get(f"{url}/stats"), get(f"{url}/task/stats")
    assert stats["id"] == url.rpartition("/")[2]
    assert stats["memory_stats"]["limit"] == 512 * 1024 * 1024
    assert {"read", "preread", "cpu_stats", "precpu_stats", "blkio_stats", "networks", "pids_stats"} <= set(stats)
    assert set(of_task) == {address(line).rpartition("/")[2] for line in lines}
    assert set(of_task[stats["id"]]) == set(stats)


def test_nothing_else_is_answered():
    with serving() as (_, lines):
        for path in ("/nothing", "/stats/more", "/task/other", "/../../etc/passwd"):
            with pytest.raises(urllib.error.HTTPError, match="404") as error:
                get(address(lines[0]) + path)
            error.value.close()
        request = urllib.request.Request(address(lines[0]), data=b"x", method="POST")
        with pytest.raises(urllib.error.HTTPError, match="501") as error:
            urllib.request.urlopen(request, timeout=5)
        error.value.close()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_cleanly_when_told(number):
    with serving() as (process, lines):
        stuck = socket.create_connection(("127.0.0.1", int(address(lines[0]).split(":")[2].split("/")[0])))
        began = time.monotonic()
        process.send_signal(number)
        assert process.wait(10) == 0
        assert time.monotonic() - began < 5, "a client that says nothing holds nobody up"
        stuck.close()
        assert process.stderr.read() == "serving local:1 until Ctrl-C\n"


def test_clients_that_go_away_do_not_end_it():
    with serving() as (process, lines):
        port = int(address(lines[0]).split(":")[2].split("/")[0])
        for _ in range(20):
            with socket.create_connection(("127.0.0.1", port)) as client:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
                client.sendall(b"GET /v4/task HTTP/1.0\r\n\r\n")
        assert get(f"http://127.0.0.1:{port}/v4")["Name"] == "app"
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
        assert "Traceback" not in process.stderr.read()


@pytest.mark.parametrize(
    ("script", "code"), [("exit(0)", 0), ("exit(7)", 7), ("import os; os.kill(os.getpid(), 9)", 137)]
)
def test_with_a_command_its_exit_code_counts(script, code):
    assert subprocess.run([*SERVE, "--", sys.executable, "-c", script], timeout=30, check=False).returncode == code


def _described(definition: dict[str, Any]) -> dict[str, Any]:
    arn = "arn:aws:ecs:eu-west-1:123456789012:task-definition/orders-import:31"
    return {"taskDefinition": {**definition, "taskDefinitionArn": arn, "revision": 31, "status": "ACTIVE"}, "tags": []}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, ("1", Limits(0.25, 512), "FARGATE")),
        ({"cpu": ".5 vCPU", "memory": "1 GB"}, ("1", Limits(0.5, 1024), "FARGATE")),
        ({"cpu": 512, "memory": 2048}, ("1", Limits(0.5, 2048), "FARGATE")),
        ({"cpu": None, "memory": None, "requiresCompatibilities": ["EC2"]}, ("1", None, "EC2")),
        ({"requiresCompatibilities": ["MANAGED_INSTANCES"]}, ("1", Limits(0.25, 512), "MANAGED_INSTANCES")),
        (_described, ("31", Limits(0.25, 512), "FARGATE")),
    ],
)
def test_a_task_definition_to_register_or_described_is_understood(change, expected, tmp_path):
    definition = json.loads(EXAMPLE.read_text())
    definition = change(definition) if callable(change) else {**definition, **change}
    file = tmp_path / "definition.json"
    file.write_text("\ufeff" + json.dumps(definition))
    with serving("--task-definition", str(file)) as (_, lines):
        task = metadata({V4: address(lines[0])}).task
    assert (task.revision, task.limits, task.launch_type) == expected


def test_options_go_before_the_file():
    arguments = (
        "--task-definition",
        str(EXAMPLE),
        "--family",
        "other",
        "--revision",
        "9",
        "--cpu",
        "2",
        "--memory",
        "4096",
    )
    with serving(*arguments, "--zone", "us-west-2-lax-1a", "--account", "111122223333") as (_, lines):
        read = metadata({V4: address(lines[0])})
    assert (read.task.family, read.task.revision) == ("other", "9")
    assert read.task.limits == Limits(2.0, 4096)
    assert (read.task.region, read.task.account) == ("us-west-2", "111122223333")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--family", "no spaces"], "--family: expected"),
        (["--revision", "0"], "--revision: expected a whole number from 1"),
        (["--revision", "x"], "--revision: invalid int value"),
        (["--cpu", "-1"], "--cpu: expected vCPU"),
        (["--cpu", "nan"], "--cpu: expected vCPU"),
        (["--memory", "0"], "--memory: expected MiB"),
        (["--zone", "here"], "--zone: expected an Availability Zone"),
        (["--account", "12"], "--account: expected 12 digits"),
        (["--cluster", "a/b"], "--cluster: expected a name"),
        (["--port", "70000"], "--port: expected 0 to 65535"),
        (["--address", "192.0.2.1"], "cannot listen on 192.0.2.1"),
        (["--address", "no such host"], "cannot listen on"),
        (["--launch-type", "EXTERNAL"], "--launch-type: invalid choice"),
        (["--container", "a", "--container", "a"], "--container: expected a name of its own"),
        (["--container", "a/b"], "--container: expected NAME or NAME=IMAGE"),
        (["--task-definition", "/nowhere"], "--task-definition: cannot read /nowhere"),
        (["--task-definition", str(EXAMPLE), "--container", "a"], "--container: the task definition names"),
        (["--", "/nowhere/command"], "--: cannot run '/nowhere/command'"),
    ],
)
def test_unusable_options_are_named_in_one_line(arguments, said, capfd):
    assert main(["metadata", "serve", "--port", "0", *arguments]) == 2
    told = capfd.readouterr()
    assert told.out == ""
    assert told.err.startswith("ecs-medic: ")
    assert said in told.err
    assert told.err.count("\n") == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "is not JSON"),
        ("[]", "expected a task definition"),
        ('{"family": "x"}', "containerDefinitions: expected"),
        ('{"family": "x", "containerDefinitions": [{"name": "a"}]}', "containerDefinitions[0].image"),
        ('{"family": 1, "containerDefinitions": [{"name": "a", "image": "b"}]}', "family: expected"),
        ('{"family": "x", "cpu": "much", "containerDefinitions": [{"name": "a", "image": "b"}]}', "cpu: expected"),
        ('{"family": "x", "memory": true, "containerDefinitions": [{"name": "a", "image": "b"}]}', "memory: expected"),
        ('{"family": "x", "networkMode": 3, "containerDefinitions": [{"name": "a", "image": "b"}]}', "networkMode"),
        ('{"family": "x", "containerDefinitions": [{"name": "a", "image": "b", "cpu": "1"}]}', "[0].cpu: expected"),
    ],
)
def test_an_unusable_task_definition_is_named_in_one_line(content, said, tmp_path, capfd):
    file = tmp_path / "definition.json"
    file.write_text(content)
    assert main(["metadata", "serve", "--port", "0", "--task-definition", str(file)]) == 2
    told = capfd.readouterr().err
    assert said in told
    assert told.count("\n") == 1


def test_a_port_in_use_is_said(capfd):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert main(["metadata", "serve", "--port", str(taken.getsockname()[1])]) == 2
    assert "in use" in capfd.readouterr().err


def test_the_command_keeps_its_own_environment():
    script = f"import os; print(os.environ['KEPT'], os.environ['{V4}'].startswith('http://127.0.0.1:'))"
    done = subprocess.run(
        [*SERVE, "--", sys.executable, "-c", script],
        env={**os.environ, "KEPT": "yes"},
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    assert done.stdout == "yes True\n"
