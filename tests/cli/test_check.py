"""`ecs-medic check`, run in a process of its own against the embedded account."""

import os
import subprocess
import sys

import pytest

from ecs_medic.report.check_model import Check
from sandbox.client import Sandbox
from sandbox.gallery import network as net
from sandbox.gallery.application import Application, deploy
from sandbox.gallery.workbench import Workbench

COMMAND = [sys.executable, "-c", "from ecs_medic.cli import main; main()", "check"]
BARE = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "COLUMNS": "100", "LANG": "C.UTF-8"}


@pytest.fixture
def shop(account: Sandbox) -> Sandbox:
    with account.environ():
        bench = Workbench(account)
        network = net.with_endpoints(bench, "orders")
        deploy(bench, Application("orders", network))
        deploy(bench, Application("stock", network, create_log_group=False, desired_count=0))
    return account


def run(*arguments: str, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*COMMAND, *arguments], capture_output=True, env=BARE | (environment or {}), timeout=120, check=False
    )


def test_something_found_ends_with_3(shop: Sandbox):
    process = run("--cluster", "shop", "--json", environment=shop.environment)
    assert (process.returncode, process.stderr) == (3, b"")
    check = Check.model_validate_json(process.stdout)
    assert [(one.cause, one.services[0].service) for one in check.findings] == [("log_group_missing", "stock")]
    assert check.model_dump(mode="json")["schema"] == "ecs-medic.check/1"


def test_a_table_to_read(shop: Sandbox):
    process = run("--cluster", "shop", environment=shop.environment)
    shown = process.stdout.decode()
    assert (process.returncode, process.stderr) == (3, b"")
    assert "would break the start of stock" in shown
    assert "\x1b" not in shown


def test_nothing_found_ends_with_0(shop: Sandbox):
    process = run("--cluster", "shop", "--service", "orders", environment=shop.environment)
    assert process.returncode == 0
    assert "Nothing was found that would break 1 service." in process.stdout.decode()


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("--cluster", "nowhere"), 2, "--cluster: ECS knows no cluster nowhere in eu-west-1"),
        (("--cluster", "shop", "--service", "nothing"), 2, "--service: ECS knows no service nothing"),
        (("--cluster", " "), 2, "--cluster: is empty"),
    ],
)
def test_what_is_not_there_is_told_in_one_line(shop: Sandbox, arguments: tuple[str, ...], code: int, told: str):
    process = run(*arguments, environment=shop.environment)
    (line,) = process.stderr.decode().splitlines()
    assert (process.returncode, process.stdout) == (code, b"")
    assert line.startswith(f"ecs-medic: {told}")


def test_without_aws_it_ends_with_1():
    nowhere = {"AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"}
    process = run("--cluster", "shop", environment={**nowhere, "AWS_REGION": "eu-west-1", "AWS_MAX_ATTEMPTS": "1"})
    assert process.returncode == 1
    assert len(process.stderr.decode().splitlines()) == 1
