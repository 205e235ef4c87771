"""What would be changed to repair an incident, and what was changed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from ecs_medic.finding import JsonValue


class Action(StrEnum):
    """Everything that this system can change."""

    CREATE_VPC_ENDPOINT = "create_vpc_endpoint"
    MODIFY_VPC_ENDPOINT = "modify_vpc_endpoint"
    AUTHORIZE_ENDPOINT_INGRESS = "authorize_endpoint_ingress"
    AUTHORIZE_TASK_EGRESS = "authorize_task_egress"
    CREATE_LOG_GROUP = "create_log_group"
    ENABLE_EXECUTE_COMMAND = "enable_execute_command"
    ENABLE_PUBLIC_IP = "enable_public_ip"
    ATTACH_EXEC_POLICY = "attach_exec_policy"
    MODIFY_VPC_DNS = "modify_vpc_dns"
    FORCE_NEW_DEPLOYMENT = "force_new_deployment"
    REPLACE_TASK = "replace_task"
    RECHECK_LATER = "recheck_later"


class Safety(StrEnum):
    """Whether a change may run unattended where policy allows it, or only behind an approval."""

    AUTO = "auto"
    ASK = "ask"


@dataclass(frozen=True, slots=True)
class Change:
    """One change; the cost is in US dollars a month, None where it is not known."""

    action: Action
    params: Mapping[str, JsonValue]
    safety: Safety
    monthly_cost_usd: float | None
    blast_radius: str


def change_to_json(change: Change) -> dict[str, Any]:
    """The change as it is stored and shown."""
    return {
        "action": change.action.value,
        "params": dict(change.params),
        "safety": change.safety.value,
        "monthly_cost_usd": change.monthly_cost_usd,
        "blast_radius": change.blast_radius,
    }


def change_from_json(stored: Mapping[str, Any]) -> Change:
    """The change that `change_to_json` stored; raises KeyError, TypeError or ValueError where it is none."""
    cost = stored["monthly_cost_usd"]
    return Change(
        action=Action(stored["action"]),
        params=dict(stored["params"]),
        safety=Safety(stored["safety"]),
        monthly_cost_usd=None if cost is None else float(cost),
        blast_radius=str(stored["blast_radius"]),
    )


@dataclass(frozen=True, slots=True)
class Patch:
    """What whoever keeps a resource as code has to add there, in the language of both common tools."""

    title: str
    cloudformation: str
    terraform: str


@dataclass(frozen=True, slots=True)
class Plan:
    """All changes of one repair, in order; an empty plan says why it is empty.

    `patches` stand in for changes of what is kept as code.
    """

    changes: tuple[Change, ...] = field(default=())
    reason_if_empty: str | None = None
    patches: tuple[Patch, ...] = ()
