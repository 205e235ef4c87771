"""What the values mean that the stack and the operator say about repairs; each is read by itself, or refused."""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from ecs_medic.plan import Action
from ecs_medic.remedies.prices import (
    ENDPOINT_HOUR,
    EVERY_REGION,
    NAT_GATEWAY_HOUR,
    NAT_INSTANCE_HOUR,
    PUBLIC_ADDRESS_HOUR,
    Prices,
)
from ecs_medic.repair.mode import Mode

_APPROVER = re.compile(r"[USW][A-Z0-9]{2,30}")
_CLUSTER = re.compile(r"[A-Za-z0-9_*-]{1,255}")
_TAG_KEY = re.compile(r"[A-Za-z0-9 _.:/=+@-]{1,128}")
_POLICY = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:policy/[\w+=,.@/-]{1,512}", re.ASCII)
_NAT_PRICES = ("nat_gateway", "nat_gateway_gb", "nat_instance")
_PRICE = re.compile(
    r"(public_address|nat_gateway(?:_gb)?|nat_instance|[a-z]{2}(?:-[a-z]+)+-\d)=(\d{1,3}(?:\.\d{1,6})?)", re.ASCII
)
_LONGEST_WHY = 300
_RETENTION_DAYS = frozenset(
    {1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653}
)
"""Source: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html"""


class BadValueError(ValueError):
    """A value cannot be used; the message says what was expected."""


@dataclass(frozen=True, slots=True)
class _Bounds:
    """A finite number within bounds, both included."""

    least: float
    most: float
    whole: bool = False

    def __call__(self, value: Any) -> float:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or not math.isfinite(value) or (self.whole and value != int(value)):
            raise self._bad(value)
        if not self.least <= value <= self.most:
            raise self._bad(value)
        return int(value) if self.whole else float(value)

    def _bad(self, value: Any) -> BadValueError:
        kind = "a whole number" if self.whole else "a number"
        return BadValueError(f"expected {kind} from {self.least:g} to {self.most:g}, got {_shown(value)}")


def mode(value: Any) -> Mode:
    """How much may be done."""
    try:
        return Mode(value)
    except ValueError:
        raise BadValueError(f"expected observe, ask or auto, got {_shown(value)}") from None


def limit(value: Any) -> Mode:
    """How much of one kind of change may be done."""
    if not isinstance(value, str) or value not in {"off", "ask", "auto"}:
        raise BadValueError(f"expected off, ask or auto, got {_shown(value)}")
    return Mode.OBSERVE if value == "off" else Mode(value)


def action(value: Any) -> Action:
    """One kind of change."""
    try:
        return Action(value)
    except ValueError:
        raise BadValueError(f"expected one of {', '.join(Action)}, got {_shown(value)}") from None


def actions(value: Any) -> Mapping[Action, Mode]:
    """How much of some kinds of changes may be done."""
    if not isinstance(value, Mapping):
        raise BadValueError(f"expected an object, got {_shown(value)}")
    return {action(name): limit(one) for name, one in value.items()}


def auto_actions(value: Any) -> Mapping[Action, Mode]:
    """The kinds of changes that may be made unattended too."""
    return dict.fromkeys(map(action, _texts(value)), Mode.AUTO)


def approvers(value: Any) -> tuple[str, ...]:
    """Ids of Slack's users and user groups."""
    return tuple(_matching(one, _APPROVER, "ids of Slack users (U…) and user groups (S…)") for one in _texts(value))


def tag_keys(value: Any) -> tuple[str, ...]:
    """Keys of tags."""
    return tuple(_matching(one, _TAG_KEY, "keys of tags") for one in _texts(value))


def truth(value: Any) -> bool:
    """Yes or no."""
    if not isinstance(value, bool):
        raise BadValueError(f"expected true or false, got {_shown(value)}")
    return value


def cluster(value: Any) -> str:
    """The name of a cluster, or a pattern with * for several."""
    return _matching(value, _CLUSTER, "the name of a cluster, which may hold *")


def retention_days(value: Any) -> int:
    """Days that a log group may keep its lines."""
    if not isinstance(value, int) or isinstance(value, bool) or value not in _RETENTION_DAYS:
        raise BadValueError(f"expected a number of days that CloudWatch Logs knows, got {_shown(value)}")
    return value


def exec_policy_arn(value: Any) -> str | None:
    """The stack's own policy; None where it is empty."""
    return None if value == "" else _matching(value, _POLICY, "the ARN of an IAM policy")


def prices(value: Any) -> Prices:
    """The operator's own prices, such as `eu-west-3=0.011,nat_gateway=0.045`, and the list's for all others."""
    found = [_PRICE.fullmatch(one) for one in value.split(",")] if isinstance(value, str) and value else []
    if not isinstance(value, str) or None in found:
        raise BadValueError(f"expected REGION=DOLLARS with commas between, got {_shown(value)}")
    own = {one[1]: float(one[2]) for one in found if one is not None}
    address = own.pop("public_address", PUBLIC_ADDRESS_HOUR)
    nat = {name: {EVERY_REGION: own.pop(name)} if name in own else {} for name in _NAT_PRICES}
    return Prices(
        endpoint_hour=MappingProxyType({**ENDPOINT_HOUR, **own}),
        public_address_hour=address,
        nat_gateway_hour=MappingProxyType({**NAT_GATEWAY_HOUR, **nat["nat_gateway"]}),
        nat_gateway_gb=MappingProxyType({**NAT_GATEWAY_HOUR, **nat["nat_gateway_gb"]}),
        nat_instance_hour=MappingProxyType({**NAT_INSTANCE_HOUR, **nat["nat_instance"]}),
    )


def stopped(value: Any) -> str:
    """Why, by whom and since when repairs are stopped. Whatever is there stops them, also what cannot be read."""
    said = value if isinstance(value, Mapping) else {}
    why, by, at = (_line(said.get(name)) for name in ("why", "by", "at"))
    told = ", ".join(filter(None, (by, at)))
    return f"{why or 'no reason is given'}{f' ({told})' if told else ''}"


_OF_BOTH: Mapping[str, Callable[[Any], Any]] = MappingProxyType(
    {
        "mode": mode,
        "actions": actions,
        "max_monthly_cost_usd": _Bounds(0, 99_999.99),
        "attempts": _Bounds(0, 100, whole=True),
        "window_hours": _Bounds(1, 720),
        "cool_down_minutes": _Bounds(0, 10_080),
        "approval_hours": _Bounds(0.25, 48),
        "approvers": approvers,
        "owner_tag_keys": tag_keys,
        "stopped": stopped,
    }
)
OPERATOR_FIELDS = _OF_BOTH
"""What the operator may say, and how it is read: each raises BadValueError for what cannot be used."""
STACK_FIELDS: Mapping[str, Callable[[Any], Any]] = MappingProxyType(
    {
        **_OF_BOTH,
        "auto_actions": auto_actions,
        "cluster": cluster,
        "untagged_is_free": truth,
        "retention_days": retention_days,
        "prices": prices,
        "exec_policy_arn": exec_policy_arn,
    }
)
"""What the stack may say, and how it is read."""


def _texts(value: Any) -> list[str]:
    """A list of texts, without those that are empty: of an empty parameter, one is left."""
    if not isinstance(value, list | tuple) or not all(isinstance(one, str) for one in value):
        raise BadValueError(f"expected a list of texts, got {_shown(value)}")
    return [one for one in value if one]


def _matching(value: Any, pattern: re.Pattern[str], expected: str) -> str:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise BadValueError(f"expected {expected}, got {_shown(value)}")
    return value


def _line(value: Any) -> str:
    return " ".join(value.split())[:_LONGEST_WHY].rstrip(".") if isinstance(value, str) else ""


def _shown(value: Any) -> str:
    return repr(value)[:60]
