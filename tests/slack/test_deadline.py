import threading

import pytest

from ecs_medic.slack.deadline import within


def test_result_and_failure_come_through():
    assert within(5, lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        within(5, lambda: 1 // 0)


def test_slow_call_is_left_alone():
    release = threading.Event()
    with pytest.raises(TimeoutError):
        within(0.05, lambda: release.wait(5))
    release.set()
