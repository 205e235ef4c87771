"""AWS's own wording of what went wrong: the messages of Fargate platform 1.4 as they read today."""

from sandbox.ecs.roles import Refusal
from sandbox.ecs.world import uuid

INITIALIZATION = "ResourceInitializationError: "
SECRETS_OR_AUTH = INITIALIZATION + "unable to pull secrets or registry auth: "
RETRIEVAL = SECRETS_OR_AUTH + "execution resource retrieval failed: "
PULL = "CannotPullContainerError: "

ESSENTIAL_EXITED = "Essential container in task exited"
OUT_OF_MEMORY = "OutOfMemoryError: Container killed due to memory usage"
STOPPED_BY_USER = "Task stopped by user"

EXEC_UNAVAILABLE = (
    "The execute command failed because execute command was not enabled when the task was run or the execute command "
    "agent isn’t running. Wait and try again or run a new task with execute command enabled and try again."
)
EXEC_NOT_CONNECTED = "The execute command failed due to an internal error. Try again later."
EXEC_NOT_INTERACTIVE = "Interactive is the only mode supported currently."
EXEC_TASK_NOT_FOUND = "The specified task was not found."
EXEC_TASK_LENGTH = "task length should be one of [32,36]"
EXEC_NO_TASK_ROLE_SERVICE = (
    "The service couldn't be {done} because a valid taskRoleArn is not being used. "
    "Specify a valid task role in your task definition and try again."
)
EXEC_NO_TASK_ROLE_TASK = (
    "The execute command failed because a valid task role is not being used. "
    "Specify a valid task role in your task definition or as a task override and try again."
)


def silence(address: str | None, host: str, resolver: str, own: str) -> str:
    """How Go's network library reports a connection that nobody answered (address) or a name without answer."""
    if address is None:
        return f"dial tcp: lookup {host} on {resolver}:53: read udp {own}:40211->{resolver}:53: i/o timeout"
    return f"dial tcp {address}:443: i/o timeout"


def denied(caller: str, action: str, resource: str, refusal: Refusal) -> str:
    """AWS's AccessDeniedException, as the older SDK that Fargate's agent uses prints it."""
    return (
        f"AccessDeniedException: User: {caller} is not authorized to perform: {action} on resource: {resource} "
        f"{refusal.because} status code: 400, request id: {uuid()}"
    )


FAILED_TO_START = "Task failed to start"


def ecr_unreachable_from_instance(host: str, how: str) -> str:
    """The agent on an instance got no answer from GetAuthorizationToken."""
    return f'CannotPullECRContainerError: RequestError: send request failed caused by: Post "https://{host}/": {how}'


def ecr_denied_to_instance(denial: str) -> str:
    """GetAuthorizationToken was refused to the role with which the agent on an instance pulls."""
    return f"CannotPullECRContainerError: {denial}"


DEPLOYMENT_LIMITS = (
    "was unable to stop or start tasks during a deployment because of the service deployment configuration. Update the "
    "minimumHealthyPercent or maximumPercent value and try again."
)


def tasks_protected(deployment_id: str) -> str:
    """Why the scheduler does not scale in."""
    return (
        f"was unable to reach steady state because task set ({deployment_id}) was unable to scale in. Reason: The "
        "number of protected tasks are more than the desired count of tasks."
    )


def place_not_found(words: str) -> str:
    """Why the service's scheduler starts nothing."""
    return f"was unable to place a task because no container instance met all of its requirements. {words}"


def registry_auth_unreachable(host: str, how: str) -> str:
    """GetAuthorizationToken got no answer."""
    return (
        f"{SECRETS_OR_AUTH}The task cannot pull registry auth from Amazon ECR: There is a connection issue between the "
        "task and Amazon ECR. Check your task network configuration. operation error ECR: GetAuthorizationToken, "
        "exceeded maximum number of attempts, 3, https response error StatusCode: 0, RequestID: , request send failed, "
        f'Post "https://{host}/": {how}'
    )


def registry_auth_denied(denial: str) -> str:
    """GetAuthorizationToken was refused."""
    return f"{RETRIEVAL}unable to retrieve ecr registry auth: service call has been retried 1 time(s): {denial}"


def secret_unreachable(arn: str) -> str:
    """Secrets Manager got no chance to answer."""
    return (
        f"{RETRIEVAL}unable to retrieve secret from asm: service call has been retried 5 time(s): failed to fetch "
        f"secret {arn} from secrets manager: RequestCanceled: request context canceled caused by: context deadline "
        "exceeded. Please check your task network configuration."
    )


def secret_failed(arn: str, error: str) -> str:
    """Secrets Manager answered with an error."""
    return (
        f"{RETRIEVAL}unable to retrieve secret from asm: service call has been retried 1 time(s): failed to fetch "
        f"secret {arn} from secrets manager: {error}"
    )


def secret_missing() -> str:
    """The error of a secret that does not exist."""
    return (
        "ResourceNotFoundException: Secrets Manager can't find the specified secret. "
        f"status code: 400, request id: {uuid()}"
    )


def secret_being_deleted() -> str:
    """The error of a secret that is scheduled for deletion."""
    return (
        "InvalidRequestException: You can't perform this operation on the secret because it was marked for deletion. "
        f"status code: 400, request id: {uuid()}"
    )


def secret_without_value() -> str:
    """The error of a secret that was created and never given a value."""
    return (
        "ResourceNotFoundException: Secrets Manager can't find the specified secret value for staging label: "
        f"AWSCURRENT status code: 400, request id: {uuid()}"
    )


def secret_key_missing(key: str) -> str:
    """The secret is JSON and lacks the key that the task definition asks for."""
    return (
        f"{RETRIEVAL}unable to retrieve secret from asm: service call has been retried 1 time(s): retrieved secret "
        f"from Secrets Manager did not contain json key {key}"
    )


def secret_not_json(first: str) -> str:
    """A JSON key is asked of a secret that is plain text beginning with `first`."""
    return (
        f"{RETRIEVAL}unable to retrieve secret from asm: service call has been retried 1 time(s): "
        f"invalid character '{first}' looking for beginning of value"
    )


def parameters_unreachable() -> str:
    """Parameter Store got no chance to answer."""
    return (
        f"{RETRIEVAL}unable to retrieve secrets from ssm: service call has been retried 5 time(s): RequestCanceled: "
        "request context canceled caused by: context deadline exceeded. Please check your task network configuration."
    )


def parameters_failed(error: str) -> str:
    """Parameter Store answered with an error, or does not know a name."""
    return f"{RETRIEVAL}unable to retrieve secrets from ssm: service call has been retried 1 time(s): {error}"


def env_file_unreachable() -> str:
    """S3 got no chance to answer."""
    return (
        f"{INITIALIZATION}failed to download env files: file download command: non-empty error stream: "
        "RequestCanceled: request context canceled caused by: context deadline exceeded"
    )


def env_file_failed(status: int, error: str) -> str:
    """S3 answered the HEAD request with an error."""
    return (
        f"{INITIALIZATION}failed to download env files: service call has been retried 1 time(s): operation error S3: "
        f"HeadObject, https response error StatusCode: {status}, RequestID: {uuid()}, api error {error}: {error}"
    )


def manifest_unreachable(image: str, url: str, how: str) -> str:
    """The registry did not answer the manifest request."""
    return (
        f"{PULL}The task cannot pull {image} from the registry {image}. There is a connection issue between the task "
        "and the registry. Check your task network configuration. : failed to resolve ref "
        f'{image}: failed to do request: Head "{url}": {how}'
    )


def manifest_forbidden(image: str, host: str, reference: str) -> str:
    """The registry answered 403."""
    return (
        f"{PULL}pull image manifest has been retried 1 time(s): failed to resolve ref {image}: pulling from host "
        f"{host} failed with status code [manifests {reference}]: 403 Forbidden"
    )


def image_not_found(image: str) -> str:
    """The registry knows no such repository, tag or digest."""
    return f"{PULL}pull image manifest has been retried 1 time(s): failed to resolve ref {image}: {image}: not found"


def platform_missing(image: str, platform: str) -> str:
    """The image index has nothing for the task's platform."""
    return (
        f"{PULL}ref pull has been retried 1 time(s): failed to resolve ref {image}: image Manifest does not contain "
        f"descriptor matching platform '{platform}'"
    )


def layers_unreachable(image: str, how: str) -> str:
    """S3, from which ECR serves layers, did not answer."""
    return (
        f"{PULL}The task cannot pull {image} from the registry {image}. There is a connection issue between the task "
        "and the registry. Check your task network configuration. : failed to copy: httpReadSeeker: failed open: "
        f"failed to do request: Get {image}: {how}"
    )


def layers_forbidden(host: str, digest: str) -> str:
    """S3 answered 403: the gateway endpoint's policy does not admit ECR's bucket."""
    return (
        f"{PULL}ref pull has been retried 1 time(s): failed to copy: httpReadSeeker: failed open: unexpected status "
        f"code https://{host}/{digest.removeprefix('sha256:')[:12]}: 403 Forbidden"
    )


def logs_unreachable() -> str:
    """CloudWatch Logs did not answer; AWS words it as if the log group were missing."""
    return (
        f"{INITIALIZATION}failed to validate logger args: The task cannot find the Amazon CloudWatch log group defined "
        "in the task definition. There is a connection issue between the task and Amazon CloudWatch. Check your "
        "network configuration. : signal: killed"
    )


def log_stream_failed(error: str) -> str:
    """CloudWatch Logs answered with an error."""
    return (
        f"{INITIALIZATION}failed to validate logger args: create stream has been retried 1 times: "
        f"failed to create Cloudwatch log stream: {error} : exit status 1"
    )


def log_group_creation_failed(error: str) -> str:
    """awslogs-create-group is on, and the group could not be created."""
    return (
        f"{INITIALIZATION}failed to validate logger args: create stream has been retried 1 times: "
        f"failed to create Cloudwatch log group: {error} : exit status 1"
    )


def log_group_missing() -> str:
    """The error of a log group that does not exist."""
    return f"ResourceNotFoundException: The specified log group does not exist. status code: 400, request id: {uuid()}"


def role_not_assumable(role_arn: str) -> str:
    """ECS cannot act as the role."""
    return (
        f"ECS was unable to assume the role '{role_arn}' that was provided for this task. Please verify that the role "
        "being passed has the proper trust relationship and permissions and that your IAM user has permissions to pass "
        "this role."
    )


def scaling_activity(deployment_id: str) -> str:
    """Why the service scheduler stops a task in a deployment or when it scales in."""
    return f"Scaling activity initiated by (deployment {deployment_id})"


def efs_unresolved(file_system: str, region: str) -> str:
    """The file system's name does not lead anywhere from the task's zone."""
    return _efs(
        f'Failed to resolve "{file_system}.efs.{region}.amazonaws.com" - check that your file system ID is correct, '
        "and ensure that the VPC has an EFS mount target for this file system ID. See "
        "https://docs.aws.amazon.com/console/efs/mount-dns-name for more detail.",
        1,
    )


def efs_timed_out(file_system: str, region: str) -> str:
    """Nobody answered on port 2049."""
    return _efs(
        f"Mount attempt 1/3 failed due to timeout after 15 sec, wait 0 sec before next attempt. {file_system}.efs."
        f"{region}.amazonaws.com: mount.nfs4: Connection timed out",
        32,
    )


def efs_denied(file_system: str, region: str) -> str:
    """The file system's policy does not let the client in."""
    return _efs(f"mount.nfs4: access denied by server while mounting {file_system}.efs.{region}.amazonaws.com:/", 32)


def efs_access_point_missing(access_point: str) -> str:
    """The volume names an access point that is gone."""
    return _efs(f"AccessPointNotFound: the access point {access_point} does not exist", 1)


def _efs(error: str, code: int) -> str:
    return (
        f"{INITIALIZATION}failed to invoke EFS utils commands to set up EFS volumes: stderr: {error} : unsuccessful "
        f"EFS utils command execution; code: {code}"
    )


CONTAINER_HEALTH = "Task failed container health checks"


def elb_health(target_group: str) -> str:
    """Why the scheduler stops a task that its load balancer finds ill."""
    return f"Task failed ELB health checks in (target-group {target_group})"
