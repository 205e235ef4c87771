"""A sweep: one thing that fails keeps no other one waiting."""

import logging

import pytest

from ecs_medic.ledger import alerts, leases
from ecs_medic.response.meter import Metric
from ecs_medic.slack.credentials import SlackCredentialsError
from ecs_medic.slack.errors import SlackUnavailable
from tests.response.story import failure, simple_diagnosis


def test_what_fails_in_a_way_that_nobody_foresaw_is_raised_after_the_rest_is_done(office, monkeypatch, caplog):
    simple_diagnosis(monkeypatch)
    office.credentials = None
    for number in (1, 2):
        for task in (number, number + 10):
            event = failure(task, office.now)
            event["detail"]["group"] = f"service:service-{number}"
            office.respond(event)
    office.pass_time(minutes=5)
    taken_up, claim = [], leases.claim

    def poisoned(table, incident_id, **named):
        taken_up.append(incident_id)
        if len(taken_up) == 1:
            raise TypeError("a rule fails at it")
        return claim(table, incident_id, **named)

    monkeypatch.setattr(leases, "claim", poisoned)
    with caplog.at_level(logging.WARNING), pytest.raises(ExceptionGroup) as raised:
        office.sweep()
    assert [str(one) for one in raised.value.exceptions] == ["a rule fails at it"]
    assert len(set(taken_up)) == 2
    assert any(record.exc_info for record in caplog.records), "its stack is what a person needs"


@pytest.mark.parametrize(
    "error",
    [SlackUnavailable("the secret cannot be read: ThrottlingException"), SlackCredentialsError("secret: denied")],
    ids=["away", "denied"],
)
def test_an_alert_whose_secret_cannot_be_read_is_recorded_measured_and_posted_later(office, monkeypatch, error):
    simple_diagnosis(monkeypatch)
    office.secret_fails = error
    answer = office.respond(failure(1, office.now))
    assert (answer.status, answer.posted) == ("diagnosed", False)
    office.pass_time(minutes=20)
    assert (office.sweep().failures, office.metrics[Metric.UNPOSTED]) == (0, 1)
    office.secret_fails = None
    office.pass_time(minutes=20)
    assert office.sweep().unposted == 0
    (message,) = office.messages()
    alert = alerts.read(office.table, message["metadata"]["event_payload"]["alert_id"])
    assert alert is not None
    assert not alert.unposted
