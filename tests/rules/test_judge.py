"""What becomes of the rules' outcomes: order, confidence, and honesty where nothing explains the symptom."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from ecs_medic.facts import Facts
from ecs_medic.facts.fact import Unknown
from ecs_medic.finding import Confidence, Evidence, Finding, Fix, NotChecked, Phase, RuledOut
from ecs_medic.incident import Incident, Kind, Message, SymptomConfidence
from ecs_medic.rules.judge import judge
from ecs_medic.vocabulary import Id

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
FACTS = Facts(read_at=NOW, account="111122223333", region="eu-west-1")


def incident(symptom: Id, confidence: SymptomConfidence = SymptomConfidence.CERTAIN) -> Incident:
    return Incident(
        kind=Kind.STOPPED_TASK,
        account="111122223333",
        region="eu-west-1",
        cluster="shop",
        symptom=symptom,
        symptom_confidence=confidence,
        message=Message(stopped_reason="as AWS says", exit_code=1),
        occurred_at=NOW,
        service="orders",
    )


def finding(cause: Id, phase: Phase, confidence: Confidence = Confidence.CONFIRMED, **changes: Any) -> Finding:
    return Finding(cause=cause, confidence=confidence, summary="", subject="x", phase=phase, fix=Fix(""), **changes)


def judged(symptom: Id, *outcomes: object, confidence: SymptomConfidence = SymptomConfidence.CERTAIN):
    return judge(incident(symptom, confidence), FACTS, [lambda *_: outcomes])  # type: ignore[list-item]


ENDPOINT = finding(Id.VPC_ENDPOINT_MISSING, Phase.REGISTRY_AUTH)
ROUTE = finding(Id.ROUTE_BLACKHOLE, Phase.IMAGE)


@pytest.mark.parametrize("order", [(ENDPOINT, ROUTE), (ROUTE, ENDPOINT)])
def test_what_blocks_first_is_the_verdict_whatever_the_order_of_the_rules(order):
    assert [f.cause for f in judged(Id.ECR_UNREACHABLE, *order).findings] == [ENDPOINT.cause, ROUTE.cause]


def test_what_is_only_possible_comes_after_what_is_shown():
    possible = finding(Id.CUSTOM_DNS_RESOLVER, Phase.INTERFACE, Confidence.POSSIBLE)
    assert judged(Id.ECR_UNREACHABLE, possible, ENDPOINT).findings[0] == ENDPOINT


def test_a_fault_that_cannot_be_behind_the_symptom_is_possible_and_last():
    result = judged(Id.APP_EXITED, ENDPOINT)
    assert [f.cause for f in result.findings] == [Id.APP_EXITED, Id.VPC_ENDPOINT_MISSING]
    assert result.findings[1].confidence is Confidence.POSSIBLE


def test_an_unknown_message_lets_every_cause_speak():
    assert judged(Id.UNKNOWN, ENDPOINT).findings == (ENDPOINT,)


def test_a_message_that_names_its_cause_is_likely_never_confirmed():
    (only,) = judged(Id.LOG_GROUP_MISSING).findings
    assert (only.cause, only.confidence) == (Id.LOG_GROUP_MISSING, Confidence.LIKELY)
    assert "as AWS says" in only.evidence[0].observed


def test_a_message_that_was_read_with_less_certainty_is_only_possible():
    (only,) = judged(Id.LOG_GROUP_MISSING, confidence=SymptomConfidence.LIKELY).findings
    assert only.confidence is Confidence.POSSIBLE


def test_evidence_outranks_a_message_that_misleads():
    missing = finding(Id.VPC_ENDPOINT_MISSING, Phase.LOGS)
    excluded = RuledOut(Id.LOG_GROUP_MISSING, (Evidence("logs:DescribeLogGroups", "/ecs/orders", "exists"),))
    assert [f.cause for f in judged(Id.LOG_GROUP_MISSING, missing, excluded).findings] == [Id.VPC_ENDPOINT_MISSING]


def test_a_message_whose_cause_is_excluded_is_no_verdict():
    assert judged(Id.LOG_GROUP_MISSING, RuledOut(Id.LOG_GROUP_MISSING, ())).findings == ()


def test_when_nothing_explains_it_that_is_said_and_the_rest_is_kept():
    result = judged(Id.ESSENTIAL_CONTAINER_EXITED, finding(Id.EXEC_NOT_ENABLED, Phase.EXEC))
    assert not result.explained
    assert [(f.cause, f.confidence) for f in result.findings] == [(Id.EXEC_NOT_ENABLED, Confidence.POSSIBLE)]


def test_nothing_at_all_explains_nothing():
    result = judged(Id.ESSENTIAL_CONTAINER_EXITED)
    assert (result.explained, result.findings) == (False, ())


def test_what_cannot_be_behind_the_symptom_is_neither_ruled_out_nor_missed():
    result = judged(
        Id.APP_EXITED,
        RuledOut(Id.VPC_ENDPOINT_MISSING, ()),
        NotChecked(Id.NETWORK_ACL_BLOCKS, "not read"),
    )
    assert (result.ruled_out, result.not_checked) == ((), ())


def test_a_read_that_failed_is_told_even_where_no_rule_missed_it():
    denied = Unknown("ec2:DescribeVpcs", "denied", "ec2:DescribeVpcs")
    throttled = Unknown("ec2:DescribeSubnets", "throttled")
    result = judge(incident(Id.ECR_UNREACHABLE), replace(FACTS, failed_reads=(denied, throttled)), [])
    assert [(gap.check, gap.missing_permission) for gap in result.not_checked] == [
        ("ec2:DescribeVpcs", "ec2:DescribeVpcs"),
        ("ec2:DescribeSubnets", None),
    ]


def test_a_read_that_failed_is_not_told_twice():
    gap = NotChecked("routes", "denied", "ec2:DescribeRouteTables")
    denied = Unknown("ec2:DescribeRouteTables", "denied", "ec2:DescribeRouteTables")
    result = judge(
        incident(Id.ECR_UNREACHABLE),
        replace(FACTS, failed_reads=(denied,)),
        [lambda *_: [gap]],
    )
    assert result.not_checked == (gap,)


def test_the_same_finding_twice_is_one():
    assert judged(Id.ECR_UNREACHABLE, ENDPOINT, ENDPOINT).findings == (ENDPOINT,)


def test_a_cause_that_was_found_is_not_ruled_out_as_well():
    result = judged(Id.ECR_UNREACHABLE, ENDPOINT, RuledOut(ENDPOINT.cause, ()), RuledOut(ROUTE.cause, ()))
    assert [r.cause for r in result.ruled_out] == [ROUTE.cause]


def test_what_was_ruled_out_twice_is_one_entry_with_all_its_evidence():
    one, two = Evidence("a:B", "r", "1"), Evidence("a:B", "r", "2")
    result = judged(Id.ECR_UNREACHABLE, ENDPOINT, RuledOut(ROUTE.cause, (one,)), RuledOut(ROUTE.cause, (one, two)))
    assert result.ruled_out == (RuledOut(ROUTE.cause, (one, two)),)


def test_what_could_not_be_checked_is_listed_once():
    unread = NotChecked("routes", "denied", "ec2:DescribeRouteTables")
    assert judged(Id.ECR_UNREACHABLE, unread, unread).not_checked == (unread,)
