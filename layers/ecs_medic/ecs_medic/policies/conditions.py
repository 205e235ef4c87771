"""The `Condition` element, judged where the request's context is known.

A key that the context lacks is *unknown*, never absent: whether the real request carries it cannot be told from here.
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

import ipaddress
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from ecs_medic.policies.patterns import arn_matches, like
from ecs_medic.policies.ternary import Ternary, all_of, any_of, negate

type _Test = Callable[[str, str, Mapping[str, str]], Ternary]
"""(policy's value, request's value, context): whether they agree."""


def conditions_hold(block: object, context: Mapping[str, str]) -> Ternary:
    """Whether all conditions of the block hold; `context` has lower-case keys."""
    if not isinstance(block, Mapping):
        return None
    answers: list[Ternary] = []
    for operator, keys in block.items():
        if not isinstance(keys, Mapping):
            return None
        answers.extend(_holds(str(operator), str(key).lower(), values, context) for key, values in keys.items())
    return all_of(answers)


def _holds(operator: str, key: str, values: object, context: Mapping[str, str]) -> Ternary:
    wanted = _strings(values)
    given = context.get(key)
    if wanted is None or given is None:
        return None
    name = operator.lower().removeprefix("foranyvalue:").removeprefix("forallvalues:")
    if name == "null":
        return any_of(value.lower() == "false" for value in wanted)
    # The context gives one value a key, so ...IfExists and the set operators come down to the plain operator.
    name = name.removesuffix("ifexists")
    if name in _OPERATORS:
        return any_of(_tested(_OPERATORS[name], value, given, context) for value in wanted)
    if name in _NEGATED:
        return negate(any_of(_tested(_NEGATED[name], value, given, context) for value in wanted))
    return None


def _tested(test: _Test, value: str, given: str, context: Mapping[str, str]) -> Ternary:
    try:
        return test(value, given, context)
    except (ValueError, OverflowError):  # not a number, a date or an address
        return None


def _strings(values: object) -> list[str] | None:
    items = values if isinstance(values, list | tuple) else [values]
    if not all(isinstance(item, str | int | float) for item in items):
        return None
    return [str(item).lower() if isinstance(item, bool) else str(item) for item in items]


def _equal(value: str, given: str, context: Mapping[str, str]) -> Ternary:
    return like(value, given, context, wildcards=False)


def _equal_ignoring_case(value: str, given: str, context: Mapping[str, str]) -> Ternary:
    return like(value, given, context, wildcards=False, ignore_case=True)


def _number(compare: Callable[[float, float], bool]) -> _Test:
    return lambda value, given, _: compare(float(given), float(value))


def _date(compare: Callable[[float, float], bool]) -> _Test:
    return lambda value, given, _: compare(_seconds(given), _seconds(value))


def _seconds(text: str) -> float:
    if text.isdecimal():
        return float(text)
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _in_network(value: str, given: str, _: Mapping[str, str]) -> Ternary:
    return ipaddress.ip_address(given) in ipaddress.ip_network(value, strict=False)


_OPERATORS: Mapping[str, _Test] = {
    "stringequals": _equal,
    "stringequalsignorecase": _equal_ignoring_case,
    "stringlike": like,
    "arnequals": arn_matches,
    "arnlike": arn_matches,
    "bool": _equal_ignoring_case,
    "ipaddress": _in_network,
    "numericequals": _number(lambda given, value: given == value),
    "numericlessthan": _number(lambda given, value: given < value),
    "numericlessthanequals": _number(lambda given, value: given <= value),
    "numericgreaterthan": _number(lambda given, value: given > value),
    "numericgreaterthanequals": _number(lambda given, value: given >= value),
    "dateequals": _date(lambda given, value: given == value),
    "datelessthan": _date(lambda given, value: given < value),
    "datelessthanequals": _date(lambda given, value: given <= value),
    "dategreaterthan": _date(lambda given, value: given > value),
    "dategreaterthanequals": _date(lambda given, value: given >= value),
}
_NEGATED: Mapping[str, _Test] = {
    "stringnotequals": _equal,
    "stringnotequalsignorecase": _equal_ignoring_case,
    "stringnotlike": like,
    "arnnotequals": arn_matches,
    "arnnotlike": arn_matches,
    "notipaddress": _in_network,
    "numericnotequals": _OPERATORS["numericequals"],
    "datenotequals": _OPERATORS["dateequals"],
}
