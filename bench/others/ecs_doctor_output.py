"""What ecs-doctor says is the cause: its JSON, with one root cause and other findings."""

import json
from collections.abc import Mapping

from bench.others.claims import Claim, UnreadableError, last_line

_MEANS: Mapping[str, frozenset[str]] = {
    "oom_killed": frozenset({"container_out_of_memory"}),
    "network_connectivity": frozenset(
        {"vpc_endpoint_missing", "no_route_to_internet", "task_security_group_blocks_egress"}
    ),
    "network_acl_deny": frozenset({"network_acl_blocks"}),
    "non_zero_exit": frozenset({"app_exited", "app_crashed"}),
    "log_crash_signature": frozenset({"app_exited", "app_crashed"}),
    "missing_execution_role": frozenset({"execution_role_missing"}),
    "container_start_failure": frozenset({"entrypoint_not_found"}),
    "efs_mount_failure": frozenset({"efs_unreachable", "efs_dns_failed", "efs_mount_failed"}),
}
"""By the type of a finding."""
_SAYS_THAT_IT_FAILED = frozenset(
    {
        "deployment_rollback",
        "deployment_stall",
        "essential_container_exited",
        "image_pull_failure",
        "secrets_init_failure",
        "task_failed_to_start",
        "task_thrashing",
    }
)


def of_ecs_doctor(output: str) -> tuple[Claim, ...]:
    """Its one root cause, which it gives as the findings that speak for it, and its other findings.

    Raises:
        UnreadableError: it gave no report.
    """
    try:
        said = json.loads(output)
        leading = {one["type"] for one in said["root_cause"]["evidence"]}
        found = {one["type"]: one["message"] for one in said["all_findings"]}
    except (ValueError, KeyError, TypeError):
        raise UnreadableError(last_line(output)) from None
    return tuple(
        Claim(words, _MEANS.get(kind, frozenset()), kind in _SAYS_THAT_IT_FAILED, kind in leading)
        for kind, words in found.items()
    )
