"""How much of the account this symptom makes worth reading: what the causes that can be behind it would show."""

import re
from dataclasses import dataclass

from ecs_medic.catalogue.lookup import candidates
from ecs_medic.collect import capacity
from ecs_medic.incident import Incident, Kind
from ecs_medic.needs.derive import is_about_exec, is_about_file_systems
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
    }
)
_IN_THE_SUBNET = frozenset({Id.SUBNET_OUT_OF_ADDRESSES, Id.ENI_SETUP_FAILED, Id.ENI_PROVISIONING_TIMEOUT})
"""What the subnet alone shows: its VPC is not worth a dozen reads."""
_PURPOSES = {
    Id.EXEC_TASK_ROLE_LACKS_SSMMESSAGES: (Purpose.EXEC_CHANNEL,),
    Id.EXEC_TASK_ROLE_LACKS_KMS: (Purpose.EXEC_KEY,),
    Id.EXECUTION_ROLE_CANNOT_PULL: (Purpose.REGISTRY_AUTH, Purpose.IMAGE_MANIFEST),
    Id.EXECUTION_ROLE_CANNOT_READ_SECRET: (Purpose.SECRET,),
    Id.EXECUTION_ROLE_CANNOT_READ_PARAMETER: (Purpose.PARAMETER,),
    Id.ENV_FILE_DENIED_OR_MISSING: (Purpose.ENVIRONMENT_FILE,),
    Id.EXECUTION_ROLE_CANNOT_WRITE_LOGS: (Purpose.LOGS,),
    Id.EXECUTION_ROLE_CANNOT_CREATE_LOG_GROUP: (Purpose.LOGS,),
    Id.EFS_ACCESS_DENIED: (Purpose.FILE_SYSTEM,),
}
"""What a role is needed for where the cause is that it may not."""
_OF_SESSIONS = frozenset({Purpose.EXEC_CHANNEL, Purpose.EXEC_KEY})
_CREATE_LOG_GROUP = "logs:CreateLogGroup"
_LOG_TAIL = frozenset(
    {
        Id.APP_EXITED,
        Id.APP_CRASHED,
        Id.CONTAINER_OUT_OF_MEMORY,
        Id.CONTAINER_KILLED,
        Id.ESSENTIAL_CONTAINER_EXITED,
        Id.ENTRYPOINT_NOT_FOUND,
        Id.IMAGE_PLATFORM_MISMATCH,
        Id.CONTAINER_HEALTH_CHECK_FAILED,
        Id.ELB_HEALTH_CHECK_FAILED,
    }
)
"""Symptoms of a container that has run, so that its own words may say more than anything else."""
_TARGETS = frozenset(
    {Id.ELB_HEALTH_CHECK_FAILED, Id.TARGET_GROUP_MISSING, Id.TARGET_NOT_REGISTERED, Id.ELB_ZONE_NOT_ENABLED}
)
"""Symptoms of a task that its load balancer does not find well."""
_MOUNT_TARGETS = frozenset({Id.EFS_UNREACHABLE, Id.EFS_DNS_FAILED})
_FILE_SYSTEM_ACCESS = frozenset({Id.EFS_ACCESS_DENIED, Id.EFS_PATH_MISSING})
_ABOUT_TRUST = frozenset({Id.ROLE_CANNOT_BE_ASSUMED, Id.ROLE_TRUST_POLICY_WRONG, Id.ROLE_NOT_FOUND})
_LOGS = frozenset(
    {
        Id.LOG_GROUP_MISSING,
        Id.LOG_REGION_WRONG,
        Id.EXECUTION_ROLE_CANNOT_WRITE_LOGS,
        Id.EXECUTION_ROLE_CANNOT_CREATE_LOG_GROUP,
    }
)
_ABOUT_IMAGES = frozenset({Id.IMAGE_PLATFORM_MISMATCH, Id.IMAGE_FORMAT_UNSUPPORTED, Id.REGISTRY_BLOB_MISSING})
"""Symptoms of a pull; as a mere candidate, a wrong platform is one of a container that has run."""
_SECRETS = frozenset(
    {
        Id.SECRET_NOT_FOUND,
        Id.SECRET_HAS_NO_VALUE,
        Id.SECRET_KEY_MISSING,
        Id.SECRET_NOT_JSON,
        Id.SECRET_ARN_INVALID,
        Id.REGISTRY_CREDENTIALS_WRONG,
    }
)
_OTHER_DENIER = re.compile(
    r"(identity|resource)-based policy|permissions boundary|session policy|(service|resource) control policy",
    re.IGNORECASE,
)
"""What IAM's refusals name where no endpoint's policy is behind them.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
"""


@dataclass(frozen=True, slots=True)
class Scope:
    """Which parts are worth reading beyond the task itself, its definition and its service.

    `permissions`: the causes by which a role lacks a permission that are in question; `capacity`: those by which no
    place is found. `subnet` is where the task's interface is, `network` the whole VPC around it.
    """

    network: bool
    permissions: frozenset[Id]
    trust: bool
    logs: bool
    subnet: bool = False
    capacity: frozenset[Id] = frozenset()
    log_tail: bool = False
    targets: bool = False
    """The service's target groups, and the way from their load balancers to the task."""
    mount_targets: bool = False
    file_system_access: bool = False
    images: bool = False
    secrets: bool = False
    parameters: bool = False
    keys: bool = False
    environment_files: bool = False
    cluster: bool = False
    only_endpoint_policy: bool = False
    """The network is in question for an endpoint's policy alone: the call was answered, with a refusal."""
    volumes: bool = False
    """The infrastructure role of the EBS volumes."""
    bucket_regions: bool = False
    """Where environment files are, where S3 could not be reached."""

    @property
    def host_role(self) -> bool:
        """Whether it is in question what the container instance's role may do; a session never uses it."""
        return any(purpose not in _OF_SESSIONS for cause in self.permissions for purpose in _PURPOSES[cause])

    def asks_about_role_of(self, need: Need) -> bool:
        """Whether it is in question that the need's role may do what it is needed for."""
        if need.purpose is Purpose.LOGS and _CREATE_LOG_GROUP not in need.actions:
            return Id.EXECUTION_ROLE_CANNOT_WRITE_LOGS in self.permissions
        return any(need.purpose in _PURPOSES[cause] for cause in self.permissions)


def scope_of(incident: Incident) -> Scope:
    """The parts that a candidate cause would show in; everything where the message says nothing."""
    if incident.symptom is Id.UNKNOWN:
        start = not is_about_exec(incident)
        return Scope(
            network=True,
            permissions=frozenset(_PURPOSES),
            trust=False,
            logs=start,
            images=start,
            secrets=start,
            parameters=start,
            environment_files=start,
            capacity=_capacity_of_a_service(incident),
            cluster=not start or bool(_capacity_of_a_service(incident)),
        )
    causes = set(candidates(incident.symptom))
    mounts = is_about_file_systems(incident)
    around = causes & _NETWORK
    capacity_causes = frozenset(causes & capacity.ALL) if incident.task is None else frozenset()
    return Scope(
        # A mount never leaves the VPC.
        network=_network_is_in_question(incident, around) and not mounts,
        only_endpoint_policy=around == {Id.ENDPOINT_POLICY_DENIES},
        permissions=frozenset(causes & set(_PURPOSES)) - (frozenset() if mounts else {Id.EFS_ACCESS_DENIED}),
        trust=incident.symptom in _ABOUT_TRUST,
        logs=bool(causes & _LOGS),
        subnet=bool(causes & _IN_THE_SUBNET),
        capacity=capacity_causes,
        cluster=is_about_exec(incident) or bool(capacity_causes) or Id.CLUSTER_NOT_FOUND in causes,
        log_tail=incident.symptom in _LOG_TAIL,
        targets=incident.symptom in _TARGETS,
        mount_targets=mounts and bool(causes & _MOUNT_TARGETS),
        file_system_access=mounts and bool(causes & _FILE_SYSTEM_ACCESS),
        images=Id.IMAGE_NOT_FOUND in causes or incident.symptom in _ABOUT_IMAGES,
        secrets=bool(causes & (_SECRETS | {Id.EXECUTION_ROLE_CANNOT_DECRYPT})),
        parameters=bool(causes & {Id.SSM_PARAMETER_NOT_FOUND, Id.EXECUTION_ROLE_CANNOT_DECRYPT}),
        keys=Id.EXECUTION_ROLE_CANNOT_DECRYPT in causes,
        environment_files=Id.ENV_FILE_DENIED_OR_MISSING in causes,
        volumes=Id.EBS_ATTACH_FAILED in causes or incident.symptom in _ABOUT_TRUST,
        bucket_regions=incident.symptom in {Id.ENV_FILE_FAILED, Id.ENV_FILE_UNREACHABLE},
    )


def _capacity_of_a_service(incident: Incident) -> frozenset[Id]:
    """What can keep a whole service from running where nothing says why; on Fargate that is not read at all."""
    about_a_service = incident.kind in {Kind.SERVICE_EVENT, Kind.ON_DEMAND} and incident.task_arn is None
    if not about_a_service:
        return frozenset()
    return capacity.ABOUT_INSTANCES | capacity.ABOUT_PROVIDERS | {Id.TASKS_PROTECTED}


def _network_is_in_question(incident: Incident, causes: set[Id]) -> bool:
    """An endpoint's policy is not where AWS itself names another policy as the one that denies."""
    if causes == {Id.ENDPOINT_POLICY_DENIES}:
        said = (incident.message.stopped_reason, incident.message.container_reason)
        return not any(_OTHER_DENIER.search(words) for words in said if words)
    return bool(causes)
