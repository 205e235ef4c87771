"""How a container's end is read: exit codes, memory, stop time-outs, and what its own words add."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ecs_medic.facts.fact import NOT_READ, Known, Unknown
from ecs_medic.facts.logs import LogTail
from ecs_medic.finding import Confidence, Finding, NotChecked
from ecs_medic.incident import Message
from ecs_medic.rules.judge import judge
from ecs_medic.rules.run import RULES
from ecs_medic.rules.run.app_crashed import app_crashed
from ecs_medic.rules.run.app_exited import app_exited
from ecs_medic.rules.run.container_out_of_memory import container_out_of_memory
from ecs_medic.rules.run.entrypoint_not_found import entrypoint_not_found
from ecs_medic.rules.run.exec_format_error import exec_format_error
from ecs_medic.rules.run.stop_timeout_too_short import stop_timeout_too_short
from ecs_medic.vocabulary import Id
from tests.builders import (
    DENIED,
    NOW,
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

OUT_OF_MEMORY = "OutOfMemoryError: Container killed due to memory usage"


def stopped(*containers, code="EssentialContainerExited", **changes):
    given = {
        "last_status": "STOPPED",
        "desired_status": "STOPPED",
        "stop_code": code,
        "stopped_reason": "Essential container in task exited",
        "stopped_at": NOW,
        "containers": containers,
        **changes,
    }
    return task(**given)


def ended(exit_code, name="app", **changes):
    return container(name, last_status="STOPPED", exit_code=exit_code, **changes)


def tail(*lines, name="app"):
    return Known(LogTail(name, "/shop/orders", f"ecs/{name}/0123", "eu-west-1", lines), "logs:GetLogEvents")


def by_event(found):
    return replace(found, task=Known(found.task.value, "event"))


def test_an_exit_code_that_describe_tasks_shows_is_confirmed_with_the_last_lines():
    read = facts(task=stopped(ended(1)), log_tail=tail("starting", "no database"))
    finding = the_finding(app_exited, incident(Id.APP_EXITED), read)
    assert finding.confidence is Confidence.CONFIRMED
    assert finding.params["exit_code"] == 1
    assert finding.params["log_stream"] == "ecs/app/0123"
    assert any("no database" in one.observed for one in finding.evidence)


def test_an_exit_code_that_only_the_event_shows_is_likely():
    read = by_event(facts(task=stopped(ended(1))))
    assert the_finding(app_exited, incident(Id.APP_EXITED), read).confidence is Confidence.LIKELY


def test_a_task_that_could_not_be_read_is_not_checked():
    for rule in (app_exited, app_crashed, container_out_of_memory, stop_timeout_too_short, entrypoint_not_found):
        assert_not_checked(rule, incident(Id.APP_EXITED), facts(task=DENIED), "ecs:DescribeTasks")


def test_a_clean_exit_is_a_fault_in_a_service_and_none_of_a_standalone_task():
    in_service = facts(task=stopped(ended(0)))
    assert "for ever" in the_finding(app_exited, incident(Id.APP_EXITED), in_service).summary
    standalone = facts(task=stopped(ended(0), group="family:orders"))
    assert_silent(app_exited, incident(Id.APP_EXITED, service=None), standalone)


def test_a_task_that_the_scheduler_stopped_has_not_exited_by_itself():
    for code in ("ServiceSchedulerInitiated", "UserInitiated", "TaskFailedToStart"):
        read = facts(task=stopped(ended(143), code=code))
        assert_silent(app_exited, incident(Id.APP_EXITED), read)


def test_the_essential_container_is_blamed_and_not_its_sidecar():
    defined = definition(containers=(container_definition("app"), container_definition("proxy", essential=False)))
    read = facts(task=stopped(ended(2, "proxy"), ended(3)), task_definition=defined)
    assert the_finding(app_exited, incident(Id.APP_EXITED), read).params["container"] == "app"


def test_a_clean_end_beside_a_killed_container_is_no_more_than_likely():
    defined = definition(containers=(container_definition("app"), container_definition("worker")))
    read = facts(task=stopped(ended(0), ended(137, "worker")), task_definition=defined)
    finding = the_finding(app_exited, incident(Id.CONTAINER_KILLED), read)
    assert (finding.params["container"], finding.confidence) == ("app", Confidence.LIKELY)


@pytest.mark.parametrize(("code", "signal"), [(139, 11), (134, 6), (132, 4), (136, 8)])
def test_a_crash_is_told_from_an_exit(code, signal):
    read = facts(task=stopped(ended(code)))
    finding = the_finding(app_crashed, incident(Id.APP_CRASHED), read)
    assert (finding.confidence, finding.params["signal"]) == (Confidence.CONFIRMED, signal)
    assert_silent(app_exited, incident(Id.APP_CRASHED), read)


def test_an_ordinary_exit_is_no_crash():
    assert_quiet(app_crashed, incident(Id.APP_EXITED), facts(task=stopped(ended(1))))


def test_memory_is_blamed_where_ecs_names_it_with_the_limit():
    defined = definition(containers=(container_definition(memory=256),))
    read = facts(task=stopped(ended(137, reason=OUT_OF_MEMORY)), task_definition=defined)
    finding = the_finding(container_out_of_memory, incident(Id.CONTAINER_OUT_OF_MEMORY), read)
    assert finding.confidence is Confidence.CONFIRMED
    assert finding.params["memory_limit"] == "256"
    of_the_task = facts(task=read.task, task_definition=definition(memory="512"))
    assert "512 MiB" in the_finding(container_out_of_memory, incident(Id.CONTAINER_OUT_OF_MEMORY), of_the_task).summary


def test_exit_137_without_memory_pressure_never_blames_memory():
    read = facts(task=stopped(ended(137)))
    assert_quiet(container_out_of_memory, incident(Id.CONTAINER_KILLED), read)
    judgement = judge(incident(Id.CONTAINER_KILLED, message=Message(exit_code=137)), read, RULES)
    assert judgement.findings == ()
    assert Id.CONTAINER_OUT_OF_MEMORY in {out.cause for out in judgement.ruled_out}


def test_exit_137_in_an_event_alone_excludes_nothing():
    assert_silent(container_out_of_memory, incident(Id.CONTAINER_KILLED), by_event(facts(task=stopped(ended(137)))))


def stopping(took, **changes):
    given = {"code": "ServiceSchedulerInitiated", "stopped_reason": "Scaling activity", **changes}
    return stopped(
        ended(137),
        stopping_at=NOW - timedelta(seconds=took),
        execution_stopped_at=NOW,
        **given,
    )


def test_a_container_that_outlived_its_stop_timeout():
    read = facts(task=stopping(31))
    finding = the_finding(stop_timeout_too_short, incident(Id.CONTAINER_KILLED), read)
    assert (finding.confidence, finding.params["stop_timeout"]) == (Confidence.CONFIRMED, 30)
    longer = definition(containers=(container_definition(stop_timeout=120),))
    assert_quiet(
        stop_timeout_too_short, incident(Id.CONTAINER_KILLED), facts(task=stopping(31), task_definition=longer)
    )


def test_without_times_or_definition_a_stop_timeout_is_likely():
    untimed = stopped(ended(137), code="UserInitiated")
    for read in (facts(task=untimed), facts(task=stopping(31), task_definition=DENIED)):
        finding = the_finding(stop_timeout_too_short, incident(Id.CONTAINER_KILLED), read)
        assert finding.confidence is Confidence.LIKELY


def test_a_kill_that_nobody_asked_for_is_no_stop_timeout():
    assert_quiet(stop_timeout_too_short, incident(Id.CONTAINER_KILLED), facts(task=stopped(ended(137))))


def test_a_command_that_the_runtime_did_not_find_is_confirmed():
    reason = 'CannotStartContainerError: exec: "serve": executable file not found in $PATH'
    read = facts(task=stopped(container(reason=reason), code="TaskFailedToStart"))
    finding = the_finding(entrypoint_not_found, incident(Id.ENTRYPOINT_NOT_FOUND), read)
    assert finding.confidence is Confidence.CONFIRMED
    assert finding.params["container"] == "app"


@pytest.mark.parametrize("code", [126, 127])
def test_exit_codes_of_a_shell_are_likely(code):
    finding = the_finding(entrypoint_not_found, incident(Id.ENTRYPOINT_NOT_FOUND), facts(task=stopped(ended(code))))
    assert finding.confidence is Confidence.LIKELY


def test_other_exit_codes_are_no_missing_command():
    assert_quiet(entrypoint_not_found, incident(Id.APP_EXITED), facts(task=stopped(ended(1))))


def test_words_about_the_format_point_to_the_platform_and_come_first():
    read = facts(task=stopped(ended(255)), log_tail=tail("exec /usr/bin/app: exec format error"))
    finding = the_finding(exec_format_error, incident(Id.APP_EXITED), read)
    assert (finding.cause, finding.confidence) == (Id.IMAGE_PLATFORM_MISMATCH, Confidence.LIKELY)
    first = judge(incident(Id.APP_EXITED), read, RULES).findings[0]
    assert first.cause is Id.IMAGE_PLATFORM_MISMATCH
    assert_silent(exec_format_error, incident(Id.APP_EXITED), facts(task=stopped(ended(255)), log_tail=tail("ready")))


def test_lines_that_could_not_be_read_name_the_permission():
    denied = Unknown("logs:GetLogEvents", "denied", "logs:GetLogEvents")
    said = outcomes(app_exited, incident(Id.APP_EXITED), facts(task=stopped(ended(1)), log_tail=denied))
    assert isinstance(said[0], Finding)
    assert [one.missing_permission for one in said if isinstance(one, NotChecked)] == ["logs:GetLogEvents"]


def test_lines_that_nobody_asked_for_are_no_gap():
    said = outcomes(app_exited, incident(Id.APP_EXITED), facts(task=stopped(ended(1)), log_tail=NOT_READ))
    assert [type(one) for one in said] == [Finding]
