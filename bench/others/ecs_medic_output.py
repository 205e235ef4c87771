"""What ecs-medic says is the cause: the JSON of a report, or of a check."""

import json

from bench.others.claims import Claim, UnreadableError, last_line

_FOUND_NOTHING = frozenset({"healthy", "normal_operation", "unknown"})


def of_ecs_medic(output: str) -> tuple[Claim, ...]:
    """The verdict of a report, however sure, or the findings of a check that are more than `possible`.

    Raises:
        UnreadableError: it is neither.
    """
    try:
        said = json.loads(output)
        of_check = said["schema"].startswith("ecs-medic.check/")
        found = said["findings"] if of_check else [said["verdict"]]
    except (ValueError, KeyError, TypeError):
        raise UnreadableError(last_line(output)) from None
    return tuple(
        Claim(one["summary"], frozenset({one["cause"]}))
        for one in found
        if one["cause"] not in _FOUND_NOTHING and (not of_check or one["confidence"] in {"confirmed", "likely"})
    )
