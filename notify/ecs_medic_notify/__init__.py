"""Says from inside an Amazon ECS task which task is speaking, and posts it to Slack.

Needs nothing but Python 3.9 or later:

    from ecs_medic_notify import notify
    notify("import finished")
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ecs_medic_notify.endpoint import Metadata, metadata
    from ecs_medic_notify.errors import BadInputError, MetadataError, SlackError
    from ecs_medic_notify.identity import Identity, identity_of
    from ecs_medic_notify.notice import Notice, notify
    from ecs_medic_notify.task import Container, Limits, Network, Task

__all__ = [
    "BadInputError",
    "Container",
    "Identity",
    "Limits",
    "Metadata",
    "MetadataError",
    "Network",
    "Notice",
    "SlackError",
    "Task",
    "identity_of",
    "metadata",
    "notify",
]

_HOMES = {
    "endpoint": ("Metadata", "metadata"),
    "errors": ("BadInputError", "MetadataError", "SlackError"),
    "identity": ("Identity", "identity_of"),
    "notice": ("Notice", "notify"),
    "task": ("Container", "Limits", "Network", "Task"),
}


def __getattr__(name: str) -> object:
    """Import on first use: the script `ecs-medic` must not wait for what another command needs."""
    for module, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f"{__name__}.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
