"""An AWS that only remembers: it records what an embedded account answers, and says it again after a set delay.

It runs in a process of its own, so that a measurement of another process's time and waiting holds nothing of what
making the answers costs.
"""

from bench.replay.client import Replay
from bench.replay.waves import dependent_waves

__all__ = ["Replay", "dependent_waves"]
