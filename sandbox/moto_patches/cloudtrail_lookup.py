"""CloudTrail's LookupEvents over the events that the account keeps."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from moto.cloudtrail.responses import CloudTrailResponse
from moto.core.exceptions import JsonRESTError

from sandbox.behaviour import Behaviour
from sandbox.moto_patches.patching import replace

MOST = 50
ATTRIBUTES = frozenset(
    {
        "EventId",
        "EventName",
        "ReadOnly",
        "Username",
        "ResourceType",
        "ResourceName",
        "EventSource",
        "AccessKeyId",
    }
)
REGION = "_region"


def install(behaviour: Behaviour) -> None:
    """Adds the operation: newest first, filtered by time and by at most one attribute, in pages."""

    @replace(CloudTrailResponse)
    def lookup_events(self: Any) -> str:
        attributes = self._get_param("LookupAttributes", [])
        if len(attributes) > 1:
            raise JsonRESTError("InvalidLookupAttributesException", "Only one lookup attribute can be specified.")
        for attribute in attributes:
            if attribute["AttributeKey"] not in ATTRIBUTES:
                raise JsonRESTError("InvalidLookupAttributesException", "The lookup attribute is not valid.")
        size = self._get_int_param("MaxResults") or MOST
        if not 1 <= size <= MOST:
            raise JsonRESTError("InvalidMaxResultsException", "A max results value between 1 and 50 is expected.")
        start, end = (self._get_param("StartTime"), self._get_param("EndTime"))
        if start is not None and end is not None and moment(start) > moment(end):
            raise JsonRESTError("InvalidTimeRangeException", "Start time is after end time.")
        found = [
            event
            for event in behaviour.trail_events
            if event.get(REGION, self.region) == self.region
            if (start is None or moment(event["EventTime"]) >= moment(start))
            if (end is None or moment(event["EventTime"]) <= moment(end))
            if all(_has(event, a["AttributeKey"], a["AttributeValue"]) for a in attributes)
        ]
        found.sort(key=lambda event: moment(event["EventTime"]), reverse=True)
        first = _start(self._get_param("NextToken"))
        answer: dict[str, Any] = {"Events": [_shown(event) for event in found[first : first + size]]}
        if found[first + size :]:
            answer["NextToken"] = f"events-{first + size}"
        return json.dumps(answer)


def moment(value: Any) -> datetime:
    """A time in seconds since the epoch or in ISO 8601."""
    if isinstance(value, int | float):
        return datetime.fromtimestamp(value, UTC)
    parsed = datetime.fromisoformat(value)
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def _has(event: Mapping[str, Any], key: str, value: str) -> bool:
    if key in {"ResourceType", "ResourceName"}:
        return any(resource.get(key) == value for resource in event.get("Resources", ()))
    return str(event.get(key)) == value


def _shown(event: Mapping[str, Any]) -> dict[str, Any]:
    shown = {name: value for name, value in event.items() if name != REGION}
    shown["EventTime"] = moment(event["EventTime"]).timestamp()
    if not isinstance(shown.get("CloudTrailEvent", ""), str):
        shown["CloudTrailEvent"] = json.dumps(shown["CloudTrailEvent"])
    return shown


def _start(token: str | None) -> int:
    if token is None:
        return 0
    word, _, number = token.partition("-")
    if word != "events" or not number.isdigit():
        raise JsonRESTError("InvalidNextTokenException", "The next token is not valid.")
    return int(number)
