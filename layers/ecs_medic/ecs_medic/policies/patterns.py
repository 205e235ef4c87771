"""Wildcards and policy variables, as IAM reads them.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html and
reference_policies_variables.html.
"""

import re
from collections.abc import Mapping

from ecs_medic.facts.secrets import UNKNOWN_SUFFIX, may_be_whole
from ecs_medic.policies.ternary import Ternary, all_of

_ARN_FIELDS = 6
_LITERALS = {"*", "?", "$"}
"""What `${*}`, `${?}` and `${$}` stand for: themselves."""
_VARIABLE = re.compile(r"\$\{([^{}]*)\}")
_TOKEN = re.compile(r"\$\{[^{}]*\}|[*?]")


def like(
    pattern: str, value: str, context: Mapping[str, str], *, ignore_case: bool = False, wildcards: bool = True
) -> Ternary:
    """Whether `value` matches `pattern`; undecided where a variable that `context` lacks decides.

    The pattern may hold `*`, `?` (unless `wildcards` is off: then they mean themselves) and `${variables}`.
    """
    open_variable = False
    pieces = [""]
    """Regular expressions of what stands between one star and the next."""
    position = 0
    for token in _TOKEN.finditer(pattern):
        pieces[-1] += re.escape(pattern[position : token.start()])
        position = token.end()
        variable = _VARIABLE.fullmatch(token.group())
        if variable is None:
            if not wildcards:
                pieces[-1] += re.escape(token.group())
            elif token.group() == "?":
                pieces[-1] += "."
            else:
                pieces.append("")
        elif variable[1] in _LITERALS:
            pieces[-1] += re.escape(variable[1])
        elif (bound := context.get(variable[1].partition(",")[0].strip().lower())) is not None:
            pieces[-1] += re.escape(bound)
        else:
            open_variable = True
            pieces.append("")
    pieces[-1] += re.escape(pattern[position:])
    expression = re.compile(_joined(pieces), re.DOTALL | (re.IGNORECASE if ignore_case else 0))
    if expression.fullmatch(value) is None:
        return False
    return None if open_variable else True


def _joined(pieces: list[str]) -> str:
    """Each piece at its first place after the one before, without going back: linear, however many stars there are."""
    first, *others = pieces
    if not others:
        return first
    *between, last = others
    return first + "".join(f"(?>.*?{piece})" for piece in between) + ".*" + last


def action_matches(pattern: str, action: str) -> Ternary:
    """Whether an `Action` element covers the action; names of services and actions have no case."""
    return like(pattern, action, {}, ignore_case=True)


def resource_matches(pattern: str, resource: str, context: Mapping[str, str]) -> Ternary:
    """Whether a `Resource` element covers the resource; IAM completes an ARN of too few fields with wildcards.

    Of a secret whose suffix nobody knows, an element that only some suffixes fit leaves it open.
    """
    if pattern.startswith("arn:") and (missing := _ARN_FIELDS - len(pattern.split(":"))) > 0:
        pattern += ":*" * missing
    covered = like(pattern, resource, context)
    if not resource.endswith(UNKNOWN_SUFFIX):
        return covered
    if covered is False and _may_cover(pattern, resource):
        return None
    written = resource.removesuffix(UNKNOWN_SUFFIX)
    if may_be_whole(written) and like(pattern, written, context) is not covered:
        # The ARN as it is written may be the whole of it, with a suffix that looks like a word.
        return None
    return covered


def _may_cover(pattern: str, resource: str) -> bool:
    """Whether there is a suffix with which the pattern covers the secret: or it is written without one, too."""
    wildcards = _VARIABLE.sub("*", pattern)
    return wildcards == resource.removesuffix(UNKNOWN_SUFFIX) or _overlap(wildcards, resource)


def _overlap(pattern: str, value: str) -> bool:
    """Whether the pattern matches the value with any character in place of each of the value's question marks."""
    places = _after_stars(pattern, {0})
    for character in value:
        fitting = {place for place in places if place < len(pattern) and _fits(pattern[place], character)}
        places = _after_stars(pattern, {place if pattern[place] == "*" else place + 1 for place in fitting})
    return len(pattern) in places


def _fits(wanted: str, character: str) -> bool:
    return wanted in {"*", "?", character} or character == "?"


def _after_stars(pattern: str, places: set[int]) -> set[int]:
    """The places, and those that a star, which may stand for nothing, lets one reach from them."""
    found = set(places)
    for place in places:
        following = place
        while following < len(pattern) and pattern[following] == "*":
            following += 1
            found.add(following)
    return found


def arn_matches(pattern: str, arn: str, context: Mapping[str, str]) -> Ternary:
    """ArnLike (which ArnEquals equals): each of the six fields of an ARN is compared by itself."""
    wanted, given = pattern.split(":", _ARN_FIELDS - 1), arn.split(":", _ARN_FIELDS - 1)
    if len(wanted) != len(given) or "${" in pattern:
        return like(pattern, arn, context)
    return all_of(like(part, value, context) for part, value in zip(wanted, given, strict=True))
