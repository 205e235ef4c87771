"""What keeps a container from starting, as the runtime says it and as the definition shows it."""

import pytest

from ecs_medic.facts.ecs import LogConfiguration
from ecs_medic.finding import Confidence, Finding, Phase
from ecs_medic.rules.judge import judge
from ecs_medic.rules.run import RULES
from ecs_medic.rules.run.container_memory_limit_too_low import container_memory_limit_too_low
from ecs_medic.rules.run.container_runtime_timeout import container_runtime_timeout
from ecs_medic.rules.run.dependency_failed import dependency_failed
from ecs_medic.rules.run.device_missing import device_missing
from ecs_medic.rules.run.disk_full import disk_full
from ecs_medic.rules.run.firelens_config_failed import firelens_config_failed
from ecs_medic.rules.run.log_driver_credentials_failed import log_driver_credentials_failed
from ecs_medic.rules.run.service_connect_failed import service_connect_failed
from ecs_medic.rules.run.volume_failed import volume_failed
from ecs_medic.vocabulary import Id
from tests.builders import (
    DENIED,
    assert_not_checked,
    assert_quiet,
    assert_silent,
    container,
    container_definition,
    definition,
    facts,
    incident,
    outcomes,
    task,
    the_finding,
)

SAID = (
    (container_memory_limit_too_low, "container init was OOM-killed (memory limit too low?)", Confidence.CONFIRMED),
    (
        container_runtime_timeout,
        "DockerTimeoutError: Could not transition to started; timed out after waiting 3m0s",
        Confidence.LIKELY,
    ),
    (device_missing, "CannotStartContainerError: could not select device driver", Confidence.CONFIRMED),
    (disk_full, "CannotPullContainerError: write /var/lib: no space left on device", Confidence.CONFIRMED),
    (volume_failed, "CannotCreateVolumeError: VolumeDriver.Create: no such driver", Confidence.CONFIRMED),
)


def failed(reason, **changes):
    given = {
        "last_status": "STOPPED",
        "stop_code": "TaskFailedToStart",
        "stopped_reason": "Task failed to start",
        "containers": (container(last_status="STOPPED", reason=reason),),
        **changes,
    }
    return task(**given)


@pytest.mark.parametrize(("rule", "reason", "confidence"), SAID, ids=[rule.__name__ for rule, _, _ in SAID])
def test_the_runtimes_words_are_worth_what_it_saw(rule, reason, confidence):
    cause = Id(rule.__name__)
    finding = the_finding(rule, incident(cause), facts(task=failed(reason)))
    assert (finding.cause, finding.confidence) == (cause, confidence)
    assert finding.params["container"] == "app"
    assert reason in finding.evidence[0].observed


@pytest.mark.parametrize("rule", [rule for rule, _, _ in SAID], ids=[rule.__name__ for rule, _, _ in SAID])
def test_other_words_are_another_rules_matter(rule):
    assert_silent(rule, incident(Id.APP_EXITED), facts(task=failed("CannotPullContainerError: manifest unknown")))


@pytest.mark.parametrize("rule", [rule for rule, _, _ in SAID], ids=[rule.__name__ for rule, _, _ in SAID])
def test_a_task_that_could_not_be_read_is_not_checked(rule):
    assert_not_checked(rule, incident(Id(rule.__name__)), facts(task=DENIED), "ecs:DescribeTasks")


def test_the_definition_adds_how_much_there_was():
    small = definition(containers=(container_definition(memory=4, gpus=2),))
    read = facts(task=failed("init was OOM-killed: memory limit too low"), task_definition=small)
    too_low = the_finding(container_memory_limit_too_low, incident(Id.CONTAINER_MEMORY_LIMIT_TOO_LOW), read)
    assert too_low.params["memory_limit"] == 4
    full = facts(task=failed("no space left on device"), task_definition=definition(ephemeral_storage_gib=40))
    assert "40 GiB" in the_finding(disk_full, incident(Id.DISK_FULL), full).summary
    assert (
        "20 GiB"
        in the_finding(disk_full, incident(Id.DISK_FULL), facts(task=failed("no space left on device"))).summary
    )
    missing = facts(task=failed("could not select device driver"), task_definition=small)
    assert the_finding(device_missing, incident(Id.DEVICE_MISSING), missing).params["gpus"] == 2


def test_on_fargate_nobody_is_told_to_prune_a_host():
    assert the_finding(disk_full, incident(Id.DISK_FULL), facts(task=failed("no space left on device"))).fix.cli == ()
    on_ec2 = facts(task=failed("no space left on device", launch_type="EC2", platform_version=None))
    assert the_finding(disk_full, incident(Id.DISK_FULL), on_ec2).fix.cli


WAITING = definition(
    containers=(container_definition("app", depends_on=(("db", "HEALTHY"),)), container_definition("db"))
)


def test_healthy_is_never_reached_without_a_health_check():
    read = facts(
        task=failed(None, containers=(container("app", last_status="PENDING"), container("db", last_status="STOPPED"))),
        task_definition=WAITING,
    )
    finding = the_finding(dependency_failed, incident(Id.DEPENDENCY_FAILED), read)
    assert finding.confidence is Confidence.CONFIRMED
    assert (finding.params["container"], finding.params["depends_on"]) == ("app", "db")


def test_a_container_that_ran_had_its_dependencies():
    read = facts(
        task=failed(None, containers=(container("app", exit_code=1), container("db", exit_code=143))),
        task_definition=WAITING,
    )
    assert_quiet(dependency_failed, incident(Id.DEPENDENCY_FAILED), read)


def test_what_ended_the_task_first_outranks_a_dependency_on_it():
    ended = failed(
        None,
        stop_code="EssentialContainerExited",
        containers=(container("app", last_status="PENDING"), container("db", last_status="STOPPED", exit_code=3)),
    )
    read = facts(task=ended, task_definition=WAITING)
    first, second = judge(incident(Id.APP_EXITED), read, RULES).findings
    assert (first.cause, first.params["container"]) == (Id.APP_EXITED, "db")
    assert (second.cause, second.confidence) == (Id.DEPENDENCY_FAILED, Confidence.POSSIBLE)


def test_success_that_cannot_come():
    defined = definition(
        containers=(container_definition("app", depends_on=(("migrate", "SUCCESS"),)), container_definition("migrate"))
    )
    broken = failed(
        None,
        containers=(container("app", last_status="PENDING"), container("migrate", last_status="STOPPED", exit_code=2)),
    )
    finding = the_finding(
        dependency_failed, incident(Id.DEPENDENCY_FAILED), facts(task=broken, task_definition=defined)
    )
    assert "exit code 2" in finding.summary


def test_an_unread_definition_leaves_dependencies_open():
    assert_not_checked(dependency_failed, incident(Id.DEPENDENCY_FAILED), facts(task_definition=DENIED))


def test_a_sick_proxy_is_confirmed_and_words_alone_are_likely():
    sick = container("ecs-service-connect-4Gh2", health_status="UNHEALTHY")
    read = facts(task=failed(None, containers=(container(), sick)))
    finding = the_finding(service_connect_failed, incident(Id.SERVICE_CONNECT_FAILED), read)
    assert finding.confidence is Confidence.CONFIRMED
    words = failed(None, containers=(), stopped_reason="Service Connect proxy: envoy readiness check failed")
    finding = the_finding(service_connect_failed, incident(Id.SERVICE_CONNECT_FAILED), facts(task=words))
    assert finding.confidence is Confidence.LIKELY
    assert_quiet(service_connect_failed, incident(Id.APP_EXITED), facts())


def test_the_log_routers_configuration():
    router = definition(containers=(container_definition(), container_definition("router", firelens=True)))
    words = "ResourceInitializationError: unable to download firelens s3 config file: AccessDenied"
    read = facts(task=failed(None, stopped_reason=words), task_definition=router)
    finding = the_finding(firelens_config_failed, incident(Id.FIRELENS_CONFIG_FAILED), read)
    assert (finding.confidence, finding.params["container"]) == (Confidence.LIKELY, "router")
    assert_quiet(firelens_config_failed, incident(Id.APP_EXITED), facts())


def test_a_log_driver_without_a_role_is_confirmed():
    words = "CannotStartContainerError: failed to initialize logging driver: NoCredentialProviders: no valid providers"
    bare = definition(
        execution_role_arn=None, containers=(container_definition(log_configuration=LogConfiguration("awslogs")),)
    )
    for defined, confidence in ((bare, Confidence.CONFIRMED), (definition(), Confidence.LIKELY)):
        said = outcomes(
            log_driver_credentials_failed,
            incident(Id.LOG_DRIVER_CREDENTIALS_FAILED),
            facts(task=failed(words), task_definition=defined),
        )
        assert [(one.confidence, one.phase) for one in said if isinstance(one, Finding)] == [(confidence, Phase.LOGS)]
