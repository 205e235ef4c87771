"""A limit for a whole call, which time-outs of single reads do not give."""

import threading
from collections.abc import Callable


def within[T](seconds: float, call: Callable[[], T]) -> T:
    """What `call` returns or raises; TimeoutError where that takes longer than `seconds`.

    A call that is too slow is left to itself: it goes on in the background, and what it answers is lost.
    """
    results: list[T] = []
    failures: list[BaseException] = []

    def run() -> None:
        try:
            results.append(call())
        except BaseException as failure:  # noqa: BLE001 - handed to the caller's thread
            failures.append(failure)

    thread = threading.Thread(target=run, daemon=True, name="slack")
    thread.start()
    thread.join(seconds)
    if failures:
        raise failures[0]
    if not results:
        raise TimeoutError(f"no answer within {seconds:g} s")
    return results[0]
