"""What outranks what."""

import time
from typing import Any

import pytest

from ecs_medic.incident import Kind, Message, SymptomConfidence
from ecs_medic.symptoms.recognise import recognise
from ecs_medic.vocabulary import Id

ESSENTIAL = "Essential container in task exited"
ECR = "123456789012.dkr.ecr.eu-west-1.amazonaws.com"


def symptom(**fields: Any) -> Id:
    return recognise(Message(**fields)).symptom


def test_the_generic_prefix_does_not_shadow_the_tail():
    prefix = (
        "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: "
    )
    asm = prefix + "unable to retrieve secret from asm: "
    assert symptom(stopped_reason=prefix) is Id.SECRETS_OR_REGISTRY_AUTH_FAILED
    assert symptom(stopped_reason=asm) is Id.SECRET_FETCH_FAILED
    assert symptom(stopped_reason=asm + "context deadline exceeded") is Id.SECRETS_UNREACHABLE
    denied = asm + "AccessDeniedException: User: x is not authorized to perform: secretsmanager:GetSecretValue on y"
    assert symptom(stopped_reason=denied) is Id.EXECUTION_ROLE_CANNOT_READ_SECRET
    by_endpoint = denied + " because no VPC endpoint policy allows the action"
    assert symptom(stopped_reason=by_endpoint) is Id.ENDPOINT_POLICY_DENIES


def test_the_containers_reason_outranks_the_generic_one():
    reason = "OutOfMemoryError: Container killed due to memory usage"
    assert symptom(stopped_reason=ESSENTIAL, container_reason=reason) is Id.CONTAINER_OUT_OF_MEMORY
    assert symptom(stopped_reason=ESSENTIAL, container_reason="something new") is Id.ESSENTIAL_CONTAINER_EXITED


def test_the_more_specific_of_two_reasons_wins():
    task = "Task failed ELB health checks in (target-group orders)"
    assert symptom(stopped_reason=task, container_reason=ESSENTIAL) is Id.ELB_HEALTH_CHECK_FAILED


@pytest.mark.parametrize(
    ("stop_code", "text", "expected"),
    [
        ("SpotInterruption", "words nobody has seen yet", Id.SPOT_INTERRUPTION),
        ("TerminationNotice", "words nobody has seen yet", Id.TASK_RETIREMENT),
        ("TerminationNotice", "Host EC2 (instance i-0a1b) terminated.", Id.HOST_TERMINATED),
        ("TerminationNotice", "Your Spot Task was interrupted.", Id.SPOT_INTERRUPTION),
        ("InfrastructureHealth", None, Id.TASK_RETIREMENT),
        ("UserInitiated", "Task failed ELB health checks, said the user", Id.STOPPED_BY_USER),
        ("UserInitiated", "Container instance deregistration forced by user", Id.INSTANCE_DEREGISTERED),
        ("ServiceSchedulerInitiated", "Scaling activity initiated by (deployment ecs-svc/1)", Id.SERVICE_SCALE_IN),
        ("ServiceSchedulerInitiated", "Task failed ELB health checks in (elb x)", Id.ELB_HEALTH_CHECK_FAILED),
        ("ServiceSchedulerInitiated", "words nobody has seen yet", Id.UNKNOWN),
        ("ServiceSchedulerInitiated", None, Id.UNKNOWN),
    ],
)
def test_stop_codes(stop_code, text, expected):
    assert symptom(stop_code=stop_code, stopped_reason=text) is expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (1, Id.APP_EXITED),
        (143, Id.APP_EXITED),
        (255, Id.APP_EXITED),
        (126, Id.ENTRYPOINT_NOT_FOUND),
        (127, Id.ENTRYPOINT_NOT_FOUND),
        (132, Id.APP_CRASHED),
        (134, Id.APP_CRASHED),
        (136, Id.APP_CRASHED),
        (139, Id.APP_CRASHED),
        (137, Id.CONTAINER_KILLED),
        (0, Id.NORMAL_COMPLETION),
        (None, Id.ESSENTIAL_CONTAINER_EXITED),
    ],
)
def test_exit_codes_speak_where_words_do_not(code, expected):
    assert symptom(stopped_reason=ESSENTIAL, exit_code=code) is expected


def test_exit_codes_are_read_from_the_words_too():
    assert symptom(stopped_reason=f"{ESSENTIAL} (exit code 139)") is Id.APP_CRASHED
    assert symptom(stopped_reason=ESSENTIAL, container_reason="Exit Code: 137") is Id.CONTAINER_KILLED


def test_137_is_memory_only_where_it_is_said():
    memory = "OutOfMemoryError: Container killed due to memory usage"
    assert symptom(stopped_reason=ESSENTIAL, container_reason=memory, exit_code=137) is Id.CONTAINER_OUT_OF_MEMORY
    assert symptom(stopped_reason=ESSENTIAL, exit_code=137) is Id.CONTAINER_KILLED


@pytest.mark.parametrize(
    ("in_service", "expected", "confidence"),
    [
        (True, Id.APP_EXITED, SymptomConfidence.CERTAIN),
        (False, Id.NORMAL_COMPLETION, SymptomConfidence.CERTAIN),
        (None, Id.NORMAL_COMPLETION, SymptomConfidence.LIKELY),
    ],
)
def test_a_clean_exit_is_normal_only_outside_of_a_service(in_service, expected, confidence):
    recognition = recognise(Message(stopped_reason=ESSENTIAL, exit_code=0, in_service=in_service))
    assert (recognition.symptom, recognition.confidence) == (expected, confidence)


@pytest.mark.parametrize(
    ("kind", "code", "expected"),
    [
        (Kind.EXEC_ERROR, "TargetNotConnectedException", Id.EXEC_TARGET_NOT_CONNECTED),
        (Kind.EXEC_ERROR, "AccessDenied", Id.EXEC_CALLER_DENIED),
        (Kind.EXEC_ERROR, "ClusterNotFoundException", Id.CLUSTER_NOT_FOUND),
        (Kind.ECR_PUSH, "AccessDeniedException", Id.PUSH_DENIED),
        (Kind.ECR_PUSH, "RepositoryNotFoundException", Id.PUSH_REPOSITORY_MISSING),
        (Kind.EXEC_ERROR, "ECS.ThrottlingException", Id.API_THROTTLED),
        (Kind.EXEC_ERROR, "SomethingNewException", Id.UNKNOWN),
    ],
)
def test_an_error_code_alone(kind, code, expected):
    assert symptom(kind=kind, error_code=code) is expected


@pytest.mark.parametrize(
    ("kind", "expected"),
    [(Kind.ECR_PUSH, Id.PUSH_REPOSITORY_MISSING), (Kind.STOPPED_TASK, Id.IMAGE_NOT_FOUND)],
)
def test_the_same_words_mean_another_thing_in_a_push(kind, expected):
    text = "name unknown: The repository with name 'orders' does not exist in the registry with id '123456789012'"
    assert symptom(kind=kind, stopped_reason=text) is expected


def test_a_message_that_was_cut_off_is_never_certain():
    text = f"CannotPullContainerError: pull access denied for {ECR}/orders" + "x" * 300
    assert recognise(Message(stopped_reason=text[:255])).confidence is not SymptomConfidence.CERTAIN
    dotted = "failed to create Cloudwatch log stream: AccessDeniedException: User: arn:aws:sts::1234..."
    assert recognise(Message(stopped_reason=dotted)).confidence is SymptomConfidence.LIKELY


@pytest.mark.parametrize("text", [None, "", "   ", "\x00", "🦄" * 10, "'\"'", "\\u00", "&quot;", "\ud800"])
def test_nothing_usable_is_unknown(text):
    recognition = recognise(Message(stopped_reason=text, container_reason=text))
    assert (recognition.symptom, recognition.confidence) == (Id.UNKNOWN, SymptomConfidence.UNKNOWN)


@pytest.mark.parametrize(
    "text",
    [
        "a" * 200_000,
        "exec: " * 40_000,
        "{[(" * 70_000,
        "\\" * 200_000,
        "\\u00" * 50_000,
        "&" * 200_000,
        "\x1b[1" * 60_000,
        "exit code " * 20_000,
        "CannotPullContainerError: failed to resolve ref dial tcp " * 4_000,
        "日本" * 100_000,
    ],
    ids=lambda text: repr(text[:8]),
)
def test_absurd_messages_take_no_time(text):
    begin = time.process_time()
    recognise(Message(stopped_reason=text, container_reason=text))
    assert time.process_time() - begin < 1


def test_the_end_of_an_absurdly_long_message_is_read():
    text = "CannotPullContainerError: " + "x" * 100_000 + ": no space left on device"
    assert symptom(stopped_reason=text) is Id.DISK_FULL
