"""The stack's table, as commands name it."""

import os
import re
from typing import TYPE_CHECKING, Annotated

import typer

from ecs_medic.cli.failure import UnusableInputError
from ecs_medic.cli.region import region_of

if TYPE_CHECKING:
    from ecs_medic.ledger.table import Table

_TABLE = re.compile(r"[A-Za-z0-9_.:/-]{3,1024}")

TableOption = Annotated[
    str | None,
    typer.Option(
        "--table", metavar="NAME", help="The stack's table (output LedgerTableName); else that of LEDGER_TABLE."
    ),
]


def ledger_of(name: str | None) -> "Table":
    """The table of that name, or of LEDGER_TABLE.

    Raises:
        UnusableInputError: neither is given, or it is no name of a table.
    """
    import boto3
    from botocore.config import Config

    from ecs_medic.ledger.table import Table

    given = os.environ.get("LEDGER_TABLE", "") if name is None else name
    if not given:
        raise UnusableInputError("--table: expected the name of the stack's table, or LEDGER_TABLE in the environment")
    if not _TABLE.fullmatch(given):
        raise UnusableInputError(f"--table: expected the name of a DynamoDB table, got {given[:60]!r}")
    config = Config(connect_timeout=5, read_timeout=10, retries={"total_max_attempts": 1})
    return Table(boto3.client("dynamodb", region_name=region_of(os.environ, "the table"), config=config), given)
