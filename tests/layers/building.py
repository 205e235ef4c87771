"""Builds a layer as `sam build` does: make, in a copy of the layer's folder, with ARTIFACTS_DIR and little else."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
SERVICES = frozenset(
    line
    for line in (ROOT / "layers" / "dependencies" / "services.txt").read_text().splitlines()
    if line and not line.startswith("#")
)
ARCHITECTURES = {"arm64": 0xB7, "x86_64": 0x3E}
"""ELF's number for the machine, by the name that Lambda gives it."""


def build(layer: str, target: str, scratch: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Runs the layer's makefile in `scratch`; what it makes is in `scratch/artifacts`."""
    source, artifacts = scratch / "source", scratch / "artifacts"
    shutil.copytree(ROOT / "layers" / layer, source)
    artifacts.mkdir()
    environment = {**os.environ, "ARTIFACTS_DIR": str(artifacts), "PYTHON": sys.executable, **variables}
    return subprocess.run(
        ["make", "--silent", target],
        cwd=source,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def contents(folder: Path) -> dict[str, bytes]:
    """Every file's bytes, by its path in the folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def unchecked_hash(bytecode: bytes) -> bool:
    """Whether Python takes the file without looking at its source: flags 0b01 (PEP 552)."""
    return int.from_bytes(bytecode[4:8], "little") == 0b01


def bytecode_of(source: str) -> str:
    """Where Python 3.13 looks for a source file's bytecode."""
    path = Path(source)
    return str(path.parent / "__pycache__" / f"{path.stem}.cpython-313.pyc")
