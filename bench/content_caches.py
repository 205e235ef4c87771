"""What ecs_medic remembers of the accounts that it has seen, so that the same incident can be looked at as if for the
first time.

A cache without a bound holds the program's own tables, which a function that has run before has made; what comes from
outside may be anything, and is remembered with a bound.
"""

import gc
from collections.abc import Iterable
from functools import _lru_cache_wrapper
from typing import Any


def content_caches() -> tuple["_lru_cache_wrapper[Any]", ...]:
    """All of them, in the modules that are imported by now; some stand in no module, but within other functions."""
    return tuple(
        one
        for one in gc.get_objects()
        # By its type alone: to ask an object of its class may run whatever it stands for.
        if type(one) is _lru_cache_wrapper
        and one.__module__.split(".")[0] == "ecs_medic"
        and one.cache_parameters()["maxsize"] is not None
    )


def forget(caches: Iterable["_lru_cache_wrapper[Any]"]) -> None:
    """Empty them."""
    for one in caches:
        one.cache_clear()
