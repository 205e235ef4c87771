"""Dataclasses whose methods were compiled before are the same classes, and garbage is collected after the first run."""

import dataclasses
import gc
import importlib
import marshal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ecs_medic import quick_start

SOURCE = """
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Point:
    \"\"\"A point.\"\"\"

    x: int
    y: int = 2
    names: tuple[str, ...] = field(default_factory=tuple, compare=False)
"""


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    (tmp_path / "a_point_of_a_test.py").write_text(SOURCE)
    monkeypatch.syspath_prepend(tmp_path)
    yield "a_point_of_a_test"
    sys.modules.pop("a_point_of_a_test", None)
    vars(dataclasses).pop("exec", None)


def test_code_that_was_kept_makes_the_same_class(module, tmp_path, monkeypatch):
    kept = tmp_path / "kept" / "dataclasses.bin"
    assert quick_start.precompile([module], kept) == 1
    ordinary = sys.modules.pop(module).Point
    compiled = quick_start.read(kept)
    taken: list[bytes] = []
    real = marshal.loads

    def loads(code: bytes) -> object:
        taken.append(code)
        return real(code)

    monkeypatch.setattr(marshal, "loads", loads)
    quick_start.use(compiled)
    quick = importlib.import_module(module).Point
    assert taken == list(compiled.values())
    point = quick(1, names=("a",))
    assert (point.x, point.y, point.names) == (1, 2, ("a",))
    assert repr(point) == repr(ordinary(1, names=("a",)))
    assert point == quick(1)
    assert hash(point) == hash(quick(1))
    with pytest.raises(dataclasses.FrozenInstanceError):
        point.x = 3


def test_the_same_modules_make_the_same_bytes(module, tmp_path):
    first, second = tmp_path / "first", tmp_path / "second"
    for file in (first, second):
        quick_start.precompile([module], file)
        del sys.modules[module]
    assert first.read_bytes() == second.read_bytes()


def test_without_code_and_with_another_pythons_everything_is_compiled_as_ever(module, tmp_path):
    other = tmp_path / "other"
    quick_start.precompile([module], other)
    del sys.modules[module]
    other.write_bytes(b"\0\0\0\0" + other.read_bytes()[4:])
    assert quick_start.read(other) == {}
    assert quick_start.read(tmp_path / "none") == {}
    quick_start.use({b"of something else": b""})
    assert importlib.import_module(module).Point(1).y == 2


def test_garbage_is_collected_once_the_first_run_is_over():
    gc.disable()
    try:
        quick_start.settled()
        assert gc.isenabled()
    finally:
        gc.enable()
        gc.unfreeze()
