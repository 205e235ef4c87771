"""The report as data: the public schema, the honest verdict, and nothing secret in it."""

import json
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from io import StringIO

import pytest
from pydantic import ValidationError
from rich.console import Console

from ecs_medic.catalogue.lookup import candidates
from ecs_medic.facts.logs import LogTail
from ecs_medic.finding import Confidence, Evidence, Finding, Fix, NotChecked, Phase, RuledOut
from ecs_medic.incident import Message
from ecs_medic.plan import Action, Change, Patch, Plan, Safety
from ecs_medic.report.build import build_report, said, with_plan
from ecs_medic.report.model import PathPicture, Report
from ecs_medic.report.slack_blocks import alert, details
from ecs_medic.report.terminal import render
from ecs_medic.report.unknown import unknown_finding
from ecs_medic.vocabulary import Id
from tests.redaction.test_redact import SECRETS
from tests.report.examples import EXAMPLES, TASK, incident
from tests.report.repairs import GROUP, REPAIRS

KEYS = {
    "incident": {
        "id",
        "kind",
        "account",
        "region",
        "cluster",
        "service",
        "task_arn",
        "task_definition",
        "launch_type",
        "symptom",
        "occurred_at",
    },
    "verdict": {"cause", "confidence", "summary", "subject", "params", "evidence", "fix"},
    "plan": {"changes", "reason_if_empty"},
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_schema_is_the_public_one(name):
    report = json.loads(EXAMPLES[name]().model_dump_json())
    assert report["schema"] == "ecs-medic.report/1"
    assert set(report) >= {"incident", "action", "verdict", "findings", "ruled_out", "not_checked", "plan"}
    for part, keys in KEYS.items():
        assert set(report[part]) >= keys
    for finding in report["findings"]:
        assert set(finding) >= KEYS["verdict"]
        assert set(finding["fix"]) >= {"summary", "steps", "cli", "policy"}
        assert all(set(one) >= {"source", "resource", "observed"} for one in finding["evidence"])
    for out in report["ruled_out"]:
        assert set(out) >= {"cause", "evidence"}
    for gap in report["not_checked"]:
        assert set(gap) >= {"check", "reason", "missing_permission"}
    for change in report["plan"]["changes"]:
        assert set(change) >= {"action", "params", "safety", "monthly_cost_usd", "blast_radius"}
    if report["findings"]:
        assert report["verdict"] == report["findings"][0]


@pytest.mark.parametrize("name", EXAMPLES)
def test_json_round_trip(name):
    report = EXAMPLES[name]()
    assert Report.model_validate_json(report.model_dump_json()) == report


def test_json_is_deterministic():
    name = "endpoint_missing"
    build = EXAMPLES[name].__wrapped__  # type: ignore[attr-defined]
    assert build().model_dump_json() == build().model_dump_json()


def test_report_of_a_later_version_can_be_read():
    later = json.loads(EXAMPLES["unknown"]().model_dump_json())
    later["counter"] = 7
    later["incident"]["owner"] = "team-shop"
    assert json.loads(Report.model_validate(later).model_dump_json()) == later


def test_another_schema_is_refused():
    other = json.loads(EXAMPLES["unknown"]().model_dump_json()) | {"schema": "ecs-medic.report/2"}
    with pytest.raises(ValidationError):
        Report.model_validate(other)


def test_report_cannot_be_changed():
    with pytest.raises(ValidationError):
        EXAMPLES["unknown"]().action = "ignore"  # type: ignore[misc]


def test_verdict_is_the_first_finding():
    report = EXAMPLES["endpoint_missing"]()
    assert report.verdict == report.findings[0]
    with pytest.raises(ValidationError, match="first finding"):
        Report.model_validate({**report.model_dump(), "verdict": report.findings[1].model_dump()})


def test_without_findings_the_verdict_is_unknown_and_says_what_is_left():
    report = EXAMPLES["unknown"]()
    assert report.findings == ()
    assert report.verdict.cause is Id.UNKNOWN
    assert report.verdict.confidence is Confidence.UNKNOWN
    assert "3 checks" in report.verdict.summary
    assert "ec2:DescribeVpcEndpoints, ecs:DescribeTasks" in report.verdict.fix.summary
    assert TASK in report.verdict.fix.cli[0]
    assert report.verdict.evidence[0].source == "event"


def test_unknown_does_not_suggest_what_was_ruled_out():
    first, *others = candidates(Id.ECR_UNREACHABLE)
    finding = unknown_finding(incident(Id.ECR_UNREACHABLE), (), [RuledOut(first, ())])
    left = finding.params["candidates"]
    assert isinstance(left, list)
    assert first.value not in left
    assert left[0] == others[0].value


@pytest.mark.parametrize(("text", "secrets"), SECRETS, ids=[text[:40] for text, _ in SECRETS])
def test_nothing_secret_gets_into_a_report(text, secrets):
    finding = Finding(
        Id.APP_EXITED,
        Confidence.CONFIRMED,
        text,
        text,
        Phase.RUN,
        Fix(text, (text,), (text,), {"Sid": text, "Statement": [text]}),
        {"image": text, "list": [{"deep": text}], text: 1},
        (Evidence(text, text, text),),
    )
    report = build_report(
        replace(incident(Id.APP_EXITED, Message(stopped_reason=text, container_reason=f"x {text}")), launch_type=text),
        "alert",
        [finding],
        [RuledOut(Id.DISK_FULL, (Evidence(text, text, text),))],
        [NotChecked(text, text, text)],
        Plan((Change(Action.REPLACE_TASK, {"x": text}, Safety.ASK, None, text),), text),
        pictures=[PathPicture(title=text, lines=tuple(text.splitlines()))],
        log_tail=LogTail("app", text, text, text, tuple(text.split("\n"))),
    )
    dumped = _values(report.model_dump())
    for secret in secrets:
        if "\n" not in text:
            assert secret not in dumped
        assert secret not in _values(report.model_dump(exclude={"pictures"}))


def _values(dumped):
    """The report without the names of its own fields."""
    return str({name: value for name, value in dumped.items() if name != "log_tail"}) + str(
        list((dumped["log_tail"] or {}).values())
    )


def test_the_newest_lines_are_kept_and_a_key_over_several_lines_is_not():
    key = ("-----BEGIN PRIVATE KEY-----", "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC", "-----END PRIVATE KEY-----")
    lines = (*("old " * 300 for _ in range(30)), *key, "x" * 2000, "the newest line")
    report = build_report(
        incident(Id.APP_EXITED), "alert", [], [], [], Plan(), log_tail=LogTail("app", "/g", "s", "eu-west-1", lines)
    )
    assert report.log_tail is not None
    assert report.log_tail.lines[-1] == "the newest line"
    assert "MIIEvQ" not in str(report)
    assert sum(map(len, report.log_tail.lines)) <= 6100
    assert max(map(len, report.log_tail.lines)) <= 500


def test_the_last_lines_are_in_the_thread_and_on_the_terminal():
    lines = tuple(f"line {number}" for number in range(30))
    report = build_report(
        incident(Id.APP_EXITED), "alert", [], [], [], Plan(), log_tail=LogTail("app", "/g", "s", "eu-west-1", lines)
    )
    assert "line 29" in str(details(report))
    assert "line 29" in str(alert(report, threaded=False))
    console = Console(width=80, record=True, file=StringIO())
    render(report, console)
    assert "line 29" in console.export_text()


def test_useful_parts_of_a_fix_stay():
    report = EXAMPLES["exec_role"]()
    assert report.verdict.params["role_arn"] == "arn:aws:iam::123456789012:role/orders-task"
    assert report.verdict.fix.policy is not None
    assert "ssmmessages:OpenDataChannel" in json.dumps(report.verdict.fix.policy)


def test_moment_is_in_utc():
    east = replace(incident(), occurred_at=datetime(2025, 11, 21, 12, 0, tzinfo=timezone(timedelta(hours=2))))
    naive = replace(incident(), occurred_at=datetime(2025, 11, 21, 10, 0))  # noqa: DTZ001 - what a caller may pass
    for moment in (east, naive):
        report = build_report(moment, "alert", [], [], [], Plan())
        assert json.loads(report.model_dump_json())["incident"]["occurred_at"] == "2025-11-21T10:00:00Z"


@pytest.mark.parametrize(
    ("message", "told"),
    [
        (Message(), None),
        (Message(stopped_reason="a"), "a"),
        (Message(stopped_reason="Essential container exited", exit_code=1), "Essential container exited\nexit code 1"),
        (Message(stopped_reason="x: b", container_reason="b"), "x: b"),
        (Message(stopped_reason="a", container_reason="b"), "a\nb"),
        (Message(stopped_reason="a", error_code="AccessDenied"), "AccessDenied\na"),
        (Message(stopped_reason="AccessDenied: a", error_code="AccessDenied"), "AccessDenied: a"),
    ],
)
def test_what_aws_said(message, told):
    assert said(message) == told


def test_absurdly_long_message_is_bounded():
    report = build_report(incident(message=Message(stopped_reason="x" * 1_000_000)), "alert", [], [], [], Plan())
    assert report.incident.message is not None
    assert len(report.incident.message) < 7000
    assert len(report.model_dump_json()) < 50_000


def test_a_plan_has_its_price_and_says_how_it_is_taken_back():
    plan = EXAMPLES["endpoint_missing"]().plan
    assert plan.monthly_cost_usd == 32.12
    assert all(change.undo for change in plan.changes)
    assert with_plan(EXAMPLES["unknown"](), Plan()).plan.monthly_cost_usd == 0


def test_an_unknown_price_is_no_price():
    changes = tuple(Change(Action.CREATE_VPC_ENDPOINT, {}, Safety.ASK, price, "nobody") for price in (16.06, None, 0.0))
    assert with_plan(EXAMPLES["unknown"](), Plan(changes)).plan.monthly_cost_usd is None


def test_patches_are_redacted_and_keep_their_lines():
    patch = Patch("x", '  A:\n    Type: B\n    Key: "AKIAIOSFODNN7EXAMPLE"\n', "\x1b[31ma\n  b\n")
    (shown,) = with_plan(EXAMPLES["unknown"](), Plan(patches=(patch,))).plan.patches
    assert "AKIAIOSFODNN7EXAMPLE" not in shown.cloudformation
    assert shown.cloudformation.startswith("  A:\n    Type: B\n")
    assert shown.terraform == "a\n  b\n"


@pytest.mark.parametrize(
    ("name", "undone"),
    [("repaired", False), ("taken_back", True), ("refused", True), ("half_undone", False), ("denied", False)],
)
def test_a_repair_is_undone_where_nothing_of_it_stands(name, undone):
    repair = REPAIRS[name].repair
    assert repair is not None
    assert repair.undone is undone


def test_receipts_are_in_the_json_step_by_step():
    document = json.loads(REPAIRS["half_made"].model_dump_json())["repair"]
    assert document["state"] == "stopped"
    steps = document["receipts"][0]["steps"]
    assert [one["stage"] for one in steps] == ["done", "done", "refused"]
    assert steps[0]["made"] == {"security_group_id": GROUP}
    assert steps[2]["call"] == "ec2:CreateVpcEndpoint"
    assert steps[2]["missing_permission"] == "ec2:CreateVpcEndpoint"
    assert document["receipts"][0]["change"]["action"] == "create_vpc_endpoint"


def test_a_repaired_report_survives_a_round_trip():
    for report in REPAIRS.values():
        assert type(report).model_validate_json(report.model_dump_json()) == report
