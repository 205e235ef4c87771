"""The comparison with other tools: what their own words are taken to claim, and what a start of a program is."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from bench.others import ecs_doctor_output, exec_checker_output, figures, starts, tools
from bench.others.claims import Answer, UnreadableError, answer
from bench.others.ecs_doctor_output import of_ecs_doctor
from bench.others.ecs_medic_output import of_ecs_medic
from bench.others.exec_checker_output import of_exec_checker
from bench.others.scenarios import FROM_THE_GALLERY, cases
from bench.others.tools import Run, tools_at
from ecs_medic.vocabulary import Id
from sandbox import gallery

CAPTURED = Path(__file__).parent / "captured"
RED, GREEN, PLAIN = "\x1b[0;31m", "\x1b[0;32m", "\x1b[0m"


def captured(name: str) -> str:
    """What a tool said in the embedded account, whole."""
    return (CAPTURED / name).read_text()


@pytest.mark.parametrize(
    ("name", "cause"),
    [
        ("exec_works", None),
        ("exec_endpoint_security_group_closed", None),
        ("ssmmessages_endpoint_missing", "vpc_endpoint_missing"),
        ("exec_not_enabled", "exec_not_enabled"),
        ("exec_task_role_lacks_ssmmessages", "exec_task_role_lacks_ssmmessages"),
    ],
)
def test_the_checkers_lines_are_read_by_their_colour(name, cause):
    claims = of_exec_checker(captured(f"exec_checker.{name}.txt"))
    assert [sorted(claim.causes) for claim in claims] == ([[cause]] if cause else [])


def test_a_checker_that_stopped_half_way_has_not_answered():
    whole = captured("exec_checker.exec_works.txt")
    with pytest.raises(UnreadableError, match="Exec Enabled"):
        of_exec_checker(whole[: whole.index("  Container-Level")])


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ecr_dkr_endpoint_missing", Answer.AMONG_OTHERS),
        ("out_of_memory", Answer.SYMPTOM),
        ("app_exited", Answer.AMONG_OTHERS),
    ],
)
def test_the_doctors_root_cause_is_its_claim(name, expected):
    causes = {"ecr_dkr_endpoint_missing": "vpc_endpoint_missing", "out_of_memory": "container_out_of_memory"}
    claims = of_ecs_doctor(captured(f"ecs_doctor.{name}.json"))
    assert answer(claims, causes.get(name, name)) is expected


def test_the_doctors_root_cause_leads_and_its_other_findings_follow():
    leading = [claim for claim in of_ecs_doctor(captured("ecs_doctor.out_of_memory.json")) if claim.leads]
    assert [claim.is_symptom for claim in leading] == [True]
    network = {"type": "network_acl_deny", "message": "rule 10 denies 443"}
    said = {"root_cause": {"evidence": [network]}, "all_findings": [network]}
    assert answer(of_ecs_doctor(json.dumps(said)), "network_acl_blocks") is Answer.RIGHT
    assert answer(of_ecs_doctor(json.dumps(said)), "log_group_missing") is Answer.WRONG


def test_the_doctors_all_clear_claims_nothing():
    assert of_ecs_doctor(json.dumps({"root_cause": {"evidence": []}, "all_findings": []})) == ()


def finding(cause, confidence):
    return {"cause": cause, "confidence": confidence, "summary": cause}


def test_ecs_medics_verdict_and_findings_are_its_claims():
    report = {"schema": "ecs-medic.report/1", "verdict": finding("log_group_missing", "confirmed")}
    assert [claim.causes for claim in of_ecs_medic(json.dumps(report))] == [{"log_group_missing"}]
    found = [finding("exec_not_enabled", "confirmed"), finding("app_exited", "possible")]
    check = {"schema": "ecs-medic.check/1", "findings": found}
    assert [claim.causes for claim in of_ecs_medic(json.dumps(check))] == [{"exec_not_enabled"}]


def test_ecs_medics_verdict_is_a_claim_even_where_it_is_only_possible():
    report = {"schema": "ecs-medic.report/1", "verdict": finding("log_group_missing", "possible")}
    claims = of_ecs_medic(json.dumps(report))
    assert answer(claims, "log_group_missing") is Answer.RIGHT
    assert answer(claims, "app_exited") is Answer.WRONG


@pytest.mark.parametrize("code", [0, 1, 2, 3])
def test_an_answer_is_read_whatever_the_tool_exits_with_and_says_beside(code):
    report = json.dumps({"schema": "ecs-medic.report/1", "verdict": finding("log_group_missing", "confirmed")})
    (ours,) = tools_at(None, None)
    done = subprocess.CompletedProcess([], code, stdout=report, stderr="one call was refused\n")
    assert [claim.causes for claim in tools._claims(ours, done)] == [{"log_group_missing"}]
    with pytest.raises(UnreadableError, match="no credentials"):
        tools._claims(ours, subprocess.CompletedProcess([], code, stdout="", stderr="no credentials\n"))


@pytest.mark.parametrize("cause", ["healthy", "normal_operation", "unknown"])
def test_ecs_medic_that_finds_nothing_claims_nothing(cause):
    report = {"schema": "ecs-medic.report/1", "verdict": finding(cause, "confirmed")}
    assert of_ecs_medic(json.dumps(report)) == ()


@pytest.mark.parametrize("read", [of_ecs_medic, of_ecs_doctor, of_exec_checker])
@pytest.mark.parametrize("output", ["", "null", "[]", "Traceback …\nKeyError: 'x'"])
def test_what_is_no_answer_is_not_read_as_one(read, output):
    with pytest.raises(UnreadableError):
        read(output)


def test_the_judgement():
    right = of_exec_checker(captured("exec_checker.exec_not_enabled.txt"))
    assert answer(right, "exec_not_enabled") is Answer.RIGHT
    assert answer(right, "endpoint_private_dns_off") is Answer.WRONG
    assert answer(right, None) is Answer.WRONG
    assert answer((), None) is Answer.RIGHT
    assert answer((), "exec_not_enabled") is Answer.SILENT


def test_every_case_is_built_with_a_cause_of_the_vocabulary():
    assert set(FROM_THE_GALLERY) <= set(gallery.names())
    assert len(cases()) == len(set(cases()))


def test_what_the_others_may_mean_are_causes_of_the_vocabulary():
    meant = {cause for _, causes in exec_checker_output._SAYS for cause in causes}
    meant |= {cause for causes in ecs_doctor_output._MEANS.values() for cause in causes}
    assert meant <= {one.value for one in Id}


def test_starts_are_noted_by_name_and_the_programs_still_do_their_work(tmp_path):
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    with starts.noted(environment) as (noting, started):
        script = "printf aba | tr a b | cut -c1-2; env sh -c 'basename /x/y'"
        done = subprocess.run(["/bin/sh", "-c", script], env=noting, capture_output=True, text=True, check=True)
        assert done.stdout == "bb\ny\n"
        # Of a pipe, either may be first; and what a program starts in its turn counts, too.
        assert sorted(started.names()) == ["basename", "cut", "env", "sh", "tr"]


def test_a_tool_whose_path_is_not_given_is_not_asked():
    assert [tool.name for tool in tools_at(None, None)] == ["ecs-medic"]
    named = [tool.name for tool in tools_at(Path("/opt/check-ecs-exec.sh"), Path("/opt/ecs-doctor"))]
    assert named == ["ecs-medic", "amazon-ecs-exec-checker", "ecs-doctor"]


def test_the_figures_compare_a_tool_with_ecs_medic_on_the_cases_that_it_ran():
    runs = [
        Run("ecs-medic", "one", Answer.RIGHT, (), seconds=2, programs=1, calls=10),
        Run("ecs-medic", "two", Answer.RIGHT, (), seconds=2, programs=1, calls=10),
        Run("other", "one", Answer.SILENT, (), seconds=8, programs=20, calls=15),
        Run("other", "two", Answer.FAILED, ("aws is not on the PATH",)),
    ]
    named = {figure.name: figure.value for figure in figures(runs)}
    assert named["other: cases"] == 2
    assert (named["other: right"], named["other: nothing found"], named["other: did not run"]) == (0, 1, 1)
    assert named["other: wall time, next to ecs-medic"] == 4
    assert named["other: programs started, next to ecs-medic"] == 20
    assert named["other: calls of AWS, next to ecs-medic"] == 1.5
