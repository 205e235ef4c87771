"""What keeps the processors awake while something is measured."""

import os
import time

import pytest

from bench.awake import awake


@pytest.mark.skipif(not hasattr(os, "SCHED_IDLE"), reason="only Linux has the policy")
def test_it_runs_only_where_nothing_else_wants_to_and_ends_with_the_measurement():
    with awake() as processes:
        assert len(processes) == os.cpu_count()
        end = time.monotonic() + 30
        while {os.sched_getscheduler(one) for one in processes} != {os.SCHED_IDLE}:
            assert time.monotonic() < end
            time.sleep(0.05)
    for one in processes:
        with pytest.raises(ProcessLookupError):
            os.kill(one, 0)
