# ruff: noqa: INP001 - a script of the build, no package
"""Run by the layer's build, `trim.py FOLDER`: leaves out of botocore and boto3 what the functions cannot use.

What goes: the models of services that services.txt does not name, all but the newest version of the others, and their
examples and documentation, which are for people. What stays besides them: the endpoints, partitions, defaults and
retries of all. All of it is unpacked and without white space, because to read a model is most of making a client.
"""

import gzip
import json
import shutil
import sys
from pathlib import Path
from typing import Any

_ONLY_FOR_PEOPLE = "examples-1.json*"
_MODEL = "service-2.json"


def services() -> frozenset[str]:
    """The names in services.txt."""
    lines = Path(__file__).with_name("services.txt").read_text().splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))


def trim(libraries: Path) -> None:
    """Remove it from the libraries in that folder; ValueError where a service is named that botocore does not know."""
    data = libraries / "botocore" / "data"
    wanted = services()
    folders = {folder.name: folder for folder in data.iterdir() if folder.is_dir()}
    if unknown := wanted - folders.keys():
        raise ValueError(f"services.txt: botocore knows no {', '.join(sorted(unknown))}")
    for name, folder in folders.items():
        if name not in wanted:
            shutil.rmtree(folder)
            continue
        *older, newest = sorted(version for version in folder.iterdir() if version.is_dir())
        for version in older:
            shutil.rmtree(version)
        for file in newest.glob(_ONLY_FOR_PEOPLE):
            file.unlink()
    for file in sorted(data.rglob("*.json*")):
        _unpack(file)
    # Models of boto3's resources, which nothing here makes.
    shutil.rmtree(libraries / "boto3" / "data")
    shutil.rmtree(libraries / "boto3" / "examples")


def _unpack(file: Path) -> None:
    is_packed = file.suffix == ".gz"
    content: Any = json.loads(gzip.decompress(file.read_bytes()) if is_packed else file.read_bytes())
    plain = file.with_suffix("") if is_packed else file
    if is_packed:
        file.unlink()
    content = undocumented(content) if plain.name == _MODEL else content
    plain.write_text(json.dumps(content, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")


def undocumented(model: Any) -> Any:
    """The model of a service without its sentences; what merely bears the name `documentation`, as a member, stays."""
    if isinstance(model, dict):
        return {
            # Of these alone, botocore insists on having the sentence.
            name: value if name == "clientContextParams" else undocumented(value)
            for name, value in model.items()
            if name != "documentation" or not isinstance(value, str)
        }
    return [undocumented(one) for one in model] if isinstance(model, list) else model


if __name__ == "__main__":
    trim(Path(sys.argv[1]))
