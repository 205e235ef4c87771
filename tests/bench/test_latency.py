"""What the figures of a diagnosis's latency are made of; the bounds themselves are kept by `make bench`."""

from dataclasses import replace

import pytest

from bench.latency import Course, Row, figures, rows

COURSE = Course(wall_ms=180, cpu_ms=40, calls=10, waves=3, twice=0)
ROW = Row("one", on_instances=False, first_finds_the_task=False, diagnosis=COURSE, with_plan=COURSE, bare=COURSE)


def missed(*measured: Row) -> list[str]:
    return [one.name for one in figures(measured) if not one.kept]


def test_a_row_within_its_bounds_misses_nothing():
    assert missed(ROW) == []


def test_waiting_is_what_is_left_of_the_wall_in_relation_to_the_waves():
    assert COURSE.waiting == pytest.approx((180 - 40) / 150)
    slow = replace(COURSE, wall_ms=40 + 1.2 * 150)
    assert missed(ROW, replace(ROW, with_plan=slow)) == ["with its plan, waiting / (waves × 50 ms), worst"]


def test_own_work_is_measured_by_the_calls_that_it_is_for():
    assert COURSE.work == pytest.approx(40 / 55)
    busy = replace(COURSE, wall_ms=200, cpu_ms=56)
    assert missed(replace(ROW, diagnosis=busy), ROW) == ["diagnosis, own CPU / (3 ms × calls + 25 ms), worst"]


def test_instances_may_take_more_waves_and_finding_the_task_is_none():
    four = replace(ROW, with_plan=replace(COURSE, waves=4, wall_ms=240))
    assert missed(four) == ["dependent waves on Fargate, most"]
    assert missed(replace(four, on_instances=True)) == []
    assert missed(replace(four, first_finds_the_task=True)) == []


def test_a_call_that_is_made_twice_is_one_too_many():
    assert missed(replace(ROW, with_plan=replace(COURSE, twice=1))) == ["calls made twice"]


def test_a_diagnosis_is_measured_by_what_the_replay_saw():
    [row] = rows(["push_repository_missing"], runs=1)
    assert row.diagnosis.calls >= 1
    assert row.with_plan.calls >= row.diagnosis.calls
    assert row.bare.calls == row.with_plan.calls
    assert row.diagnosis.twice == row.with_plan.twice == 0
    assert 1 <= row.waves <= row.with_plan.calls
    assert row.diagnosis.wall_ms >= 50 * row.diagnosis.waves
