"""Rows of the area *secrets, configuration, roles*."""

from ecs_medic.catalogue import documents as doc
from ecs_medic.catalogue.groups import (
    NO_PATH,
    NO_PATH_TO_S3,
    PARAMETER_FAULTS,
    PULL_REFUSED,
    ROLE_UNUSABLE,
    SECRET_FAULTS,
    distinct,
)
from ecs_medic.catalogue.row import Grant, Remedy, Row
from ecs_medic.vocabulary import Id

_DESCRIBE_SECRET = "aws secretsmanager describe-secret --region {region} --secret-id {secret}"
_TRUST = "aws iam get-role --role-name {role_name} --query Role.AssumeRolePolicyDocument"

ROWS = (
    Row(
        id=Id.SECRETS_OR_REGISTRY_AUTH_FAILED,
        title="ECS could not fetch secrets or the registry's token",
        meaning=(
            "Before it starts a task, ECS fetches the registry token, the secrets and the parameters of the task "
            "definition. One of these failed and the message does not say which; the network and the execution role "
            "are "
            "the two usual reasons."
        ),
        fix="Check the subnet's way to ECR, Secrets Manager and Systems Manager, then the execution role's "
        "permissions.",
        candidates=distinct(NO_PATH, SECRET_FAULTS, PARAMETER_FAULTS, PULL_REFUSED, ROLE_UNUSABLE),
        documentation=(doc.INIT_ERRORS, doc.CONNECTIVITY, doc.EXECUTION_ROLE),
    ),
    Row(
        id=Id.SECRET_FETCH_FAILED,
        title="A secret or parameter could not be fetched, and the message does not say why",
        meaning=(
            "ECS was fetching a secret or parameter that the task definition names, and the message ends before the "
            "reason. It can be the network, the execution role, or the secret itself."
        ),
        fix="Check that the secret exists, that the execution role may read it, and that its service can be reached.",
        candidates=distinct(NO_PATH, SECRET_FAULTS, PARAMETER_FAULTS, (Id.ENDPOINT_POLICY_DENIES,), ROLE_UNUSABLE),
        documentation=(doc.INIT_ERRORS, doc.SECRETS_ENV, doc.PARAMETERS_ENV),
    ),
    Row(
        id=Id.SECRET_NOT_FOUND,
        title="The secret does not exist",
        meaning=(
            "Secrets Manager has no such secret in the Region that was asked. Its name is misspelt, it lives in "
            "another "
            "Region or account, it was deleted, or its ARN lacks the six characters at the end."
        ),
        fix="Correct the secret's ARN in the task definition, or create the secret.",
        remedy=Remedy.ADVISE,
        steps=(
            (
                "Use the whole ARN with its six characters at the end; a name that ends in a hyphen and six characters "
                "misleads the look-up."
            ),
            "A secret that is scheduled for deletion can be restored.",
        ),
        commands=(_DESCRIBE_SECRET, "aws secretsmanager restore-secret --region {region} --secret-id {secret}"),
        candidates=(Id.SECRET_ARN_INVALID, Id.SECRET_HAS_NO_VALUE),
        documentation=(doc.NOT_FOUND_ERRORS, doc.SECRETS_ENV),
    ),
    Row(
        id=Id.SECRET_HAS_NO_VALUE,
        title="The secret exists, but has no value",
        meaning=(
            "A secret and its value are created in two steps, and the second never happened, or no version carries the "
            "stage that was asked for (AWSCURRENT by default)."
        ),
        fix="Give the secret a value.",
        remedy=Remedy.ADVISE,
        commands=(
            "aws secretsmanager put-secret-value --region {region} --secret-id {secret} --secret-string file://value",
            _DESCRIBE_SECRET,
        ),
        candidates=(Id.SECRET_NOT_FOUND, Id.SECRET_KEY_MISSING),
        documentation=(doc.SECRETS_ENV,),
    ),
    Row(
        id=Id.SECRET_KEY_MISSING,
        title="The secret lacks the JSON key, stage or version that was asked for",
        meaning=(
            "The task definition asks for one key of a JSON secret, or for one stage or version, and the secret has no "
            "such thing. RDS's own secrets, for example, know username and password only."
        ),
        fix="Add the key to the secret, or correct the reference in the task definition.",
        remedy=Remedy.ADVISE,
        steps=("The form is ARN:json-key:version-stage:version-id; empty parts keep their colons.",),
        commands=(_DESCRIBE_SECRET,),
        candidates=(Id.SECRET_HAS_NO_VALUE, Id.SECRET_ARN_INVALID, Id.SECRET_NOT_JSON),
        documentation=(doc.SECRETS_ENV,),
    ),
    Row(
        id=Id.SECRET_NOT_JSON,
        title="A JSON key is asked of a secret that is not JSON",
        meaning=(
            "The reference names a JSON key, so ECS reads the secret as JSON, and it is not. Single quotes around a "
            "value that was meant to be JSON are the usual reason."
        ),
        fix="Store valid JSON in the secret, or refer to it without a JSON key.",
        remedy=Remedy.ADVISE,
        commands=(
            (
                "aws secretsmanager put-secret-value --region {region} --secret-id {secret} --secret-string "
                "file://value.json"
            ),
        ),
        documentation=(doc.SECRETS_ENV,),
    ),
    Row(
        id=Id.SECRET_ARN_INVALID,
        title="The reference to the secret is malformed",
        meaning=(
            "What the task definition gives as valueFrom is neither a secret's ARN nor the long form with JSON key, "
            "stage and version. A colon too many or too few moves a part to the wrong place."
        ),
        fix="Write valueFrom as ARN, or as ARN:json-key:version-stage:version-id with all three colons.",
        remedy=Remedy.ADVISE,
        candidates=(Id.SECRET_NOT_FOUND, Id.SECRET_KEY_MISSING),
        documentation=(doc.SECRETS_ENV,),
    ),
    Row(
        id=Id.SSM_PARAMETER_NOT_FOUND,
        title="The parameter does not exist",
        meaning=(
            "Parameter Store has no parameter of this name in the Region and account that were asked. Names are "
            "case-sensitive, and a leading slash counts."
        ),
        fix="Create the parameter {parameter}, or correct its name in the task definition.",
        remedy=Remedy.ADVISE,
        commands=(
            "aws ssm describe-parameters --region {region} --parameter-filters Key=Name,Values={parameter}",
            "aws ssm put-parameter --region {region} --name {parameter} --type SecureString --value file://value",
        ),
        documentation=(doc.PARAMETERS_ENV,),
    ),
    Row(
        id=Id.EXECUTION_ROLE_CANNOT_READ_SECRET,
        title="The execution role may not read the secret",
        meaning=(
            "ECS fetches secrets with the task's execution role (not with the task role), and that role lacks "
            "secretsmanager:GetSecretValue on this secret, or something denies it."
        ),
        fix="Allow secretsmanager:GetSecretValue on the secret for the execution role.",
        remedy=Remedy.ADVISE,
        steps=(
            "Where the secret has a customer key, allow kms:Decrypt on that key as well.",
            "A secret of another account needs a resource policy there too.",
        ),
        grants=(Grant(("secretsmanager:GetSecretValue",), "{secret}"),),
        candidates=(Id.ENDPOINT_POLICY_DENIES, Id.EXECUTION_ROLE_CANNOT_DECRYPT, Id.SECRET_NOT_FOUND),
        documentation=(doc.EXECUTION_ROLE, doc.SECRETS_ENV, doc.SECRET_ACCESS),
    ),
    Row(
        id=Id.EXECUTION_ROLE_CANNOT_READ_PARAMETER,
        title="The execution role may not read the parameter",
        meaning=(
            "ECS fetches parameters with the task's execution role, and that role lacks ssm:GetParameters on this "
            "parameter. ssm:GetParameter, without the s, is not enough."
        ),
        fix="Allow ssm:GetParameters on the parameter for the execution role.",
        remedy=Remedy.ADVISE,
        steps=("Where the parameter has a customer key, allow kms:Decrypt on that key as well.",),
        grants=(Grant(("ssm:GetParameters",), "{parameter_arn}"),),
        candidates=(Id.ENDPOINT_POLICY_DENIES, Id.EXECUTION_ROLE_CANNOT_DECRYPT, Id.SSM_PARAMETER_NOT_FOUND),
        documentation=(doc.EXECUTION_ROLE, doc.PARAMETERS_ENV),
    ),
    Row(
        id=Id.EXECUTION_ROLE_CANNOT_DECRYPT,
        title="The execution role may not decrypt the secret or parameter",
        meaning=(
            "The secret or parameter is encrypted with a customer key, and the execution role may not use that key: by "
            "its own policy, or by the policy of the key."
        ),
        fix="Allow kms:Decrypt on the key for the execution role, in its policy and in the key policy.",
        remedy=Remedy.ADVISE,
        grants=(Grant(("kms:Decrypt",), "{kms_key_arn}"),),
        commands=("aws kms describe-key --key-id {kms_key_arn} --query KeyMetadata.KeyState",),
        documentation=(doc.EXECUTION_ROLE, doc.SECRETS_ENV),
    ),
    Row(
        id=Id.ENV_FILE_FAILED,
        title="The environment file could not be fetched",
        meaning=(
            "The task definition takes environment variables from a file in S3. The download or the reading of it "
            "failed, and the message does not say why."
        ),
        fix="Check that the file exists, that the execution role may read it, and that S3 can be reached.",
        candidates=distinct(
            (Id.ENV_FILE_DENIED_OR_MISSING,), NO_PATH_TO_S3, (Id.ENDPOINT_POLICY_DENIES,), ROLE_UNUSABLE
        ),
        documentation=(doc.ENV_FILES,),
    ),
    Row(
        id=Id.ENV_FILE_DENIED_OR_MISSING,
        title="The environment file is not there, or the execution role may not read it",
        meaning=(
            "S3 answered 403 or 404. Without the right to list the bucket S3 says 403 for a file that does not "
            "exist, so "
            "both are possible."
        ),
        fix="Check the file's name, and allow s3:GetObject on it and s3:GetBucketLocation on its bucket.",
        remedy=Remedy.ADVISE,
        commands=("aws s3api head-object --bucket {bucket} --key {key}",),
        grants=(
            Grant(("s3:GetObject",), "arn:{partition}:s3:::{bucket}/{key}"),
            Grant(("s3:GetBucketLocation",), "arn:{partition}:s3:::{bucket}"),
        ),
        candidates=(Id.ENDPOINT_POLICY_DENIES,),
        documentation=(doc.ENV_FILES,),
    ),
    Row(
        id=Id.ROLE_CANNOT_BE_ASSUMED,
        title="ECS could not assume the role",
        meaning=(
            "ECS starts a task with the credentials of its roles. This role does not exist, does not trust "
            "ecs-tasks.amazonaws.com (or ecs.amazonaws.com for an infrastructure role), or its trust policy has a "
            "condition that does not hold."
        ),
        fix="Check that the role exists and that its trust policy names the ECS service.",
        commands=(_TRUST,),
        candidates=(
            Id.ROLE_TRUST_POLICY_WRONG,
            Id.ROLE_NOT_FOUND,
            Id.MANAGED_INSTANCE_ROLE_MISCONFIGURED,
            Id.CALLER_DENIED,
        ),
        documentation=(doc.EXECUTION_ROLE, doc.TASK_ROLE, doc.SERVICE_EVENTS),
    ),
    Row(
        id=Id.ROLE_TRUST_POLICY_WRONG,
        title="The role does not trust Amazon ECS tasks",
        meaning=(
            "The role exists, and its trust policy does not let ecs-tasks.amazonaws.com assume it, or only under a "
            "condition that this task does not meet."
        ),
        fix="Let ecs-tasks.amazonaws.com assume the role {role_arn} in its trust policy.",
        remedy=Remedy.ADVISE,
        steps=(
            "The statement: Effect Allow, Principal Service ecs-tasks.amazonaws.com, Action sts:AssumeRole.",
            "Conditions on aws:SourceArn must cover this account and Region; on aws:SourceAccount, this account.",
            "The second command replaces the whole trust policy: add the statements that others need to its JSON.",
        ),
        commands=(
            _TRUST,
            "aws iam update-assume-role-policy --role-name {role_name} --policy-document {policy}",
        ),
        candidates=(Id.ROLE_NOT_FOUND, Id.SERVICE_ROLE_BROKEN),
        documentation=(doc.EXECUTION_ROLE, doc.TASK_ROLE),
    ),
    Row(
        id=Id.ROLE_NOT_FOUND,
        title="The role does not exist",
        meaning="The task definition names a role that IAM does not know. It was deleted, or belongs to another "
        "account.",
        fix="Create the role {role_arn}, or name an existing one in a new revision of the task definition.",
        remedy=Remedy.ADVISE,
        commands=("aws iam get-role --role-name {role_name}",),
        documentation=(doc.EXECUTION_ROLE, doc.TASK_ROLE),
    ),
    Row(
        id=Id.EXECUTION_ROLE_MISSING,
        title="The task definition needs an execution role, and names none",
        meaning=(
            "ECS needs the execution role to pull from ECR, to fetch secrets and, on Fargate, to write logs. "
            "Without one "
            "it has no credentials for that."
        ),
        fix="Name an execution role (executionRoleArn) in a new revision of the task definition.",
        remedy=Remedy.ADVISE,
        steps=(
            "Create a role that trusts ecs-tasks.amazonaws.com with AmazonECSTaskExecutionRolePolicy.",
            "Name it as executionRoleArn, register the revision, deploy it.",
        ),
        documentation=(doc.EXECUTION_ROLE,),
    ),
)
