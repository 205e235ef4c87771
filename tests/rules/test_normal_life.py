"""Nobody is woken for normal life, and the report says why."""

import pytest

from ecs_medic.finding import Confidence, Evidence
from ecs_medic.incident import Message
from ecs_medic.rules.normal_life import normal_life
from ecs_medic.vocabulary import NORMAL_LIFE, Id
from tests.builders import TASK_ARN, incident

REASON = "Scaling activity initiated by (deployment ecs-svc/1234567890123456789)"


@pytest.mark.parametrize("symptom", sorted(NORMAL_LIFE))
def test_the_reason_is_stated_in_aws_words(symptom):
    finding = normal_life(incident(symptom, message=Message(stopped_reason=REASON)))
    assert finding.cause is symptom
    assert finding.evidence
    assert (REASON in finding.summary) == (symptom is not Id.HEALTHY)
    assert finding.confidence is (Confidence.CONFIRMED if symptom is Id.HEALTHY else Confidence.LIKELY)


def test_who_did_it_is_told_where_it_is_known():
    seen = Evidence("cloudtrail:LookupEvents", TASK_ARN, "StopTask by ann")
    finding = normal_life(incident(Id.STOPPED_BY_USER), by="stopped by ann", evidence=(seen,))
    assert "It was stopped by ann." in finding.summary
    assert finding.params == {"stopped_by": "stopped by ann"}
    assert seen in finding.evidence


def test_an_endless_reason_is_cut_between_words():
    finding = normal_life(incident(Id.STOPPED_BY_USER, message=Message(stopped_reason="word " * 500)))
    assert len(finding.summary) < 600
    assert finding.summary.endswith("word ….")
