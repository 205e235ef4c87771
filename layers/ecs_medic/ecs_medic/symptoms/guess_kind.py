"""Where do these words come from? For text that somebody pasted without saying so."""

from ecs_medic.incident import Kind
from ecs_medic.symptoms.normalise import normalise
from ecs_medic.symptoms.signature import contains

_HINTS: tuple[tuple[Kind, str], ...] = (
    (Kind.EXEC_ERROR, "{executecommand operation|startsession operation|terminatesession operation}"),
    (Kind.EXEC_ERROR, "{execute command failed|execute-command|session-manager-plugin|sessionmanagerplugin}"),
    (Kind.EXEC_ERROR, "{sessionid|start session|failed to start pty|fork/exec|targetnotconnected|--interactive}"),
    (
        Kind.EXEC_ERROR,
        "{ssm:startsession|ecs:executecommand|managed agent|interactive is the only mode|oci runtime exec}",
    ),
    (
        Kind.EXEC_ERROR,
        "{initiating handshake|task length should be|exec enabled for task|your session |unable to start command}",
    ),
    (Kind.EXEC_ERROR, "{(required: >=|pid namespace|pidmode}"),
    (
        Kind.STOPPED_TASK,
        "{cannotpull|can't pull the image|resourceinitializationerror|cannotstartcontainer|cannotcreatecontainer}",
    ),
    (Kind.ECR_PUSH, "{docker push|docker login|get-login|push refers to|ecr:initiatelayerupload|ecr:putimage}"),
    (Kind.ECR_PUSH, "{no basic auth credentials|authorization token has expired|ecr:uploadlayerpart|tag invalid}"),
    (Kind.ECR_PUSH, "{ecr:completelayerupload|name unknown: the repository with name|non tty device|buildx build}"),
    (
        Kind.ECR_PUSH,
        (
            "{error saving credentials|error parsing http|denied: not authorized|/blobs/|login attempt to"
            "|the getauthorizationtoken operation|failed to push|failed commit on ref|put request to"
            "|an image does not exist locally}"
        ),
    ),
    (Kind.STOPPED_TASK, "{essential container|task failed elb|task failed container|scaling activity initiated}"),
    (Kind.SERVICE_EVENT, "^{(service|service}"),
    (Kind.SERVICE_EVENT, "{unable to place|is unhealthy in|has reached a steady state|container-instance|(service }"),
    (
        Kind.SERVICE_EVENT,
        "{capacity is unavailable|deployment|az balanced|has started|registered|resource:|taskset|desired count to}",
    ),
)


def guess_kind(text: str) -> Kind:
    """The kind whose words occur first in the list of hints; a stopped task where none does."""
    normalised = normalise(text)
    return next((kind for kind, words in _HINTS if contains(normalised, words)), Kind.STOPPED_TASK)
