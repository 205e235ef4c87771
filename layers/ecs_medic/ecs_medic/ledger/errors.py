"""Why something was not written."""

from collections.abc import Mapping
from dataclasses import dataclass

type Value = str | int | bytes | bool
type Item = Mapping[str, Value]
"""The attributes of one item. Numbers are whole; an attribute that is None is not written."""


class LedgerError(Exception):
    """The ledger did not do what it was asked."""


class ConditionFailed(LedgerError):  # noqa: N818 - named after what happened
    """The item is not as the condition wants it; `item` is as it was, None where there is none."""

    def __init__(self, item: Item | None) -> None:
        self.item = item
        super().__init__("the item is not as the condition wants it")


@dataclass(frozen=True, slots=True)
class Reason:
    """What one write of a cancelled transaction met: the condition failed, or nothing. `item` is as it was."""

    failed: bool
    item: Item | None


class TransactionCancelled(LedgerError):  # noqa: N818 - named after what happened
    """At least one condition of a transaction failed, so nothing was written; `reasons` are in the writes' order."""

    def __init__(self, reasons: tuple[Reason, ...]) -> None:
        self.reasons = reasons
        super().__init__("a condition of the transaction failed")


class LedgerBusy(LedgerError):  # noqa: N818 - named after what happened
    """Conflicts, throttling or an unreachable table outlasted every retry. Trying the same event again is safe."""


class LedgerRefused(LedgerError):  # noqa: N818 - named after what happened
    """The table does not exist, or this role may not use it; `code` is DynamoDB's own word."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(f"{code}: {message}")


class LeaseLost(LedgerError):  # noqa: N818 - named after what happened
    """This run took too long and somebody else attends to it by now: nothing was written, nothing is left to do."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} is attended to by another run")
