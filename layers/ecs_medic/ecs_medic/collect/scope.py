"""How much of the account this symptom makes worth reading: what the causes that can be behind it would show."""

from dataclasses import dataclass

from ecs_medic.catalogue.lookup import candidates
from ecs_medic.incident import Incident
from ecs_medic.needs.derive import is_about_exec
from ecs_medic.needs.need import Need, Purpose
from ecs_medic.vocabulary import Id

_NETWORK = frozenset(
    {
        Id.VPC_ENDPOINT_MISSING,
        Id.S3_GATEWAY_NOT_ON_ROUTE_TABLE,
        Id.ENDPOINT_SECURITY_GROUP_BLOCKS,
        Id.ENDPOINT_PRIVATE_DNS_OFF,
        Id.ENDPOINT_POLICY_DENIES,
        Id.ENDPOINT_NOT_AVAILABLE,
        Id.VPC_DNS_DISABLED,
        Id.CUSTOM_DNS_RESOLVER,
        Id.TASK_SECURITY_GROUP_BLOCKS_EGRESS,
        Id.NETWORK_ACL_BLOCKS,
        Id.NO_ROUTE_TO_INTERNET,
        Id.PUBLIC_SUBNET_WITHOUT_PUBLIC_IP,
        Id.AWSVPC_TASK_CANNOT_HAVE_PUBLIC_IP,
        Id.MANAGED_INSTANCE_NETWORK_BLOCKED,
        Id.ROUTE_BLACKHOLE,
        Id.SUBNET_OUT_OF_ADDRESSES,
    }
)
_PURPOSES = {
    Id.EXEC_TASK_ROLE_LACKS_SSMMESSAGES: (Purpose.EXEC_CHANNEL,),
    Id.EXEC_TASK_ROLE_LACKS_KMS: (Purpose.EXEC_KEY,),
    Id.EXECUTION_ROLE_CANNOT_PULL: (Purpose.REGISTRY_AUTH, Purpose.IMAGE_MANIFEST),
    Id.EXECUTION_ROLE_CANNOT_READ_SECRET: (Purpose.SECRET,),
    Id.EXECUTION_ROLE_CANNOT_READ_PARAMETER: (Purpose.PARAMETER,),
    Id.EXECUTION_ROLE_CANNOT_WRITE_LOGS: (Purpose.LOGS,),
    Id.EXECUTION_ROLE_CANNOT_CREATE_LOG_GROUP: (Purpose.LOGS,),
}
"""What a role is needed for where the cause is that it may not."""
_CREATE_LOG_GROUP = "logs:CreateLogGroup"
_ABOUT_TRUST = frozenset({Id.ROLE_CANNOT_BE_ASSUMED, Id.ROLE_TRUST_POLICY_WRONG, Id.ROLE_NOT_FOUND})
_LOGS = frozenset(
    {
        Id.LOG_GROUP_MISSING,
        Id.LOG_REGION_WRONG,
        Id.EXECUTION_ROLE_CANNOT_WRITE_LOGS,
        Id.EXECUTION_ROLE_CANNOT_CREATE_LOG_GROUP,
    }
)


@dataclass(frozen=True, slots=True)
class Scope:
    """Which parts are worth reading beyond the task itself, its definition, service and cluster.

    `permissions`: the causes by which a role lacks a permission that are in question.
    """

    network: bool
    permissions: frozenset[Id]
    trust: bool
    logs: bool

    def asks_about_role_of(self, need: Need) -> bool:
        """Whether it is in question that the need's role may do what it is needed for."""
        if need.purpose is Purpose.LOGS and _CREATE_LOG_GROUP not in need.actions:
            return Id.EXECUTION_ROLE_CANNOT_WRITE_LOGS in self.permissions
        return any(need.purpose in _PURPOSES[cause] for cause in self.permissions)


def scope_of(incident: Incident) -> Scope:
    """The parts that a candidate cause would show in; everything where the message says nothing."""
    if incident.symptom is Id.UNKNOWN:
        return Scope(network=True, permissions=frozenset(_PURPOSES), trust=False, logs=not is_about_exec(incident))
    causes = set(candidates(incident.symptom))
    return Scope(
        network=bool(causes & _NETWORK),
        permissions=frozenset(causes & set(_PURPOSES)),
        trust=incident.symptom in _ABOUT_TRUST,
        logs=bool(causes & _LOGS),
    )
