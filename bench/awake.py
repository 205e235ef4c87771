"""Keeps the processors from falling asleep while processor time is measured.

Code that is woken from a wait first pays for the sleep: on a virtual machine that idles, the same instructions took up
to half as much time again as on a busy one, and how much depends on the host. What runs meanwhile runs only where
nothing else wants to (SCHED_IDLE of sched(7)), takes nothing from the measured process, and ends with it.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_LONGEST_SECONDS = 3600
_PROGRAM = """
import os, sys, time
parent, end = int(sys.argv[1]), time.monotonic() + float(sys.argv[2])
os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
while os.getppid() == parent and time.monotonic() < end:
    for _ in range(200_000):
        pass
"""


@contextmanager
def awake() -> Iterator[tuple[int, ...]]:
    """One such process for each processor, by its id; none where the system has no such policy."""
    if not hasattr(os, "SCHED_IDLE"):
        yield ()
        return
    command = [sys.executable, "-c", _PROGRAM, str(os.getpid()), str(_LONGEST_SECONDS)]
    keeping = [subprocess.Popen(command) for _ in range(os.cpu_count() or 1)]  # noqa: S603 - our own
    try:
        yield tuple(one.pid for one in keeping)
    finally:
        for one in keeping:
            one.terminate()
        for one in keeping:
            one.wait()
