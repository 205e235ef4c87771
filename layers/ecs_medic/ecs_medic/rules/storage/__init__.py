"""Rules on what a task mounts and stores."""

from ecs_medic.rules.rule import Rule
from ecs_medic.rules.storage.ebs_attach_failed import ebs_attach_failed
from ecs_medic.rules.storage.efs_access_denied import efs_access_denied
from ecs_medic.rules.storage.efs_dns_failed import efs_dns_failed
from ecs_medic.rules.storage.efs_path_missing import efs_path_missing
from ecs_medic.rules.storage.efs_unreachable import efs_unreachable
from ecs_medic.rules.storage.storage_provisioning_timeout import storage_provisioning_timeout

RULES: tuple[Rule, ...] = (
    efs_unreachable,
    efs_dns_failed,
    efs_access_denied,
    efs_path_missing,
    ebs_attach_failed,
    storage_provisioning_timeout,
)
