"""Containers: creating them, starting them, their storage, their end."""

from ecs_medic.incident import Kind
from ecs_medic.symptoms.signature import Signature, Specificity
from ecs_medic.vocabulary import Id

_PREFIX, _STAGE, _FAMILY, _CAUSE = Specificity.PREFIX, Specificity.STAGE, Specificity.FAMILY, Specificity.CAUSE
_DECISIVE = Specificity.DECISIVE
_NOT_EXEC = frozenset({Kind.STOPPED_TASK, Kind.SERVICE_EVENT, Kind.ON_DEMAND})

_EFS = "{efs utils|efs volume|.efs.|efs file system|efs mount|mount.nfs|mount.efs|efs-utils|elasticfilesystem}"

SIGNATURES = (
    # Memory and exit.
    Signature(
        Id.CONTAINER_MEMORY_LIMIT_TOO_LOW,
        "{memory limit too low|init was oom-killed|minimum memory limit allowed|minimum memory limit can not be less}",
        "the runtime could not even start the process with so little memory",
        _DECISIVE,
    ),
    Signature(
        Id.CONTAINER_OUT_OF_MEMORY,
        "{container killed due to memory usage|outofmemoryerror: container|oomkilled|oom-killed|oom killed}",
        "the container used more memory than it may",
        _CAUSE,
        unless=("memory limit too low",),
    ),
    Signature(
        Id.CONTAINER_OUT_OF_MEMORY,
        "outofmemoryerror",
        "the container used more memory than it may",
        _FAMILY,
        unless=("java.lang",),
    ),
    Signature(
        Id.APP_CRASHED,
        "{segmentation fault|core dumped|sigsegv|sigabrt|illegal instruction|signal 11}",
        "the process was killed by a signal of its own doing",
        _FAMILY,
        certain=False,
    ),
    Signature(
        Id.ESSENTIAL_CONTAINER_EXITED,
        "{essential container in task exited|essentialcontainerexited|essential container exited"
        "|essential container in task has exited}",
        "an essential container ended; which and how is said elsewhere",
        _PREFIX,
    ),
    Signature(
        Id.CONTAINER_HEALTH_CHECK_FAILED,
        "{failed container health check|container health check failed|failed container healthcheck"
        "|container failed health check|containers failed health checks}",
        "the container's own health check failed",
        _CAUSE,
    ),
    Signature(
        Id.SERVICE_CONNECT_FAILED,
        "{envoy readiness check failed|appnet agent|service connect proxy|appnet-agent|initialize service connect"
        "|serviceconnect is only supported}",
        "the proxy of Service Connect is not ready",
        _CAUSE,
    ),
    Signature(
        Id.SERVICE_CONNECT_FAILED,
        "{service connect|service-connect|app mesh|appmesh|envoy} … "
        "{unhealthy|failed|error|not ready|timed out|exited|health check}",
        "the proxy of Service Connect or App Mesh failed",
        _STAGE,
        certain=False,
        unless=("{unable to place|pull|secret|steady state|unhealthy in|target-group}",),
    ),
    Signature(
        Id.DEPENDENCY_FAILED,
        "{taskdependencyerror|task dependencies cannot be resolved|container ordering dependency"
        "|dependency did not exit successfully|dependency will never start|dependency on containers not resolved"
        "|dependencies on containers not resolved|dependent container not in expected state"
        "|dependsonconditionerror|dependency graph: dependency}",
        "a container that this one depends on did not get where it should",
        _CAUSE,
    ),
    Signature(
        Id.DEPENDENCY_FAILED,
        "{dependency|depends on|dependson} … {timed out|unhealthy|failed|did not}",
        "a container that this one depends on did not get where it should",
        _STAGE,
        certain=False,
    ),
    # Disk and devices.
    Signature(
        Id.DISK_FULL,
        "{no space left on device|thin pool has|not enough space on the disk|disk quota exceeded|insufficient disk "
        "space"
        "|there is not enough space on the disk|min_free_space option}",
        "the disk is full",
        _DECISIVE,
    ),
    Signature(
        Id.DEVICE_MISSING,
        "{error gathering device information|could not select device driver|nvidia-container-cli"
        "|nvidia-container-runtime"
        "|no cuda-capable device|failed to initialize nvml|unknown or invalid runtime name: nvidia"
        "|is not a device node|unknown runtime specified nvidia}",
        "the instance has no such device",
        _CAUSE,
    ),
    # EFS.
    Signature(
        Id.EFS_DNS_FAILED,
        "failed to resolve {fs-|filesystem-id|}",
        "the file system's name did not resolve",
        _STAGE,
        certain=False,
        unless=("failed to resolve {ref|image|reference}", "{cannotpull|has been retried|pull image}"),
    ),
    Signature(
        Id.EFS_DNS_FAILED,
        _EFS + " … failed to resolve",
        "the file system's name did not resolve",
        _CAUSE,
    ),
    Signature(
        Id.EFS_DNS_FAILED,
        "failed to resolve … {.efs.|ensure that the vpc has an efs mount target|mount target for this file system"
        "|mount-dns-name|.s3files.}",
        "the file system's name did not resolve",
        _CAUSE,
    ),
    Signature(
        Id.EFS_DNS_FAILED,
        "{tcp: lookup fs-|the provided dns name for the file system|lookup fs-}",
        "the file system's name did not resolve",
        _CAUSE,
    ),
    Signature(
        Id.EFS_ACCESS_DENIED,
        _EFS + " … {access denied by server|accessdenied|not authorized to perform: elasticfilesystem"
        "|permission denied|operation not permitted by the file system policy}",
        "the file system refused the mount",
        _CAUSE,
    ),
    Signature(
        Id.EFS_PATH_MISSING,
        _EFS + " … reason given by server: no such file or directory",
        "the directory is not in the file system",
        _CAUSE,
    ),
    Signature(
        Id.EFS_PATH_MISSING,
        "accesspointnotfound",
        "the access point does not exist",
        _CAUSE,
        certain=False,
    ),
    Signature(
        Id.EFS_UNREACHABLE,
        _EFS + " … {connection timed out|failed due to timeout|mount attempt 2/3 failed|connection timeout|timed out}",
        "NFS got no answer",
        _FAMILY,
    ),
    Signature(
        Id.EFS_MOUNT_FAILED,
        "{failed to invoke efs utils|efs utils command|mount.nfs4|amazon-efs-utils|efs-utils|set up efs volumes"
        "|failed to invoke s3files|amazon-efs-mount-watchdog|volumedriver.mount: mounting efs|mount.efs}",
        "the file system was being mounted",
        _STAGE,
    ),
    # EBS and other storage.
    Signature(
        Id.STORAGE_PROVISIONING_TIMEOUT,
        "{timeout|timed out} … {ephemeralstorage|ephemeral storage}",
        "the ephemeral storage was not ready in time",
        _CAUSE,
    ),
    Signature(
        Id.EBS_ATTACH_FAILED,
        "{ebs volume|ebs attachment|amazon ebs|amazonelasticblockstorage|ebs-csi|ebs task volume|taskebs} … "
        "{fail|unable|timed out|timeout|error|not authorized|could not|denied|unsupported|exceeded|cannot|can't}",
        "an EBS volume could not be made or attached",
        _FAMILY,
    ),
    Signature(
        Id.EBS_ATTACH_FAILED,
        "{fail|unable|timed out|timeout|error|could not|cannot|can't} … "
        "{ebs volume|ebs attachment|amazon ebs|amazonelasticblockstorage|ebs-csi|attach volume vol-|attach volume}",
        "an EBS volume could not be made or attached",
        _FAMILY,
    ),
    Signature(
        Id.EBS_ATTACH_FAILED,
        "{volumelimitexceeded|not authorized to perform: ec2:createvolume|not authorized to perform: ec2:attachvolume"
        "|invalidsnapshot.notfound}",
        "EC2 refused the volume",
        _FAMILY,
    ),
    Signature(
        Id.VOLUME_FAILED,
        "{connotcreatevolumeerror|cannotcreatevolumeerror|volumeerror|volumedriver.create|volumedriver.mount"
        "|agent could not create task's volume resources|error while mounting volume|error mounting"
        "|creating mount source path"
        "|invalid mount config|bind source path does not exist|are you trying to mount a directory onto a file"
        "|unable to resolve volume mounts|failed to copy existing contents to task volume|duplicate mount point"
        "|invalid volume specification|error creating overlay mount|failed to mount local volume"
        "|no such volume|invalid volume|volume detection failed|mount through procfd|invalid bind mount}",
        "a volume or a mount could not be set up",
        _FAMILY,
        unless=("{mount.nfs|efs utils|access denied by server|/sys/fs/cgroup}",),
    ),
    Signature(
        Id.VOLUME_FAILED,
        "rootfs_linux.go … mounting",
        "the runtime was mounting something into the container",
        _FAMILY,
        certain=False,
    ),
    Signature(
        Id.HOST_PORT_IN_USE,
        "{port is already allocated|address already in use|only one usage of each socket address}",
        "another process on the host has the port",
        _CAUSE,
        kinds=_NOT_EXEC,
    ),
    Signature(
        Id.HOST_PORT_IN_USE,
        "driver failed programming external connectivity",
        "the host port could not be bound",
        _STAGE,
        certain=False,
    ),
    # Starting.
    Signature(
        Id.ENTRYPOINT_NOT_FOUND,
        "{executable file not found|exec user process caused: no such file|exec user process caused no such file"
        "|exec user process caused: permission denied|exec user process caused permission denied"
        "|cannot run program|no command specified|exec: no command}",
        "the image has no such command, or it cannot be executed",
        _CAUSE,
        kinds=_NOT_EXEC,
    ),
    Signature(
        Id.ENTRYPOINT_NOT_FOUND,
        "exec: … {: stat |no such file or directory|permission denied|not a directory|is a directory}",
        "the image has no such command, or it cannot be executed",
        _FAMILY,
        kinds=_NOT_EXEC,
        unless=("{error mounting|rootfs_linux|mount callback failed|error during container init}",),
    ),
    Signature(
        Id.ENTRYPOINT_NOT_FOUND,
        "{: exec /|exited exec /|reason exec /} … {no such file or directory|permission denied}",
        "the image has no such command, or it cannot be executed",
        _FAMILY,
        kinds=_NOT_EXEC,
        unless=("{error mounting|rootfs_linux|mount callback failed|fork/exec}",),
    ),
    Signature(
        Id.ENTRYPOINT_NOT_FOUND,
        "^exec / … {no such file or directory|permission denied}",
        "the image has no such command, or it cannot be executed",
        _FAMILY,
    ),
    Signature(
        Id.CONTAINER_RUNTIME_TIMEOUT,
        "{could not transition to|dockertimeouterror|containerruntimetimeouterror}",
        "the container runtime took too long",
        _FAMILY,
    ),
    Signature(
        Id.CONTAINER_RUNTIME_TIMEOUT,
        "{cannot connect to the docker daemon|error during connect|docker daemon is not running"
        "|containerd is not responding|daemon is not responding|dial unix /var/run/docker.sock"
        "|dial unix /run/containerd|transport is closing|/containerd.sock}",
        "the container runtime could not be reached",
        _CAUSE,
    ),
    Signature(
        Id.CONTAINER_RUNTIME_TIMEOUT,
        "{cannotinspectcontainererror|cannotstopcontainererror|cannotdescribecontainererror|cannotlistcontainerserror"
        "|cannotremovecontainererror|cannotgetdockerclient|failed sending sigterm|failed sending sigkill}",
        "the container runtime did not do as it was told",
        _STAGE,
        certain=False,
    ),
    Signature(
        Id.CONTAINER_CREATE_FAILED,
        "cannotcreatecontainererror",
        "the container was being created; docker's words after it are endless, and one may say more",
        _PREFIX,
        certain=False,
    ),
    Signature(
        Id.CONTAINER_CREATE_FAILED,
        "conflict. the container name",
        "another container has the name",
        _FAMILY,
        certain=False,
    ),
    Signature(
        Id.CONTAINER_START_FAILED,
        "{cannotstartcontainererror|failed to create new container runtime task|oci runtime create failed"
        "|runc create failed|failed to create shim|failed to create task for container|unable to create new container"
        "|failed to get container status|containerruntimeerror|failed to start container|dockerstateerror"
        "|starting container process caused|unable to start container process|cannot start container"
        "|encountered an error during start|failure in a windows system call|createcomputesystem"
        "|cgrouperror|could not create task's platform resources}",
        "the container was being started; the runtime's words after it are endless, and one may say more",
        _PREFIX,
        kinds=_NOT_EXEC,
        certain=False,
    ),
    Signature(
        Id.ESSENTIAL_CONTAINER_EXITED,
        "^{task failed to start|taskfailedtostart|taskfailedtostart: task failed to start}{.|}$",
        "the task did not start, and that is all that is said",
        _PREFIX,
        certain=False,
    ),
)
