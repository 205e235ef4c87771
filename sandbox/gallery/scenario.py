"""What a scenario of the gallery is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.gallery.workbench import Workbench
from sandbox.json_types import Json


@dataclass(frozen=True, slots=True)
class Scenario:
    """A failure that was built in the embedded account, the event it gave, and what a diagnosis ought to find.

    `cause` is the id that ranks first and `params` what it must carry at least; `also` are further causes that a
    diagnosis may name beside it. `confidence` and `action` are those of a right report: `confirmed` where the account's
    state shows the cause, `likely` where only the event says it; where the action is `resolve` there may be no verdict
    at all. `resources` are ids of what was built, by role: `vpc`, `endpoint:ecr.dkr` …
    """

    name: str
    title: str
    trigger: str
    event: Mapping[str, Any]
    cause: str
    cluster: str
    service: str | None
    params: Mapping[str, Json] = field(default_factory=dict)
    also: tuple[str, ...] = ()
    confidence: str = "confirmed"
    action: str = "alert"
    resources: Mapping[str, str] = field(default_factory=dict)


type Builder = Callable[[Workbench], Scenario]
