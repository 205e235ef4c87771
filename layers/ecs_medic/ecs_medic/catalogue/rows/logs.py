"""Rows of the area *logs*."""

from ecs_medic.catalogue import documents as doc
from ecs_medic.catalogue.groups import LOG_FAULTS, NO_PATH, NO_PATH_TO_S3, ROLE_UNUSABLE, distinct
from ecs_medic.catalogue.row import Grant, Remedy, Row
from ecs_medic.vocabulary import Id

_STREAM = "arn:{partition}:logs:{log_region}:{account}:log-group:{log_group}:*"

ROWS = (
    Row(
        id=Id.LOG_GROUP_MISSING,
        title="The CloudWatch log group does not exist",
        meaning=(
            "The awslogs driver writes to a log group that must be there before the container starts. It was deleted, "
            "misspelt, or exists in another Region. AWS gives the same message when the way to CloudWatch Logs is "
            "closed."
        ),
        fix="Create the log group {log_group} in {log_region}, then force a new deployment.",
        remedy=Remedy.AUTO,
        steps=(
            "Create the log group, with a retention.",
            "Or set awslogs-create-group and give the execution role logs:CreateLogGroup.",
            "Start the task again.",
        ),
        commands=(
            "aws logs create-log-group --region {log_region} --log-group-name {log_group}",
            "aws logs put-retention-policy --region {log_region} --log-group-name {log_group} --retention-in-days 30",
            "aws ecs update-service --region {region} --cluster {cluster} --service {service} --force-new-deployment",
        ),
        candidates=distinct((Id.LOG_REGION_WRONG,), NO_PATH, (Id.EXECUTION_ROLE_CANNOT_CREATE_LOG_GROUP,)),
        documentation=(doc.INIT_ERRORS, doc.AWSLOGS, doc.LOG_GROUPS),
    ),
    Row(
        id=Id.LOG_STREAM_FAILED,
        title="The log stream could not be created, and the message does not say why",
        meaning=(
            "ECS starts a container only when its log driver is ready. Creating the stream failed: no log group, no "
            "permission, no way to CloudWatch Logs, or an option that is missing."
        ),
        fix="Check the log group, the role's logs permissions, the way to CloudWatch Logs, and the driver's options.",
        candidates=distinct(LOG_FAULTS, NO_PATH, (Id.ENDPOINT_POLICY_DENIES, Id.FIRELENS_CONFIG_FAILED), ROLE_UNUSABLE),
        documentation=(doc.INIT_ERRORS, doc.AWSLOGS),
    ),
    Row(
        id=Id.EXECUTION_ROLE_CANNOT_WRITE_LOGS,
        title="The role that writes logs may not create the log stream",
        meaning=(
            "On Fargate and Managed Instances the execution role writes logs, on EC2 the instance's role unless the "
            "agent is told otherwise. It lacks logs:CreateLogStream or logs:PutLogEvents on this group."
        ),
        fix="Allow logs:CreateLogStream and logs:PutLogEvents on the log group for that role.",
        remedy=Remedy.ADVISE,
        commands=(
            (
                "aws iam attach-role-policy --role-name {role_name} --policy-arn "
                "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
            ),
        ),
        grants=(Grant(("logs:CreateLogStream", "logs:PutLogEvents"), _STREAM),),
        candidates=(Id.ENDPOINT_POLICY_DENIES, Id.EXECUTION_ROLE_CANNOT_CREATE_LOG_GROUP, Id.LOG_REGION_WRONG),
        documentation=(doc.EXECUTION_ROLE, doc.AWSLOGS),
    ),
    Row(
        id=Id.EXECUTION_ROLE_CANNOT_CREATE_LOG_GROUP,
        title="awslogs-create-group is on, and the role may not create log groups",
        meaning=(
            "The driver is told to create the log group where it is missing. The managed execution policy does not "
            "include logs:CreateLogGroup, so the creation is refused."
        ),
        fix="Create the log group {log_group} yourself, or allow logs:CreateLogGroup for the execution role.",
        remedy=Remedy.ASK,
        commands=("aws logs create-log-group --region {log_region} --log-group-name {log_group}",),
        grants=(Grant(("logs:CreateLogGroup",), "arn:{partition}:logs:{log_region}:{account}:log-group:{log_group}"),),
        candidates=(Id.LOG_GROUP_MISSING, Id.ENDPOINT_POLICY_DENIES, Id.EXECUTION_ROLE_CANNOT_WRITE_LOGS),
        documentation=(doc.AWSLOGS, doc.EXECUTION_ROLE),
    ),
    Row(
        id=Id.LOG_REGION_WRONG,
        title="awslogs-region is not the Region where the log group is",
        meaning="The driver looks for the log group in the Region of its option awslogs-region; the group is "
        "elsewhere.",
        fix="Set awslogs-region to the Region of the log group, in a new revision of the task definition.",
        remedy=Remedy.ADVISE,
        documentation=(doc.AWSLOGS,),
    ),
    Row(
        id=Id.FIRELENS_CONFIG_FAILED,
        title="The FireLens configuration could not be fetched or built",
        meaning=(
            "Logs go through a log router (Fluent Bit or Fluentd), and its configuration could not be downloaded "
            "from S3 "
            "or put together from the options of the task definition."
        ),
        fix="Check the configuration file in S3, the execution role's right to read it, and the FireLens options.",
        remedy=Remedy.ADVISE,
        grants=(
            Grant(("s3:GetObject",), "arn:{partition}:s3:::{bucket}/{key}"),
            Grant(("s3:GetBucketLocation",), "arn:{partition}:s3:::{bucket}"),
        ),
        candidates=NO_PATH_TO_S3,
        documentation=(doc.FIRELENS,),
    ),
    Row(
        id=Id.LOG_DRIVER_CREDENTIALS_FAILED,
        title="The log driver found no credentials",
        meaning=(
            "On instances the docker daemon itself writes to CloudWatch Logs, with the instance's role. It found no "
            "credentials: no instance profile, or, on ECS Anywhere, none that the daemon can use."
        ),
        fix="Give the instance a profile with logs permissions, or let the execution role write logs.",
        remedy=Remedy.ADVISE,
        steps=(
            "EC2: attach an instance profile with AmazonEC2ContainerServiceforEC2Role.",
            "Or set ECS_ENABLE_AWSLOGS_EXECUTIONROLE_OVERRIDE=true for the ECS agent, and use an execution role.",
        ),
        candidates=ROLE_UNUSABLE,
        documentation=(doc.AWSLOGS, doc.INSTANCE_ROLE),
    ),
)
