"""The stack's preflight: what is new is posted once, what is gone is forgotten, what nobody could look at is kept."""

from datetime import timedelta

import pytest

from ecs_medic.response.preflight import MOST_NEW, Preflight, preflight
from ecs_medic.response.routing import quiet_hours_from
from ecs_medic.slack.credentials import Credentials
from sandbox.client import REGION
from sandbox.gallery import network as net
from sandbox.gallery.application import Application, deploy
from sandbox.gallery.observe import stopped
from sandbox.gallery.workbench import Workbench
from tests.response.office import CHANNEL, Office


@pytest.fixture
def bench(office: Office) -> Workbench:
    return Workbench(office.account)


def run(office: Office) -> Preflight:
    office.now += timedelta(hours=1)
    return preflight(office.around(), REGION)


def texts(office: Office) -> list[str]:
    return [message["text"] for message in office.account.slack_messages(CHANNEL)]


def without_log_group(bench: Workbench, *names: str) -> None:
    """Services that should run nothing for now, so that nothing fails and no event says so."""
    network = net.with_endpoints(bench, "orders")
    for name in names:
        deploy(bench, Application(name, network, create_log_group=False, desired_count=0))


def test_what_is_new_is_posted_once(office: Office, bench: Workbench):
    without_log_group(bench, "orders")
    first, second = run(office), run(office)
    assert (first.clusters, first.services, first.findings, first.posted, first.failures) == (1, 1, 1, 1, 0)
    assert (second.findings, second.posted) == (1, 0)
    (text,) = texts(office)
    assert "Found beforehand: orders" in text
    without_log_group_of_another = Application(
        "stock", net.with_endpoints(bench, "stock"), create_log_group=False, desired_count=0
    )
    deploy(bench, without_log_group_of_another)
    assert run(office).posted == 1
    assert len(texts(office)) == 2


def test_what_is_gone_is_said_to_be_and_is_new_when_it_comes_again(office: Office, bench: Workbench):
    without_log_group(bench, "orders")
    run(office)
    logs = bench.client("logs")
    logs.create_log_group(logGroupName="/shop/orders")
    over = run(office)
    assert (over.findings, over.cleared) == (0, 1)
    (text,) = texts(office)
    assert text.startswith("🟢 No longer found: orders")
    logs.delete_log_group(logGroupName="/shop/orders")
    assert run(office).posted == 1
    assert len(texts(office)) == 2


def test_what_could_not_be_looked_at_is_not_over(office: Office, bench: Workbench):
    without_log_group(bench, "orders")
    run(office)
    office.account.fault("logs", "DescribeLogGroups", "access_denied")
    blind = run(office)
    assert (blind.findings, blind.cleared) == (0, 0)
    office.account.clear_faults()
    assert run(office).posted == 0


def test_a_service_that_silently_runs_nothing_is_found(office: Office, bench: Workbench):
    deploy(bench, Application("orders", net.with_endpoints(bench, "orders"), create_log_group=False))
    bench.client("logs").create_log_group(logGroupName="/shop/orders")
    assert run(office).posted == 0
    office.now += timedelta(hours=2)
    run(office)
    (text,) = texts(office)
    assert "orders" in text
    assert "runs none" in str(office.account.slack_messages(CHANNEL)[0]["blocks"])


def test_nothing_is_posted_twice_where_an_alert_is_open_about_it(office: Office, bench: Workbench):
    deploy(bench, Application("orders", net.with_endpoints(bench, "orders"), create_log_group=False))
    office.respond(stopped(bench, "orders"))
    before = len(texts(office))
    assert before
    done = run(office)
    assert (done.findings, done.posted) == (1, 0)
    assert len(texts(office)) == before


def test_quiet_hours_are_kept_and_made_up_for(office: Office, bench: Workbench):
    without_log_group(bench, "orders")
    office.quiet_hours = quiet_hours_from("0:00-24:00")
    assert run(office).posted == 0
    office.quiet_hours = ()
    assert run(office).posted == 1


def test_slack_is_away_and_the_answer_to_a_post_is_lost(office: Office, bench: Workbench):
    without_log_group(bench, "orders")
    office.account.slack_misbehave("chat.postMessage", "disconnect")
    # The message stands in Slack, and the stack's clock is Slack's.
    assert preflight(office.around(), REGION).posted == 0
    preflight(office.around(), REGION)
    assert len(texts(office)) == 1
    assert run(office).posted == 0


def test_a_flood_is_posted_by_and_by(office: Office, bench: Workbench, monkeypatch: pytest.MonkeyPatch):
    assert MOST_NEW >= 10
    monkeypatch.setattr("ecs_medic.response.preflight.MOST_NEW", 2)
    without_log_group(bench, "orders", "billing", "stock")
    assert [run(office).posted for _ in range(3)] == [2, 1, 0]


def test_without_slack_it_is_in_the_log_once(office: Office, bench: Workbench, caplog: pytest.LogCaptureFixture):
    office.credentials = None
    without_log_group(bench, "orders")
    run(office)
    run(office)
    assert [record.message for record in caplog.records].count("found beforehand") == 1


def test_a_webhook_is_told_too(office: Office, bench: Workbench):
    office.credentials = Credentials(webhook_url=office.account.webhook_url)
    without_log_group(bench, "orders")
    assert [run(office).posted for _ in range(2)] == [1, 0]
    bench.client("logs").create_log_group(logGroupName="/shop/orders")
    assert run(office).cleared == 1


def test_clusters_that_cannot_be_listed(office: Office):
    office.account.fault("ecs", "ListClusters", "access_denied")
    assert run(office) == Preflight(failures=1)


def test_clusters_that_there_is_no_time_for_come_first_next_time(office: Office, bench: Workbench):
    without_log_group(bench, "orders")
    assert preflight(office.around(), REGION, seconds_left=lambda: 60.0) == Preflight()
