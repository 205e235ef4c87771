"""Function and layers as `sam build` makes them, for this machine's own processor.

They have a folder to themselves: what `make deploy` is about to upload, for another processor, stays as it is.
"""

import os
import platform
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
CACHE = ROOT / ".aws-sam" / "bench"
_BUILD = CACHE / "build"
_LAYERS = ("DependenciesLayer", "EcsMedicLayer")
_SOURCES = ("template.yaml", "functions", "layers")
_MB = 1_000_000


class BuildError(Exception):
    """The layers cannot be built; the message is what the build said last."""


@dataclass(frozen=True, slots=True)
class Size:
    """Of a layer, in MB (10^6 bytes): unpacked, which Lambda counts, and as the archive that is uploaded."""

    unpacked: float
    zipped: float


def function(name: str) -> Path:
    """The folder that is /var/task in Lambda."""
    return _BUILD / name


def layers() -> list[Path]:
    """The folders that are /opt/python in Lambda."""
    return [_BUILD / layer / "python" for layer in _LAYERS]


def build() -> None:
    """Build, unless it was done since anything of it was changed.

    Raises:
        BuildError: it does not build.
    """
    made = _BUILD / "template.yaml"
    if made.exists() and made.stat().st_mtime > _last_change():
        return
    architecture = "x86_64" if platform.machine() in {"x86_64", "AMD64"} else "arm64"
    binaries = Path(sys.executable).parent
    environment = {
        **os.environ,
        "PATH": f"{binaries}{os.pathsep}{os.environ['PATH']}",
        "ECS_MEDIC_ARCHITECTURE": architecture,
        "SAM_CLI_TELEMETRY": "0",
    }
    print(f"building the layers for {architecture} in {_BUILD.relative_to(ROOT)}", file=sys.stderr)
    done = subprocess.run(  # noqa: S603 - our own tool
        [
            str(binaries / "sam"),
            *("build", "--build-dir", str(_BUILD), "--parameter-overrides", f"Architecture={architecture}"),
        ],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise BuildError(f"sam build: {done.stderr.strip()[-1000:]}")


def _last_change() -> float:
    files = (file for source in _SOURCES for file in [ROOT / source, *(ROOT / source).rglob("*")])
    return max(file.stat().st_mtime for file in files if "__pycache__" not in file.parts)


def sizes() -> dict[str, Size]:
    """Of each layer."""
    return {layer: Size(_unpacked(_BUILD / layer), _zipped(_BUILD / layer)) for layer in _LAYERS}


def _unpacked(folder: Path) -> float:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / _MB


def _zipped(folder: Path) -> float:
    with tempfile.TemporaryFile() as packed:
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in sorted(folder.rglob("*")):
                archive.write(file, file.relative_to(folder))
        return packed.tell() / _MB
