"""The table and the JSON of all measurements, and the exit code that a missed bound gives."""

import json
from dataclasses import replace
from types import SimpleNamespace

import pytest

from bench import __main__ as bench
from bench.emulator import EmulatorError
from bench.figure import Figure

KEPT = Figure("waves on Fargate", 3, "", 3)
MISSED = Figure("own CPU of an event", 5.004, "ms", 5)
TOLD = Figure("size of the layers", 61.25, "MB")
EXACT = Figure("writes of an event", 1, "", 1, 1)


def test_a_bound_is_kept_up_to_itself_and_a_figure_without_one_cannot_miss_it():
    assert [one.kept for one in (KEPT, MISSED, TOLD)] == [True, False, True]


@pytest.mark.parametrize(("figures", "code"), [((KEPT, TOLD), 0), ((KEPT, MISSED), 1)])
def test_a_missed_bound_is_named_and_ends_with_1(figures, code, monkeypatch, capsys):
    monkeypatch.setattr(bench, "measured", lambda parts: dict.fromkeys(parts, figures))
    assert bench.main(["storm"]) == code
    out, err = capsys.readouterr()
    told = json.loads(out)["figures"]["storm"]
    assert [one["value"] for one in told] == [one.value for one in figures]
    assert [one["kept"] for one in told] == [one.kept if one.is_bounded else None for one in figures]
    assert ("bench: the bound of 'own CPU of an event' is missed" in err) is (code == 1)
    assert ("MISSED" in err) is (code == 1)


def test_a_figure_may_have_a_least_and_both():
    assert [replace(EXACT, value=value).kept for value in (0, 1, 2)] == [False, True, False]
    assert [replace(KEPT, most=None, least=3, value=value).kept for value in (2, 3)] == [False, True]
    assert [one.bound for one in (EXACT, KEPT, TOLD, replace(KEPT, most=None, least=3))] == [
        "exactly 1",
        "at most 3",
        "",
        "at least 3",
    ]


def test_what_misses_its_bound_by_little_is_shown_to():
    assert (MISSED.shown, TOLD.shown, EXACT.shown) == ("5.0040 ms", "61.25 MB", "1")


def test_a_figure_without_a_bound_has_kept_none(monkeypatch, capsys):
    monkeypatch.setattr(bench, "measured", lambda parts: dict.fromkeys(parts, (TOLD, EXACT)))
    assert bench.main(["storm"]) == 0
    told, exact = json.loads(capsys.readouterr().out)["figures"]["storm"]
    assert (told["kept"], exact["kept"]) == (None, True)
    assert (exact["most"], exact["least"]) == (1, 1)


def test_a_part_that_cannot_be_measured_here_leaves_the_others(monkeypatch, capsys):
    def part(name):
        def measure():
            if name == "bench.cold_start":
                raise EmulatorError("needs\nLinux")
            return (KEPT,)

        return SimpleNamespace(measure=measure)

    monkeypatch.setattr(bench, "import_module", part)
    assert bench.main([]) == 1
    out, err = capsys.readouterr()
    assert list(json.loads(out)["figures"]) == ["latency", "storm"]
    assert "bench: cold_start was not measured: EmulatorError: needs Linux\n" in err


def test_a_part_that_does_not_exist_is_named(capsys):
    assert bench.main(["storms"]) == 2
    assert "expected any of latency, cold_start, storm, got 'storms'" in capsys.readouterr().err
