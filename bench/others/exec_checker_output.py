"""What amazon-ecs-exec-checker says is wrong: a checklist for people, in colours."""

import re

from bench.others.claims import Claim, UnreadableError, last_line, without_colours

_RED, _YELLOW = "\x1b[0;31m", "\x1b[1;33m"
_SAYS: tuple[tuple[str, frozenset[str]], ...] = (
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
_ENDS_WITH = "PidMode"


def of_exec_checker(output: str) -> tuple[Claim, ...]:
    """The lines that say that something is wrong.

    Raises:
        UnreadableError: it stopped before its last check.
    """
    if _ENDS_WITH not in output:
        raise UnreadableError(last_line(output))
    found = {}
    for pattern, causes in _SAYS:
        if match := re.search(pattern, output):
            found[causes] = Claim(without_colours(match[0]).strip(), causes)
    return tuple(found.values())
