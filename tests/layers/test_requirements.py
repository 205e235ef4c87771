"""The dependency layer's requirements are the lock file's."""

import re
import subprocess
import sys
from pathlib import Path

from tests.layers.building import ROOT

REQUIREMENTS = (ROOT / "layers" / "dependencies" / "requirements.txt").read_text()


def _pins(requirements: str) -> dict[str, set[str]]:
    """Each pinned requirement with its hashes."""
    entries = re.split(r"\n(?=[a-z])", requirements.replace("\\\n", " "))
    return {
        entry.split()[0]: set(re.findall(r"--hash=(sha256:[0-9a-f]{64})", entry))
        for entry in entries
        if entry and not entry.startswith(("#", " "))
    }


def test_they_are_current():
    """`make requirements` writes them again."""
    uv = Path(sys.executable).parent / "uv"
    exported = subprocess.run(
        [uv, "export", "--quiet", "--frozen", "--extra", "lambda", "--no-dev", "--no-emit-project", "--no-header"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert _pins(exported) == _pins(REQUIREMENTS)


def test_each_is_pinned_with_hashes():
    pins = _pins(REQUIREMENTS)
    assert all(re.fullmatch(r"[a-z0-9-]+==[0-9][^ ]*", pin) for pin in pins)
    assert all(pins.values())


def test_what_the_function_imports_is_there():
    names = {pin.split("==")[0] for pin in _pins(REQUIREMENTS)}
    assert {"aws-lambda-powertools", "boto3", "pydantic", "aws-durable-execution-sdk-python"} <= names


def test_what_only_development_needs_is_not():
    names = {pin.split("==")[0] for pin in _pins(REQUIREMENTS)}
    assert not names & {"moto", "pytest", "typer", "rich", "aws-sam-cli"}
