"""The ids that everything speaks: symptoms, causes, normal life.

A *symptom* is what a message or an event says before anyone has looked at the account. A *cause* is what is broken,
established from the account's state. Many ids serve as both: the message then names its cause itself, and evidence
still outranks it. *Normal life* is never alerted.

Ids may be added; none may be renamed or dropped: reports, alerts, metrics and documents of earlier versions carry them.
"""

from enum import StrEnum
from types import MappingProxyType


class Role(StrEnum):
    """How an id may be used."""

    SYMPTOM = "symptom"
    CAUSE = "cause"
    BOTH = "both"
    NORMAL = "normal"


class Id(StrEnum):
    """One word of the vocabulary; its value is its name."""

    # ECS Exec
    EXEC_AGENT_UNAVAILABLE = "exec_agent_unavailable"
    EXEC_TARGET_NOT_CONNECTED = "exec_target_not_connected"
    EXEC_NOT_ENABLED = "exec_not_enabled"
    EXEC_AGENT_PENDING = "exec_agent_pending"
    EXEC_AGENT_STOPPED = "exec_agent_stopped"
    EXEC_AGENT_INSTALL_BROKEN = "exec_agent_install_broken"
    EXEC_TASK_ROLE_MISSING = "exec_task_role_missing"
    EXEC_TASK_ROLE_LACKS_SSMMESSAGES = "exec_task_role_lacks_ssmmessages"
    EXEC_READONLY_ROOT_FILESYSTEM = "exec_readonly_root_filesystem"
    EXEC_PID_NAMESPACE_SHARED = "exec_pid_namespace_shared"
    EXEC_STATIC_AWS_KEYS_IN_CONTAINER = "exec_static_aws_keys_in_container"
    EXEC_PROXY_HIDES_CREDENTIALS = "exec_proxy_hides_credentials"
    EXEC_PLATFORM_TOO_OLD = "exec_platform_too_old"
    EXEC_IPV6_ONLY = "exec_ipv6_only"
    EXEC_CONTAINER_RESTARTED = "exec_container_restarted"
    EXEC_CALLER_DENIED = "exec_caller_denied"
    EXEC_WRONG_TARGET = "exec_wrong_target"
    EXEC_NON_INTERACTIVE = "exec_non_interactive"
    EXEC_KMS_FAILED = "exec_kms_failed"
    EXEC_CALLER_LACKS_KMS = "exec_caller_lacks_kms"
    EXEC_TASK_ROLE_LACKS_KMS = "exec_task_role_lacks_kms"
    EXEC_AUDIT_TARGET_UNENCRYPTED = "exec_audit_target_unencrypted"
    EXEC_AUDIT_TARGET_DENIED = "exec_audit_target_denied"
    EXEC_PLUGIN_MISSING = "exec_plugin_missing"
    EXEC_SHELL_MISSING = "exec_shell_missing"
    EXEC_COMMAND_NOT_FOUND = "exec_command_not_found"
    EXEC_SESSION_FAILED = "exec_session_failed"

    # Network
    ECR_UNREACHABLE = "ecr_unreachable"
    REGISTRY_UNREACHABLE = "registry_unreachable"
    IMAGE_LAYERS_UNREACHABLE = "image_layers_unreachable"
    SECRETS_UNREACHABLE = "secrets_unreachable"
    SSM_PARAMETERS_UNREACHABLE = "ssm_parameters_unreachable"
    LOGS_UNREACHABLE = "logs_unreachable"
    ENV_FILE_UNREACHABLE = "env_file_unreachable"
    DNS_LOOKUP_FAILED = "dns_lookup_failed"
    VPC_ENDPOINT_MISSING = "vpc_endpoint_missing"
    S3_GATEWAY_NOT_ON_ROUTE_TABLE = "s3_gateway_not_on_route_table"
    ENDPOINT_SECURITY_GROUP_BLOCKS = "endpoint_security_group_blocks"
    ENDPOINT_PRIVATE_DNS_OFF = "endpoint_private_dns_off"
    ENDPOINT_POLICY_DENIES = "endpoint_policy_denies"
    ENDPOINT_NOT_AVAILABLE = "endpoint_not_available"
    VPC_DNS_DISABLED = "vpc_dns_disabled"
    CUSTOM_DNS_RESOLVER = "custom_dns_resolver"
    TASK_SECURITY_GROUP_BLOCKS_EGRESS = "task_security_group_blocks_egress"
    NETWORK_ACL_BLOCKS = "network_acl_blocks"
    NO_ROUTE_TO_INTERNET = "no_route_to_internet"
    PUBLIC_SUBNET_WITHOUT_PUBLIC_IP = "public_subnet_without_public_ip"
    AWSVPC_TASK_CANNOT_HAVE_PUBLIC_IP = "awsvpc_task_cannot_have_public_ip"
    MANAGED_INSTANCE_VPC_MISMATCH = "managed_instance_vpc_mismatch"
    MANAGED_INSTANCE_NETWORK_BLOCKED = "managed_instance_network_blocked"
    ROUTE_BLACKHOLE = "route_blackhole"
    SUBNET_OUT_OF_ADDRESSES = "subnet_out_of_addresses"
    ENI_PROVISIONING_TIMEOUT = "eni_provisioning_timeout"
    ENI_SETUP_FAILED = "eni_setup_failed"

    # Image
    IMAGE_PULL_FAILED = "image_pull_failed"
    IMAGE_PULL_FORBIDDEN = "image_pull_forbidden"
    IMAGE_NOT_FOUND = "image_not_found"
    IMAGE_ACCESS_DENIED = "image_access_denied"
    EXECUTION_ROLE_CANNOT_PULL = "execution_role_cannot_pull"
    ECR_REPOSITORY_POLICY_DENIES = "ecr_repository_policy_denies"
    REGISTRY_CREDENTIALS_MISSING = "registry_credentials_missing"
    REGISTRY_CREDENTIALS_WRONG = "registry_credentials_wrong"
    REGISTRY_RATE_LIMITED = "registry_rate_limited"
    REGISTRY_SERVER_ERROR = "registry_server_error"
    REGISTRY_BLOB_MISSING = "registry_blob_missing"
    IMAGE_PLATFORM_MISMATCH = "image_platform_mismatch"
    IMAGE_FORMAT_UNSUPPORTED = "image_format_unsupported"
    IMAGE_REFERENCE_INVALID = "image_reference_invalid"

    # Secrets, configuration, roles
    SECRETS_OR_REGISTRY_AUTH_FAILED = "secrets_or_registry_auth_failed"
    SECRET_FETCH_FAILED = "secret_fetch_failed"
    SECRET_NOT_FOUND = "secret_not_found"
    SECRET_HAS_NO_VALUE = "secret_has_no_value"
    SECRET_KEY_MISSING = "secret_key_missing"
    SECRET_NOT_JSON = "secret_not_json"
    SECRET_ARN_INVALID = "secret_arn_invalid"
    SSM_PARAMETER_NOT_FOUND = "ssm_parameter_not_found"
    EXECUTION_ROLE_CANNOT_READ_SECRET = "execution_role_cannot_read_secret"
    EXECUTION_ROLE_CANNOT_READ_PARAMETER = "execution_role_cannot_read_parameter"
    EXECUTION_ROLE_CANNOT_DECRYPT = "execution_role_cannot_decrypt"
    ENV_FILE_FAILED = "env_file_failed"
    ENV_FILE_DENIED_OR_MISSING = "env_file_denied_or_missing"
    ROLE_CANNOT_BE_ASSUMED = "role_cannot_be_assumed"
    ROLE_TRUST_POLICY_WRONG = "role_trust_policy_wrong"
    ROLE_NOT_FOUND = "role_not_found"
    EXECUTION_ROLE_MISSING = "execution_role_missing"

    # Logs
    LOG_GROUP_MISSING = "log_group_missing"
    LOG_STREAM_FAILED = "log_stream_failed"
    EXECUTION_ROLE_CANNOT_WRITE_LOGS = "execution_role_cannot_write_logs"
    EXECUTION_ROLE_CANNOT_CREATE_LOG_GROUP = "execution_role_cannot_create_log_group"
    LOG_REGION_WRONG = "log_region_wrong"
    FIRELENS_CONFIG_FAILED = "firelens_config_failed"
    LOG_DRIVER_CREDENTIALS_FAILED = "log_driver_credentials_failed"

    # Start and run
    CONTAINER_START_FAILED = "container_start_failed"
    CONTAINER_CREATE_FAILED = "container_create_failed"
    CONTAINER_RUNTIME_TIMEOUT = "container_runtime_timeout"
    ENTRYPOINT_NOT_FOUND = "entrypoint_not_found"
    CONTAINER_MEMORY_LIMIT_TOO_LOW = "container_memory_limit_too_low"
    CONTAINER_OUT_OF_MEMORY = "container_out_of_memory"
    APP_EXITED = "app_exited"
    APP_CRASHED = "app_crashed"
    CONTAINER_KILLED = "container_killed"
    STOP_TIMEOUT_TOO_SHORT = "stop_timeout_too_short"
    ESSENTIAL_CONTAINER_EXITED = "essential_container_exited"
    CONTAINER_HEALTH_CHECK_FAILED = "container_health_check_failed"
    ELB_HEALTH_CHECK_FAILED = "elb_health_check_failed"
    DEPENDENCY_FAILED = "dependency_failed"
    DISK_FULL = "disk_full"
    DEVICE_MISSING = "device_missing"
    VOLUME_FAILED = "volume_failed"
    EFS_MOUNT_FAILED = "efs_mount_failed"
    EFS_DNS_FAILED = "efs_dns_failed"
    EFS_UNREACHABLE = "efs_unreachable"
    EFS_ACCESS_DENIED = "efs_access_denied"
    EFS_PATH_MISSING = "efs_path_missing"
    EBS_ATTACH_FAILED = "ebs_attach_failed"
    STORAGE_PROVISIONING_TIMEOUT = "storage_provisioning_timeout"
    SERVICE_CONNECT_FAILED = "service_connect_failed"

    # Placement, capacity, service
    PLACEMENT_FAILED = "placement_failed"
    NO_CONTAINER_INSTANCES = "no_container_instances"
    INSTANCE_NEVER_REGISTERED = "instance_never_registered"
    MANAGED_INSTANCE_ROLE_MISCONFIGURED = "managed_instance_role_misconfigured"
    INSUFFICIENT_CPU = "insufficient_cpu"
    INSUFFICIENT_MEMORY = "insufficient_memory"
    INSUFFICIENT_ENI = "insufficient_eni"
    HOST_PORT_IN_USE = "host_port_in_use"
    MISSING_ATTRIBUTE = "missing_attribute"
    ECS_AGENT_DISCONNECTED = "ecs_agent_disconnected"
    FARGATE_CAPACITY_UNAVAILABLE = "fargate_capacity_unavailable"
    QUOTA_EXCEEDED = "quota_exceeded"
    PROVISIONING_LIMIT_EXCEEDED = "provisioning_limit_exceeded"
    API_THROTTLED = "api_throttled"
    SUBNET_IN_UNSUPPORTED_AZ = "subnet_in_unsupported_az"
    LAUNCH_TYPE_INCOMPATIBLE = "launch_type_incompatible"
    TASK_START_IMPAIRED = "task_start_impaired"
    CAPACITY_UNAVAILABLE = "capacity_unavailable"
    DEPLOYMENT_CIRCUIT_BREAKER = "deployment_circuit_breaker"
    DEPLOYMENT_LIMITS_DEADLOCK = "deployment_limits_deadlock"
    TARGET_GROUP_MISSING = "target_group_missing"
    TARGET_NOT_REGISTERED = "target_not_registered"
    ELB_ZONE_NOT_ENABLED = "elb_zone_not_enabled"
    SERVICE_ROLE_BROKEN = "service_role_broken"
    SERVICE_SILENTLY_AT_ZERO = "service_silently_at_zero"
    SERVICE_DISCOVERY_UNHEALTHY = "service_discovery_unhealthy"
    TASKS_PROTECTED = "tasks_protected"
    CLUSTER_NOT_FOUND = "cluster_not_found"
    WRONG_REGION = "wrong_region"
    AWS_INTERNAL_ERROR = "aws_internal_error"

    # Normal life (not alerted)
    HEALTHY = "healthy"
    SERVICE_SCALE_IN = "service_scale_in"
    STOPPED_BY_USER = "stopped_by_user"
    SPOT_INTERRUPTION = "spot_interruption"
    HOST_TERMINATED = "host_terminated"
    INSTANCE_DEREGISTERED = "instance_deregistered"
    TASK_RETIREMENT = "task_retirement"
    NORMAL_COMPLETION = "normal_completion"
    NORMAL_OPERATION = "normal_operation"
    AZ_REBALANCING = "az_rebalancing"
    UNHEALTHY_TASKS_REPLACED = "unhealthy_tasks_replaced"

    # Image push (ECR)
    PUSH_NOT_AUTHENTICATED = "push_not_authenticated"
    PUSH_TOKEN_EXPIRED = "push_token_expired"
    PUSH_DENIED = "push_denied"
    PUSH_REPOSITORY_MISSING = "push_repository_missing"
    PUSH_REJECTED = "push_rejected"

    # Caller's permissions
    CALLER_DENIED = "caller_denied"

    # An honest answer: the text matched nothing, or the evidence contradicts every cause.
    UNKNOWN = "unknown"


_SYMPTOM_ONLY: frozenset[Id] = frozenset(
    {
        Id.EXEC_AGENT_UNAVAILABLE,
        Id.EXEC_TARGET_NOT_CONNECTED,
        Id.EXEC_KMS_FAILED,
        Id.EXEC_SESSION_FAILED,
        Id.ECR_UNREACHABLE,
        Id.REGISTRY_UNREACHABLE,
        Id.IMAGE_LAYERS_UNREACHABLE,
        Id.SECRETS_UNREACHABLE,
        Id.SSM_PARAMETERS_UNREACHABLE,
        Id.LOGS_UNREACHABLE,
        Id.ENV_FILE_UNREACHABLE,
        Id.DNS_LOOKUP_FAILED,
        Id.IMAGE_PULL_FAILED,
        Id.IMAGE_PULL_FORBIDDEN,
        Id.SECRETS_OR_REGISTRY_AUTH_FAILED,
        Id.SECRET_FETCH_FAILED,
        Id.ENV_FILE_FAILED,
        Id.ROLE_CANNOT_BE_ASSUMED,
        Id.LOG_STREAM_FAILED,
        Id.CONTAINER_START_FAILED,
        Id.CONTAINER_CREATE_FAILED,
        Id.CONTAINER_KILLED,
        Id.ESSENTIAL_CONTAINER_EXITED,
        Id.EFS_MOUNT_FAILED,
        Id.PLACEMENT_FAILED,
        Id.TASK_START_IMPAIRED,
        Id.CAPACITY_UNAVAILABLE,
    }
)

_CAUSE_ONLY: frozenset[Id] = frozenset(
    {
        Id.EXEC_TASK_ROLE_LACKS_SSMMESSAGES,
        Id.EXEC_READONLY_ROOT_FILESYSTEM,
        Id.EXEC_STATIC_AWS_KEYS_IN_CONTAINER,
        Id.EXEC_PROXY_HIDES_CREDENTIALS,
        Id.EXEC_IPV6_ONLY,
        Id.EXEC_CONTAINER_RESTARTED,
        Id.EXEC_TASK_ROLE_LACKS_KMS,
        Id.EXEC_AUDIT_TARGET_DENIED,
        Id.VPC_ENDPOINT_MISSING,
        Id.S3_GATEWAY_NOT_ON_ROUTE_TABLE,
        Id.ENDPOINT_SECURITY_GROUP_BLOCKS,
        Id.ENDPOINT_PRIVATE_DNS_OFF,
        Id.ENDPOINT_NOT_AVAILABLE,
        Id.VPC_DNS_DISABLED,
        Id.CUSTOM_DNS_RESOLVER,
        Id.TASK_SECURITY_GROUP_BLOCKS_EGRESS,
        Id.NETWORK_ACL_BLOCKS,
        Id.NO_ROUTE_TO_INTERNET,
        Id.PUBLIC_SUBNET_WITHOUT_PUBLIC_IP,
        Id.AWSVPC_TASK_CANNOT_HAVE_PUBLIC_IP,
        Id.MANAGED_INSTANCE_VPC_MISMATCH,
        Id.MANAGED_INSTANCE_NETWORK_BLOCKED,
        Id.ROUTE_BLACKHOLE,
        Id.ECR_REPOSITORY_POLICY_DENIES,
        Id.ROLE_NOT_FOUND,
        Id.LOG_REGION_WRONG,
        Id.STOP_TIMEOUT_TOO_SHORT,
        Id.INSTANCE_NEVER_REGISTERED,
        Id.SUBNET_IN_UNSUPPORTED_AZ,
        Id.SERVICE_SILENTLY_AT_ZERO,
    }
)

NORMAL_LIFE: frozenset[Id] = frozenset(
    {
        Id.HEALTHY,
        Id.SERVICE_SCALE_IN,
        Id.STOPPED_BY_USER,
        Id.SPOT_INTERRUPTION,
        Id.HOST_TERMINATED,
        Id.INSTANCE_DEREGISTERED,
        Id.TASK_RETIREMENT,
        Id.NORMAL_COMPLETION,
        Id.NORMAL_OPERATION,
        Id.AZ_REBALANCING,
        Id.UNHEALTHY_TASKS_REPLACED,
    }
)


def _role(identifier: Id) -> Role:
    if identifier in NORMAL_LIFE:
        return Role.NORMAL
    if identifier in _SYMPTOM_ONLY:
        return Role.SYMPTOM
    if identifier in _CAUSE_ONLY:
        return Role.CAUSE
    return Role.BOTH


ROLES: MappingProxyType[Id, Role] = MappingProxyType({identifier: _role(identifier) for identifier in Id})


def may_be_symptom(identifier: Id) -> bool:
    """Whether a message alone may be answered with this id."""
    return ROLES[identifier] is not Role.CAUSE


def may_be_cause(identifier: Id) -> bool:
    """Whether a finding may carry this id as its cause."""
    return ROLES[identifier] is not Role.SYMPTOM
