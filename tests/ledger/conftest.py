"""The ledger's table in an embedded account, spoken to over the wire."""

import random

import pytest

from ecs_medic.events.parse import parse
from ecs_medic.incident import Incident
from ecs_medic.ledger.table import Table
from sandbox import ledger_table
from sandbox.client import Sandbox
from tests.events.samples import stopped_task


@pytest.fixture
def table(account: Sandbox) -> Table:
    name = ledger_table.create(account)
    account.clear_calls()
    return Table(account.client("dynamodb"), name, jitter=random.Random(1).random)


@pytest.fixture
def incident() -> Incident:
    return parse(stopped_task())
