"""Which of CloudTrail's recent events concern the resource that a verdict blames.

LookupEvents takes one attribute. A resource's own name is best; where the change that is looked for removed the
resource, or CloudTrail lists none with it, the event's name is asked for and its parameters are searched.
Source: https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ecs_medic.finding import Finding, JsonValue
from ecs_medic.vocabulary import Id

_RESOURCES: Mapping[Id, tuple[str, ...]] = {
    Id.S3_GATEWAY_NOT_ON_ROUTE_TABLE: ("vpc_endpoint_id", "route_table_id"),
    Id.ENDPOINT_SECURITY_GROUP_BLOCKS: ("security_group_ids", "vpc_endpoint_id"),
    Id.ENDPOINT_PRIVATE_DNS_OFF: ("vpc_endpoint_id",),
    Id.ENDPOINT_POLICY_DENIES: ("vpc_endpoint_id",),
    Id.ENDPOINT_NOT_AVAILABLE: ("vpc_endpoint_id",),
    Id.TASK_SECURITY_GROUP_BLOCKS_EGRESS: ("security_group_ids",),
    Id.NETWORK_ACL_BLOCKS: ("network_acl_id",),
    Id.NO_ROUTE_TO_INTERNET: ("route_table_id", "route_table_ids", "subnet_id"),
    Id.ROUTE_BLACKHOLE: ("route_table_id", "target"),
    Id.PUBLIC_SUBNET_WITHOUT_PUBLIC_IP: ("subnet_id",),
    Id.VPC_DNS_DISABLED: ("vpc_id",),
    Id.CUSTOM_DNS_RESOLVER: ("vpc_id",),
    Id.MANAGED_INSTANCE_NETWORK_BLOCKED: ("subnet_id",),
    Id.EFS_UNREACHABLE: ("security_group_ids",),
    Id.TARGET_GROUP_MISSING: ("target_group_arn",),
}
"""The params that name the guilty resource, by cause."""

_DELETIONS: Mapping[Id, tuple[str, str]] = {
    Id.LOG_GROUP_MISSING: ("DeleteLogGroup", "log_group"),
    Id.SECRET_NOT_FOUND: ("DeleteSecret", "secret"),
    Id.SSM_PARAMETER_NOT_FOUND: ("DeleteParameter", "parameter"),
    Id.CLUSTER_NOT_FOUND: ("DeleteCluster", "cluster"),
    Id.EXEC_NOT_ENABLED: ("UpdateService", "service"),
    Id.DEPLOYMENT_LIMITS_DEADLOCK: ("UpdateService", "service"),
    Id.NO_CONTAINER_INSTANCES: ("DeregisterContainerInstance", "cluster"),
}
"""The event that may have done it, and the param that it must speak of."""

_OF_A_ROLE = frozenset(
    {
        Id.EXECUTION_ROLE_CANNOT_PULL,
        Id.EXECUTION_ROLE_CANNOT_READ_SECRET,
        Id.EXECUTION_ROLE_CANNOT_READ_PARAMETER,
        Id.EXECUTION_ROLE_CANNOT_DECRYPT,
        Id.EXECUTION_ROLE_CANNOT_WRITE_LOGS,
        Id.EXECUTION_ROLE_CANNOT_CREATE_LOG_GROUP,
        Id.EXEC_TASK_ROLE_LACKS_SSMMESSAGES,
        Id.EXEC_TASK_ROLE_LACKS_KMS,
        Id.ROLE_NOT_FOUND,
        Id.ROLE_TRUST_POLICY_WRONG,
        Id.PUSH_DENIED,
        Id.CALLER_DENIED,
    }
)
_IAM_REGION = {"aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}
"""IAM is global, and each partition records it in one Region."""


@dataclass(frozen=True, slots=True)
class Lookup:
    """One question to CloudTrail; `mentions` must be in the event's parameters, `region` is None for the incident's."""

    attribute: str
    value: str
    mentions: str | None = None
    region: str | None = None


def lookups_for(finding: Finding, partition: str) -> Iterator[Lookup]:
    """The questions worth asking about this verdict, best first."""
    params = finding.params
    if finding.cause is Id.VPC_ENDPOINT_MISSING:
        # The endpoint is gone, and with it its id: only that some endpoint was deleted can be asked.
        yield Lookup("EventName", "DeleteVpcEndpoints")
    if finding.cause in _OF_A_ROLE and (role := _texts(params.get("role_arn"))):
        yield Lookup("ResourceName", role[0].rsplit("/", 1)[-1], region=_IAM_REGION.get(partition, "us-east-1"))
    for name in _RESOURCES.get(finding.cause, ()):
        for value in _texts(params.get(name)):
            yield Lookup("ResourceName", value)
    if finding.cause in _DELETIONS:
        event, name = _DELETIONS[finding.cause]
        for value in _texts(params.get(name)):
            yield Lookup("EventName", event, mentions=value.rsplit(":secret:", 1)[-1])


def stop_of(task_id: str) -> Lookup:
    """The call by which somebody stopped that task."""
    return Lookup("EventName", "StopTask", mentions=task_id)


def _texts(value: JsonValue) -> tuple[str, ...]:
    if isinstance(value, str) and value:
        return (value,)
    return tuple(one for one in value if isinstance(one, str) and one) if isinstance(value, list) else ()
