"""Every path by which a package gets here is locked, with hashes."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCK = tomllib.loads((ROOT / "uv.lock").read_text())
PACKAGES = {package["name"]: package for package in LOCK["package"]}


def _pins(requirements: str) -> dict[str, set[str]]:
    entries = re.split(r"\n(?=[a-z])", (ROOT / requirements).read_text().replace("\\\n", " "))
    return {
        entry.split()[0]: set(re.findall(r"--hash=(sha256:[0-9a-f]{64})", entry))
        for entry in entries
        if not entry.startswith("#")
    }


def test_every_file_in_the_lock_has_its_hash():
    files = [
        file
        for package in PACKAGES.values()
        if "registry" in package["source"]
        for file in [*package.get("wheels", ()), *([package["sdist"]] if "sdist" in package else [])]
    ]
    assert len(files) > 100
    assert [file["url"] for file in files if not re.fullmatch(r"sha256:[0-9a-f]{64}", file.get("hash", ""))] == []


def test_what_is_not_from_the_registry_is_in_this_repository():
    elsewhere = {name: package["source"] for name, package in PACKAGES.items() if "registry" not in package["source"]}
    assert elsewhere == {"ecs-medic": {"editable": "."}, "ecs-medic-notify": {"editable": "notify"}}


def test_the_registry_is_the_public_one():
    registries = {package["source"].get("registry") for package in PACKAGES.values()} - {None}
    assert registries == {"https://pypi.org/simple"}


@pytest.mark.parametrize(
    "requirements", ["layers/dependencies/requirements.txt", "supply_chain/tools.txt", "supply_chain/uv.txt"]
)
def test_every_requirement_is_one_version_with_hashes(requirements):
    pins = _pins(requirements)
    assert pins
    assert [pin for pin in pins if not re.fullmatch(r"[a-z0-9-]+(\[[a-z,-]+\])?==[0-9][^ *]*", pin)] == []
    assert [pin for pin, hashes in pins.items() if not hashes] == []


def test_uv_itself_is_that_of_the_lock():
    """`make tools` writes it again."""
    ((pin, hashes),) = _pins("supply_chain/uv.txt").items()
    locked = PACKAGES["uv"]
    assert pin == f"uv=={locked['version']}"
    assert hashes == {file["hash"] for file in [*locked["wheels"], locked["sdist"]]}


def test_the_tools_are_those_that_are_asked_for():
    asked = {line for line in (ROOT / "supply_chain" / "tools.in").read_text().splitlines() if line[:1].isalpha()}
    pinned = {pin.split("==")[0].split("[")[0] for pin in _pins("supply_chain/tools.txt")}
    assert {name.split("[")[0] for name in asked} <= pinned


@pytest.mark.parametrize("makefile", ["Makefile", "layers/dependencies/Makefile"])
def test_no_makefile_installs_without_hashes(makefile):
    recipes = (ROOT / makefile).read_text().replace("\\\n", " ").splitlines()
    installations = [line for line in recipes if re.search(r"\bpip install\b", line)]
    assert installations
    assert [line for line in installations if "--require-hashes" not in line] == []
    assert not [line for line in recipes if re.search(r"\buv sync\b|\buv run\b", line) and "--frozen" not in line]
