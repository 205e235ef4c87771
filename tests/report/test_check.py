"""A check as people read it: at a terminal, and as Slack messages within Slack's rules."""

import io
from datetime import UTC, datetime

import pytest
from rich.console import Console

from ecs_medic.finding import Confidence
from ecs_medic.report.check_blocks import gone_message, heading_of, trouble_message
from ecs_medic.report.check_model import Affected, Breaks, Check, Gap, Trouble
from ecs_medic.report.check_terminal import render_check
from ecs_medic.report.check_words import in_all
from ecs_medic.report.model import Evidence, Fix
from ecs_medic.vocabulary import Id
from tests.report import slack_rules

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
HOSTILE = "<!channel> `rm` *bold* \x1b[31m " + "x" * 4000


def affected(service: str, breaks: Breaks = "start", **changes: int) -> Affected:
    return Affected(service=service, breaks=breaks, **{"desired": 2, "running": 2, **changes})


def trouble(
    *services: Affected, confidence: Confidence = Confidence.CONFIRMED, summary: str = "It is gone."
) -> Trouble:
    return Trouble(
        cause=Id.LOG_GROUP_MISSING,
        confidence=confidence,
        summary=summary,
        subject="/shop/orders",
        evidence=(Evidence(source="logs:DescribeLogGroups", resource="/shop/orders", observed=summary),),
        fix=Fix(summary="Create it.", cli=("aws logs create-log-group --log-group-name /shop/orders",)),
        services=services,
    )


def checked(*findings: Trouble, gaps: tuple[Gap, ...] = ()) -> Check:
    return Check(
        account="123456789012",
        region="eu-west-1",
        cluster="shop",
        checked_at=NOW,
        services=("billing", "orders", "stock"),
        findings=findings,
        not_checked=gaps,
        calls=41,
    )


def shown(check: Check) -> str:
    console = Console(file=io.StringIO(), width=80, color_system=None)
    render_check(check, console)
    return " ".join(console.file.getvalue().split())  # type: ignore[attr-defined]


def test_nothing_found():
    assert "Nothing was found that would break 3 services." in shown(checked())
    gap = Gap(check="log_group_missing", reason="denied", missing_permission="logs:DescribeLogGroups", services=("a",))
    text = shown(checked(gaps=(gap,)))
    assert "Nothing was found that would break 3 services, as far as could be checked." in text
    assert "log_group_missing: missing permission logs:DescribeLogGroups a" in text


def test_no_service_that_could_be_read_is_not_no_service_that_would_break():
    gap = Gap(check="services", reason="denied", missing_permission="ecs:ListServices")
    check = checked(gaps=(gap,)).model_copy(update={"services": ()})
    assert in_all(check) == "Nothing is known: no service could be looked at."
    assert "Nothing was found" in in_all(check.model_copy(update={"not_checked": ()}))


def test_what_would_break_and_of_whom():
    text = shown(checked(trouble(affected("orders", running=0), affected("billing", "exec"))))
    assert "1 trouble in 3 services." in text
    assert "1. CONFIRMED: The CloudWatch log group does not exist" in text
    assert "would break the start of orders (runs 0 of 2) would break ECS Exec into billing" in text
    assert "aws logs create-log-group --log-group-name /shop/orders" in text
    assert "Nothing was found of 1 other service." in text


def test_what_is_only_possible_is_counted_apart():
    text = shown(checked(trouble(affected("orders")), trouble(affected("stock"), confidence=Confidence.POSSIBLE)))
    assert "1 trouble and 1 possible one in 3 services." in text
    assert text.count("Fix:") == 1


def test_gaps_of_one_kind_are_told_together():
    gaps = tuple(Gap(check="image_platform_mismatch", reason=f"image {n}", services=(f"s{n}",)) for n in range(30))
    text = shown(checked(gaps=gaps))
    assert "image_platform_mismatch: image 0 (and 29 more like it)" in text
    assert "and 22 more" in text


@pytest.mark.parametrize("summary", ["It is gone.", HOSTILE])
@pytest.mark.parametrize("many", [1, 3, 200])
def test_a_message_keeps_to_slacks_rules(summary: str, many: int):
    services = [affected(f"service-{number}", running=number % 3) for number in range(many)]
    one = trouble(*services, affected("orders", "exec"), summary=summary)
    slack_rules.check(*trouble_message(checked(one), one))


def test_a_message_says_what_would_break():
    one = trouble(affected("orders", running=0))
    message = trouble_message(checked(one), one)
    assert message.text.startswith("🔴 Found beforehand: orders: The CloudWatch log group does not exist")
    said = str(message.blocks)
    assert "*Would break the start of*  orders (runs 0 of 2)" in said
    assert "ecs-medic check --cluster shop" in said
    assert heading_of(trouble(affected("a"), affected("b"), affected("b", "exec"))).startswith("a and 1 more: ")


def test_a_message_says_that_it_is_over():
    message = gone_message(HOSTILE, NOW)
    slack_rules.check(*message)
    assert message.text.startswith("🟢 No longer found: ")
