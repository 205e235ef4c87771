"""What each tool says is the cause, read from its own output.

Which words stand for which causes is data. A tool that only says that something failed, however it puts it, has named
no cause; one that recommends a way to the right place without naming what is wrong there has not, either.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Answer(StrEnum):
    """How what a tool says compares with how the failure was built."""

    RIGHT = "right"
    """It names the cause; or nothing, where nothing is wrong."""
    AMONG_OTHERS = "among others"
    """What it says is the cause is another thing, but further down it names it."""
    WRONG = "wrong"
    """It names something else, or something where nothing is wrong."""
    SYMPTOM = "symptom only"
    """It says what failed, not why, or repeats AWS's own words for it."""
    SILENT = "nothing found"
    FAILED = "did not run"


@dataclass(frozen=True, slots=True)
class Claim:
    """Something that a tool says is wrong, in its own words; `causes` are those that it may mean.

    None of them: it says only that something failed (`is_symptom`), or something that was no cause in any scenario.
    `leads`: it is what the tool says is the cause, if the tool ranks what it found at all.
    """

    words: str
    causes: frozenset[str] = frozenset()
    is_symptom: bool = False
    leads: bool = True


class UnreadableError(Exception):
    """The tool did not come to an end of its own; the message is its last words."""


def answer(claims: tuple[Claim, ...], cause: str | None) -> Answer:
    """The judgement. A checklist that names the cause among other things, without an order, has named it."""
    leading = [claim for claim in claims if claim.leads]
    if cause is None:
        return Answer.WRONG if leading else Answer.RIGHT
    if any(cause in claim.causes for claim in leading):
        return Answer.RIGHT
    if any(cause in claim.causes for claim in claims):
        return Answer.AMONG_OTHERS
    if not leading:
        return Answer.SILENT
    return Answer.SYMPTOM if all(claim.is_symptom for claim in leading) else Answer.WRONG


# ------------------------------------------------------------------------------------------------- ecs-medic

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
        raise UnreadableError(_last_line(output)) from None
    return tuple(
        Claim(one["summary"], frozenset({one["cause"]}))
        for one in found
        if one["cause"] not in _FOUND_NOTHING and (not of_check or one["confidence"] in {"confirmed", "likely"})
    )


# ------------------------------------------------------------------------------- amazon-ecs-exec-checker

_RED, _YELLOW = "\x1b[0;31m", "\x1b[1;33m"
_CHECKER_SAYS: tuple[tuple[str, frozenset[str]], ...] = (
    (rf"Exec Enabled for Task  \| {re.escape(_RED)}NO", frozenset({"exec_not_enabled"})),
    (rf"{re.escape(_RED)}STOPPED \(Reason: .*", frozenset({"exec_agent_stopped"})),
    (rf"{re.escape(_YELLOW)}PENDING", frozenset({"exec_agent_pending"})),
    (rf"ssmmessages:\w+: {re.escape(_RED)}\w+", frozenset({"exec_task_role_lacks_ssmmessages"})),
    (rf"EC2 or Task Role       \| {re.escape(_RED)}Not Configured", frozenset({"exec_task_role_missing"})),
    (rf"ecs:ExecuteCommand: {re.escape(_RED)}\w+", frozenset({"exec_caller_denied"})),
    (rf"SSM PrivateLink \"{re.escape(_YELLOW)}\S+ not found", frozenset({"vpc_endpoint_missing"})),
    (rf"{re.escape(_RED)}ReadOnly", frozenset({"exec_readonly_root_filesystem"})),
    (rf"Platform Version       \| {re.escape(_RED)}\S+", frozenset({"exec_platform_too_old"})),
    (rf"ECS Agent Version      \| {re.escape(_RED)}\S+", frozenset({"exec_platform_too_old"})),
    (rf"AWS_\w+: {re.escape(_YELLOW)}defined", frozenset({"exec_static_aws_keys_in_container"})),
)
"""What it marks red, and of what it marks yellow that which could keep a session from opening.

Its advice (audit logging, an init process, that ssm:StartSession is allowed) and what it says about the machine that it
runs on are no causes.
"""
_CHECKER_ENDS_WITH = "PidMode"
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def of_exec_checker(output: str) -> tuple[Claim, ...]:
    """The lines that say that something is wrong.

    Raises:
        UnreadableError: it stopped before its last check.
    """
    if _CHECKER_ENDS_WITH not in output:
        raise UnreadableError(_last_line(output))
    found = {}
    for pattern, causes in _CHECKER_SAYS:
        if match := re.search(pattern, output):
            found[causes] = Claim(_COLOUR.sub("", match[0]).strip(), causes)
    return tuple(found.values())


# ---------------------------------------------------------------------------------------------- ecs-doctor

_DOCTOR_MEANS: Mapping[str, frozenset[str]] = {
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
_DOCTOR_SAYS_THAT_IT_FAILED = frozenset(
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
        raise UnreadableError(_last_line(output)) from None
    return tuple(
        Claim(words, _DOCTOR_MEANS.get(kind, frozenset()), kind in _DOCTOR_SAYS_THAT_IT_FAILED, kind in leading)
        for kind, words in found.items()
    )


def _last_line(output: str) -> str:
    lines = [line.strip() for line in _COLOUR.sub("", output).splitlines() if line.strip()]
    return lines[-1][:160] if lines else "it said nothing"
