"""Rules on ECS Exec: why no session can be opened in this task."""

from ecs_medic.rules.exec.exec_agent_install_broken import exec_agent_install_broken
from ecs_medic.rules.exec.exec_agent_pending import exec_agent_pending
from ecs_medic.rules.exec.exec_agent_stopped import exec_agent_stopped
from ecs_medic.rules.exec.exec_audit_target_denied import exec_audit_target_denied
from ecs_medic.rules.exec.exec_audit_target_unencrypted import exec_audit_target_unencrypted
from ecs_medic.rules.exec.exec_caller_denied import exec_caller_denied
from ecs_medic.rules.exec.exec_caller_lacks_kms import exec_caller_lacks_kms
from ecs_medic.rules.exec.exec_container_restarted import exec_container_restarted
from ecs_medic.rules.exec.exec_ipv6_only import exec_ipv6_only
from ecs_medic.rules.exec.exec_not_enabled import exec_not_enabled
from ecs_medic.rules.exec.exec_pid_namespace_shared import exec_pid_namespace_shared
from ecs_medic.rules.exec.exec_platform_too_old import exec_platform_too_old
from ecs_medic.rules.exec.exec_proxy_hides_credentials import exec_proxy_hides_credentials
from ecs_medic.rules.exec.exec_readonly_root_filesystem import exec_readonly_root_filesystem
from ecs_medic.rules.exec.exec_static_aws_keys_in_container import exec_static_aws_keys_in_container
from ecs_medic.rules.exec.exec_task_role_lacks_kms import exec_task_role_lacks_kms
from ecs_medic.rules.exec.exec_task_role_lacks_ssmmessages import exec_task_role_lacks_ssmmessages
from ecs_medic.rules.exec.exec_task_role_missing import exec_task_role_missing
from ecs_medic.rules.exec.exec_wrong_target import exec_wrong_target
from ecs_medic.rules.rule import Rule

RULES: tuple[Rule, ...] = (
    exec_wrong_target,
    exec_not_enabled,
    exec_platform_too_old,
    exec_task_role_missing,
    exec_task_role_lacks_ssmmessages,
    exec_readonly_root_filesystem,
    exec_pid_namespace_shared,
    exec_container_restarted,
    exec_agent_install_broken,
    exec_agent_pending,
    exec_agent_stopped,
    exec_static_aws_keys_in_container,
    exec_proxy_hides_credentials,
    exec_ipv6_only,
    exec_task_role_lacks_kms,
    exec_caller_denied,
    exec_caller_lacks_kms,
    exec_audit_target_unencrypted,
    exec_audit_target_denied,
)
