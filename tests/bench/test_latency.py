"""What the figures of a diagnosis's latency are made of; the bounds themselves are kept by `make bench`."""

from dataclasses import replace

import pytest

from bench import latency
from bench.content_caches import content_caches, forget
from bench.latency import DELAY, Course, Row, figures, rows
from bench.replay import Replay
from ecs_medic.reachability import addresses
from ecs_medic.symptoms import signature

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


@pytest.mark.parametrize(("wall", "kept"), [(40 + 1.15 * 150, True), (40 + 1.1549 * 150, False)])
def test_nothing_is_rounded_before_it_is_judged(wall, kept):
    assert (missed(replace(ROW, diagnosis=replace(COURSE, wall_ms=wall))) == []) is kept


def test_what_is_remembered_of_an_account_is_forgotten_and_the_tables_of_the_program_are_not():
    caches = content_caches()
    names = {one.__module__ for one in caches}
    assert {"ecs_medic.reachability.known_ways", "ecs_medic.reachability.acls", "ecs_medic.facts.same"} <= names
    assert signature._parsed not in caches
    assert addresses.internet not in caches
    assert addresses.span in caches
    addresses.span("10.0.0.0/8")
    addresses.internet()
    forget(caches)
    assert addresses.span.cache_info().currsize == 0
    assert addresses.internet.cache_info().currsize > 0


def test_a_diagnosis_is_measured_as_if_for_the_first_time(monkeypatch):
    """Each turn that is timed begins with nothing known of the account."""
    sizes = []
    planned = latency._planned

    def noting(*given):
        sizes.append(sum(one.cache_info().currsize for one in content_caches()))
        planned(*given)

    monkeypatch.setattr(latency, "_planned", noting)
    [_] = rows(["ecr_dkr_endpoint_missing"], runs=2)
    # The first two record and count.
    assert sizes[2:]
    assert not any(sizes[2:])


class SlowReplay(Replay):
    """A replay on a machine so busy that one wave looks like two while answers take but 50 ms."""

    def __init__(self):
        pass

    def freeze(self, delay):
        self.delay = delay

    def clear(self):
        pass

    def calls(self):
        seconds = (0, self.delay / 2 if self.delay > DELAY else self.delay)
        return [
            {
                "service": "ecs",
                "operation": name,
                "digest": name,
                "refused": False,
                "started": s,
                "ended": s + self.delay,
            }
            for name, s in zip("ab", seconds, strict=True)
        ]


def test_waves_are_counted_where_a_busy_machine_does_not_part_them():
    assert latency._course(lambda: None, SlowReplay(), 1, most_waves=3).waves == 1


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
