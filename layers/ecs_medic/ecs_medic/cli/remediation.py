"""`ecs-medic remediation`: what may be repaired, the kill switch, and what the operator has to say about both."""

import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any

import typer

from ecs_medic.cli.failure import UnusableInputError, one_line_failures
from ecs_medic.cli.ledger import TableOption, ledger_of
from ecs_medic.cli.region import region_of

_OPTIONS = (
    "mode",
    "actions",
    "max_monthly_cost_usd",
    "attempts",
    "window_hours",
    "cool_down_minutes",
    "approval_hours",
    "approvers",
    "owner_tag_keys",
)
"""What `set` can say, by the names under which it is stored."""


class What(StrEnum):
    """What is to be done."""

    SHOW = "show"
    STOP = "stop"
    RESUME = "resume"
    SET = "set"


@one_line_failures
def remediation(  # noqa: PLR0917 - each is an option of the command line
    what: Annotated[
        What, typer.Argument(help="show; stop: change nothing more, whatever was approved; resume; or set.")
    ] = What.SHOW,
    table: TableOption = None,
    why: Annotated[str | None, typer.Option(metavar="TEXT", help="With stop: what people are told.")] = None,
    mode: Annotated[str | None, typer.Option(metavar="observe|ask|auto", help="With set.")] = None,
    action: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ACTION=off|ask|auto|default", help="With set: of one kind of change; may be given more than once."
        ),
    ] = None,
    max_monthly_cost_usd: Annotated[
        float | None, typer.Option(help="With set: what a repair may cost without being asked about.")
    ] = None,
    attempts: Annotated[int | None, typer.Option(help="With set: most repairs of a service, and of a VPC …")] = None,
    window_hours: Annotated[float | None, typer.Option(help="With set: … within so many hours.")] = None,
    cool_down_minutes: Annotated[float | None, typer.Option(help="With set: between two of them.")] = None,
    approval_hours: Annotated[float | None, typer.Option(help="With set: how long a repair can be approved.")] = None,
    approvers: Annotated[
        str | None, typer.Option(metavar="U…,S…", help="With set: only these of the stack's approvers.")
    ] = None,
    owner_tag_keys: Annotated[
        str | None, typer.Option(metavar="KEY,KEY", help="With set: more tags by which code marks its own.")
    ] = None,
    unset: Annotated[
        list[str] | None,
        typer.Option(metavar="OPTION", help="With set: take back what was set, such as `mode`."),
    ] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, alone on standard output.")] = False,
) -> None:
    """Say what the stack may repair; stop and resume it; allow less than the stack's parameters do."""
    from ecs_medic.cli.shown_controls import show
    from ecs_medic.ledger import controls

    said = {
        "mode": mode,
        "actions": _actions(action or ()),
        "max_monthly_cost_usd": max_monthly_cost_usd,
        "attempts": attempts,
        "window_hours": window_hours,
        "cool_down_minutes": cool_down_minutes,
        "approval_hours": approval_hours,
        "approvers": _listed(approvers),
        "owner_tag_keys": _listed(owner_tag_keys),
    }
    given = {name: value for name, value in said.items() if value is not None}
    _expect_nothing_else(what, why, given, unset or ())
    changed = _changed(what, given, unset or ())
    ledger = ledger_of(table)
    if what is What.STOP:
        changed = {"stopped": _stopped(why)}
    if changed:
        controls.change(ledger, **changed)
    show(controls.read(ledger), as_json=as_json)


def _expect_nothing_else(what: What, why: str | None, given: Mapping[str, Any], unset: Sequence[str]) -> None:
    if what is What.STOP and not (why or "").strip():
        raise UnusableInputError("--why: expected what people are to be told, got nothing")
    if what is not What.STOP and why is not None:
        raise UnusableInputError("--why: expected only with stop")
    if what is What.SET and not given and not unset:
        raise UnusableInputError(f"set: expected at least one of {', '.join(map(_option, _OPTIONS))}, --unset")
    if what is not What.SET and (given or unset):
        raise UnusableInputError(f"{_option(next(iter(given), 'unset'))}: expected only with set")


def _changed(what: What, given: Mapping[str, Any], unset: Sequence[str]) -> dict[str, Any]:
    if what is What.RESUME:
        return {"stopped": None}
    from ecs_medic.repair.stored_values import OPERATOR_FIELDS, BadValueError

    for name, value in given.items():
        known = {one: limit for one, limit in value.items() if limit is not None} if name == "actions" else value
        try:
            OPERATOR_FIELDS[name](known)
        except BadValueError as error:
            raise UnusableInputError(f"{_option(name)}: {error}") from None
    taken_back = {_field(name): None for name in unset}
    for name in taken_back:
        if name in given:
            raise UnusableInputError(f"--unset: {_option(name)} is set by the same command")
    return {**given, **taken_back}


def _field(option: str) -> str:
    fields = {_option(name).removeprefix("--"): name for name in _OPTIONS}
    name = fields.get(option.removeprefix("--"))
    if name is None:
        raise UnusableInputError(f"--unset: expected one of {', '.join(fields)}, got {option[:60]!r}")
    return name


def _option(name: str) -> str:
    return "--" + {"actions": "action"}.get(name, name).replace("_", "-")


def _actions(given: Sequence[str]) -> dict[str, str | None] | None:
    """What was said of each action; None takes back what was said before."""
    found: dict[str, str | None] = {}
    for one in given:
        from ecs_medic.repair.stored_values import BadValueError, action

        name, equals, limit = one.partition("=")
        if not equals:
            raise UnusableInputError(f"--action: expected such as create_vpc_endpoint=ask, got {one[:60]!r}")
        try:
            action(name)
        except BadValueError as error:
            raise UnusableInputError(f"--action: {error}") from None
        found[name] = None if limit == "default" else limit
    return found or None


def _listed(given: str | None) -> list[str] | None:
    return None if given is None else [one.strip() for one in given.split(",") if one.strip()]


def _stopped(why: str | None) -> dict[str, str]:
    at = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
    by = _caller()
    return {"why": why or "", "at": at, **({"by": by} if by else {})}


def _caller() -> str | None:
    """Whose credentials these are; None where nobody says: the switch does not wait for that."""
    import boto3
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError, ClientError

    config = Config(connect_timeout=3, read_timeout=3, retries={"total_max_attempts": 1})
    try:
        client = boto3.client("sts", region_name=region_of(os.environ, "the table"), config=config)
        return str(client.get_caller_identity()["Arn"])
    except (BotoCoreError, ClientError):
        return None
