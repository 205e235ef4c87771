"""Rules on what the execution role fetches for the containers: secrets, parameters and environment files."""

from ecs_medic.rules.rule import Rule
from ecs_medic.rules.secrets.env_file_denied_or_missing import env_file_denied_or_missing
from ecs_medic.rules.secrets.execution_role_cannot_decrypt import execution_role_cannot_decrypt
from ecs_medic.rules.secrets.secret_arn_invalid import secret_arn_invalid
from ecs_medic.rules.secrets.secret_has_no_value import secret_has_no_value
from ecs_medic.rules.secrets.secret_key_missing import secret_key_missing
from ecs_medic.rules.secrets.secret_not_found import secret_not_found
from ecs_medic.rules.secrets.secret_not_json import secret_not_json
from ecs_medic.rules.secrets.ssm_parameter_not_found import ssm_parameter_not_found

RULES: tuple[Rule, ...] = (
    secret_arn_invalid,
    secret_not_found,
    secret_has_no_value,
    secret_key_missing,
    secret_not_json,
    ssm_parameter_not_found,
    execution_role_cannot_decrypt,
    env_file_denied_or_missing,
)
