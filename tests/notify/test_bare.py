"""The small distribution alone in a virtual environment: of this Python, and of 3.9 where there is one."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.notify.endpoint import recorded, running
from tests.slack import server
from tests.slack.server import POSTED, Slack

ROOT = Path(__file__).parents[2]
UV = Path(sys.executable).parent / "uv"
JOB = ROOT / "notify" / "examples" / "job.py"
DEFINITION = ROOT / "notify" / "examples" / "task-definition.json"
EVERY_MODULE = """
import importlib, pkgutil, ecs_medic_notify
names = [one.name for one in pkgutil.walk_packages(ecs_medic_notify.__path__, "ecs_medic_notify.")]
[importlib.import_module(name) for name in names if not name.endswith("__main__")]
[getattr(ecs_medic_notify, name) for name in ecs_medic_notify.__all__]
from importlib.metadata import distributions
print(len(names), sorted(one.metadata["Name"] for one in distributions()))
"""


def _python39() -> str | None:
    root = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    found = sorted(root.glob("versions/3.9.*/bin/python3.9"))
    return str(found[-1]) if found else shutil.which("python3.9")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run([UV, "build", "--quiet", "--wheel", "--out-dir", folder, ROOT / "notify"], check=True, timeout=120)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module", params=["3.9", "this"])
def bare(request: pytest.FixtureRequest, wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The scripts' folder of a virtual environment with this one distribution and no other."""
    python = sys.executable if request.param == "this" else _python39()
    if python is None:
        pytest.skip("there is no Python 3.9 here")
    folder = tmp_path_factory.mktemp("bare")
    subprocess.run([UV, "venv", "--quiet", "--python", python, folder], check=True, timeout=60)
    install: list[str | Path] = [
        UV,
        "pip",
        "install",
        "--quiet",
        "--no-index",
        "--python",
        folder / "bin" / "python",
        wheel,
    ]
    subprocess.run(install, check=True, timeout=60)
    return folder / "bin"


@pytest.fixture
def slack() -> Iterator[Slack]:
    with server.running() as running_slack:
        running_slack.answers = [POSTED]
        yield running_slack


def run(command: list[str | Path], slack: Slack, **more: str) -> subprocess.CompletedProcess[str]:
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONWARNINGS": "error",
        "SLACK_WEBHOOK_URL": f"{slack.url}/services/T0/B0/x",
        **more,
    }
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


def test_it_is_alone_and_complete(bare, slack):
    done = run([bare / "python", "-c", EVERY_MODULE], slack)
    assert done.stderr == ""
    count, _, names = done.stdout.partition(" ")
    assert int(count) >= 15
    assert names == "['ecs-medic-notify']\n"


def test_the_command_is_there(bare, slack):
    with running(recorded("managed_instances")) as url:
        for command in (["ecs-medic", "notify"], ["ecs-medic-notify"]):
            done = run([bare / command[0], *command[1:], "done"], slack, ECS_CONTAINER_METADATA_URI_V4=url)
            assert (done.returncode, done.stderr) == (0, "")
        read = run([bare / "ecs-medic", "metadata", "--json"], slack, ECS_CONTAINER_METADATA_URI_V4=url)
    assert json.loads(read.stdout)["identity"]["launch_type"] == "MANAGED_INSTANCES"
    assert len(slack.requests) == 2
    assert "`invoices:3` · container `worker`" in slack.requests[0]["blocks"][1]["elements"][0]["text"]


def test_what_is_not_there_is_said(bare, slack):
    done = run([bare / "ecs-medic", "explain", "x"], slack)
    assert done.returncode == 2
    assert "the other commands come with ecs-medic[cli], on Python 3.13 or later" in done.stderr
    assert run([bare / "ecs-medic", "metadata"], slack).returncode == 1


def test_it_speaks_without_a_locale(bare, slack):
    answers = recorded("fargate")
    answers["/task"]["Family"] = "bücher"
    with running(answers) as url:
        environment = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"}
        done = run([bare / "ecs-medic", "metadata"], slack, ECS_CONTAINER_METADATA_URI_V4=url, **environment)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("b\\xfccher:17\n")
    assert run([bare / "ecs-medic", "notify", "größer"], slack, **environment).returncode == 1
    assert slack.requests[0]["blocks"][0]["text"]["text"] == "größer"


def test_the_same_script_runs_unchanged_on_the_laptop_and_on_ecs(bare, slack):
    serve = [bare / "ecs-medic", "metadata", "serve", "--task-definition", DEFINITION, "--revision", "17"]
    local = run([*serve, "--cluster", "shop", "--zone", "eu-west-1b", "--", bare / "python", JOB], slack)
    assert (local.returncode, local.stderr) == (0, "")
    with running(recorded("fargate")) as url:
        on_ecs = run([bare / "python", JOB], slack, ECS_CONTAINER_METADATA_URI_V4=url)
    assert (on_ecs.returncode, on_ecs.stderr) == (0, "")
    here, there = slack.requests
    assert _without_task(here) == _without_task(there)
    assert "`orders-import:17` · container `import` · cluster `shop`" in _without_task(there)


def _without_task(sent: dict[str, Any]) -> str:
    """The message, but for the one thing in which two tasks must differ."""
    text = json.dumps(sent, ensure_ascii=False, sort_keys=True)
    before, _, rest = text.partition("task `")
    return f"{before}task {rest.partition('`')[2]}"
