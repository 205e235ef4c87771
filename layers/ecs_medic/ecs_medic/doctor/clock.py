"""Whether this machine's clock agrees with the servers' that were reached."""

import statistics
from collections.abc import Iterable

from ecs_medic.doctor.check import Check, Status
from ecs_medic.doctor.probe import Attempt, Probe

CLOCK = "clock"
_TOO_MUCH = 300.0
"""Seconds of difference at which AWS begins to refuse signatures.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html
"""


def clock_check(probes: Iterable[Probe]) -> Check:
    """The check, on the median of what the endpoints said: one wrong clock among theirs decides nothing."""
    ahead = [attempt.clock_ahead for probe in probes for attempt in _attempts(probe) if attempt.clock_ahead is not None]
    if not ahead:
        reason = "no endpoint that was reached has told its time"
        return Check(CLOCK, "", Status.UNKNOWN, reason, "Compare this machine's clock with another one.")
    median = statistics.median(ahead)
    evidence = {"seconds_behind": round(median, 1), "servers": len(ahead)}
    amount = _spoken(abs(median))
    if abs(median) >= _TOO_MUCH:
        side = "behind" if median > 0 else "ahead"
        return Check(
            CLOCK,
            "",
            Status.BROKEN,
            f"this machine's clock is {amount} {side}: AWS refuses signatures that are 5 minutes off",
            "Synchronise the clock (chrony, 169.254.169.123 on EC2); a container has the clock of its host.",
            evidence=evidence,
        )
    return Check(CLOCK, "", Status.OK, f"this machine's clock is within {amount} of the servers'", evidence=evidence)


def _attempts(probe: Probe) -> tuple[Attempt, ...]:
    return probe.attempts if probe.proxied is None else (*probe.attempts, probe.proxied)


def _spoken(seconds: float) -> str:
    return f"{max(1, round(seconds))} s" if seconds < 120 else f"{round(seconds / 60)} minutes"
