"""A stack of its own for every test."""

from collections.abc import Iterator

import pytest

from sandbox import stack
from sandbox.client import Sandbox
from tests.functions.deployment import Deployment, forget


@pytest.fixture
def deployed(account: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployment]:
    settings = stack.deploy(account)
    for name, value in (account.environment | settings).items():
        monkeypatch.setenv(name, value)
    forget()
    yield Deployment(account, settings)
    forget()
