"""How long a run of a Lambda function may still take, as Lambda itself says."""

import math
from collections.abc import Callable

ENOUGH_TO_LOOK_SECONDS = 50.0
"""What an incident may take, for which AWS may have to be read: with less time left, it is the sweep's."""
ENOUGH_FOR_MORE_SECONDS = 15.0
"""With less time left after a diagnosis, its message goes out, and all that can wait is the sweep's."""


def seconds_left(context: object) -> Callable[[], float]:
    """A clock that counts down to the end of this run; one that never ends where the context knows of none."""
    remaining = getattr(context, "get_remaining_time_in_millis", None)
    if not callable(remaining):
        return lambda: math.inf
    return lambda: float(remaining()) / 1000
