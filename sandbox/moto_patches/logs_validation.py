"""CloudWatch Logs refuses what AWS refuses: other retentions than the listed ones, and other names."""

import re
from typing import Any

from moto.logs.exceptions import InvalidParameterException
from moto.logs.models import LogsBackend

from sandbox.moto_patches.patching import replace

# PutRetentionPolicy, API reference: possible values in days.
RETENTIONS = (
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731),
    *(1096, 1827, 2192, 2557, 2922, 3288, 3653),
)
NAME = re.compile(r"[\.\-_/#A-Za-z0-9]+")


def install() -> None:
    """Replaces the two operations."""
    create, put = LogsBackend.create_log_group, LogsBackend.put_retention_policy

    @replace(LogsBackend)
    def create_log_group(self: Any, log_group_name: str, *args: Any, **kwargs: Any) -> Any:
        if not NAME.fullmatch(log_group_name or ""):
            raise InvalidParameterException(
                constraint=r"Member must satisfy regular expression pattern: [\.\-_/#A-Za-z0-9]+",
                parameter="logGroupName",
                value=log_group_name,
            )
        return create(self, log_group_name, *args, **kwargs)

    @replace(LogsBackend)
    def put_retention_policy(self: Any, log_group_name: str, retention_in_days: Any) -> None:
        if retention_in_days not in RETENTIONS:
            allowed = ", ".join(str(days) for days in RETENTIONS)
            raise InvalidParameterException(
                constraint=f"Member must satisfy enum value set: [{allowed}]",
                parameter="retentionInDays",
                value=retention_in_days,
            )
        put(self, log_group_name, retention_in_days)
