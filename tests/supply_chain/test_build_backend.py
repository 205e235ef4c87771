"""What builds this project's own packages comes from the lock as well, not from wherever an isolated build finds it."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LOCKED = {package["name"] for package in tomllib.loads((ROOT / "uv.lock").read_text())["package"]}


def test_no_package_of_this_repository_is_built_in_isolation():
    names = {
        tomllib.loads((ROOT / path).read_text())["project"]["name"]
        for path in ("pyproject.toml", "notify/pyproject.toml")
    }
    assert set(PROJECT["tool"]["uv"]["no-build-isolation-package"]) == names


def test_what_builds_them_is_locked():
    for path in ("pyproject.toml", "notify/pyproject.toml"):
        (backend,) = tomllib.loads((ROOT / path).read_text())["build-system"]["requires"]
        assert backend in LOCKED
    # What hatchling needs for an editable installation, beside its own dependencies.
    assert "editables" in LOCKED
