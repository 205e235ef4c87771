"""Rules on the images that a task's containers are made of, and the registries that keep them."""

from ecs_medic.rules.image.ecr_repository_policy_denies import ecr_repository_policy_denies
from ecs_medic.rules.image.image_access_denied import image_access_denied
from ecs_medic.rules.image.image_format_unsupported import image_format_unsupported
from ecs_medic.rules.image.image_not_found import image_not_found
from ecs_medic.rules.image.image_platform_mismatch import image_platform_mismatch
from ecs_medic.rules.image.image_reference_invalid import image_reference_invalid
from ecs_medic.rules.image.registry_blob_missing import registry_blob_missing
from ecs_medic.rules.image.registry_credentials_missing import registry_credentials_missing
from ecs_medic.rules.image.registry_credentials_wrong import registry_credentials_wrong
from ecs_medic.rules.image.registry_rate_limited import registry_rate_limited
from ecs_medic.rules.image.registry_server_error import registry_server_error
from ecs_medic.rules.rule import Rule

RULES: tuple[Rule, ...] = (
    image_reference_invalid,
    image_not_found,
    ecr_repository_policy_denies,
    image_access_denied,
    registry_credentials_missing,
    registry_credentials_wrong,
    registry_rate_limited,
    image_platform_mismatch,
    image_format_unsupported,
    registry_blob_missing,
    registry_server_error,
)
