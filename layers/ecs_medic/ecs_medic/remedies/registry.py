"""Every remedy by its action."""

from collections.abc import Iterable, Mapping
from functools import lru_cache

from ecs_medic.facts.network import Network
from ecs_medic.facts.same import Same
from ecs_medic.plan import Action, Change
from ecs_medic.remedies import (
    attach_exec_policy,
    create_log_group,
    create_vpc_endpoint,
    enable_execute_command,
    enable_public_ip,
    force_new_deployment,
    modify_vpc_dns,
    modify_vpc_endpoint,
    recheck_later,
    replace_task,
    security_group_remedies,
)
from ecs_medic.remedies.remedy import Remedy

REMEDIES: Mapping[Action, Remedy] = {
    one.action: one
    for one in (
        modify_vpc_dns.REMEDY,
        security_group_remedies.ENDPOINT_INGRESS,
        modify_vpc_endpoint.REMEDY,
        create_vpc_endpoint.REMEDY,
        security_group_remedies.TASK_EGRESS,
        create_log_group.REMEDY,
        attach_exec_policy.REMEDY,
        enable_execute_command.REMEDY,
        enable_public_ip.REMEDY,
        force_new_deployment.REMEDY,
        replace_task.REMEDY,
        recheck_later.REMEDY,
    )
}
"""In the order in which the changes of one plan are made: names before endpoints, tasks last."""

ORDER = tuple(REMEDIES)


def remedy(change: Change) -> Remedy:
    """What carries the change out."""
    return REMEDIES[change.action]


def in_order(changes: Iterable[Change]) -> tuple[Change, ...]:
    """The changes in the order in which they are made."""
    return tuple(sorted(changes, key=lambda one: ORDER.index(one.action)))


def foreseen(changes: Iterable[Change], network: Network) -> Network:
    """The network as all these changes will leave it."""
    for change in in_order(changes):
        network = _foreseen(Same(change), Same(network))
    return network


@lru_cache(maxsize=32)
def _foreseen(change: Same[Change], network: Same[Network]) -> Network:
    """Worked out once: plans that differ in their last change alone begin alike."""
    return remedy(change.value).foreseen(change.value, network.value)
