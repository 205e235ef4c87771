"""Hostile texts, lines and files for the command line: the agreed exit codes, one line on standard error, no harm."""

import json
import os
import subprocess
import sys

import pytest

from tests.hostile import oracles
from tests.hostile.texts import INJECTIONS, SECRETS, hostile

ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "HOME": "/nonexistent",
    "COLUMNS": "100",
    "LANG": "C.UTF-8",
    "PYTHONWARNINGS": "error",
    # Nothing listens there: what asks AWS for anything ends with 1.
    "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
    "AWS_REGION": "eu-west-1",
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_EC2_METADATA_DISABLED": "true",
}
NUMBERS = range(len(INJECTIONS) + len(SECRETS))


def run(*arguments: str | bytes, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-c", "from ecs_medic.cli import main; main()", *arguments]
    return subprocess.run(command, input=stdin, capture_output=True, env=ENVIRONMENT, timeout=120, check=False)


def refused(process: subprocess.CompletedProcess[bytes], says: str) -> None:
    """Exit code 2, nothing on standard output, and one harmless line on standard error that says why."""
    assert (process.returncode, process.stdout) == (2, b""), process.stderr.decode()
    line = process.stderr.decode().removesuffix("\n")
    assert line.startswith("ecs-medic: ")
    assert says in line
    oracles.one_line(line)


def test_a_pasted_text_is_shown_without_effect():
    text = "CannotPullContainerError: denied " + " ".join(hostile(number, number) for number in NUMBERS)
    for chunk in (text, text[::-1], *(hostile(number, number) for number in (0, len(INJECTIONS) // 2))):
        process = run("explain", "-", stdin=chunk.encode("utf-8", "replace"))
        assert (process.returncode, process.stderr) == (0, b"")
        oracles.nothing_hides(process.stdout.decode())


def test_an_argument_that_is_no_unicode():
    process = run("explain", b"CannotPullContainerError \xff\xfe\x1b[31m")
    assert (process.returncode, process.stderr) == (0, b"")
    oracles.nothing_hides(process.stdout.decode())


def test_every_line_has_an_answer_and_none_has_an_effect():
    lines = [
        *(json.dumps({"stopped_reason": hostile(number, number)}).encode() for number in NUMBERS),
        *(json.dumps({"kind": "ecr_push", "stopped_reason": f"denied {hostile(n, n)}"}).encode() for n in NUMBERS),
        *(json.dumps({"kind": hostile(number, number)}).encode() for number in NUMBERS),
        *(json.dumps({"error_code": hostile(n, n), "exit_code": 10**n}).encode() for n in NUMBERS),
        b'{"stopped_reason": "' + b"a" * 10_000_000 + b'"}',
        b'{"container_reason": "' + b"no basic auth " * 700_000 + b'"}',
        b'{"stopped_reason": "\xff\xfe"}',
        b'{"stopped_reason": "\x00"}',
        b'{"stopped_reason": "\\u0000\\ud800"}',
        b"\x00",
        b"\x1b]0;title\x07",
        b'{"exit_code": ' + b"9" * 5_000 + b"}",
        b'{"exit_code": 1e999}',
        b'{"exit_code": NaN}',
        b"[" * 200_000,
        b'{"a":' * 200_000,
        b"\xef\xbb\xbf{}",
        b"{} {}",
        b'{"stopped_reason": ["' + b"a" * 1_000 + b'"]}',
        b"{}",
    ]  # fmt: skip
    process = run("explain", "--jsonl", "-", stdin=b"\n".join(lines))
    assert (process.returncode, process.stderr) == (0, b"")
    answers = process.stdout.decode().splitlines()
    assert len(answers) == len(lines)
    for line in answers:
        answer = oracles.json_text(line)
        assert list(answer) in (["symptom", "confidence", "candidates", "summary", "fix"], ["error"])
        assert len(answer.get("error", "")) < 300
        oracles.nothing_hides(line)
    assert oracles.json_text(answers[-1])["symptom"] == "unknown"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"\x00\x00", "is not JSON"),
        (b"\xff\xfe{\x00}\x00", "is not UTF-8"),
        (b"\x1b]0;title\x07", "is not JSON"),
        (b"[" * 300_000, "nested too deeply"),
        (b'{"detail":' * 300_000, "nested too deeply"),
        (b"9" * 10_000, "cannot be read"),
        (b'"' + b"a" * 10_000_000 + b'"', "expected a JSON object"),
        (b"NaN", "expected a JSON object"),
        (b"{}", "got an empty object"),
        (b'{"source": "\\u001b[31m<!channel>\\u202e", "detail-type": "x"}', "field required"),
        (b'{"__proto__": {}, "source": {"\\ud800": 1}}', "source"),
    ],
    ids=lambda value: ascii(value[:12]) if isinstance(value, bytes) else "",
)
def test_a_file_that_is_no_event(tmp_path, content, says):
    file = tmp_path / "event.json"
    file.write_bytes(content)
    refused(run("diagnose", "--event", str(file)), says)


def test_events_with_hostile_fields_are_refused_in_one_line():
    for number in list(NUMBERS)[::24]:
        event = {"source": hostile(number, number), "detail-type": "ECS Task State Change", "account": "123456789012"}
        whole = event | {"time": "2026-01-01T00:00:00Z", "region": "eu-west-1", "detail": {}}
        refused(run("diagnose", "--event", "-", stdin=json.dumps(whole).encode()), "source: ")


def test_a_file_whose_name_is_hostile():
    refused(run("diagnose", "--event", "\x1b]0;title\x07\u202e<!channel>.json"), "cannot read")
    refused(run("explain", "--jsonl", "\x1b]0;title\x07\u202e.jsonl"), "cannot read")
    refused(run("explain", "--kind", "\x1b[31m\u202e", "x"), "--kind")
    refused(run("explain", "--\x1b[31mred", "x"), "red")
