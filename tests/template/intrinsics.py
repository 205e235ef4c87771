"""What CloudFormation makes of its functions in a value."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Given:
    """The parameters as they were entered, and what comes of the conditions."""

    parameters: Mapping[str, str]
    conditions: Mapping[str, bool]


def resolved(value: object, given: Given) -> Any:
    """The value as a resource is created with it; other resources stand in it by their logical ids."""
    if isinstance(value, list):
        return [resolved(one, given) for one in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        [(name, argument)] = value.items()
        if name in _FUNCTIONS:
            return _FUNCTIONS[name](argument, given)
    return {name: resolved(one, given) for name, one in value.items()}


def _sub(argument: Any, given: Given) -> str:
    text, own = argument if isinstance(argument, list) else (argument, {})
    known = {**given.parameters, **{name: resolved(one, given) for name, one in own.items()}}
    return re.sub(r"\$\{([\w:.]+)}", lambda found: str(known.get(found[1], found[1])), text)


_FUNCTIONS: Mapping[str, Callable[[Any, Given], Any]] = {
    "Ref": lambda name, given: given.parameters.get(name, name),
    "Fn::GetAtt": lambda path, _: ".".join(path),
    "Fn::If": lambda argument, given: resolved(argument[1 if given.conditions[argument[0]] else 2], given),
    "Fn::Join": lambda argument, given: argument[0].join(resolved(argument[1], given)),
    "Fn::Split": lambda argument, given: resolved(argument[1], given).split(argument[0]),
    "Fn::Sub": _sub,
}
