"""What a million events cost, and how far behind a channel falls that is told of each.

The prices and the assumptions are data, in prices.json, each with its source or its reason.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

MILLION = 1_000_000
_DATA = Path(__file__).with_name("prices.json")
_KILOBYTE = 1024
_TRANSACTIONAL = 2
"""A write within a transaction takes twice the units.

Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html
"""


@dataclass(frozen=True, slots=True)
class Prices:
    """US dollars each, by what is paid for, and the assumptions by name."""

    usd: Mapping[str, float]
    assumed: Mapping[str, float]

    @classmethod
    def read(cls) -> Self:
        """Those of prices.json."""
        data: dict[str, Any] = json.loads(_DATA.read_text())
        usd = {name: one["usd"] / one["per"] for name, one in data["prices"].items()}
        return cls(usd, {name: one["value"] for name, one in data["assumptions"].items()})


@dataclass(frozen=True, slots=True)
class Event:
    """What one event takes.

    - `own_milliseconds` is processor time on one whole processor, `waiting_milliseconds` what is waited for others.
    - `write_units` are DynamoDB's, `log_bytes` what the function itself writes.
    """

    megabytes: int
    architecture: str
    own_milliseconds: float
    waiting_milliseconds: float
    write_units: float
    log_bytes: float
    traced: bool


def bill(event: Event, prices: Prices) -> dict[str, float]:
    """Dollars for a million such events, by what is paid for."""
    usd, assumed = prices.usd, prices.assumed
    # Lambda charges whole milliseconds.
    milliseconds = -(-_billed(event, assumed) // 1)
    gb_seconds = event.megabytes / _KILOBYTE * milliseconds / 1000
    gigabytes = (event.log_bytes + assumed["system_log_bytes"]) / _KILOBYTE**3
    return {
        "EventBridge, events of AWS": MILLION * usd["eventbridge_aws_event"],
        "Lambda, requests": MILLION * usd["lambda_request"],
        "Lambda, time": MILLION * gb_seconds * usd[f"lambda_gb_second_{event.architecture}"],
        "DynamoDB, writes": MILLION * event.write_units * usd["dynamodb_write_unit"],
        "CloudWatch, logs": MILLION * gigabytes * usd["logs_gigabyte"],
        "X-Ray, traces": MILLION * assumed["traced_share"] * usd["xray_trace"] if event.traced else 0.0,
    }


def notifier(prices: Prices) -> Event:
    """What a function takes that posts a message for each event, and remembers nothing."""
    assumed = prices.assumed
    return Event(
        megabytes=int(assumed["notifier_megabytes"]),
        architecture="arm64",
        own_milliseconds=assumed["notifier_own_milliseconds"],
        waiting_milliseconds=assumed["slack_milliseconds"],
        write_units=0,
        log_bytes=0,
        traced=False,
    )


def hours_behind(messages: int, prices: Prices) -> float:
    """How much later than its event the last of so many messages can be in one channel."""
    assumed = prices.assumed
    return max(0.0, messages / assumed["slack_messages_a_second"] / 3600 - assumed["storm_hours"])


def write_units(*item_bytes: int) -> int:
    """What writing items of these sizes takes in one transaction."""
    return sum(_TRANSACTIONAL * max(1, -(-size // _KILOBYTE)) for size in item_bytes)


def item_bytes(item: Mapping[str, Mapping[str, Any]]) -> int:
    """About how large DynamoDB takes an item of texts, numbers and bytes to be.

    Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
    """
    return sum(len(name.encode()) + _value_bytes(value) for name, value in item.items())


def _value_bytes(value: Mapping[str, Any]) -> int:
    ((kind, content),) = value.items()
    match kind:
        case "N":
            return (len(content.lstrip("-")) + 1) // 2 + 1
        case "S":
            return len(content.encode())
        case "B":
            return len(content)
        case _:
            return 1


def _billed(event: Event, assumed: Mapping[str, float]) -> float:
    share = min(1.0, event.megabytes / assumed["megabytes_of_one_processor"])
    return event.own_milliseconds / share + event.waiting_milliseconds
