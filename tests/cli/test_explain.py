"""`ecs-medic explain`, run as a person or a program runs it: in a process of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ecs_medic.vocabulary import Id

ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "HOME": os.environ.get("HOME", "/"),
    "COLUMNS": "100",
    "LANG": "C.UTF-8",
    "PYTHONWARNINGS": "error",
}
CORPUS = Path(__file__).parent.parent / "corpus" / "messages.jsonl"


def run(*arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-c", "from ecs_medic.cli import main; main()", "explain", *arguments]
    return subprocess.run(command, input=stdin, capture_output=True, env=ENVIRONMENT, timeout=60, check=False)


def one_line(process: subprocess.CompletedProcess[bytes]) -> str:
    lines = process.stderr.decode().splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("ecs-medic: ")
    return lines[0]


def answers(process: subprocess.CompletedProcess[bytes]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in process.stdout.decode().splitlines()]


def test_json_is_alone_on_standard_output_and_as_agreed():
    process = run("--json", "no basic auth credentials")
    assert (process.returncode, process.stderr) == (0, b"")
    (answer,) = answers(process)
    assert list(answer) == ["symptom", "confidence", "candidates", "summary", "fix"]
    assert answer["symptom"] == answer["candidates"][0] == "push_not_authenticated"
    assert answer["confidence"] == "certain"


def test_the_readable_answer_has_everything_and_no_escape_codes():
    process = run("CannotPullContainerError: pull access denied for [bold]orders[/bold] \x1b[31m")
    text = process.stdout.decode()
    assert process.returncode == 0
    assert "\x1b" not in text
    assert "[bold]orders[/bold]" in text
    for part in ("image_access_denied", "What it means", "Likely causes, best first", "1. ", "Fix", "https://docs.aws"):
        assert part in text
    assert text.index("What it means") < text.index("Likely causes") < text.index("Fix") < text.index("Documentation")


def test_commands_and_addresses_are_never_broken():
    text = run("The specified log group does not exist.").stdout.decode()
    assert (
        "aws logs put-retention-policy --region <LOG_REGION> --log-group-name <LOG_GROUP> --retention-in-days 30\n"
        in text
    )


def test_standard_input_is_a_text_too():
    process = run("-", "--json", stdin=b"An error occurred (TargetNotConnectedException)\nwhen calling ExecuteCommand")
    assert answers(process)[0]["symptom"] == "exec_target_not_connected"


def test_the_kind_can_be_told():
    text = "unauthorized: authentication required"
    assert answers(run("--json", "--kind", "ecr_push", text))[0]["symptom"] == "push_not_authenticated"
    assert answers(run("--json", "--kind", "stopped_task", text))[0]["symptom"] == "registry_credentials_missing"


def test_lines_are_answered_in_order_and_a_bad_one_does_not_stop_the_rest():
    lines = [
        b'{"stopped_reason": "no space left on device", "some_key": [1]}',
        b"",
        b"not json",
        b"[1, 2]",
        b'{"exit_code": "137"}',
        b'{"exit_code": true}',
        b'{"stopped_reason": 7}',
        b'{"kind": "weather"}',
        b'{"in_service": "yes"}',
        b'{"stopped_reason": "\xff"}',
        b"[" * 100_000,
        b'{"stopped_reason": "Essential container in task exited", "exit_code": 137, "stop_code": null}',
        b"{}",
        b'{"stopped_reason": "Essential container in task exited", "exit_code": 0, "in_service": true}\r',
    ]
    process = run("--jsonl", "-", stdin=b"\n".join(lines))
    given = answers(process)
    assert (process.returncode, process.stderr) == (0, b"")
    assert [answer.get("symptom") for answer in given] == [
        "disk_full", *[None] * 10, "container_killed", "unknown", "app_exited",
    ]  # fmt: skip
    errors = [answer["error"] for answer in given if "error" in answer]
    assert all(list(answer) == ["error"] for answer in given if "error" in answer)
    for field in ("exit_code", "stopped_reason", "kind", "in_service"):
        assert any(error.startswith(f"{field}: expected ") for error in errors)
    assert any("not UTF-8" in error for error in errors)


def test_the_corpus_in_a_file(tmp_path):
    copy = tmp_path / "messages.jsonl"
    copy.write_bytes(b"\xef\xbb\xbf" + CORPUS.read_bytes())
    given = answers(run("--jsonl", str(copy)))
    labels = [json.loads(line) for line in CORPUS.read_text("utf-8").splitlines()]
    assert len(given) == len(labels)
    for answer, label in zip(given, labels, strict=True):
        assert answer["symptom"] in {label["symptom"], *label["also_ok"]}
        assert all(Id(candidate) for candidate in answer["candidates"])


@pytest.mark.parametrize(
    ("arguments", "stdin", "told"),
    [
        ((), b"", "expected either TEXT or --jsonl FILE"),
        (("text", "--jsonl", "-"), b"", "expected either TEXT or --jsonl FILE"),
        (("",), b"", "TEXT: is empty"),
        (("  \n",), b"", "TEXT: is empty"),
        (("-",), b"", "TEXT: is empty"),
        (("-",), b"\xff\xfe", "TEXT: standard input is not UTF-8"),
        (("--jsonl", "/no/such/file"), b"", "--jsonl: cannot read /no/such/file: No such file or directory"),
        (("--jsonl", "/"), b"", "--jsonl: cannot read /: Is a directory"),
        (("--jsonl", "-"), b"", "--jsonl: standard input is empty"),
        (("--jsonl", "-"), "{}".encode("utf-16"), "--jsonl: standard input is not UTF-8"),
        (("--kind", "weather", "text"), b"", "--kind: expected one of stopped_task"),
        (("--unknown", "text"), b"", "No such option: --unknown"),
        (("two", "texts"), b"", "unexpected extra argument"),
    ],
)
def test_unusable_input_is_one_line_and_exit_code_2(arguments, stdin, told):
    process = run(*arguments, stdin=stdin)
    assert process.returncode == 2
    assert process.stdout == b""
    assert told in one_line(process)


def test_whoever_stops_reading_gets_no_traceback():
    command = f"{sys.executable} -c 'from ecs_medic.cli import main; main()' explain --jsonl - | head -1"
    lines = b'{"stopped_reason": "no space left on device"}\n' * 20_000
    process = subprocess.run(
        command, shell=True, input=lines, capture_output=True, env=ENVIRONMENT, timeout=60, check=False
    )
    assert process.stderr == b""
    assert json.loads(process.stdout)["symptom"] == "disk_full"


def test_explain_never_imports_what_it_does_not_need():
    program = (
        "import sys; sys.argv[1:] = ['explain', '--json', 'AGENT']\n"
        "from ecs_medic.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "sys.stderr.write(','.join(m for m in ('boto3', 'botocore', 'moto', 'slack_sdk', 'rich') if m in sys.modules))"
    )
    process = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, env=ENVIRONMENT, timeout=60, check=False
    )
    assert process.stderr == b""
    assert answers(process)[0]["symptom"] == "ecs_agent_disconnected"
