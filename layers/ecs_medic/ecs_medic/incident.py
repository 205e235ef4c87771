"""What happened, where and when, before anyone has looked at the account."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from ecs_medic.facts.ecs import Task
from ecs_medic.vocabulary import Id


class Kind(StrEnum):
    """Where the words come from; `explain` takes the same kinds."""

    STOPPED_TASK = "stopped_task"
    EXEC_ERROR = "exec_error"
    SERVICE_EVENT = "service_event"
    ECR_PUSH = "ecr_push"
    API_CALL = "api_call"
    """A call of ECS that its caller may not make; ExecuteCommand has a kind of its own."""
    ON_DEMAND = "on_demand"


REFUSED_CALLS = frozenset({Kind.ECR_PUSH, Kind.API_CALL})
"""The kinds that are about one call and its caller, and about nothing that runs."""


class SymptomConfidence(StrEnum):
    """How sure the reading of a message is; `certain` must be right 99 times in 100."""

    CERTAIN = "certain"
    LIKELY = "likely"
    UNKNOWN = "unknown"


class Severity(StrEnum):
    """How bad a failure is for those whom the service serves."""

    CRITICAL = "critical"
    WARNING = "warning"
    NOTICE = "notice"


@dataclass(frozen=True, slots=True)
class Message:
    """The words and codes that AWS, docker or a client gave for one failure.

    For every kind but a stopped task the whole message is in `stopped_reason`.
    """

    kind: Kind = Kind.STOPPED_TASK
    stop_code: str | None = None
    stopped_reason: str | None = None
    container_reason: str | None = None
    exit_code: int | None = None
    launch_type: str | None = None
    error_code: str | None = None
    in_service: bool | None = None
    """Whether the task belongs to a service; None where nobody knows. A clean exit is normal only outside of one."""


@dataclass(frozen=True, slots=True)
class ExecAttempt:
    """A person's or program's call of ecs:ExecuteCommand, as CloudTrail recorded it. The command itself is not kept.

    `task` and `container` are what the caller named: an id or an ARN, or nothing.
    """

    caller_arn: str | None
    task: str | None
    container: str | None
    source_ip: str | None = None
    issuer_arn: str | None = None
    """The role that the caller's session is of, with its path, which the session's own ARN leaves out."""

    @property
    def principal_arn(self) -> str | None:
        """The user or role whose policies decide; None for the root user and for whatever else is neither."""
        return principal_of(self.caller_arn, self.issuer_arn)


@dataclass(frozen=True, slots=True)
class RefusedCall:
    """A call of ECR for a push, or of ECS, that AWS refused, as CloudTrail recorded it.

    `service` and `operation` are "ecs" and "UpdateService". `repository`, `registry` (the account that owns it) and
    `tag` are those of a push; `registry` is None where neither the event nor AWS's words name it. `denied_action` and
    `denied_resource` are what AWS's words say was denied, which can be another call on the way. `context` are condition
    keys that the request is known to have carried, with their values.
    """

    service: str
    operation: str
    caller_arn: str | None
    issuer_arn: str | None = None
    source_ip: str | None = None
    registry: str | None = None
    repository: str | None = None
    tag: str | None = None
    denied_action: str | None = None
    denied_resource: str | None = None
    context: Mapping[str, str] = field(default_factory=dict)

    @property
    def action(self) -> str:
        """The IAM action by which the call is asked for."""
        return f"{self.service}:{self.operation}"

    @property
    def about(self) -> str:
        """The shortest name for what it was for: the repository, else the call itself."""
        return self.repository or self.operation

    @property
    def principal_arn(self) -> str | None:
        """The user or role whose policies decide; None for the root user and for whatever else is neither."""
        return principal_of(self.caller_arn, self.issuer_arn)


def principal_of(caller_arn: str | None, issuer_arn: str | None) -> str | None:
    """The user or role behind a caller; a role's session is its issuer's, whose path the session's ARN leaves out."""
    for arn in (issuer_arn, caller_arn):
        kind, _, name = (arn or "").split(":", 5)[-1].partition("/")
        if kind in {"role", "user"} and name:
            return arn
        fields = (arn or "").split(":", 5)
        if len(fields) == 6 and kind == "assumed-role" and name:
            return f"arn:{fields[1]}:iam::{fields[4]}:role/{name.split('/')[0]}"
    return None


@dataclass(frozen=True, slots=True)
class Incident:
    """One failure to explain.

    `cluster` is the cluster's name, empty where a refused call names none. `task` is the task as the event itself
    showed it. `can_end` marks an event that may end an earlier incident (steady state, deployment completed) and opens
    none.
    """

    kind: Kind
    account: str
    region: str
    cluster: str
    symptom: Id
    symptom_confidence: SymptomConfidence
    message: Message
    occurred_at: datetime
    partition: str = "aws"
    service: str | None = None
    task_arn: str | None = None
    task_definition_arn: str | None = None
    launch_type: str | None = None
    task: Task | None = None
    exec_attempt: ExecAttempt | None = None
    refused_call: RefusedCall | None = None
    deployment_id: str | None = None
    can_end: bool = False
    event_key: str | None = None
    """What two deliveries of one event have in common: the task's ARN and version, else the event's own id."""

    @property
    def task_definition(self) -> str | None:
        """`family:revision`."""
        return self.task_definition_arn.rsplit("/", 1)[-1] if self.task_definition_arn else None

    @property
    def family(self) -> str | None:
        """The task definition family, without its revision."""
        return self.task_definition.rsplit(":", 1)[0] if self.task_definition else None

    @property
    def fingerprint(self) -> str:
        """What repeated failures have in common: never a task id, never a time."""
        subject = self.service or self.family or "-"
        if self.refused_call:
            # Two callers, or two calls of one, are two matters; the many calls of one push are the same one.
            call = self.refused_call
            what = call.about if self.kind is Kind.ECR_PUSH else call.action
            subject = f"{subject} {what} {call.principal_arn or call.caller_arn or '-'}"
        return "|".join((self.account, self.region, self.cluster, subject, self.symptom))

    @property
    def subject(self) -> str:
        """What failed, by the name that says most: the task, the service, the cluster; what a refused call was for."""
        about = self.refused_call.about if self.refused_call else ""
        return self.task_arn or self.service or about or self.cluster

    @property
    def caller_arn(self) -> str | None:
        """Who made the call that failed, where it was one."""
        call = self.refused_call or self.exec_attempt
        return call.caller_arn if call else None

    @property
    def id(self) -> str:
        """A short name for the fingerprint, fit for a log line, a table key and a Slack message."""
        return "inc-" + hashlib.sha256(self.fingerprint.encode("utf-8", "replace")).hexdigest()[:12]
