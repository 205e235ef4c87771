"""Log drivers: what stopped a container because its logs could not be set up."""

from ecs_medic.symptoms.signature import Signature, Specificity
from ecs_medic.vocabulary import Id

_PREFIX, _STAGE, _FAMILY, _CAUSE = Specificity.PREFIX, Specificity.STAGE, Specificity.FAMILY, Specificity.CAUSE

_DRIVER = "{validate logger args|cloudwatch log|logging driver|log driver|create logger|cloudwatchlogs}"

SIGNATURES = (
    Signature(
        Id.EXECUTION_ROLE_CANNOT_CREATE_LOG_GROUP,
        "not authorized to perform: logs:createloggroup",
        "IAM names the action",
        _CAUSE,
        if_cut=Id.LOG_STREAM_FAILED,
    ),
    Signature(
        Id.EXECUTION_ROLE_CANNOT_CREATE_LOG_GROUP,
        "failed to create cloudwatch log group … accessdenied",
        "awslogs-create-group is on, and creating the group was refused",
        _CAUSE,
    ),
    Signature(
        Id.EXECUTION_ROLE_CANNOT_WRITE_LOGS,
        "not authorized to perform: logs:{createlogstream|putlogevents|describelogstreams}",
        "IAM names the action",
        _CAUSE,
        if_cut=Id.LOG_STREAM_FAILED,
    ),
    Signature(
        Id.EXECUTION_ROLE_CANNOT_WRITE_LOGS,
        "failed to create cloudwatch log stream … accessdenied",
        "creating the log stream was refused",
        _CAUSE,
    ),
    Signature(
        Id.LOG_GROUP_MISSING,
        "specified log group does not exist",
        "CloudWatch Logs has no such group in that Region",
        _CAUSE,
        unless=("{executecommand|execute-command|execute command}",),
    ),
    Signature(
        Id.LOG_GROUP_MISSING,
        _DRIVER + " … {resourcenotfoundexception|loggroup does not exist|log group does not exist|log group not found}",
        "CloudWatch Logs has no such group in that Region",
        _CAUSE,
    ),
    Signature(
        Id.LOG_GROUP_MISSING,
        "{loggroup does not exist|log group does not exist}",
        "CloudWatch Logs has no such group in that Region",
        _FAMILY,
        certain=False,
        unless=("{executecommand|execute-command|execute command}",),
    ),
    Signature(
        Id.LOG_GROUP_MISSING,
        "cannot find the amazon cloudwatch log group defined in the task definition{.|}$",
        "AWS's own summary since June 2024, and no connection issue after it",
        _FAMILY,
    ),
    Signature(
        Id.LOG_DRIVER_CREDENTIALS_FAILED,
        _DRIVER
        + " … {nocredentialproviders|no valid providers in chain|credentialsendpointerror|failed to load credentials"
        "|failed to refresh cached credentials|no ec2 imds role found|unable to locate credentials|expiredtoken"
        "|security token included in the request is}",
        "the log driver found no credentials",
        _CAUSE,
    ),
    Signature(
        Id.LOG_DRIVER_CREDENTIALS_FAILED,
        "failed to create log stream … {credentialsendpointerror|failed to load credentials|nocredentialproviders}",
        "the log driver found no credentials",
        _CAUSE,
    ),
    Signature(
        Id.FIRELENS_CONFIG_FAILED,
        "{firelens s3 config|generate firelens config|firelens resource|firelens config|firelens: |firelens options"
        "|parsing firelens}",
        "the configuration of the log router could not be fetched or built",
        _CAUSE,
    ),
    Signature(
        Id.FIRELENS_CONFIG_FAILED,
        "fluent.sock … {no such file|connection refused|connect:}",
        "the log router was not there when the container started",
        _FAMILY,
        certain=False,
    ),
    Signature(
        Id.LOG_STREAM_FAILED,
        "{failed to create cloudwatch log stream|failed to create cloudwatch log group|failed to validate logger args"
        "|failed to initialize logging driver|failed to create log stream|unable to get awslogs driver"
        "|create stream has been retried|cannot find the amazon cloudwatch log group|error setting log driver"
        "|failed to create logger|no log driver named|awslogs driver}",
        "the log stream was being set up",
        _STAGE,
    ),
)
