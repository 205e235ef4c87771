"""A change's parameters, taken out with the type that they were put in with."""

from collections.abc import Mapping, Sequence

from ecs_medic.finding import JsonValue

type Params = Mapping[str, JsonValue]


class BadParamsError(ValueError):
    """A change lacks a parameter, or has one of another kind: it was not planned by this version."""


def text(params: Params, name: str) -> str:
    """A text that has to be there.

    Raises:
        BadParamsError: it is not.
    """
    value = params.get(name)
    if not isinstance(value, str) or not value:
        raise BadParamsError(f"{name}: expected a text, got {value!r}")
    return value


def optional_text(params: Params, name: str) -> str | None:
    """A text, where there is one."""
    value = params.get(name)
    return value if isinstance(value, str) and value else None


def texts(params: Params, name: str) -> tuple[str, ...]:
    """A list of texts; an empty one where there is none."""
    value = params.get(name)
    if not isinstance(value, Sequence) or isinstance(value, str):
        return ()
    return tuple(one for one in value if isinstance(one, str))


def number(params: Params, name: str, otherwise: int) -> int:
    """A whole number."""
    value = params.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else otherwise


def flag(params: Params, name: str) -> bool:
    """Whether it is switched on."""
    return params.get(name) is True
