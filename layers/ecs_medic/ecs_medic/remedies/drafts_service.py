"""The changes that repair the causes outside the network: log groups, ECS Exec, what only has to be looked at again."""

from collections.abc import Mapping

from ecs_medic.facts.fact import Known
from ecs_medic.finding import Finding, JsonValue
from ecs_medic.plan import Action
from ecs_medic.remedies.draft import Circumstances, Draft, Drafted, Drafter
from ecs_medic.remedies.ownership import Owned
from ecs_medic.remedies.params import optional_text, text
from ecs_medic.remedies.recheck_later import AFTER_SECONDS
from ecs_medic.vocabulary import Id

_IDENTITY = "identity"
_GONE = "The task has stopped by now, and its service starts another one by itself."


def log_group_missing(finding: Finding, about: Circumstances) -> Drafted:
    """Create it. Where code owns the service, it may own the group too, and would find it there: then somebody asks."""
    params: dict[str, JsonValue] = {
        "log_group": text(finding.params, "log_group"),
        "log_region": text(finding.params, "log_region"),
        "retention_days": about.policy.retention_days,
    }
    beside = "A new, empty log group; what is written to it is billed by its volume."
    return (Draft(Action.CREATE_LOG_GROUP, params, beside=beside, unattended=True),)


def execution_role_cannot_create_log_group(finding: Finding, about: Circumstances) -> Drafted:
    """The group need not be created by the task once it is there."""
    if optional_text(finding.params, "log_region") is None:
        return "In which Region the log group belongs is not known."
    drafted = log_group_missing(finding, about)
    if isinstance(drafted, str):
        return drafted
    return tuple(Draft(one.action, one.params, beside=one.beside) for one in drafted)


def exec_not_enabled(_: Finding, about: Circumstances) -> Drafted:
    """The flag on the service; only tasks that are started afterwards have it."""
    service = about.service_tags()
    if service is None:
        return "The task belongs to no service: it has to be run again with ECS Exec enabled."
    definition = about.facts.task_definition
    if isinstance(definition, Known) and definition.value.task_role_arn is None:
        return "The task definition has no task role, and ECS enables ECS Exec on no service without one."
    if isinstance(about.facts.service, Known) and about.facts.service.value.enable_execute_command:
        # Tasks that it started before have no agent, and are for a new deployment to replace.
        return _GONE if _has_stopped(about) else ()
    return (Draft(Action.ENABLE_EXECUTE_COMMAND, service_params(about), (service,), "For tasks started afterwards."),)


def exec_task_role_lacks_ssmmessages(finding: Finding, about: Circumstances) -> Drafted:
    """The stack's own policy; a boundary's or an organisation's denial stands above it."""
    denied_by = optional_text(finding.params, "denied_by")
    if denied_by != _IDENTITY:
        return f"The denial comes from elsewhere than the role's own policies ({denied_by or 'unknown'})."
    if about.policy.exec_policy_arn is None:
        return "The stack has no policy of its own for ECS Exec to attach."
    role_arn = text(finding.params, "role_arn")
    role = about.facts.role(role_arn)
    params: dict[str, JsonValue] = {"role_arn": role_arn, "policy_arn": about.policy.exec_policy_arn}
    touches = (Owned(role_arn, role.value.tags if isinstance(role, Known) else None),)
    return (Draft(Action.ATTACH_EXEC_POLICY, params, touches, "For every task that has this role."),)


def replace_task(finding: Finding, about: Circumstances) -> Drafted:
    """Stop the task: its service starts another."""
    task = optional_text(finding.params, "task_arn")
    if about.service is None or task is None:
        return "The task belongs to no service that would start another one."
    if _has_stopped(about):
        return _GONE
    params = {**service_params(about), "task_arn": task}
    return (Draft(Action.REPLACE_TASK, params, beside="Stops one running task, with what it is doing."),)


def public_subnet_without_public_ip(_: Finding, about: Circumstances) -> Drafted:
    """The service's tasks get public addresses."""
    service = about.service_tags()
    if service is None:
        return "The task belongs to no service: it has to be run again with a public address."
    beside = (
        "Replaces the service's tasks; the new ones can be reached from the internet as their security groups allow."
    )
    return (Draft(Action.ENABLE_PUBLIC_IP, service_params(about), (service,), beside),)


def _has_stopped(about: Circumstances) -> bool:
    task = about.facts.task
    return isinstance(task, Known) and task.value.last_status == "STOPPED"


def endpoint_not_available(finding: Finding, about: Circumstances) -> Drafted:
    """One that is being made only has to be waited for."""
    wanted = optional_text(finding.params, "vpc_endpoint_id")
    states = {
        one.state.lower()
        for network in about.facts.networks.values()
        if isinstance(network.endpoints, Known)
        for one in network.endpoints.value
        if one.id == wanted
    }
    if not any(one.startswith("pending") for one in states):
        return f"{wanted} is {', '.join(sorted(states)) or 'gone'}, which does not pass by itself."
    return recheck(finding, about)


def recheck(_: Finding, __: Circumstances) -> Drafted:
    """Look again later."""
    return (
        Draft(Action.RECHECK_LATER, {"after_seconds": AFTER_SECONDS}, beside="Nothing is changed.", unattended=True),
    )


def service_params(about: Circumstances) -> dict[str, JsonValue]:
    """The service, as the changes of ECS name it."""
    return {"cluster": about.incident.cluster, "service": about.service}


DRAFTERS: Mapping[Id, Drafter] = {
    Id.LOG_GROUP_MISSING: log_group_missing,
    Id.EXECUTION_ROLE_CANNOT_CREATE_LOG_GROUP: execution_role_cannot_create_log_group,
    Id.EXEC_NOT_ENABLED: exec_not_enabled,
    Id.EXEC_TASK_ROLE_LACKS_SSMMESSAGES: exec_task_role_lacks_ssmmessages,
    Id.EXEC_AGENT_STOPPED: replace_task,
    Id.EXEC_CONTAINER_RESTARTED: replace_task,
    Id.EXEC_AGENT_PENDING: recheck,
    Id.API_THROTTLED: recheck,
    Id.ENDPOINT_NOT_AVAILABLE: endpoint_not_available,
    Id.PUBLIC_SUBNET_WITHOUT_PUBLIC_IP: public_subnet_without_public_ip,
}
