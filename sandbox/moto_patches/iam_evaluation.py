"""IAM policy evaluation: statements against an action, a resource and a request context.

Written after "Policy evaluation logic" and "IAM JSON policy elements" of the IAM User Guide.
"""

import ipaddress
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

type Context = Mapping[str, Sequence[str]]
type Test = Callable[[str, str], bool]

_VARIABLE = re.compile(r"\$\{([^},]+)(?:,\s*'([^']*)')?\}")


class Decision(StrEnum):
    """EvalDecision of SimulatePrincipalPolicy."""

    ALLOWED = "allowed"
    EXPLICIT_DENY = "explicitDeny"
    IMPLICIT_DENY = "implicitDeny"


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy document, with the name under which a simulation shows it."""

    name: str
    document: Mapping[str, Any]
    kind: str = "IAM Policy"


@dataclass(slots=True)
class Verdict:
    """What a set of policies says: the decision, the policies that decided, and the context keys that were missing."""

    decision: Decision = Decision.IMPLICIT_DENY
    matched: list[Policy] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


def evaluate(policies: Iterable[Policy], action: str, resource: str, context: Context) -> Verdict:
    """One layer of policies: an explicit deny wins over any allow, and nothing is allowed that no statement allows."""
    verdict = Verdict()
    allows: list[Policy] = []
    denies: list[Policy] = []
    known = {key.lower(): values for key, values in context.items()}
    for policy in policies:
        for statement in _statements(policy.document):
            if not _covers(statement, action, resource, known):
                continue
            missing = [key for key in _condition_keys(statement) if key.lower() not in known]
            verdict.missing += [key for key in missing if key not in verdict.missing]
            if _conditions_hold(statement, known):
                (denies if statement.get("Effect") == "Deny" else allows).append(policy)
    if denies:
        verdict.decision, verdict.matched = Decision.EXPLICIT_DENY, denies
    elif allows:
        verdict.decision, verdict.matched = Decision.ALLOWED, allows
    return verdict


def _statements(document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from _several(document.get("Statement"))


def _several(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]


def _covers(statement: Mapping[str, Any], action: str, resource: str, context: Context) -> bool:
    if "Action" in statement:
        if not _any_action(statement["Action"], action):
            return False
    elif "NotAction" not in statement or _any_action(statement["NotAction"], action):
        return False
    if "Resource" in statement:
        return _any_resource(statement["Resource"], resource, context)
    if "NotResource" in statement:
        return not _any_resource(statement["NotResource"], resource, context)
    return True


def _any_action(patterns: Any, action: str) -> bool:
    return any(matches(pattern.lower(), action.lower()) for pattern in _several(patterns))


def _any_resource(patterns: Any, resource: str, context: Context) -> bool:
    filled = (substitute(pattern, context) for pattern in _several(patterns))
    return any(pattern is not None and _resource_matches(pattern, resource) for pattern in filled)


def _resource_matches(pattern: str, resource: str) -> bool:
    # A simulation for "*" asks about all resources: only a statement about all of them answers it.
    return pattern == "*" if resource == "*" else matches(pattern, resource)


def matches(pattern: str, text: str) -> bool:
    """IAM's wildcards: `*` for anything, `?` for one character, everything else literally."""
    return re.fullmatch(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "."), text, re.DOTALL) is not None


def substitute(pattern: str, context: Context) -> str | None:
    """Policy variables filled from the context; None when one has no value and no default."""
    missing = False

    def fill(match: re.Match[str]) -> str:
        nonlocal missing
        if match[1] in {"*", "?", "$"}:
            return match[1]
        values = context.get(match[1].strip().lower())
        if values:
            return values[0]
        if match[2] is None:
            missing = True
        return match[2] or ""

    filled = _VARIABLE.sub(fill, pattern)
    return None if missing else filled


def _condition_keys(statement: Mapping[str, Any]) -> list[str]:
    return [key for keys in (statement.get("Condition") or {}).values() for key in keys]


def _conditions_hold(statement: Mapping[str, Any], context: Context) -> bool:
    return all(
        _condition_holds(operator, key, [_text(v) for v in _several(values)], context)
        for operator, keys in (statement.get("Condition") or {}).items()
        for key, values in keys.items()
    )


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _condition_holds(operator: str, key: str, values: list[str], context: Context) -> bool:
    name = operator.rsplit(":", 1)[-1]
    for_all, for_any = operator.startswith("ForAllValues:"), operator.startswith("ForAnyValue:")
    present = context.get(key.lower())
    if name == "Null":
        return (present is None) == (values[:1] == ["true"])
    if present is None or (for_all and not present):
        if name.endswith("IfExists") or for_all:
            return True
        # Negated operators hold for a key that is not there.
        return _negated(name) and not for_any
    name = name.removesuffix("IfExists")
    test = TESTS.get(name.replace("Not", "", 1) if _negated(name) else name)
    if test is None:
        return False
    wanted = [filled for value in values if (filled := substitute(value, context)) is not None]

    def one(actual: str) -> bool:
        return any(test(actual, value) for value in wanted) != _negated(name)

    return all(one(actual) for actual in present) if for_all or _negated(name) else any(one(a) for a in present)


def _negated(name: str) -> bool:
    return "Not" in name and name != "Null"


def _number(compare: Callable[[float, float], bool]) -> Test:
    def test(actual: str, wanted: str) -> bool:
        try:
            return compare(float(actual), float(wanted))
        except ValueError:
            return False

    return test


def _date(compare: Callable[[datetime, datetime], bool]) -> Test:
    def test(actual: str, wanted: str) -> bool:
        try:
            return compare(_moment(actual), _moment(wanted))
        except ValueError:
            return False

    return test


def _moment(text: str) -> datetime:
    if text.isdigit():
        return datetime.fromtimestamp(int(text), UTC)
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _address(actual: str, wanted: str) -> bool:
    try:
        return ipaddress.ip_address(actual) in ipaddress.ip_network(wanted, strict=False)
    except ValueError:
        return False


def _arn(actual: str, wanted: str) -> bool:
    actual_parts, wanted_parts = actual.split(":", 5), wanted.split(":", 5)
    return len(actual_parts) == len(wanted_parts) and all(map(matches, wanted_parts, actual_parts))


TESTS: Mapping[str, Test] = {
    "StringEquals": lambda actual, wanted: actual == wanted,
    "StringEqualsIgnoreCase": lambda actual, wanted: actual.lower() == wanted.lower(),
    "StringLike": lambda actual, wanted: matches(wanted, actual),
    "ArnEquals": _arn,
    "ArnLike": _arn,
    "Bool": lambda actual, wanted: actual.lower() == wanted.lower(),
    "IpAddress": _address,
    "NumericEquals": _number(lambda a, w: a == w),
    "NumericLessThan": _number(lambda a, w: a < w),
    "NumericLessThanEquals": _number(lambda a, w: a <= w),
    "NumericGreaterThan": _number(lambda a, w: a > w),
    "NumericGreaterThanEquals": _number(lambda a, w: a >= w),
    "DateEquals": _date(lambda a, w: a == w),
    "DateLessThan": _date(lambda a, w: a < w),
    "DateLessThanEquals": _date(lambda a, w: a <= w),
    "DateGreaterThan": _date(lambda a, w: a > w),
    "DateGreaterThanEquals": _date(lambda a, w: a >= w),
}
