"""The office: the stack's functions, in this process, on an empty embedded account."""

from collections.abc import Iterator

import pytest

from sandbox.client import Sandbox
from tests.response.office import Office


@pytest.fixture
def office(account: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    with account.environ():
        yield Office(account)
