"""The command lines `ecs-medic notify` and `ecs-medic metadata`, with and without the main package beside them."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

import ecs_medic
from ecs_medic_notify import script
from ecs_medic_notify.commands import main
from tests.notify.endpoint import recorded, running
from tests.slack import server
from tests.slack.server import POSTED, Slack, send_json

V4 = "ECS_CONTAINER_METADATA_URI_V4"


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> Iterator[Slack]:
    with server.running() as slack, running(recorded("fargate")) as url:
        slack.answers = [POSTED]
        monkeypatch.setenv("SLACK_API_URL", slack.url)
        monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-not-a-real-token")
        monkeypatch.setenv("SLACK_CHANNEL", "#jobs")
        monkeypatch.setenv(V4, url)
        yield slack


def test_notify_says_what_it_posted_and_as_whom(stand_in, capfd):
    assert main(["notify", "done"]) == 0
    assert capfd.readouterr() == ("posted to #jobs as orders-import:17, container import, in shop\n", "")
    assert main(["notify", "--json", "--channel", "#other", "--", "-5 degrees"]) == 0
    told = json.loads(capfd.readouterr().out)
    assert told["posted_to"] == "#other"
    assert told["identity"]["task_definition"] == "orders-import:17"
    assert [one["channel"] for one in stand_in.requests] == ["#jobs", "#other"]
    assert stand_in.requests[1]["blocks"][0]["text"]["text"] == "-5 degrees"


def test_without_metadata_the_text_is_posted_and_the_exit_code_says_so(stand_in, capfd, monkeypatch):
    monkeypatch.delenv(V4)
    assert main(["notify", "done"]) == 1
    out, err = capfd.readouterr()
    assert out == "posted to #jobs\n"
    assert err.startswith("ecs-medic: posted, but without saying who is speaking: not inside an ECS task")
    assert len(stand_in.requests) == 1
    assert main(["notify", "--no-identity", "done"]) == 0
    assert capfd.readouterr() == ("posted to #jobs\n", "")


def test_slacks_refusal_ends_with_1(stand_in, capfd):
    stand_in.answers = [send_json({"ok": False, "error": "not_in_channel"})]
    assert main(["notify", "done"]) == 1
    out, err = capfd.readouterr()
    assert out == ""
    assert err.startswith("ecs-medic: Slack refused the message (not_in_channel)")
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["notify"], "the following arguments are required: TEXT"),
        (["notify", ""], "text: is empty"),
        (["notify", "a", "b"], "unrecognized arguments: b"),
        (["metadata", "other"], "invalid choice: 'other'"),
        (["metadata", "--nothing"], "unrecognized arguments: --nothing"),
        (["explain", "x"], "'explain' is not here"),
        (["--nothing"], "required: COMMAND"),
    ],
)
def test_unusable_arguments_are_told_in_one_line(arguments, said, capfd):
    assert main(arguments) == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert err.startswith("ecs-medic: ")
    assert said in err
    assert err.count("\n") == 1


def test_metadata_is_shown(stand_in, capfd):
    assert main(["metadata"]) == 0
    lines = capfd.readouterr().out.splitlines()
    assert lines[0] == "orders-import:17"
    assert "  container   import" in lines
    assert "  zone        eu-west-1b" in lines
    assert "  limits      0.25 vCPU, 512 MiB" in lines
    assert "  addresses   172.31.42.119" in lines
    assert any(line.startswith("  proxy  RUNNING  public.ecr.aws/") for line in lines)


def test_metadata_as_json_has_everything_but_secrets(capfd, monkeypatch):
    answers = recorded("fargate")
    answers[""]["LogOptions"] = {"splunk-token": "hidden-value", "splunk-url": "https://splunk.invalid"}
    answers["/task"]["Containers"][0]["Labels"]["api_key"] = "hidden-value"
    with running(answers) as url:
        monkeypatch.setenv(V4, url)
        assert main(["metadata", "--json"]) == 0
    out = capfd.readouterr().out
    told = json.loads(out)
    assert "hidden-value" not in out
    assert told["container"]["log_options"] == {"splunk-token": "(not shown)", "splunk-url": "https://splunk.invalid"}
    assert told["task"]["pull_started_at"] == "2026-11-20T15:45:33.532811+00:00"
    assert told["identity"]["zone"] == "eu-west-1b"
    assert [one["name"] for one in told["task"]["containers"]] == ["proxy", "import"]


def test_metadata_outside_of_ecs_is_one_line_and_1(capfd, monkeypatch):
    monkeypatch.delenv(V4, raising=False)
    monkeypatch.delenv("ECS_CONTAINER_METADATA_URI", raising=False)
    assert main(["metadata"]) == 1
    out, err = capfd.readouterr()
    assert out == ""
    assert err.startswith("ecs-medic: not inside an ECS task")
    assert err.count("\n") == 1


def test_no_output_of_the_endpoint_reaches_the_terminal_as_a_command(capfd, monkeypatch):
    answers = recorded("fargate")
    answers["/task"]["Family"] = answers["/task"]["Containers"][0]["Image"] = "\x1b[2J\nforged"
    with running(answers) as url:
        monkeypatch.setenv(V4, url)
        assert main(["metadata"]) == 0
    out = capfd.readouterr().out
    assert "\x1b" not in out
    assert "\nforged" not in out


def _medic(*arguments: str, stdin: str | None = None, **more: str) -> subprocess.CompletedProcess[str]:
    """The script as installed, with the main package beside it."""
    command = [sys.executable, "-c", "from ecs_medic_notify.script import main; main()", *arguments]
    environment = {**os.environ, **more}
    return subprocess.run(
        command, input=stdin, env=environment, capture_output=True, text=True, timeout=60, check=False
    )


def test_with_the_main_package_the_script_is_its_command_line(stand_in):
    explained = _medic("explain", "--json", "no basic auth credentials")
    assert json.loads(explained.stdout)["symptom"] == "push_not_authenticated"
    help_text = _medic("--help").stdout
    assert all(f"  {name} " in help_text for name in ("explain", "diagnose", "notify", "metadata"))
    done = _medic("notify", "-", stdin="from standard input\n")
    assert (done.returncode, done.stderr) == (0, "")
    assert stand_in.requests[0]["blocks"][0]["text"]["text"] == "from standard input"
    assert _medic("notify", "--help").stdout.startswith("usage: ecs-medic notify [-h]")


def test_with_the_main_package_too_a_command_after_two_dashes_is_run():
    inner = [sys.executable, "-m", "ecs_medic_notify", "metadata", "--json"]
    done = _medic("metadata", "serve", "--family", "nightly", "--", *inner)
    assert json.loads(done.stdout)["identity"]["task_definition"] == "nightly:1"


def test_the_script_brings_nothing_along_that_the_main_package_would_wait_for():
    program = "import sys, ecs_medic_notify.script; print(*sorted(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert "urllib.request" not in loaded.stdout.split()
    assert "argparse" not in loaded.stdout.split()


@pytest.mark.parametrize("missing", ["ecs_medic", "typer"])
def test_without_the_main_package_or_what_its_commands_need_the_script_has_its_own(missing, monkeypatch, capfd):
    monkeypatch.setattr(script, "find_spec", lambda name: None if name == missing else find_spec(name))
    monkeypatch.setattr(sys, "argv", ["ecs-medic", "diagnose"])
    with pytest.raises(SystemExit) as end:
        script.main()
    assert end.value.code == 2
    assert "'diagnose' is not here: this installation has `notify` and `metadata`" in capfd.readouterr().err


def test_the_short_script_is_notify(stand_in, monkeypatch, capfd):
    monkeypatch.setattr(sys, "argv", ["ecs-medic-notify", "done"])
    with pytest.raises(SystemExit) as end:
        script.notify_main()
    assert end.value.code == 0
    assert stand_in.requests[0]["blocks"][0]["text"]["text"] == "done"
    monkeypatch.setattr(sys, "argv", ["ecs-medic-notify", "--help"])
    with pytest.raises(SystemExit):
        script.notify_main()
    assert "usage: ecs-medic-notify [-h]" in capfd.readouterr().out


def test_what_runs_in_lambda_does_not_need_it():
    """The layers do not have the small distribution; only what runs on a command line may use it."""
    package = Path(ecs_medic.__file__).parent
    users = [file for file in package.rglob("*.py") if "ecs_medic_notify" in file.read_text()]
    assert {file.relative_to(package).parts[0] for file in users} <= {"cli", "doctor"}


def test_who_stops_reading_gets_no_traceback():
    with running(recorded("fargate")) as url:
        reading = f"{sys.executable} -m ecs_medic_notify metadata --json | head -c 10"
        done = subprocess.run(
            reading, shell=True, env={**os.environ, V4: url}, capture_output=True, text=True, timeout=60, check=False
        )
    assert (done.stdout, done.stderr) == ('{"identity', "")
