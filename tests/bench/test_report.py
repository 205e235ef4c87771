"""The table and the JSON of all measurements, and the exit code that a missed bound gives."""

import json

import pytest

from bench import __main__ as bench
from bench.figure import Figure

KEPT = Figure("waves on Fargate", 3, "", 3)
MISSED = Figure("own CPU of an event", 5.004, "ms", 5)
TOLD = Figure("size of the layers", 61.25, "MB")


def test_a_bound_is_kept_up_to_itself_and_a_figure_without_one_cannot_miss_it():
    assert [one.kept for one in (KEPT, MISSED, TOLD)] == [True, False, True]


@pytest.mark.parametrize(("figures", "code"), [((KEPT, TOLD), 0), ((KEPT, MISSED), 1)])
def test_a_missed_bound_is_named_and_ends_with_1(figures, code, monkeypatch, capsys):
    monkeypatch.setattr(bench, "measured", lambda parts: dict.fromkeys(parts, figures))
    assert bench.main(["storm"]) == code
    out, err = capsys.readouterr()
    told = json.loads(out)["figures"]["storm"]
    assert [one["value"] for one in told] == [one.value for one in figures]
    assert all(one["kept"] for one in told) is (code == 0)
    assert ("bench: the bound of 'own CPU of an event' is missed" in err) is (code == 1)
    assert ("MISSED" in err) is (code == 1)


def test_a_part_that_does_not_exist_is_named(capsys):
    assert bench.main(["storms"]) == 2
    assert "expected any of latency, cold_start, storm, got 'storms'" in capsys.readouterr().err
