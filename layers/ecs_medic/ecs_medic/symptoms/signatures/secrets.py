"""Secrets, parameters, environment files and roles: what a task needs before its image is pulled."""

from ecs_medic.symptoms.signature import Signature, Specificity
from ecs_medic.vocabulary import Id

_PREFIX, _STAGE, _FAMILY, _CAUSE = Specificity.PREFIX, Specificity.STAGE, Specificity.FAMILY, Specificity.CAUSE
_DECISIVE = Specificity.DECISIVE

_SECRET = "{secret from asm|registry auth from asm|asm fetching|secrets manager|secretsmanager|the secret with arn}"
_PARAMETER = "{secrets from ssm|secret from ssm|ssm parameter store|systems manager|ssm: getparameters}"
_ENV_FILE = "{env file|environment file}"

# A refusal counts only where it names its action: "AccessDeniedException" alone may be the end of a sentence that goes
# on to name KMS, or a VPC endpoint's policy.
SIGNATURES = (
    # KMS, on either way.
    Signature(
        Id.EXECUTION_ROLE_CANNOT_DECRYPT,
        "{access to kms is not allowed|not authorized to perform: kms:decrypt|kms.accessdenied|kmsaccessdenied"
        "|kms access denied}",
        "KMS refused to decrypt",
        _DECISIVE,
        unless=("{initiating handshake|fetching data key|kmsencryption}",),
    ),
    Signature(
        Id.EXECUTION_ROLE_CANNOT_DECRYPT,
        "{ciphertext refers to a customer master key|invalidciphertextexception|decryptionfailure"
        "|can't decrypt the protected secret}",
        "what KMS should decrypt could not be decrypted",
        _CAUSE,
        certain=False,
        unless=("{initiating handshake|fetching data key|kmsencryption}",),
    ),
    # Secrets Manager.
    Signature(
        Id.EXECUTION_ROLE_CANNOT_READ_SECRET,
        "not authorized to perform: secretsmanager:{getsecretvalue|describesecret}",
        "IAM names the action",
        _CAUSE,
        if_cut=Id.SECRET_FETCH_FAILED,
    ),
    Signature(
        Id.SECRET_HAS_NO_VALUE,
        "{can't find the specified secret value|secret does not exist or has no value|empty secrets value"
        "|secret has no value|could not find secret value}",
        "the secret is there, but it has no value of that stage",
        _DECISIVE,
    ),
    Signature(
        Id.SECRET_KEY_MISSING,
        "{did not contain json key|does not contain json key|doesn't contain json key|missing json key}",
        "the secret's JSON has no such key",
        _CAUSE,
    ),
    Signature(
        Id.SECRET_KEY_MISSING,
        _SECRET + " … {version|stage} … {not found|does not exist|no secret version}",
        "the secret has no such version or stage",
        _FAMILY,
        certain=False,
        unless=("can't find the specified secret.",),
    ),
    Signature(
        Id.SECRET_NOT_JSON,
        "looking for beginning of {value|object key string}",
        "a JSON key is asked of a value that is not JSON",
        _CAUSE,
        unless=("{execute-command|manifest|registry-1|config.json|response body}",),
    ),
    Signature(
        Id.SECRET_NOT_JSON,
        "{secret from asm|registry auth from asm|asm fetching} … "
        "{invalid character|unable to unmarshal|cannot unmarshal|invalid schema|unexpected end of json}",
        "the value of the secret is not the JSON that is asked of it",
        _FAMILY,
    ),
    Signature(
        Id.SECRET_ARN_INVALID,
        "{invalid arn format for the aws secrets manager|could not find a secretsmanager secretid"
        "|invalid secret arn|not a valid secret arn|secrets manager secret was specified. specify a valid arn}",
        "the reference is not a secret's ARN",
        _CAUSE,
    ),
    Signature(
        Id.SECRET_ARN_INVALID,
        _SECRET + " … {invalid name. must be a valid name|invalid arn|arn: invalid|invalid prefix|arn is not valid}",
        "Secrets Manager does not accept the reference",
        _CAUSE,
    ),
    Signature(
        Id.SECRET_ARN_INVALID,
        "getsecretvalueinput.versionid",
        "the reference has something else where the version id belongs: mostly a colon too few",
        _CAUSE,
        certain=False,
    ),
    Signature(
        Id.SECRET_ARN_INVALID,
        _SECRET + " … {validationexception|1 validation error|invalidparameter}",
        "Secrets Manager does not accept the reference",
        _STAGE,
        certain=False,
    ),
    Signature(
        Id.SECRET_NOT_FOUND,
        "can't find the specified secret.",
        "Secrets Manager has no such secret in this Region",
        _CAUSE,
    ),
    Signature(
        Id.SECRET_NOT_FOUND,
        "{check whether the secret exists|check that the secret arn is correct}",
        "AWS's own summary since June 2024",
        _CAUSE,
    ),
    Signature(
        Id.SECRET_NOT_FOUND,
        _SECRET + " … {resourcenotfoundexception|marked for deletion|marked as deleted|scheduled for deletion}",
        "Secrets Manager has no such secret, or is deleting it",
        _FAMILY,
        if_cut=Id.SECRET_FETCH_FAILED,
    ),
    # Parameter Store.
    Signature(
        Id.EXECUTION_ROLE_CANNOT_READ_PARAMETER,
        "not authorized to perform: ssm:{getparameters|getparameter|getparametersbypath}",
        "IAM names the action",
        _CAUSE,
        if_cut=Id.SECRET_FETCH_FAILED,
    ),
    Signature(
        Id.SSM_PARAMETER_NOT_FOUND,
        "{invalid ssm parameters|invalid parameters: |parameternotfound|invalid ssm parameter}",
        "Parameter Store has no such parameter in this Region",
        _CAUSE,
        unless=("{when calling|executecommand}",),
    ),
    Signature(
        Id.SSM_PARAMETER_NOT_FOUND,
        _PARAMETER + " … {parameternotfound|not found|does not exist}",
        "Parameter Store has no such parameter in this Region",
        _FAMILY,
        certain=False,
    ),
    # A secret or parameter, and no more is said.
    Signature(
        Id.SECRET_FETCH_FAILED,
        "{unable to retrieve secret from asm|unable to retrieve secrets from ssm|unable to retrieve secret from ssm"
        "|unable to get registry auth from asm|fetching secret data from|failed to fetch secret|asm fetching secret"
        "|can't pull the secret|cannot pull secrets from|can't retrieve the secret|unable to retrieve secrets from asm"
        "|unable to retrieve secrets from secrets manager|unable to retrieve secret from secrets manager"
        "|trying to retrieve secret with value}",
        "a secret or a parameter was being fetched",
        _STAGE,
    ),
    Signature(
        Id.SECRETS_OR_REGISTRY_AUTH_FAILED,
        "{unable to pull secrets or registry auth|unable to retrieve ecr registry auth|cannot pull registry auth"
        "|execution resource retrieval failed|unable to pull secrets|unable to pull registry auth"
        "|cannotpullecrcontainererror}",
        "secrets or the registry's token were being fetched",
        _PREFIX,
    ),
    # Environment files.
    Signature(
        Id.ENV_FILE_DENIED_OR_MISSING,
        _ENV_FILE + " … {statuscode: 403|statuscode: 404|status code: 403|status code: 404"
        "|accessdenied|access denied|forbidden|nosuchkey|nosuchbucket|not found|notfound|does not exist"
        "|not authorized to perform}",
        "S3 answered that the file is not there or not for this role; it says 403 for a missing one too",
        _FAMILY,
    ),
    Signature(
        Id.ENV_FILE_FAILED,
        "{failed to download env file|download env file|environment file|env files: |envfile resource"
        "|environmentfiles}",
        "the environment file was being fetched",
        _STAGE,
    ),
    # Roles.
    Signature(
        Id.EXECUTION_ROLE_MISSING,
        "{requires task definition to have execution role|requires that the task definition have execution role"
        "|must specify an execution role|execution role is required|executionrolearn is required"
        "|you must also specify a value for executionrolearn|no execution role|missing execution role}",
        "the task definition has no execution role",
        _CAUSE,
    ),
    Signature(
        Id.EXECUTION_ROLE_MISSING,
        "execution role credentials not available",
        "the agent got no credentials of an execution role",
        _FAMILY,
        certain=False,
    ),
    Signature(
        Id.ROLE_TRUST_POLICY_WRONG,
        "{trust relationship has been misconfigured|trust policy has been misconfigured"
        "|role does not trust ecs-tasks|trust policy does not allow ecs-tasks|trust relationship is misconfigured}",
        "AWS names the role's trust policy",
        _CAUSE,
    ),
    Signature(
        Id.ROLE_CANNOT_BE_ASSUMED,
        "{ecs was unable to assume the|ecs is unable to assume the|unable to assume the role|unable to assume role"
        "|could not assume role|failed to assume role|not authorized to perform: sts:assumerole"
        "|can't assume the role|cannot assume role|role is not valid|error assuming role|the role cannot be assumed}",
        "ECS could not assume the role; why is not said",
        _FAMILY,
        unless=("service linked role",),
    ),
)
