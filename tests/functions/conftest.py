"""A stack of its own for every test."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from ecs_medic.response import approvers, click, decide
from ecs_medic.response.execution_environment import ExecutionEnvironment
from sandbox import stack
from sandbox.client import Sandbox
from tests.functions.deployment import Deployment, forget

IN_A_CLICK = (
    (click, "ANSWER_SECONDS"),
    (click, "ALL_SECONDS"),
    (approvers, "ASK_SECONDS"),
    (decide, "DELIVERY_SECONDS"),
)
"""How long a click waits for others: so little that a machine which is slow for a moment would pass for them."""


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Others are given plenty of it."""
    for module, name in IN_A_CLICK:
        monkeypatch.setattr(module, name, 20 * getattr(module, name))


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch, patient: None) -> None:
    """As it is: for the tests of that very time."""
    for module, name in IN_A_CLICK:
        monkeypatch.setattr(module, name, getattr(module, name) / 20)


@pytest.fixture
def deployed(account: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployment]:
    settings = stack.deploy(account)
    for name, value in (account.environment | settings).items():
        monkeypatch.setenv(name, value)
    forget()
    yield Deployment(account, settings)
    forget()


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Lets the functions' clock run ahead."""
    surroundings = ExecutionEnvironment.surroundings

    def ahead(milliseconds: int) -> None:
        def now() -> datetime:
            return datetime.fromtimestamp(datetime.now(UTC).timestamp() + milliseconds / 1000, UTC)

        monkeypatch.setattr(
            ExecutionEnvironment, "surroundings", lambda self, run, **named: surroundings(self, run, now=now, **named)
        )

    return ahead
