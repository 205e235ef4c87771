"""Texts that nearly match a regular expression, for ever: made from the expression itself.

A backtracking engine takes quadratic or exponential time where a repetition can be left at many places and what
follows never comes. So for each repetition: what leads up to it, its inside thousands of times, and an end that
matches nothing.
"""

import importlib
import pkgutil
import random
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from types import ModuleType
from typing import Any

LENGTH = 64 * 1024
_REPEATS = frozenset({codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT})
_CATEGORIES = {
    codes.CATEGORY_DIGIT: "7",
    codes.CATEGORY_SPACE: " ",
    codes.CATEGORY_WORD: "w",
    codes.CATEGORY_NOT_DIGIT: "d",
    codes.CATEGORY_NOT_SPACE: "s",
    codes.CATEGORY_NOT_WORD: "-",
}
_ALPHABET = "aZ5 -/:.=\"'\t\n_é"


type Use = Callable[[str], object]


def patterns_of(package: str) -> dict[str, tuple[re.Pattern[str], tuple[Use, ...]]]:
    """Every regular expression that a module of the package keeps, by both their names; and how it is used.

    An expression of which the module itself does not say so is used for searching, which takes longest.
    """
    root = importlib.import_module(package)
    found: dict[str, tuple[re.Pattern[str], tuple[Use, ...]]] = {}
    for info in pkgutil.walk_packages(root.__path__, f"{package}."):
        if not info.name.endswith("__main__"):
            found |= _kept(importlib.import_module(info.name))
    return found


def _kept(module: ModuleType) -> dict[str, tuple[re.Pattern[str], tuple[Use, ...]]]:
    found: dict[str, tuple[re.Pattern[str], tuple[Use, ...]]] = {}
    source = Path(str(module.__file__)).read_text("utf-8")
    for name, value in vars(module).items():
        uses = set(re.findall(rf"\b{name}\.(search|match|fullmatch|sub|findall|finditer|split)\b", source)) or {
            "search"
        }
        for index, pattern in enumerate(_patterns(value, 3)):
            if isinstance(pattern.pattern, str):
                anchored = [use for use in ("match", "fullmatch") if use in uses]
                ways = ["search"] if uses - {"match", "fullmatch"} else anchored
                found[f"{module.__name__}.{name}.{index}"] = pattern, tuple(getattr(pattern, way) for way in ways)
    return found


def _patterns(value: Any, depth: int) -> Iterator[re.Pattern[str]]:
    if isinstance(value, re.Pattern):
        yield value
    elif depth and isinstance(value, tuple | list | dict | frozenset):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _patterns(item, depth - 1)
    elif depth and hasattr(type(value), "__dataclass_fields__") and not isinstance(value, type):
        for name in type(value).__dataclass_fields__:
            yield from _patterns(getattr(value, name), depth - 1)


def near_misses(pattern: re.Pattern[str], length: int = LENGTH) -> Iterator[str]:
    """The texts for one expression, each of about that many characters."""
    parsed = parser.parse(pattern.pattern, pattern.flags)
    seen = set()
    for seed in range(2):
        chance = random.Random(seed)
        for prefix, body in _repeated(parsed, "", chance):
            if not body or (prefix, body) in seen:
                continue
            seen.add((prefix, body))
            yield f"{prefix}{body * (length // len(body))}\x00"
            whole = f"{prefix}{body}"
            yield whole * (length // len(whole))
            if prefix:
                yield f"{prefix * (length // len(prefix))}\x00"


def _repeated(parsed: Iterable[tuple[Any, Any]], prefix: str, chance: random.Random) -> Iterator[tuple[str, str]]:
    """Of each repetition: what stands before it, and its inside once."""
    for code, what in parsed:
        for inside in _insides(code, what):
            if code in _REPEATS:
                yield prefix, _sample(inside, chance)
            yield from _repeated(inside, prefix, chance)
        if code is not codes.ASSERT_NOT:
            prefix += _one(code, what, chance)


def _insides(code: Any, what: Any) -> list[Any]:
    if code in _REPEATS:
        return [what[2]]
    if code is codes.SUBPATTERN:
        return [what[3]]
    if code is codes.BRANCH:
        return list(what[1])
    if code is codes.ATOMIC_GROUP:
        return [what]
    return [what[1]] if code in {codes.ASSERT, codes.ASSERT_NOT} else []


def _sample(parsed: Iterable[tuple[Any, Any]], chance: random.Random) -> str:
    return "".join(_one(code, what, chance) for code, what in parsed)


def _one(code: Any, what: Any, chance: random.Random) -> str:  # noqa: PLR0911 - one for each kind of part
    """A text that this part of an expression matches."""
    if code is codes.LITERAL:
        return chr(what)
    if code is codes.NOT_LITERAL:
        return "b" if what == ord("a") else "a"
    if code is codes.ANY:
        return chance.choice("ab ")
    if code is codes.IN:
        return _of_class(what, chance)
    if code in _REPEATS:
        return _sample(what[2], chance) * max(int(what[0]), 1)
    if code is codes.ASSERT and what[0] > 0:
        return ""
    insides = _insides(code, what) if code not in {codes.ASSERT, codes.ASSERT_NOT} else []
    return _sample(chance.choice(insides), chance) if insides else ""


def _of_class(items: list[tuple[Any, Any]], chance: random.Random) -> str:
    if items[0][0] is codes.NEGATE:
        text = [one for one in _ALPHABET if not any(_in(one, item) for item in items[1:])]
        return chance.choice(text) if text else "\u2603"
    code, what = chance.choice(items)
    if code is codes.LITERAL:
        return chr(what)
    return chr(what[0]) if code is codes.RANGE else str(_CATEGORIES[what])


def _in(character: str, item: tuple[Any, Any]) -> bool:
    code, what = item
    if code is codes.LITERAL:
        return bool(ord(character) == what)
    if code is codes.RANGE:
        return bool(what[0] <= ord(character) <= what[1])
    is_space, is_digit = character.isspace(), character.isdigit()
    is_word = character.isalnum() or character == "_"
    found: bool = {
        codes.CATEGORY_SPACE: is_space,
        codes.CATEGORY_NOT_SPACE: not is_space,
        codes.CATEGORY_DIGIT: is_digit,
        codes.CATEGORY_NOT_DIGIT: not is_digit,
        codes.CATEGORY_WORD: is_word,
        codes.CATEGORY_NOT_WORD: not is_word,
    }[what]
    return found
