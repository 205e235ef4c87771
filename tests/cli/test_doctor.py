"""`ecs-medic doctor`, run as a person runs it, with nothing but this machine to reach."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ecs_medic.cli import main
from tests.doctor import servers
from tests.doctor.authority import Authority, authority

HIDDEN = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
ACCOUNT = "123456789012"
ARN = f"arn:aws:ecs:eu-west-1:{ACCOUNT}:task/shop/0123456789abcdef0123456789abcdef"
REGISTRY = f"{ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com"
SERVICES = ("ecr.api", "ecr.dkr", "s3", "logs", "ssmmessages", "secretsmanager", "ssm", "sts")
WHO = (
    '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>'
    f"<Arn>arn:aws:sts::{ACCOUNT}:assumed-role/orders/one</Arn><UserId>A:one</UserId><Account>{ACCOUNT}</Account>"
    "</GetCallerIdentityResult><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></GetCallerIdentityResponse>"
)
EXPIRED = (
    403,
    (
        '<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type>'
        "<Code>ExpiredToken</Code><Message>The security token included in the request is expired</Message></Error>"
        "</ErrorResponse>"
    ),
)


@pytest.fixture
def bare(tmp_path) -> dict[str, str]:
    """An environment of nothing, and a home with nothing in it."""
    return {
        "PATH": str(tmp_path / "bin"),
        "HOME": str(tmp_path),
        "COLUMNS": "100",
        "LANG": "C.UTF-8",
        "PYTHONWARNINGS": "error",
        "AWS_EC2_METADATA_DISABLED": "true",
    }


@pytest.fixture(scope="module")
def amazon(tmp_path_factory) -> Authority:
    return authority(tmp_path_factory.mktemp("amazon"))


def run(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from ecs_medic.cli import main; main()", "doctor", *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, env=environment, timeout=60, check=False, stdin=subprocess.DEVNULL
    )


def answer(environment: dict[str, str], *arguments: str) -> dict[str, Any]:
    process = run(environment, "--json", *arguments)
    assert (process.returncode, process.stderr) == (0, "")
    assert HIDDEN not in process.stdout
    found: dict[str, Any] = json.loads(process.stdout)
    assert found["schema"] == "ecs-medic.doctor/1"
    assert sum(found["summary"].values()) == len(found["checks"])
    return found


def named(found: dict[str, Any], check: str, subject: str = "") -> dict[str, Any]:
    these: list[dict[str, Any]] = [one for one in found["checks"] if (one["check"], one["subject"]) == (check, subject)]
    (one,) = these
    return one


def states(found: dict[str, Any], check: str) -> dict[str, str]:
    return {one["subject"]: one["status"] for one in found["checks"] if one["check"] == check}


@contextlib.contextmanager
def in_a_task(bare: dict[str, str], amazon: Authority, sts: Any = WHO) -> Iterator[tuple[dict[str, str], int]]:
    """The environment of a container of a task whose every endpoint works, and the port that all of them share."""
    task = {
        "Cluster": "shop",
        "TaskARN": ARN,
        "Family": "orders",
        "Revision": "7",
        "LaunchType": "FARGATE",
        "Containers": [
            {
                "Name": "app",
                "Image": f"{REGISTRY}/shop/orders:1",
                "Type": "NORMAL",
                "LogDriver": "awslogs",
                "LogOptions": {"awslogs-group": "/shop/orders", "awslogs-region": "eu-west-1"},
                "Networks": [{"NetworkMode": "awsvpc", "IPv4Addresses": ["10.0.1.7"]}],
            }
        ],
    }
    credentials = {
        "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/orders",
        "AccessKeyId": "ASIAIOSFODNN7EXAMPLE",
        "SecretAccessKey": HIDDEN,
        "Token": HIDDEN,
        "Expiration": f"{datetime.now(UTC) + timedelta(hours=2):%Y-%m-%dT%H:%M:%SZ}",
    }
    answers = {"/v4/one/task": task, "/v4/one": {"Name": "app"}, "/creds": credentials, "/": sts}
    with (
        servers.http(answers) as (host, _),
        servers.serving(servers.speaking_tls(amazon.server("127.0.0.1"))) as port,
    ):
        yield (
            bare
            | {
                "AWS_REGION": "eu-west-1",
                "AWS_CA_BUNDLE": str(amazon.bundle),
                "ECS_CONTAINER_METADATA_URI_V4": f"{host}/v4/one",
                "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{host}/creds",
                "AWS_ENDPOINT_URL_STS": host,
            },
            port,
        )


def endpoints(port: int, *but: str) -> list[str]:
    given = [f"{name}=https://127.0.0.1:{port}" for name in SERVICES if name != "sts" and name not in but]
    return [word for one in given for word in ("--endpoint", one)]


def test_in_a_task_where_everything_works(bare, amazon):
    with in_a_task(bare, amazon) as (environment, port):
        found = answer(environment, *endpoints(port))
    assert found["environment"]["kind"] == "task"
    assert found["environment"]["task"]["family"] == "orders"
    assert found["environment"]["task"]["container"] == "app"
    assert states(found, "endpoint") == dict.fromkeys(SERVICES, "ok")
    assert states(found, "credentials") == {"source": "ok", "task role": "ok", "identity": "ok"}
    assert (found["summary"]["broken"], found["summary"]["unknown"]) == (0, 0)
    assert named(found, "clock")["status"] == "ok"
    needed = {one["subject"]: one["evidence"]["needed"] for one in found["checks"] if one["check"] == "endpoint"}
    assert [name for name, value in needed.items() if value == "yes"] == ["ecr.api", "ecr.dkr", "s3", "logs"]
    assert named(found, "endpoint", "logs")["evidence"]["why"] == "for the log of app"
    assert named(found, "endpoint", "ecr.dkr")["evidence"]["instead_of"] == REGISTRY
    assert [one["check"] for one in found["skipped"]] == ["session_manager_plugin", "docker_login"]


def test_in_a_task_where_nearly_nothing_works(bare, amazon):
    with in_a_task(bare, amazon, EXPIRED) as (environment, port), servers.black_hole() as hole:
        dead = servers.closed_port()
        environment |= {"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": HIDDEN}
        environment |= {"HTTP_PROXY": "http://user:hidden@127.0.0.1:9", "NO_PROXY": "127.0.0.1"}
        started = time.monotonic()
        found = answer(
            environment, *endpoints(port, "ecr.api", "logs", "ssmmessages"),
            "--endpoint", f"ecr.api=https://127.0.0.1:{dead}", "--endpoint", f"logs=https://127.0.0.1:{hole}",
            "--endpoint", f"ssmmessages=https://127.0.0.1:{dead}", "--timeout", "2",
        )  # fmt: skip
        assert time.monotonic() - started < 20
    assert found["seconds"] < 10
    assert "hidden" not in json.dumps(found)
    api, logs, sessions = (named(found, "endpoint", name) for name in ("ecr.api", "logs", "ssmmessages"))
    assert "refuses" in api["reason"]
    assert (logs["status"], logs["evidence"]["connections"][0]["outcome"]) == ("broken", "timed_out")
    assert (sessions["status"], sessions["advisory"]) == ("broken", True)
    assert states(found, "endpoint")["s3"] == "ok"
    assert named(found, "credentials", "source")["candidates"] == ["exec_static_aws_keys_in_container"]
    assert named(found, "proxy", "metadata")["candidates"] == ["exec_proxy_hides_credentials"]


def test_refused_credentials_are_told_with_exit_code_0(bare, amazon):
    with (
        servers.serving(servers.speaking_tls(amazon.server("127.0.0.1"))) as port,
        servers.http({"/": EXPIRED}) as (host, _),
    ):
        environment = bare | {
            "AWS_REGION": "eu-west-1",
            "AWS_CA_BUNDLE": str(amazon.bundle),
            "AWS_ENDPOINT_URL_STS": host,
            "AWS_ACCESS_KEY_ID": "ASIAIOSFODNN7EXAMPLE",
            "AWS_SECRET_ACCESS_KEY": HIDDEN,
            "AWS_SESSION_TOKEN": HIDDEN,
        }
        found = answer(environment, "--service", "ecr.api", "--endpoint", f"ecr.api=https://127.0.0.1:{port}")
    assert list(states(found, "endpoint")) == ["ecr.api"]
    identity = named(found, "credentials", "identity")
    assert identity["status"] == "broken"
    assert "ExpiredToken" in identity["reason"]


def test_the_account_of_the_caller_names_the_registry(bare, amazon):
    with (
        servers.serving(servers.speaking_tls(amazon.server("127.0.0.1"))) as port,
        servers.http({"/": WHO}) as (host, _),
    ):
        folder = Path(bare["HOME"]) / ".docker"
        folder.mkdir()
        (folder / "config.json").write_text("{}")
        environment = bare | {
            "AWS_REGION": "eu-west-1",
            "AWS_CA_BUNDLE": str(amazon.bundle),
            "AWS_ENDPOINT_URL_STS": host,
            "AWS_ACCESS_KEY_ID": "ASIAIOSFODNN7EXAMPLE",
            "AWS_SECRET_ACCESS_KEY": HIDDEN,
            "AWS_SESSION_TOKEN": HIDDEN,
        }
        found = answer(environment, "--service", "sts", "--endpoint", f"s3=https://127.0.0.1:{port}")
    assert found["environment"] == {
        "kind": "elsewhere", "region": "eu-west-1", "account": ACCOUNT, "instance_id": None, "task": None
    }  # fmt: skip
    login = named(found, "docker_login", REGISTRY)
    assert (login["status"], login["candidates"]) == ("broken", ["push_not_authenticated"])


def test_a_bundle_that_is_not_there_is_told_and_does_not_end_everything(bare, tmp_path):
    environment = bare | {"AWS_REGION": "eu-west-1", "AWS_CA_BUNDLE": str(tmp_path / "none.pem")}
    dead = servers.closed_port()
    found = answer(environment, "--service", "sts", "--endpoint", f"sts=https://127.0.0.1:{dead}")
    assert named(found, "trust")["status"] == "broken"
    assert named(found, "endpoint", "sts")["status"] == "broken"


def test_the_readable_answer(bare):
    dead = servers.closed_port()
    given = [word for name in ("ecs", "ssmmessages") for word in ("--endpoint", f"{name}=https://127.0.0.1:{dead}")]
    process = run(bare, "--region", "eu-west-1", "--service", "ecs", "--service", "ssmmessages", *given)
    assert (process.returncode, process.stderr) == (0, "")
    text = process.stdout
    assert "\x1b" not in text
    for part in (
        "neither an ECS task nor an EC2 instance",
        "✗ ecs: ",
        "✗ ssmmessages: ",
        "✓ proxy",
        "? clock",
        "broken",
    ):
        assert part in text
    # One remedy for both, said once.
    assert text.count("Look for a firewall that rejects") == 1
    assert all(len(line) <= 100 or "https://" in line for line in text.splitlines())


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        (["--service", "ec2"], "--service"),
        (["--endpoint", "ec2=https://localhost"], "--endpoint"),
        (["--region", "eu-west-1", "--service", "ecs", "--endpoint", "ecs=localhost"], "--endpoint ecs"),
        (["--region", "eu-west-1", "--service", "ecs", "--endpoint", "ecs=https://localhost:x"], "--endpoint ecs"),
        (["--region", "Ireland"], "--region"),
        (["--account", "1234"], "--account"),
        (["--timeout", "0"], "--timeout"),
        (["--timeout", "1000"], "--timeout"),
        (["--timeout", "nan"], "--timeout"),
        (["here"], ""),
    ],
)
def test_unusable_input_is_one_line(arguments, names, bare, monkeypatch, capsys):
    monkeypatch.setattr(os, "environ", bare)
    monkeypatch.setattr(sys, "argv", ["ecs-medic", "doctor", *arguments])
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    said = capsys.readouterr()
    assert said.out == ""
    (line,) = said.err.splitlines()
    assert line.startswith(f"ecs-medic: {names}")


def test_no_lambda_function_brings_it_along():
    """The rest of the package is kept from it by the import contracts."""
    handlers = list((Path(__file__).parents[2] / "functions").glob("*.py"))
    assert handlers
    assert not [path.name for path in handlers if "doctor" in path.read_text()]
