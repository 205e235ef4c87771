"""How long a run of a Lambda function may still take, as Lambda itself says."""

import math
from collections.abc import Callable


def seconds_left(context: object) -> Callable[[], float]:
    """A clock that counts down to the end of this run; one that never ends where the context knows of none."""
    remaining = getattr(context, "get_remaining_time_in_millis", None)
    if not callable(remaining):
        return lambda: math.inf
    return lambda: float(remaining()) / 1000
