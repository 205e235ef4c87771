"""One question to AWS."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Call:
    """One question: `operation` as AWS spells it ("DescribeTasks").

    `items` names the answer's list where all its pages are wanted: the answer then holds that list, whole.
    """

    service: str
    operation: str
    params: Mapping[str, Any] = field(default_factory=dict)
    region: str | None = None
    items: str | None = None

    @property
    def name(self) -> str:
        """As facts, evidence and permissions name it: `service:Operation`."""
        return f"{self.service}:{self.operation}"
