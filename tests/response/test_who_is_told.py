"""Which message tells of an incident, in which channel, whom it calls, and when it keeps silent."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from ecs_medic import diagnosis
from ecs_medic.finding import Confidence
from ecs_medic.response import attend
from ecs_medic.response.routing import quiet_hours_from
from ecs_medic.vocabulary import Id
from sandbox.gallery import build
from tests.response.office import Office, another_task, words

DEPLOYS = "C0DEPLOYS"


def tag(office: Office, scenario: Any, key: str, value: str) -> None:
    ecs = office.account.client("ecs")
    (service,) = ecs.describe_services(cluster=scenario.cluster, services=[scenario.service])["services"]
    ecs.tag_resource(resourceArn=service["serviceArn"], tags=[{"key": f"ecs-medic:{key}", "value": value}])


def another_cause_for(monkeypatch: pytest.MonkeyPatch, concerned: Callable[[str | None], bool]) -> None:
    """From now on, these services fail because their application ends."""

    def examine(*asked: Any, **named: Any) -> diagnosis.Examination:
        found = diagnosis.examine(*asked, **named)
        if not concerned(found.report.incident.service):
            return found
        changed = {"cause": Id.APP_EXITED, "subject": "app", "confidence": Confidence.CONFIRMED, "summary": "It ended"}
        verdict = found.report.verdict.model_copy(update=changed)
        report = found.report.model_copy(update={"verdict": verdict, "findings": (verdict,)})
        findings = (replace(found.findings[0], cause=Id.APP_EXITED, params={}),)
        return replace(found, report=report, findings=findings)

    monkeypatch.setattr(attend, "examine", examine)


def test_another_cause_of_the_same_incident_is_told_in_its_message(office, monkeypatch):
    scenario = build(office.account, "ecr_dkr_endpoint_missing")
    office.respond(scenario.event)
    (before,) = office.messages()
    another_cause_for(monkeypatch, lambda _: True)
    office.pass_time(minutes=16)
    later = another_task(scenario.event, 2, later=timedelta(minutes=16))
    assert office.respond(later).status == "diagnosed"
    (after,) = office.messages()
    assert after["ts"] == before["ts"]
    assert "The application ended by itself" in words(after)
    assert "*2 times*" in words(after)
    headings = [words(one).split("\n")[0] for one in office.answers()]
    assert len(headings) == 2
    assert headings[1] == "Evidence: The application ended by itself"
    office.pass_time(minutes=1)
    office.sweep()
    assert len(office.messages()) == 1
    assert len(office.answers()) == 2


def test_an_incident_whose_cause_changes_leaves_the_message_that_it_shared(office, monkeypatch):
    scenario = build(office.account, "ecr_dkr_endpoint_missing")
    other = another_task(scenario.event, 1)
    other["detail"]["group"] = "service:another"
    office.respond(scenario.event)
    office.respond(other)
    office.pass_time(minutes=1)
    office.sweep()
    (shared,) = office.messages()
    assert "2 services" in words(shared)
    another_cause_for(monkeypatch, lambda service: service == "another")
    office.pass_time(minutes=16)
    later = another_task(other, 2, later=timedelta(minutes=17))
    office.respond(later)
    office.pass_time(minutes=1)
    office.sweep()
    first, second = sorted(office.messages(), key=lambda one: one["ts"])
    assert first["ts"] == shared["ts"]
    assert "2 services" not in words(first)
    assert "*once*" in words(first)
    assert "The application ended by itself" in words(second)
    assert "*2 times*" in words(second)


def test_a_tag_names_the_channel(office):
    scenario = build(office.account, "app_exited")
    tag(office, scenario, "channel", DEPLOYS)
    office.respond(scenario.event)
    assert office.messages() == []
    assert {one["channel"] for one in office.account.slack_messages()} == {DEPLOYS}


@pytest.mark.parametrize(("owner", "mention"), [("U0ALICE01", "<@U0ALICE01>"), ("team-orders", "`team-orders`")])
def test_a_tag_names_the_owner(office, owner, mention):
    scenario = build(office.account, "app_exited")
    tag(office, scenario, "owner", owner)
    office.respond(scenario.event)
    assert f"owner {mention}" in words(office.messages()[0])


def test_a_tag_mutes_and_counting_goes_on(office):
    scenario = build(office.account, "app_exited")
    tag(office, scenario, "mute", (office.now + timedelta(hours=3)).isoformat())
    office.respond(scenario.event)
    office.pass_time(minutes=1)
    office.respond(another_task(scenario.event, 2, later=timedelta(minutes=1)))
    office.pass_time(hours=1)
    office.sweep()
    assert office.account.slack_messages() == []
    for _ in range(3):
        office.pass_time(hours=1)
        office.sweep()
    (message,) = office.messages()
    assert "*2 times*" in words(message)
    assert len(office.answers()) == 1


def test_quiet_hours_hold_the_first_message_until_they_end(office):
    start, end = office.now - timedelta(hours=1), office.now + timedelta(hours=1)
    office.quiet_hours = quiet_hours_from(f"{start:%H:%M}-{end:%H:%M} UTC")
    scenario = build(office.account, "app_exited")
    assert office.respond(scenario.event).posted is False
    for number in range(2, 5):
        office.pass_time(minutes=10)
        office.respond(another_task(scenario.event, number, later=timedelta(minutes=10 * number - 10)))
        office.sweep()
    assert office.account.slack_messages() == []
    office.pass_time(minutes=31)
    office.sweep()
    (message,) = office.messages()
    assert "*4 times*" in words(message)
    assert len(office.answers()) == 1
