"""The table that compares the ways out of a VPC, as lines of plain text for a fixed-width font."""

from collections.abc import Sequence

from ecs_medic.report.model import WayOut
from ecs_medic.report.text import one_line
from ecs_medic.way_out import Density, Way

NAMES = {
    Way.NAT_GATEWAY: "NAT gateway",
    Way.NAT_INSTANCE: "NAT instance",
    Way.ENDPOINTS: "VPC endpoints",
    Way.HOST_MODE: "host mode",
    Way.INSTANCE_ADDRESS: "instance address",
}
_APPLIES = {True: "yes", False: "no", None: "depends"}
_ADDRESS = {True: "fixed", False: "changes", None: "none"}
_DENSITY = {Density.SEVERAL: "several", Density.ONE: "one of a kind"}
_HEAD = ("way", "applies", "address", "tasks/instance", "$/month", "$/GB")
NOT_PROMISED = "Observed to work, not promised by AWS's documentation."


def table(ways: Sequence[WayOut]) -> tuple[str, ...]:
    """One line for each way under a heading; prices are what comes on top of what there is."""
    rows = [_HEAD, *(_row(one) for one in ways)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD))]
    return tuple(_line(row, widths) for row in rows)


def reason(way: WayOut) -> str:
    """What rules the way out, what it depends on, or what it takes."""
    words = one_line(way.why)
    return f"{words} {NOT_PROMISED}" if way.not_promised else words


def _row(way: WayOut) -> tuple[str, ...]:
    return (
        NAMES[way.way],
        _APPLIES[way.applies],
        _ADDRESS[way.fixed_address],
        _DENSITY[way.tasks_per_instance],
        _dollars(way.monthly_cost_usd, 2),
        _dollars(way.per_gb_usd, 3),
    )


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    words = [cell.ljust(width) for cell, width in zip(row[:4], widths[:4], strict=True)]
    numbers = [cell.rjust(width) for cell, width in zip(row[4:], widths[4:], strict=True)]
    return "  ".join((*words, *numbers)).rstrip()


def _dollars(amount: float | None, digits: int) -> str:
    if amount is None:
        return "?"
    return f"{amount:,.{digits}f}" if amount else "0"
