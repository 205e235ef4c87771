"""How the patches attach to moto's classes."""

from collections.abc import Callable
from typing import Any


def replace(owner: type, name: str | None = None) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Decorator: puts the function in the place of the method (or adds it), by default under its own name."""

    def put(function: Callable[..., Any]) -> Callable[..., Any]:
        setattr(owner, name or function.__name__, function)
        return function

    return put


def replace_property(owner: type) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Decorator: the same for a read-only property."""

    def put(function: Callable[..., Any]) -> Callable[..., Any]:
        setattr(owner, function.__name__, property(function))
        return function

    return put


def truthy(attribute: Any) -> bool:
    """Moto keeps some attributes as booleans and some as the text that was sent."""
    return str(attribute).lower() == "true"
