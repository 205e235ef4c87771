"""The alert and its thread: what they say, and that no input makes them break a rule of Slack's."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import Phase as GenerationPhase
from hypothesis import strategies as st

from ecs_medic.finding import Confidence, Evidence, Finding, Fix, NotChecked, Phase, RuledOut
from ecs_medic.incident import Message
from ecs_medic.plan import Action, Change, Patch, Plan, Safety
from ecs_medic.report.blocks import SlackMessage
from ecs_medic.report.build import build_report
from ecs_medic.report.build_plan import shown_change
from ecs_medic.report.change_words import WORDS, names_of
from ecs_medic.report.model import PathPicture, Report
from ecs_medic.report.news import news, repair_news
from ecs_medic.report.repair_standing import RepairStanding
from ecs_medic.report.slack_blocks import alert, details
from ecs_medic.report.standing import Standing, State
from ecs_medic.run_state import RunState
from ecs_medic.vocabulary import Id
from sandbox.slack.limits import message_error
from tests.report import slack_rules
from tests.report.examples import EXAMPLES, NASTY, TASK, incident

FORMS: dict[str, Callable[[Report], SlackMessage]] = {
    "alert": alert,
    "webhook": lambda report: alert(report, threaded=False),
    "details": details,
}


def everything(message: SlackMessage) -> str:
    return "\n".join(part["text"] for part in slack_rules.texts(message.blocks))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_keep_to_slacks_rules(name, form):
    slack_rules.check(*FORMS[form](EXAMPLES[name]()))


def test_no_emoji_arises_where_a_name_meets_our_own_colon():
    gap = NotChecked("the account of shop:skull", "it was not asked")
    said = everything(details(build_report(incident(), "alert", [], [], [gap], Plan())))
    assert "the account of `shop:skull`: it was not asked" in said


def test_alert_says_what_where_why_and_how_to_repair():
    report = EXAMPLES["endpoint_missing"]()
    message = alert(report)
    said = everything(message)
    assert message.blocks[0]["type"] == "header"
    for part in ("orders", "shop", "orders:42", "0f1e2d3c4b5a69788796a5b4c3d2e1f0", "eu-west-1", "123456789012"):
        assert part in said
    assert "no NAT gateway, no public address" in said
    assert "Confirmed" in said
    assert "`ec2:DescribeRouteTables` `rtb-0a1b2c3d4e5f60718`" in said
    assert "iam:ListRolePolicies" in said
    assert "*Ruled out*" in said
    assert report.incident.id in said
    assert "orders" in message.text


def test_commands_can_be_copied_whole():
    report = EXAMPLES["endpoint_missing"]()
    copied = [line for block in slack_rules.code_blocks(everything(alert(report))) for line in block.splitlines()]
    for command in report.verdict.fix.cli:
        assert command in copied


def test_policy_can_be_copied_whole():
    report = EXAMPLES["exec_role"]()
    for message in (details(report), alert(report, threaded=False)):
        blocks = [block for block in slack_rules.code_blocks(everything(message)) if block.startswith("{")]
        assert [json.loads(block) for block in blocks] == [report.verdict.fix.policy]
    assert "ssmmessages:OpenDataChannel" not in everything(alert(report)), "the policy is in the thread"


def test_console_links_lead_to_the_place():
    said = everything(alert(EXAMPLES["endpoint_missing"]()))
    base = "https://eu-west-1.console.aws.amazon.com/ecs/v2"
    assert f"<{base}/clusters/shop/services/orders/health?region=eu-west-1|orders>" in said
    assert f"<{base}/task-definitions/orders/42?region=eu-west-1|orders:42>" in said


def test_caller_of_a_failed_exec_is_named():
    assert "assumed-role/oncall/jane" in everything(alert(EXAMPLES["exec_role"]()))


def test_thread_shows_the_path_and_where_it_breaks():
    said = everything(details(EXAMPLES["endpoint_missing"]()))
    (broken,) = [line for line in said.splitlines() if "breaks here" in line]
    assert "✗ route" in broken
    assert "rtb-0a1b2c3d4e5f60718" in broken


@pytest.mark.parametrize(
    ("name", "sign"), [("endpoint_missing", "🔴"), ("exec_role", "🟠"), ("unknown", "⚪"), ("scale_in", "ℹ️")]
)
def test_severity_is_seen_at_a_glance(name, sign):
    message = alert(EXAMPLES[name]())
    assert message.text.startswith(sign)
    assert message.blocks[0]["text"]["text"].startswith(sign)


def test_unknown_says_so_and_names_the_permissions():
    said = everything(alert(EXAMPLES["unknown"]()))
    assert "cause unknown" in said
    assert "ecs:DescribeTasks" in said
    assert "ec2:DescribeVpcEndpoints" in said


def test_what_is_cut_is_counted():
    said = everything(alert(EXAMPLES["ugly"]()))
    evidence = said.split("*Evidence*\n")[1].split("*Fix*")[0].strip().splitlines()
    bullets = [line for line in evidence if line.startswith("•")]
    assert evidence[-1] == f"… ({60 - len(bullets)} more)"


def test_a_command_is_never_cut_in_the_middle():
    report = EXAMPLES["ugly"]()
    whole = set("\n".join(report.verdict.fix.cli).splitlines())
    for form in (alert, FORMS["webhook"]):
        blocks = [block for block in slack_rules.code_blocks(everything(form(report))) if block.startswith("aws ")]
        assert blocks
        for block in blocks:
            assert set(block.splitlines()) <= whole


def test_a_command_that_fits_nowhere_is_not_shown_at_all():
    fix = Fix(summary="x", cli=("rm -rf /tmp/shop" + "x" * 5000,))
    finding = Finding(Id.DISK_FULL, Confidence.LIKELY, "x", "x", Phase.RUN, fix)
    said = everything(alert(build_report(incident(), "alert", [finding], [], [], Plan())))
    assert "rm -rf" not in said
    assert "… (1 more)" in said


def test_messages_survive_a_round_trip_through_json():
    report = EXAMPLES["ugly"]()
    assert alert(Report.model_validate_json(report.model_dump_json())) == alert(report)


TEXTS = st.one_of(
    st.text(max_size=80),
    st.sampled_from([NASTY, NASTY * 5, "", " ", "`", "```", "``", "<!channel>", "@here", "&" * 900, "🚒" * 900]),
    st.lists(
        st.sampled_from(["`", "```", "<", ">", "&", "&amp;", "|", "*", "_", "~", ":x:", "@here", "@channel", "\\", '"',
                         "\n", " ", "\u202e", "\x1b[0m", "e\u0301", "👩‍🚒", "\ud800", "a", "arn:aws:iam::1:role/x",
                         "x" * 90, "\n" * 50]),
        max_size=12,
    ).map("".join),
)  # fmt: skip
EVIDENCE = st.lists(st.builds(Evidence, TEXTS, TEXTS, TEXTS), max_size=8).map(tuple)
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=5,
)
FIXES = st.builds(
    Fix,
    summary=TEXTS,
    steps=st.lists(TEXTS, max_size=5).map(tuple),
    cli=st.lists(TEXTS, max_size=5).map(tuple),
    policy=st.none() | st.dictionaries(TEXTS, JSON, max_size=3),
)
FINDINGS = st.builds(
    Finding,
    cause=st.sampled_from(Id),
    confidence=st.sampled_from(Confidence),
    summary=TEXTS,
    subject=TEXTS,
    phase=st.sampled_from(Phase),
    fix=FIXES,
    params=st.just({}),
    evidence=EVIDENCE,
)
PARAMETERS = sorted({name for rows in WORDS.values() for row in rows for name in names_of(row)})
CHANGES = st.builds(
    Change,
    action=st.sampled_from(Action),
    params=st.dictionaries(st.sampled_from(PARAMETERS), TEXTS | st.lists(TEXTS, max_size=12) | st.integers()),
    safety=st.sampled_from(Safety),
    monthly_cost_usd=st.none() | st.floats(min_value=0, max_value=1e12),
    blast_radius=TEXTS,
)
REPORTS = st.builds(
    build_report,
    st.builds(
        incident,
        st.sampled_from(Id),
        st.builds(Message, stopped_reason=st.none() | TEXTS, container_reason=st.none() | TEXTS),
        cluster=TEXTS.filter(lambda text: text and "\ud800" not in text),
        service=st.none() | TEXTS.filter(lambda text: "\ud800" not in text),
    ),
    st.sampled_from(["alert", "ignore", "resolve"]),
    st.lists(FINDINGS, max_size=4),
    st.lists(st.builds(RuledOut, st.sampled_from(Id), EVIDENCE), max_size=6),
    st.lists(st.builds(NotChecked, TEXTS, TEXTS, st.none() | TEXTS), max_size=6),
    st.builds(
        Plan,
        st.lists(CHANGES, max_size=4).map(tuple),
        st.none() | TEXTS,
        st.lists(st.builds(Patch, TEXTS, TEXTS, TEXTS), max_size=3).map(tuple),
    ),
    pictures=st.lists(st.builds(PathPicture, title=TEXTS, lines=st.lists(TEXTS, max_size=6).map(tuple)), max_size=4),
)


MOMENTS = st.datetimes(min_value=datetime(2025, 1, 1), max_value=datetime(2035, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
REPAIRS = st.builds(
    RepairStanding,
    run_id=st.just("run-0123456789ab") | TEXTS,
    state=st.sampled_from(RunState),
    changes=st.lists(CHANGES.map(shown_change), max_size=8).map(tuple),
    patches=st.just(()),
    question=st.just("0f1e2d3c4b5a6978") | st.none() | TEXTS,
    until=st.none() | MOMENTS,
    decided_by=st.none() | TEXTS,
    decision=st.sampled_from(["approved", "denied", None]),
    decided_at=st.none() | MOMENTS,
    progress=st.lists(st.tuples(MOMENTS, TEXTS), max_size=20).map(tuple),
    words=st.none() | TEXTS,
    buttons=st.booleans(),
)
STANDINGS = st.builds(
    Standing,
    count=st.integers(min_value=1, max_value=10**9),
    first_seen=MOMENTS,
    last_seen=MOMENTS,
    state=st.sampled_from(State),
    proof=st.none() | TEXTS,
    button_value=st.none() | st.just("alert-0123456789ab"),
    repair=REPAIRS,
)


@pytest.mark.filterwarnings("ignore:Generating overly large repr")
@settings(
    max_examples=50,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(GenerationPhase.explicit, GenerationPhase.generate),  # shrinking whole reports takes minutes
)
@given(st.sampled_from(["endpoint_missing", "exec_role", "owned_by_code"]), STANDINGS)
def test_no_repair_breaks_slacks_rules(name, standing):
    report = EXAMPLES[name]()
    for message in (
        alert(report, standing),
        alert(report, standing, threaded=False),
        news(report, standing),
        repair_news(report, standing),
    ):
        slack_rules.check(*message)
        assert message_error(message.text, message.blocks, None) is None


@pytest.mark.filterwarnings("ignore:Generating overly large repr")
@settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(GenerationPhase.explicit, GenerationPhase.generate),  # shrinking whole reports takes minutes
)
@given(REPORTS)
def test_no_input_breaks_slacks_rules(report):
    for form in FORMS.values():
        message = form(report)
        slack_rules.check(*message)
        assert message_error(message.text, message.blocks, None) is None


def test_task_arn_is_in_the_footer_for_the_next_command():
    assert f"ecs-medic diagnose --task {TASK}" in everything(alert(EXAMPLES["endpoint_missing"]()))
