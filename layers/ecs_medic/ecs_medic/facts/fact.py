"""Three-valued facts: known, absent, or unknown with its reason.

A read that failed is never an absence. Only `Absent` may justify a change; `Unknown` is shown to the reader as
*not checked*, together with the permission that was missing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Never


@dataclass(frozen=True, slots=True)
class Known[T]:
    """AWS was asked and answered with a value.

    `source` is the call that answered, written `service:Operation` ("ec2:DescribeRouteTables"), or "event" when the
    event itself carried the value.
    """

    value: T
    source: str


@dataclass(frozen=True, slots=True)
class Absent:
    """AWS was asked and answered that there is no such thing; `detail` says what was looked for."""

    source: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nobody knows: the read was denied, throttled, timed out, or never made.

    `missing_permission` is the IAM action that would have allowed it, when a denial is why it is unknown.
    """

    source: str
    reason: str
    missing_permission: str | None = None


type Fact[T] = Known[T] | Absent | Unknown

NOT_READ = Unknown(source="-", reason="not read")
"""The default of every fact that nothing asked for."""


def map_fact[T, U](fact: Fact[T], change: Callable[[T], U]) -> Fact[U]:
    """The same fact about something derived from its value."""
    return Known(change(fact.value), fact.source) if isinstance(fact, Known) else fact


def impossible(value: Never) -> Never:
    """Tells the type checker that every kind of fact has been handled."""
    raise AssertionError(f"unhandled fact: {value!r}")
