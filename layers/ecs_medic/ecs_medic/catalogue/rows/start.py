"""Rows of the area *start and run*."""

from ecs_medic.catalogue import documents as doc
from ecs_medic.catalogue.groups import EXIT_FAULTS, LOG_FAULTS, START_FAULTS, STORAGE_FAULTS, distinct
from ecs_medic.catalogue.row import Grant, Remedy, Row
from ecs_medic.vocabulary import Id

_LOGS = "aws logs tail {log_group} --region {log_region} --since 1h --log-stream-names {log_stream}"
_STOPPED = (
    "aws ecs describe-tasks --region {region} --cluster {cluster} --tasks {task_arn} "
    "--query 'tasks[0].[stopCode,stoppedReason,containers[].[name,exitCode,reason]]'"
)
_TARGETS = "aws elbv2 describe-target-health --region {region} --target-group-arn {target_group_arn}"

ROWS = (
    Row(
        id=Id.CONTAINER_START_FAILED,
        title="The container could not be started",
        meaning=(
            "The image was pulled, and the container runtime could not start the process. The innermost part of the "
            "message, at its very end, is the reason; everything before it is the way there."
        ),
        fix="Read the end of the message: it names the missing file, mount, device or limit.",
        commands=(_STOPPED,),
        candidates=distinct(
            (
                Id.ENTRYPOINT_NOT_FOUND,
                Id.IMAGE_PLATFORM_MISMATCH,
                Id.CONTAINER_MEMORY_LIMIT_TOO_LOW,
                Id.VOLUME_FAILED,
                Id.DEVICE_MISSING,
                Id.DISK_FULL,
                Id.HOST_PORT_IN_USE,
                Id.CONTAINER_RUNTIME_TIMEOUT,
            ),
            LOG_FAULTS,
            START_FAULTS,
        ),
        documentation=(doc.CANNOT_START, doc.RUNTIME_ERRORS),
    ),
    Row(
        id=Id.CONTAINER_CREATE_FAILED,
        title="The container could not be created",
        meaning=(
            "The image was pulled, and the container runtime refused to create the container: a mount, a volume, a "
            "name "
            "or the disk stands in the way."
        ),
        fix="Read the end of the message: it names the mount, volume or resource that is in the way.",
        commands=(_STOPPED,),
        candidates=distinct(
            (Id.DISK_FULL, Id.VOLUME_FAILED, Id.DEVICE_MISSING, Id.CONTAINER_RUNTIME_TIMEOUT, Id.IMAGE_NOT_FOUND),
            STORAGE_FAULTS,
            (Id.CONTAINER_MEMORY_LIMIT_TOO_LOW, Id.ENTRYPOINT_NOT_FOUND),
        ),
        documentation=(doc.STOPPED_CODES, doc.DEVMAPPER),
    ),
    Row(
        id=Id.CONTAINER_RUNTIME_TIMEOUT,
        title="The container runtime did not answer, or not in time",
        meaning=(
            "docker or containerd did not finish starting, stopping or inspecting the container within its limit. On "
            "instances the disk is mostly too busy or the runtime is stuck; on Fargate it usually passes."
        ),
        fix="On instances: check disk I/O and the runtime, and replace an instance that stays slow; on Fargate: try "
        "again.",
        remedy=Remedy.ADVISE,
        steps=(
            "Look at the instance's disk queue and burst balance while tasks start.",
            "Restart docker and the ECS agent, or drain and replace the instance.",
        ),
        commands=(
            (
                "aws ecs update-container-instances-state --region {region} --cluster {cluster} "
                "--container-instances {container_instance} --status DRAINING"
            ),
        ),
        candidates=(Id.DISK_FULL, Id.AWS_INTERNAL_ERROR),
        documentation=(doc.RUNTIME_TIMEOUT, doc.CANNOT_INSPECT, doc.CANNOT_STOP),
    ),
    Row(
        id=Id.ENTRYPOINT_NOT_FOUND,
        title="The command or entry point is not in the image, or cannot be executed",
        meaning=(
            "The program that the container should run was not found, is not executable, or is hidden by a volume "
            "mounted over its directory. A script with Windows line ends looks missing too, because its interpreter is."
        ),
        fix="Correct entryPoint and command in the task definition or the image, and make the script executable.",
        remedy=Remedy.ADVISE,
        steps=(
            "Run the image by hand and look for the file: docker run --rm --entrypoint ls IMAGE -l PATH.",
            "chmod +x the script, and save it with Unix line ends.",
            "See whether a mount point covers the directory.",
        ),
        candidates=(Id.IMAGE_PLATFORM_MISMATCH, Id.VOLUME_FAILED, Id.APP_EXITED),
        documentation=(doc.CANNOT_START, doc.TASK_DEFINITION),
    ),
    Row(
        id=Id.CONTAINER_MEMORY_LIMIT_TOO_LOW,
        title="The container's memory limit is too low to start it at all",
        meaning=(
            "The runtime needs some megabytes to start any process, and the container's memory limit is below that. "
            "The application has not run yet, so it is not to blame."
        ),
        fix="Raise memory (the hard limit) of the container in the task definition.",
        remedy=Remedy.ADVISE,
        documentation=(doc.MEMORY_ERRORS, doc.TASK_DEFINITION),
    ),
    Row(
        id=Id.CONTAINER_OUT_OF_MEMORY,
        title="The container was killed because it used more memory than it may",
        meaning=(
            "The process reached the memory limit of the container or the task, and the kernel killed it. Either the "
            "limit is too low for the load, or the application leaks."
        ),
        fix="Raise the container's memory, or make the application use less; for Java set MaxRAMPercentage.",
        remedy=Remedy.ADVISE,
        steps=(
            "Compare MemoryUtilization before the end with the limit: a slow rise is a leak, a jump is load.",
            "Mind the task's limit on Fargate: all containers share it.",
        ),
        documentation=(doc.MEMORY_ERRORS, doc.TASK_DEFINITION),
    ),
    Row(
        id=Id.APP_EXITED,
        title="The application ended by itself",
        meaning=(
            "An essential container's process ended with an exit code of its own, and ECS then stops the whole task. "
            "The reason is in the application's last log lines. In a service even exit code 0 is a fault: a service is "
            "meant to run for ever."
        ),
        fix="Read the container's last log lines; they say why the application ended.",
        remedy=Remedy.ADVISE,
        steps=(
            "Run work that ends as a standalone or scheduled task, not as a service.",
            "Mark side containers that may end as essential: false.",
        ),
        commands=(_LOGS, _STOPPED),
        candidates=(
            Id.ENTRYPOINT_NOT_FOUND,
            Id.IMAGE_PLATFORM_MISMATCH,
            Id.CONTAINER_OUT_OF_MEMORY,
            Id.DEPENDENCY_FAILED,
        ),
        documentation=(doc.STOPPED_VIEW, doc.STOPPED_CODES),
    ),
    Row(
        id=Id.APP_CRASHED,
        title="The application crashed: killed by a signal of its own",
        meaning=(
            "Exit codes 139 (segmentation fault), 134 (abort), 136 (arithmetic) and 132 (illegal instruction) are "
            "crashes of native code. 132 often means that the image uses instructions this processor lacks."
        ),
        fix="Read the last log lines and a core dump; check native libraries against the base image and processor.",
        remedy=Remedy.ADVISE,
        commands=(_LOGS, _STOPPED),
        candidates=(Id.IMAGE_PLATFORM_MISMATCH, Id.CONTAINER_OUT_OF_MEMORY),
        documentation=(doc.STOPPED_VIEW,),
    ),
    Row(
        id=Id.CONTAINER_KILLED,
        title="The container was killed (exit code 137), and nothing says that memory was the reason",
        meaning=(
            "Exit code 137 is SIGKILL. It is not always memory: ECS sends it too when a container that should stop "
            "does "
            "not end within its stopTimeout, and when a health check or a person stops the task."
        ),
        fix="See whether the task was being stopped at that time; if so handle SIGTERM, if not look at memory.",
        commands=(_STOPPED,),
        candidates=(
            Id.STOP_TIMEOUT_TOO_SHORT,
            Id.CONTAINER_OUT_OF_MEMORY,
            Id.CONTAINER_HEALTH_CHECK_FAILED,
            Id.ELB_HEALTH_CHECK_FAILED,
            Id.APP_EXITED,
        ),
        documentation=(doc.STOPPED_VIEW, doc.GRACEFUL, doc.MEMORY_ERRORS),
    ),
    Row(
        id=Id.STOP_TIMEOUT_TOO_SHORT,
        title="The container did not end in time after SIGTERM and was killed",
        meaning=(
            "When a task stops, ECS sends SIGTERM and, after stopTimeout (30 seconds by default), SIGKILL. The "
            "application did not end in between: it ignores SIGTERM, or needs longer, or a shell around it keeps the "
            "signal to itself."
        ),
        fix="Handle SIGTERM in the application, or raise stopTimeout (at most 120 seconds on Fargate).",
        remedy=Remedy.ADVISE,
        steps=(
            "Start the program with exec in the entry script, or with an init process, so that the signal arrives.",
        ),
        documentation=(doc.GRACEFUL, doc.TASK_DEFINITION),
    ),
    Row(
        id=Id.ESSENTIAL_CONTAINER_EXITED,
        title="An essential container ended; neither code nor reason is given",
        meaning=(
            "ECS stops the whole task when a container marked essential ends. The message says only that this "
            "happened; "
            "the exit code and the reason are with the container itself."
        ),
        fix="Look at exitCode and reason of each container, then at its last log lines.",
        commands=(_STOPPED, _LOGS),
        candidates=distinct(EXIT_FAULTS, START_FAULTS),
        documentation=(doc.STOPPED_VIEW, doc.STOPPED_CODES),
    ),
    Row(
        id=Id.CONTAINER_HEALTH_CHECK_FAILED,
        title="The container's own health check failed",
        meaning=(
            "The health check of the task definition runs a command inside the container; it failed as often as "
            "`retries` allows, so ECS stopped the task. The application may be ill, or the check: its command may "
            "not be "
            "in the image, or run before the application is ready."
        ),
        fix="Run the health check's command in the container, and give startPeriod enough time.",
        remedy=Remedy.ADVISE,
        steps=(
            "See that the program (curl, wget) is in the image.",
            "Set startPeriod to more than the application's start-up time.",
        ),
        candidates=(Id.APP_EXITED, Id.CONTAINER_OUT_OF_MEMORY, Id.SERVICE_CONNECT_FAILED, Id.ENTRYPOINT_NOT_FOUND),
        documentation=(doc.HEALTH_CHECK, doc.TASK_DEFINITION),
    ),
    Row(
        id=Id.ELB_HEALTH_CHECK_FAILED,
        title="The load balancer's health check failed",
        meaning=(
            "The load balancer asked the task and got no answer, or not the expected one, so ECS replaces the task. A "
            "time-out is mostly a security group or a wrong port, a wrong code is the application, and a failure "
            "soon after the start is a grace period that is too short."
        ),
        fix="Look at the target's reason, then at port, path, expected codes, security group and grace period.",
        remedy=Remedy.ADVISE,
        steps=(
            "Target.Timeout: let the load balancer's security group in on the task's port.",
            "Target.ResponseCodeMismatch: correct the health check's path or the expected codes.",
            "Target.FailedHealthChecks: see that the application listens on 0.0.0.0 and on the mapped port.",
            "Right after the start: raise healthCheckGracePeriodSeconds.",
        ),
        commands=(
            _TARGETS,
            (
                "aws ecs update-service --region {region} --cluster {cluster} --service {service} "
                "--health-check-grace-period-seconds 120"
            ),
        ),
        candidates=(
            Id.APP_EXITED,
            Id.CONTAINER_OUT_OF_MEMORY,
            Id.ELB_ZONE_NOT_ENABLED,
            Id.TARGET_GROUP_MISSING,
            Id.TARGET_NOT_REGISTERED,
        ),
        documentation=(doc.LOAD_BALANCERS, doc.UNHEALTHY_EVENTS, doc.TARGET_HEALTH),
    ),
    Row(
        id=Id.DEPENDENCY_FAILED,
        title="A container that this one depends on did not get where it should",
        meaning=(
            "dependsOn makes one container wait for another to be started, healthy or finished. That never happened: "
            "the other container failed, or has no health check although HEALTHY is asked for."
        ),
        fix="Repair the container that is depended on, and give it a health check where HEALTHY is asked for.",
        remedy=Remedy.ADVISE,
        candidates=(Id.CONTAINER_HEALTH_CHECK_FAILED, Id.APP_EXITED, Id.SERVICE_CONNECT_FAILED),
        documentation=(doc.TASK_DEFINITION,),
    ),
    Row(
        id=Id.DISK_FULL,
        title="No space left on the disk",
        meaning=(
            "On Fargate the task's ephemeral storage (20 GiB by default) holds the image and everything it writes; on "
            "instances images, containers and logs of all tasks share the disk."
        ),
        fix="Raise ephemeralStorage (Fargate, up to 200 GiB), or free or enlarge the instance's disk.",
        remedy=Remedy.ADVISE,
        steps=(
            "Fargate: set ephemeralStorage.sizeInGiB in the task definition, or use a smaller image.",
            "Instances: docker system prune, a larger volume, and a limit on json-file logs.",
        ),
        commands=("docker system df", "docker system prune --all --force"),
        documentation=(doc.PULL_ERRORS, doc.EPHEMERAL, doc.DEVMAPPER),
    ),
    Row(
        id=Id.DEVICE_MISSING,
        title="The instance lacks a device that the container needs",
        meaning=(
            "The task definition or the image asks for a device, mostly a GPU, that the instance does not have or "
            "whose "
            "driver it lacks."
        ),
        fix="Run the task on an instance with that device and its driver (for GPUs: the GPU-optimized image).",
        remedy=Remedy.ADVISE,
        documentation=(doc.GPU, doc.TASK_DEFINITION),
    ),
    Row(
        id=Id.VOLUME_FAILED,
        title="A bind mount or volume could not be set up",
        meaning=(
            "A volume of the task definition could not be created or mounted: the path on the host is missing, a "
            "file is "
            "mounted over a directory (or the reverse), or the volume driver failed."
        ),
        fix="Correct the mount point or volume that the message names.",
        remedy=Remedy.ADVISE,
        steps=(
            "Mount directories on directories: ECS cannot mount a single file out of a volume.",
            "On instances: see that the host path exists and that the volume driver is installed.",
        ),
        candidates=(Id.DISK_FULL, *STORAGE_FAULTS),
        documentation=(doc.CANNOT_VOLUME, doc.BIND_MOUNTS),
    ),
    Row(
        id=Id.EFS_MOUNT_FAILED,
        title="The EFS file system could not be mounted",
        meaning=(
            "Before the containers start, ECS mounts the EFS volumes of the task definition. The mount failed: by "
            "name, "
            "by network, by permission or by path; the message does not say which."
        ),
        fix="Check the mount target in the task's zone, NFS (2049) between the two, permissions and the path.",
        candidates=(
            Id.EFS_UNREACHABLE,
            Id.EFS_DNS_FAILED,
            Id.EFS_ACCESS_DENIED,
            Id.EFS_PATH_MISSING,
            Id.VPC_DNS_DISABLED,
            Id.TASK_SECURITY_GROUP_BLOCKS_EGRESS,
            Id.NETWORK_ACL_BLOCKS,
            Id.ROUTE_BLACKHOLE,
            Id.SERVICE_CONNECT_FAILED,
        ),
        documentation=(doc.EFS, doc.EFS_MOUNT, doc.INIT_ERRORS),
    ),
    Row(
        id=Id.EFS_DNS_FAILED,
        title="The EFS file system's name did not resolve",
        meaning=(
            "The file system's name resolves only inside its VPC, only in zones that have a mount target, and only "
            "where "
            "the VPC's DNS is on. One of these does not hold."
        ),
        fix="Create a mount target in each zone the tasks run in, and switch on the VPC's DNS attributes.",
        remedy=Remedy.ADVISE,
        commands=("aws efs describe-mount-targets --region {region} --file-system-id {file_system_id}",),
        candidates=(Id.EFS_UNREACHABLE, Id.VPC_DNS_DISABLED, Id.CUSTOM_DNS_RESOLVER),
        documentation=(doc.EFS, doc.EFS_MOUNT, doc.VPC_DNS),
    ),
    Row(
        id=Id.EFS_UNREACHABLE,
        title="The EFS mount target does not answer (NFS, port 2049)",
        meaning=(
            "The name resolved, and the connection to port 2049 got no answer: the mount target's security group does "
            "not admit the task, the task's group lets nothing out, or a network ACL is in between."
        ),
        fix="Admit TCP 2049 from the task's security group on the mount target's security group.",
        remedy=Remedy.ADVISE,
        commands=(
            (
                "aws ec2 authorize-security-group-ingress --region {region} --group-id {security_group_ids} "
                "--protocol tcp "
                "--port 2049 --source-group {task_security_group_id}"
            ),
        ),
        candidates=(
            Id.TASK_SECURITY_GROUP_BLOCKS_EGRESS,
            Id.NETWORK_ACL_BLOCKS,
            Id.ROUTE_BLACKHOLE,
            Id.EFS_DNS_FAILED,
        ),
        documentation=(doc.EFS, doc.EFS_MOUNT),
    ),
    Row(
        id=Id.EFS_ACCESS_DENIED,
        title="EFS refused the mount",
        meaning=(
            "The mount target was reached and did not let the task mount: the file system policy wants IAM or an "
            "access "
            "point, the task role lacks elasticfilesystem:ClientMount, or the access point belongs to another file "
            "system."
        ),
        fix="Use IAM authorization in the volume, and allow elasticfilesystem:ClientMount and ClientWrite for the "
        "task role.",
        remedy=Remedy.ADVISE,
        grants=(
            Grant(
                ("elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"),
                "arn:{partition}:elasticfilesystem:{region}:{account}:file-system/{file_system_id}",
            ),
        ),
        candidates=(Id.EFS_PATH_MISSING,),
        documentation=(doc.EFS, doc.EFS_MOUNT),
    ),
    Row(
        id=Id.EFS_PATH_MISSING,
        title="The directory to mount does not exist in the file system",
        meaning="The volume's rootDirectory is not in the file system; EFS does not create it by itself.",
        fix="Create the directory, mount the root instead, or use an access point that creates its path.",
        remedy=Remedy.ADVISE,
        documentation=(doc.EFS, doc.EFS_MOUNT),
    ),
    Row(
        id=Id.EBS_ATTACH_FAILED,
        title="The EBS volume could not be created or attached",
        meaning=(
            "ECS creates an EBS volume for the task with the infrastructure role. EC2 refused it, the role lacks "
            "permissions, or the volume was not ready in time."
        ),
        fix="Read the attachment's statusReason, then check the infrastructure role, the volume's settings and quotas.",
        remedy=Remedy.ADVISE,
        commands=(
            (
                "aws ecs describe-tasks --region {region} --cluster {cluster} --tasks {task_arn} "
                "--query 'tasks[0].attachments[?type==`AmazonElasticBlockStorage`]'"
            ),
        ),
        candidates=(Id.ROLE_TRUST_POLICY_WRONG, Id.ROLE_NOT_FOUND, Id.QUOTA_EXCEEDED),
        documentation=(doc.EBS, doc.INFRASTRUCTURE_ROLE),
    ),
    Row(
        id=Id.STORAGE_PROVISIONING_TIMEOUT,
        title="The task's ephemeral storage was not ready in time",
        meaning="AWS did not provide the task's storage before its limit. It is usually a passing fault of AWS.",
        fix="Wait for the next attempt; look further only when it repeats.",
        remedy=Remedy.AUTO,
        candidates=(Id.AWS_INTERNAL_ERROR,),
        documentation=(doc.EPHEMERAL, doc.INTERNAL_ERRORS),
    ),
    Row(
        id=Id.SERVICE_CONNECT_FAILED,
        title="The proxy of Service Connect or App Mesh is not healthy",
        meaning=(
            "A proxy container runs next to the application and must be ready first. It was not: too little CPU or "
            "memory for it, no way to its control plane, or a certificate that could not be fetched."
        ),
        fix="Give the task more CPU and memory for the proxy, and a way to the ECS endpoints it needs.",
        remedy=Remedy.ADVISE,
        steps=(
            "Look at the proxy's own log (logConfiguration of serviceConnectConfiguration).",
            "Reserve CPU and memory for the proxy on top of the application's.",
        ),
        candidates=(Id.CONTAINER_HEALTH_CHECK_FAILED, Id.CONTAINER_OUT_OF_MEMORY, Id.DEPENDENCY_FAILED),
        documentation=(doc.SERVICE_CONNECT,),
    ),
)
