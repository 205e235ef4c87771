"""Rows of the area *ECS Exec*."""

from ecs_medic.catalogue import documents as doc
from ecs_medic.catalogue.groups import EXEC_AGENT_FAULTS, NO_PATH, distinct
from ecs_medic.catalogue.row import Grant, Remedy, Row
from ecs_medic.vocabulary import Id

_MANAGED_AGENTS = (
    "aws ecs describe-tasks --region {region} --cluster {cluster} --tasks {task_arn} "
    "--query 'tasks[0].[enableExecuteCommand,containers[].[name,managedAgents]]'"
)
_EXEC_SH = (
    "aws ecs execute-command --region {region} --cluster {cluster} --task {task_arn} --container {container} "
    "--interactive --command /bin/sh"
)
_STOP = (
    "aws ecs stop-task --region {region} --cluster {cluster} --task {task_arn} "
    "--reason 'replaced: the ECS Exec agent is gone'"
)

ROWS = (
    Row(
        id=Id.EXEC_AGENT_UNAVAILABLE,
        title="ECS Exec: not enabled when the task started, or its agent is not running",
        meaning=(
            "AWS uses one message for two situations. Either the task was started without ECS Exec, which cannot be "
            "changed while it runs, or ECS Exec is on and its agent inside the container is not (or not yet) running."
        ),
        fix="Look at the task's enableExecuteCommand and managedAgents; they tell the two situations apart.",
        commands=(_MANAGED_AGENTS,),
        candidates=distinct(
            (
                Id.EXEC_NOT_ENABLED,
                Id.EXEC_AGENT_STOPPED,
                Id.EXEC_AGENT_PENDING,
                Id.EXEC_PID_NAMESPACE_SHARED,
                Id.EXEC_READONLY_ROOT_FILESYSTEM,
                Id.EXEC_CONTAINER_RESTARTED,
                Id.EXEC_PLATFORM_TOO_OLD,
                Id.EXEC_AGENT_INSTALL_BROKEN,
                Id.EXEC_WRONG_TARGET,
            ),
            EXEC_AGENT_FAULTS,
        ),
        documentation=(doc.EXEC_TROUBLE, doc.EXEC),
    ),
    Row(
        id=Id.EXEC_TARGET_NOT_CONNECTED,
        title="ECS Exec: the agent in the task is not connected to Systems Manager",
        meaning=(
            "The agent runs in the container, but has no open channel to Systems Manager. It opens that channel "
            "with the "
            "task role's four ssmmessages permissions, over the task's own network interface; one of the two is "
            "missing, "
            "or the agent uses other credentials than the task role's."
        ),
        fix="Give the task role the four ssmmessages actions, and its subnet a way to ssmmessages; then replace the "
        "task.",
        commands=(_MANAGED_AGENTS,),
        candidates=distinct(EXEC_AGENT_FAULTS, (Id.EXEC_NOT_ENABLED, Id.EXEC_WRONG_TARGET)),
        documentation=(doc.EXEC_TROUBLE, doc.EXEC),
    ),
    Row(
        id=Id.EXEC_NOT_ENABLED,
        title="ECS Exec was not enabled when this task started",
        meaning=(
            "ECS Exec is decided when a task starts. Switching it on for a service changes only tasks that start "
            "afterwards, so running ones stay closed until a new deployment replaces them."
        ),
        fix="Enable ECS Exec on the service and force a new deployment; run a standalone task again with it enabled.",
        remedy=Remedy.ASK,
        steps=(
            "Switch enableExecuteCommand on for the service.",
            "Force a new deployment, so that its tasks start with it.",
            "A standalone task must be started again with --enable-execute-command.",
        ),
        commands=(
            (
                "aws ecs update-service --region {region} --cluster {cluster} --service {service} "
                "--enable-execute-command "
                "--force-new-deployment"
            ),
        ),
        documentation=(doc.EXEC,),
    ),
    Row(
        id=Id.EXEC_AGENT_PENDING,
        title="ECS Exec's agent has not started yet",
        meaning=(
            "The agent starts after the container does. For some seconds its state is PENDING, and a session is "
            "refused."
        ),
        fix="Wait a minute and try again.",
        remedy=Remedy.AUTO,
        commands=(_MANAGED_AGENTS,),
        candidates=(Id.EXEC_READONLY_ROOT_FILESYSTEM, Id.EXEC_AGENT_STOPPED),
        documentation=(doc.EXEC_TROUBLE,),
    ),
    Row(
        id=Id.EXEC_AGENT_STOPPED,
        title="ECS Exec's agent stopped in this container",
        meaning=(
            "The agent was started in the container and has ended, and ECS does not start it again. The container "
            "itself may be in perfect health."
        ),
        fix="Replace the task; when it happens again, give the container more memory and a writable root file system.",
        remedy=Remedy.ASK,
        steps=(
            "Stop the task; its service starts another one.",
            "When it repeats: look for a read-only root file system, too little memory, or a container that restarts.",
        ),
        commands=(_STOP,),
        candidates=(
            Id.EXEC_CONTAINER_RESTARTED,
            Id.EXEC_READONLY_ROOT_FILESYSTEM,
            Id.EXEC_PID_NAMESPACE_SHARED,
            Id.CONTAINER_OUT_OF_MEMORY,
            Id.EXEC_AGENT_INSTALL_BROKEN,
            Id.EXEC_TASK_ROLE_MISSING,
            Id.EXEC_NOT_ENABLED,
        ),
        documentation=(doc.EXEC_TROUBLE,),
    ),
    Row(
        id=Id.EXEC_AGENT_INSTALL_BROKEN,
        title="The host or the container lacks what ECS Exec's agent needs",
        meaning=(
            "ECS mounts the agent, its certificates and its plug-ins into the container. Something of it is "
            "missing: an "
            "old ECS agent or instance image, or a container that lacks what the agent expects."
        ),
        fix="Update the container instance to a current ECS-optimized image, then replace the task.",
        remedy=Remedy.ADVISE,
        steps=(
            "On EC2: replace the instance by one of a current ECS-optimized image.",
            "On Fargate: start the task again; it then runs on a current platform.",
        ),
        candidates=(Id.EXEC_PLATFORM_TOO_OLD, Id.EXEC_READONLY_ROOT_FILESYSTEM, Id.EXEC_AGENT_STOPPED),
        documentation=(doc.EXEC_TROUBLE, doc.AGENT),
    ),
    Row(
        id=Id.EXEC_TASK_ROLE_MISSING,
        title="ECS Exec needs a task role, and the task has none",
        meaning=(
            "The agent of ECS Exec opens its channel with the credentials of the task role. It is not the execution "
            "role, which only ECS itself uses."
        ),
        fix="Create a task role that trusts ecs-tasks.amazonaws.com, with the four ssmmessages actions, and name it "
        "in the task definition.",
        remedy=Remedy.ADVISE,
        steps=(
            "Create a role that trusts ecs-tasks.amazonaws.com and allows the four ssmmessages actions.",
            "Name it as taskRoleArn in a new revision of the task definition, and deploy that.",
        ),
        grants=(
            Grant(
                (
                    "ssmmessages:CreateControlChannel",
                    "ssmmessages:CreateDataChannel",
                    "ssmmessages:OpenControlChannel",
                    "ssmmessages:OpenDataChannel",
                )
            ),
        ),
        documentation=(doc.EXEC, doc.TASK_ROLE),
    ),
    Row(
        id=Id.EXEC_TASK_ROLE_LACKS_SSMMESSAGES,
        title="The task role may not open ECS Exec's channel (ssmmessages)",
        meaning=(
            "The agent needs four ssmmessages actions of the task role. At least one is not allowed: by no policy "
            "of the "
            "role, or denied by a permissions boundary or a service control policy."
        ),
        fix="Allow the four ssmmessages actions on the task role {role_arn}, then replace the task.",
        remedy=Remedy.ASK,
        steps=(
            "Attach a policy with the four actions to the task role.",
            (
                "Where a permissions boundary or a service control policy denies them, change that: a policy on the "
                "role cannot help."
            ),
            "Replace the task, so that its agent connects anew.",
        ),
        commands=("aws iam put-role-policy --role-name {role_name} --policy-name ecs-exec --policy-document {policy}",),
        grants=(
            Grant(
                (
                    "ssmmessages:CreateControlChannel",
                    "ssmmessages:CreateDataChannel",
                    "ssmmessages:OpenControlChannel",
                    "ssmmessages:OpenDataChannel",
                )
            ),
        ),
        documentation=(doc.EXEC, doc.TASK_ROLE, doc.POLICY_LOGIC),
    ),
    Row(
        id=Id.EXEC_READONLY_ROOT_FILESYSTEM,
        title="ECS Exec's agent cannot write: the root file system is read-only",
        meaning=(
            "The agent creates files and directories in the container. With readonlyRootFilesystem it cannot, and does "
            "not start or does not stay up."
        ),
        fix="Set readonlyRootFilesystem to false for the container, or use ECS Exec in a sidecar without it.",
        remedy=Remedy.ADVISE,
        documentation=(doc.EXEC,),
    ),
    Row(
        id=Id.EXEC_PID_NAMESPACE_SHARED,
        title="Shared PID namespace: ECS Exec works in one container of the task only",
        meaning=(
            "With pidMode `task` all containers share one process namespace. ECS Exec opens one session for each "
            "namespace, and so works in one container only, whichever agent was first; the others are refused, or "
            "not connected."
        ),
        fix="Open the session in container {working_container}, or give up pidMode task.",
        remedy=Remedy.ADVISE,
        steps=(
            "Let the other containers depend on the one that sessions are for, so that its agent is always the first.",
        ),
        commands=(_EXEC_SH.replace("{container}", "{working_container}"),),
        documentation=(doc.EXEC, doc.TASK_DEFINITION),
    ),
    Row(
        id=Id.EXEC_STATIC_AWS_KEYS_IN_CONTAINER,
        title="AWS keys in the container's environment override the task role",
        meaning=(
            "The agent looks for credentials in the environment first. AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY "
            "there "
            "take the place of the task role, and they rarely have the ssmmessages permissions."
        ),
        fix="Remove the AWS keys from the container's environment, secrets and environment files; use the task role.",
        remedy=Remedy.ADVISE,
        documentation=(doc.EXEC, doc.TASK_ROLE),
    ),
    Row(
        id=Id.EXEC_PROXY_HIDES_CREDENTIALS,
        title="A proxy setting keeps ECS Exec's agent from its credentials",
        meaning=(
            "HTTP_PROXY or HTTPS_PROXY is set without NO_PROXY for 169.254.170.2, the address inside the task that "
            "hands "
            "out the task role's credentials. The agent asks the proxy for them, in vain."
        ),
        fix="Set NO_PROXY=169.254.170.2,169.254.169.254 in the container.",
        remedy=Remedy.ADVISE,
        documentation=(doc.EXEC_TROUBLE, doc.METADATA),
    ),
    Row(
        id=Id.EXEC_PLATFORM_TOO_OLD,
        title="The Fargate platform or the ECS agent is older than ECS Exec",
        meaning=(
            "ECS Exec needs Fargate platform 1.4.0 (Windows: 1.0.0) or later, and on instances ECS agent 1.50.2 "
            "(Windows: 1.56) or later."
        ),
        fix="Use platform version LATEST, or update the instance's ECS agent, and start the task again.",
        remedy=Remedy.ADVISE,
        commands=(
            (
                "aws ecs update-service --region {region} --cluster {cluster} --service {service} --platform-version "
                "LATEST "
                "--force-new-deployment"
            ),
        ),
        documentation=(doc.EXEC, doc.PLATFORM_VERSIONS, doc.AGENT),
    ),
    Row(
        id=Id.EXEC_IPV6_ONLY,
        title="The task has IPv6 only, and ECS Exec cannot connect by it",
        meaning="The task's interface has no IPv4 address, and the endpoints that the agent uses are reached by IPv4.",
        fix="Run the task in a dual-stack subnet.",
        remedy=Remedy.ADVISE,
        documentation=(doc.EXEC, doc.FARGATE_NETWORK),
    ),
    Row(
        id=Id.EXEC_CONTAINER_RESTARTED,
        title="The container was restarted, and ECS Exec's agent does not come back",
        meaning=(
            "A restart policy restarted the container in place. The agent of ECS Exec is started once, with the task, "
            "and is not started again."
        ),
        fix="Replace the task.",
        remedy=Remedy.ASK,
        commands=(_STOP,),
        documentation=(doc.EXEC, doc.TASK_DEFINITION),
    ),
    Row(
        id=Id.EXEC_CALLER_DENIED,
        title="The caller may not open an ECS Exec session here",
        meaning=(
            "The person or program that called has no permission for ecs:ExecuteCommand on this cluster, task or "
            "container: AWS asks for it on the cluster and on the task, both. A condition on the container's name or "
            "a tag counts as well."
        ),
        fix="Allow ecs:ExecuteCommand on this cluster and its tasks for the caller.",
        remedy=Remedy.ADVISE,
        steps=(
            "Check the conditions too: ecs:cluster, ecs:container-name and aws:ResourceTag apply to ExecuteCommand.",
            "The AWS CLI also calls ecs:DescribeTasks, to find the container that it was told.",
            "ssm:StartSession is not needed for it, and AWS advises to deny it on tasks, so that nobody goes past ECS.",
        ),
        grants=(
            Grant(("ecs:ExecuteCommand",), "arn:{partition}:ecs:{region}:{account}:task/{cluster}/*"),
            Grant(("ecs:ExecuteCommand",), "arn:{partition}:ecs:{region}:{account}:cluster/{cluster}"),
        ),
        documentation=(doc.EXEC, doc.EXECUTE_COMMAND_API, doc.POLICY_LOGIC),
    ),
    Row(
        id=Id.EXEC_WRONG_TARGET,
        title="The cluster, task or container that was named is not there",
        meaning=(
            "What the call names does not exist, is misspelt, runs in another cluster or Region, or has stopped. Where "
            "several containers run in the task, one must be named."
        ),
        fix="List the running tasks and their containers, and name one of them.",
        remedy=Remedy.ADVISE,
        commands=(
            "aws ecs list-tasks --region {region} --cluster {cluster} --desired-status RUNNING",
            (
                "aws ecs describe-tasks --region {region} --cluster {cluster} --tasks {task_arn} "
                "--query 'tasks[0].[lastStatus,containers[].name]'"
            ),
            _EXEC_SH,
        ),
        # AWS has said that a task was not found where it ran, and its agent had no way to Systems Manager.
        candidates=distinct((Id.CLUSTER_NOT_FOUND, Id.WRONG_REGION), NO_PATH, (Id.ENDPOINT_POLICY_DENIES,)),
        documentation=(doc.EXECUTE_COMMAND_API, doc.EXEC),
    ),
    Row(
        id=Id.EXEC_NON_INTERACTIVE,
        title="ECS Exec was called without --interactive",
        meaning="ECS Exec offers interactive sessions only, and the call must say so even for a single command.",
        fix="Add --interactive to the call.",
        remedy=Remedy.ADVISE,
        commands=(_EXEC_SH,),
        documentation=(doc.EXECUTE_COMMAND_API,),
    ),
    Row(
        id=Id.EXEC_KMS_FAILED,
        title="ECS Exec: the session's encryption could not be agreed on",
        meaning=(
            "The cluster encrypts sessions with a KMS key of its own. The caller makes a data key with it, the agent "
            "decrypts that key with the task role; one of the two could not."
        ),
        fix="Allow kms:GenerateDataKey for the caller and kms:Decrypt for the task role, on the session's key.",
        steps=("In a subnet without a way out, KMS needs a VPC endpoint as well.",),
        candidates=distinct(
            (Id.EXEC_TASK_ROLE_LACKS_KMS, Id.EXEC_CALLER_LACKS_KMS, Id.EXEC_PLUGIN_MISSING, Id.EXEC_TASK_ROLE_MISSING),
            NO_PATH,
        ),
        documentation=(doc.EXEC, doc.EXEC_TROUBLE),
    ),
    Row(
        id=Id.EXEC_CALLER_LACKS_KMS,
        title="The caller may not use the session's KMS key",
        meaning=(
            "The plug-in on the caller's machine makes the session's data key, and for that the caller needs "
            "kms:GenerateDataKey on the cluster's key, and credentials that the plug-in can find."
        ),
        fix="Allow kms:GenerateDataKey on the session's key for the caller, in the identity policy and the key policy.",
        remedy=Remedy.ADVISE,
        grants=(Grant(("kms:GenerateDataKey",), "{kms_key_arn}"),),
        documentation=(doc.EXEC,),
    ),
    Row(
        id=Id.EXEC_TASK_ROLE_LACKS_KMS,
        title="The task role may not decrypt with the session's KMS key",
        meaning="The agent decrypts the session's data key with the task role, which needs kms:Decrypt on the "
        "cluster's key.",
        fix="Allow kms:Decrypt on the session's key for the task role, in its policy and the key policy.",
        remedy=Remedy.ADVISE,
        grants=(Grant(("kms:Decrypt",), "{kms_key_arn}"),),
        documentation=(doc.EXEC,),
    ),
    Row(
        id=Id.EXEC_AUDIT_TARGET_UNENCRYPTED,
        title="ECS Exec's audit log demands an encrypted log group or bucket",
        meaning=(
            "The cluster's settings say that the log of sessions must be encrypted, and the log group has no KMS key, "
            "or the bucket no default encryption. The agent then refuses the session. It says the same where the "
            "task role may not look, so that the log group or bucket may be encrypted all the same."
        ),
        fix="Encrypt the log group or bucket, or switch the demand off in the cluster's exec settings.",
        remedy=Remedy.ADVISE,
        steps=(
            "Look whether it is encrypted.",
            "Where it is: allow logs:DescribeLogGroups, or s3:GetEncryptionConfiguration, to the task role.",
        ),
        commands=(
            "aws logs associate-kms-key --region {region} --log-group-name {log_group} --kms-key-id {kms_key_arn}",
            (
                "aws ecs describe-clusters --region {region} --clusters {cluster} --include CONFIGURATIONS "
                "--query 'clusters[0].configuration.executeCommandConfiguration'"
            ),
        ),
        candidates=(Id.EXEC_AUDIT_TARGET_DENIED,),
        documentation=(doc.EXEC,),
    ),
    Row(
        id=Id.EXEC_AUDIT_TARGET_DENIED,
        title="ECS Exec's audit log group or bucket is missing, or the task role may not write to it",
        meaning=(
            "The cluster's settings send the log of sessions to a log group or bucket. The task role writes it, and "
            "cannot. Where the settings demand encryption, a session is refused that the agent cannot clear; else it "
            "opens, and leaves no log."
        ),
        fix="Create the log group or bucket, and allow the task role to write to it.",
        remedy=Remedy.ADVISE,
        steps=("The image needs `script` and `cat`, by which the session's output is recorded.",),
        grants=(
            Grant(("logs:DescribeLogGroups",)),
            Grant(("logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"), "{log_group_arn}:*"),
            Grant(("s3:PutObject",), "{bucket_arn}/*"),
            Grant(("s3:GetBucketLocation", "s3:GetEncryptionConfiguration"), "{bucket_arn}"),
        ),
        documentation=(doc.EXEC,),
    ),
    Row(
        id=Id.EXEC_PLUGIN_MISSING,
        title="The caller's machine has no working Session Manager plug-in",
        meaning=(
            "`aws ecs execute-command` hands the session to a separate program, session-manager-plugin. It is not "
            "installed, too old, or built for another processor."
        ),
        fix="Install or update the Session Manager plug-in on the machine that runs the command.",
        remedy=Remedy.ADVISE,
        commands=("session-manager-plugin --version", "aws --version"),
        documentation=(doc.PLUGIN, doc.EXEC),
    ),
    Row(
        id=Id.EXEC_SHELL_MISSING,
        title="The image has no such shell",
        meaning=(
            "The session was opened and the program it should run is not in the image. Small images have no bash, and "
            "distroless ones no shell at all."
        ),
        fix="Use /bin/sh instead, or a program that the image has.",
        remedy=Remedy.ADVISE,
        commands=(_EXEC_SH,),
        candidates=(Id.EXEC_COMMAND_NOT_FOUND,),
        documentation=(doc.EXEC,),
    ),
    Row(
        id=Id.EXEC_COMMAND_NOT_FOUND,
        title="The command is not an executable in the image",
        meaning=(
            "ECS Exec starts a program, without a shell around it. Shell syntax (variables before the command, pipes, "
            "`cd`) therefore does not work, and neither does a program that is not in the image."
        ),
        fix="Give the full path of a program in the image, or wrap the command: /bin/sh -c '…'.",
        remedy=Remedy.ADVISE,
        commands=(_EXEC_SH,),
        candidates=(Id.EXEC_SHELL_MISSING,),
        documentation=(doc.EXEC,),
    ),
    Row(
        id=Id.EXEC_SESSION_FAILED,
        title="The ECS Exec session broke after it had been allowed",
        meaning=(
            "The API accepted the call, and the session then ended or never came alive: idle for 20 minutes, the "
            "process ended, the local input was closed, a proxy or VPN cut the web socket, or the audit log could "
            "not be "
            "written."
        ),
        fix="Try again from a real terminal, without a proxy in between; check the audit log settings of the cluster.",
        steps=(
            "In scripts give the session a terminal (`script -q /dev/null …`): the plug-in ends when its input closes.",
            "When the session opens and shows nothing: check the rights on the audit log group or bucket.",
        ),
        candidates=(
            Id.EXEC_AUDIT_TARGET_DENIED,
            Id.EXEC_AUDIT_TARGET_UNENCRYPTED,
            Id.EXEC_SHELL_MISSING,
            Id.EXEC_COMMAND_NOT_FOUND,
            Id.EXEC_AGENT_STOPPED,
            Id.EXEC_CALLER_LACKS_KMS,
            Id.EXEC_TASK_ROLE_LACKS_KMS,
            Id.EXEC_PLUGIN_MISSING,
            Id.EXEC_TASK_ROLE_LACKS_SSMMESSAGES,
            Id.CONTAINER_OUT_OF_MEMORY,
        ),
        documentation=(doc.EXEC, doc.EXEC_TROUBLE),
    ),
)
