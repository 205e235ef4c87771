"""A trail without selectors of its own logs all management events, and GetEventSelectors says so.

Source: https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetEventSelectors.html
"""

from typing import Any

from moto.cloudtrail.models import Trail

from sandbox.moto_patches.patching import replace

DEFAULT = {
    "ReadWriteType": "All",
    "IncludeManagementEvents": True,
    "DataResources": [],
    "ExcludeManagementEventSources": [],
}


def install() -> None:
    """Replaces the operation's answer."""

    @replace(Trail)
    def get_event_selectors(self: Any) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        if self.event_selectors or self.advanced_event_selectors:
            return self.event_selectors, self.advanced_event_selectors
        return [dict(DEFAULT)], []
