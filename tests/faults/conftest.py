"""A stack of its own for every test, and a clock that can be set ahead."""

from tests.functions.conftest import deployed, later

__all__ = ["deployed", "later"]
