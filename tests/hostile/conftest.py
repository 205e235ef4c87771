"""The stack in an embedded account, as for the functions' own tests."""

from tests.functions.conftest import deployed

__all__ = ["deployed"]
