"""Read one message: which symptom does it show, and how sure is that?

The order of trust, best first: a stop code that names normal life by itself; the more specific of what the container
and the task say; an exit code, where the words only say that something ended; an error code, where there are no words.
"""

import re
from dataclasses import dataclass
from types import MappingProxyType

from ecs_medic.incident import Kind, Message, SymptomConfidence
from ecs_medic.symptoms.index import candidates
from ecs_medic.symptoms.normalise import is_cut, normalise
from ecs_medic.symptoms.signature import Signature, Specificity, bears
from ecs_medic.vocabulary import Id


@dataclass(frozen=True, slots=True)
class Recognition:
    """What a message says, before anyone has looked at the account."""

    symptom: Id
    confidence: SymptomConfidence


_UNKNOWN = Recognition(Id.UNKNOWN, SymptomConfidence.UNKNOWN)

_STOPPED_BY_CODE: MappingProxyType[str, tuple[Id, frozenset[Id]]] = MappingProxyType(
    {
        "spotinterruption": (Id.SPOT_INTERRUPTION, frozenset()),
        "terminationnotice": (Id.TASK_RETIREMENT, frozenset({Id.SPOT_INTERRUPTION, Id.HOST_TERMINATED})),
        "infrastructurehealth": (Id.TASK_RETIREMENT, frozenset({Id.HOST_TERMINATED})),
        "userinitiated": (Id.STOPPED_BY_USER, frozenset({Id.INSTANCE_DEREGISTERED, Id.HOST_TERMINATED})),
    }
)
"""Stop codes that settle the matter, and what the words may make more precise (ECS API, Task.stopCode).

ServiceSchedulerInitiated is not among them: the kill after a failed health check carries it too.
"""

_SAYS_ONLY_THAT_IT_ENDED = frozenset({Id.ESSENTIAL_CONTAINER_EXITED, Id.UNKNOWN})

_CRASHES = frozenset({132, 134, 136, 139})
"""128 + SIGILL, SIGABRT, SIGFPE, SIGSEGV."""

_NOT_EXECUTABLE = frozenset({126, 127})
"""What a shell, and docker, answer for a command that cannot be executed or found."""

_SIGKILL = 137

_LAST_EXIT_CODE = 255
"""An exit code is one byte; "exited status code: 400" speaks of HTTP."""

_EXIT_CODE = re.compile(r"exit(?:ed)?(?:with)?(?:exit)?(?:status)?(?:code)?[:=(]{0,2}(\d{1,3})(?!\d)")

_ERROR_CODES: MappingProxyType[str, Id] = MappingProxyType(
    {
        "targetnotconnectedexception": Id.EXEC_TARGET_NOT_CONNECTED,
        "targetnotconnected": Id.EXEC_TARGET_NOT_CONNECTED,
        "clusternotfoundexception": Id.CLUSTER_NOT_FOUND,
        "tasknotfoundexception": Id.EXEC_WRONG_TARGET,
        "throttlingexception": Id.API_THROTTLED,
        "repositorynotfoundexception": Id.PUSH_REPOSITORY_MISSING,
        "serverexception": Id.AWS_INTERNAL_ERROR,
    }
)

_REFUSED_CODES = frozenset({"accessdenied", "accessdeniedexception", "unauthorizedoperation", "unauthorized"})

_REFUSED_BY_KIND: MappingProxyType[Kind, Id] = MappingProxyType(
    {
        Kind.EXEC_ERROR: Id.EXEC_CALLER_DENIED,
        Kind.ECR_PUSH: Id.PUSH_DENIED,
        Kind.SERVICE_EVENT: Id.CALLER_DENIED,
        Kind.API_CALL: Id.CALLER_DENIED,
    }
)


def recognise(message: Message) -> Recognition:
    """The symptom that a message shows. Never raises; what matches nothing is `unknown`."""
    by_words = _by_words(message)
    by_code = _by_stop_code(message, by_words)
    if by_code is not None:
        return by_code
    if by_words.symptom in _SAYS_ONLY_THAT_IT_ENDED:
        return _by_exit_code(message) or _by_error_code(message, by_words)
    return by_words


def _by_words(message: Message) -> Recognition:
    """What the more specific of the two texts says; the container's, where they are equal."""
    task = _read(message.stopped_reason, message.kind)
    # What kept a container from starting, ECS gives as the task's reason too, word for word.
    same = message.container_reason == message.stopped_reason
    container = task if same else _read(message.container_reason, message.kind)
    if container is None:
        return task[1] if task else _UNKNOWN
    if task is None or container[0] >= task[0]:
        return container[1]
    return task[1]


def _read(text: str | None, kind: Kind) -> tuple[Specificity, Recognition] | None:
    normalised = normalise(text)
    if not normalised:
        return None
    for signature in candidates(normalised):
        if (signature.kinds is None or kind in signature.kinds) and bears(normalised, signature):
            return signature.specificity, _recognition(signature, cut=is_cut(text))
    return None


def _recognition(signature: Signature, *, cut: bool) -> Recognition:
    if cut and signature.if_cut is not None:
        return Recognition(signature.if_cut, SymptomConfidence.LIKELY)
    sure = signature.certain and (not cut or signature.specificity is Specificity.DECISIVE)
    return Recognition(signature.id, SymptomConfidence.CERTAIN if sure else SymptomConfidence.LIKELY)


def _by_stop_code(message: Message, by_words: Recognition) -> Recognition | None:
    known = _STOPPED_BY_CODE.get(normalise(message.stop_code))
    if known is None:
        return None
    symptom, more_precise = known
    return by_words if by_words.symptom in more_precise else Recognition(symptom, SymptomConfidence.CERTAIN)


def _by_exit_code(message: Message) -> Recognition | None:
    code = message.exit_code if message.exit_code is not None else _exit_code_in(message)
    if code is None:
        return None
    if code == _SIGKILL:
        return Recognition(Id.CONTAINER_KILLED, SymptomConfidence.CERTAIN)
    if code in _CRASHES:
        return Recognition(Id.APP_CRASHED, SymptomConfidence.CERTAIN)
    if code in _NOT_EXECUTABLE:
        return Recognition(Id.ENTRYPOINT_NOT_FOUND, SymptomConfidence.LIKELY)
    if code == 0 and not message.in_service:
        sure = message.in_service is False
        return Recognition(Id.NORMAL_COMPLETION, SymptomConfidence.CERTAIN if sure else SymptomConfidence.LIKELY)
    return Recognition(Id.APP_EXITED, SymptomConfidence.CERTAIN)


def _exit_code_in(message: Message) -> int | None:
    """An exit code that the words themselves give."""
    for text in (message.container_reason, message.stopped_reason):
        match = _EXIT_CODE.search(normalise(text))
        if match and int(match[1]) <= _LAST_EXIT_CODE:
            return int(match[1])
    return None


def _by_error_code(message: Message, by_words: Recognition) -> Recognition:
    code = normalise(message.error_code).rpartition(".")[2]
    symptom = _ERROR_CODES.get(code)
    if symptom is None and code in _REFUSED_CODES:
        symptom = _REFUSED_BY_KIND.get(message.kind)
    return Recognition(symptom, SymptomConfidence.LIKELY) if symptom else by_words
