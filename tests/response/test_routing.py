"""Who is told, where, and when not: tags and quiet hours."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecs_medic.facts.ecs import Cluster
from ecs_medic.facts.fact import NOT_READ, Unknown
from ecs_medic.response.routing import BadQuietHoursError, Routing, quiet_hours_from, quiet_until, routing_of
from tests import builders
from tests.builders import known

BERLIN = ZoneInfo("Europe/Berlin")
NEW_YORK = ZoneInfo("America/New_York")


def at(text: str, zone: ZoneInfo | None = None) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone or UTC)


def end(hours: str, now: datetime) -> datetime | None:
    return quiet_until(quiet_hours_from(hours), now)


# 2026-03-02 is a Monday.
@pytest.mark.parametrize(
    ("hours", "now", "expected"),
    [
        ("", "2026-03-02T03:00", None),
        ("01:00-05:00", "2026-03-02T00:59:59", None),
        ("01:00-05:00", "2026-03-02T01:00", "2026-03-02T05:00"),
        ("01:00-05:00", "2026-03-02T04:59:59", "2026-03-02T05:00"),
        ("01:00-05:00", "2026-03-02T05:00", None),
        ("22:00-07:00", "2026-03-02T23:00", "2026-03-03T07:00"),
        ("22:00-07:00", "2026-03-02T06:59", "2026-03-02T07:00"),
        ("22:00-07:00", "2026-03-02T12:00", None),
        ("22:00-7:00", "2026-03-02T23:00", "2026-03-03T07:00"),
        # The day is that on which they begin: Friday's reach into Saturday, Saturday has none of its own.
        ("Mon-Fri 22:00-07:00", "2026-03-07T06:00", "2026-03-07T07:00"),
        ("Mon-Fri 22:00-07:00", "2026-03-07T23:00", None),
        ("Mon-Fri 22:00-07:00", "2026-03-02T06:00", None),
        ("Sat 0:00-24:00", "2026-03-07T12:00", "2026-03-08T00:00"),
        ("Sat 0:00-24:00", "2026-03-08T00:00", None),
        ("sat-SUN 0:00-24:00", "2026-03-08T12:00", "2026-03-09T00:00"),
        ("Sat-Mon 01:00-02:00", "2026-03-09T01:30", "2026-03-09T02:00"),
        ("Sat-Mon 01:00-02:00", "2026-03-10T01:30", None),
        ("18:00-24:00", "2026-03-02T20:00", "2026-03-03T00:00"),
        # Two that overlap: the last end counts.
        ("20:00-23:00, 22:00-06:00", "2026-03-02T22:30", "2026-03-03T06:00"),
    ],
)
def test_quiet_hours(hours, now, expected):
    assert end(hours, at(now)) == (at(expected) if expected else None)


def test_they_are_those_of_their_own_zone():
    hours = "22:00-07:00 Europe/Berlin"
    assert end(hours, at("2026-01-12T20:59")) is None
    assert end(hours, at("2026-01-12T21:00")) == at("2026-01-13T07:00", BERLIN)
    assert end(hours, at("2026-07-13T20:00")) == at("2026-07-14T07:00", BERLIN)
    assert end("9:00-17:00 America/New_York", at("2026-07-13T14:00")) == at("2026-07-13T17:00", NEW_YORK)


def test_the_night_in_which_the_clocks_go_forward_is_an_hour_shorter():
    hours = "Sat 22:00-07:00 Europe/Berlin"
    begin = at("2026-03-28T21:00")
    over = end(hours, begin)
    assert over is not None
    assert over.astimezone(UTC) == at("2026-03-29T05:00")
    assert end(hours, at("2026-03-29T04:59")) == over
    assert end(hours, at("2026-03-29T05:00")) is None


def test_the_night_in_which_the_clocks_go_back_is_an_hour_longer():
    hours = "Sat 22:00-07:00 Europe/Berlin"
    over = end(hours, at("2026-10-24T20:00"))
    assert over is not None
    assert over.astimezone(UTC) == at("2026-10-25T06:00")
    assert end(hours, at("2026-10-25T05:59")) == over


@given(
    st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe"]),
    st.integers(0, 23),
    st.integers(0, 23),
    st.integers(0, 365 * 24 * 60),
)
def test_the_end_is_ahead_at_most_a_day_and_is_the_end(zone, start, stop, minutes):
    if start == stop:
        return
    windows = quiet_hours_from(f"{start}:00-{stop}:00 {zone}")
    now = at("2026-01-01T00:00") + timedelta(minutes=minutes)
    over = quiet_until(windows, now)
    if over is None:
        return
    # An hour more where the clocks go back meanwhile.
    assert timedelta(0) < over.astimezone(UTC) - now <= timedelta(hours=25)
    assert quiet_until(windows, over.astimezone(UTC)) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("every night", "expected [DAY[-DAY]] HH:MM-HH:MM [ZONE]"),
        ("22-7", "expected"),
        ("22:00", "expected"),
        ("22:00-07:00 CET winter", "expected"),
        ("Foo 22:00-07:00", "no day 'Foo'"),
        ("Mon-Bar 22:00-07:00", "no day 'Bar'"),
        ("25:00-07:00", "no time '25:00'"),
        ("22:60-07:00", "no time '22:60'"),
        ("22:00-22:00", "begins when it ends"),
        ("22:00-07:00 Europe/Atlantis", "no time zone 'Europe/Atlantis'"),
        ("22:00-07:00 /etc/passwd", "no time zone"),
        ("22:00-07:00 ../x", "expected"),
    ],
)
def test_what_cannot_be_read_is_said(text, said):
    with pytest.raises(BadQuietHoursError) as caught:
        quiet_hours_from(text)
    assert said in str(caught.value)


@given(st.text())
def test_any_text_is_quiet_hours_or_one_error(text):
    try:
        quiet_hours_from(text)
    except BadQuietHoursError as error:
        assert len(str(error)) < 300  # noqa: PT017


# ---------------------------------------------------------------- tags

CLUSTER = Cluster(arn="arn:aws:ecs:eu-west-1:123456789012:cluster/shop", name="shop", status="ACTIVE")


def routing(
    task: dict[str, str] | None = None, service: dict[str, str] | None = None, cluster: dict[str, str] | None = None
) -> Routing:
    return routing_of(
        builders.facts(
            task=known(builders.task(tags=task or {})),
            service=known(builders.service(tags=service or {})),
            cluster=known(replace(CLUSTER, tags=cluster or {})),
        )
    )


def test_without_tags_nothing_is_changed():
    assert routing({"team": "shop"}) == Routing()


def test_the_tasks_tags_go_before_the_services_and_the_clusters():
    owner, channel = "ecs-medic:owner", "ecs-medic:channel"
    assert routing({owner: "U0ALICE"}, {owner: "bob"}, {owner: "carol", channel: "C0SHOP1"}) == Routing(
        channel="C0SHOP1", owner="U0ALICE"
    )


def test_tags_that_could_not_be_read_change_nothing():
    unread = builders.facts(task=Unknown("ecs:DescribeTasks", "denied"), service=NOT_READ, cluster=NOT_READ)
    assert routing_of(unread) == Routing()


@pytest.mark.parametrize("channel", ["#ops-alerts", "ops-alerts", " C0123456789 ", "日本語"])
def test_a_channel(channel):
    assert routing({"ecs-medic:channel": channel}).channel == channel.strip()


@pytest.mark.parametrize("channel", ["", "two words", "<!channel>", "a" * 90, "@alice", "#"])
def test_a_channel_that_there_cannot_be_is_the_stacks_own(channel):
    assert routing({"ecs-medic:channel": channel}).channel is None


@pytest.mark.parametrize(
    ("value", "until"),
    [
        ("2026-03-02", "2026-03-02T00:00"),
        ("2026-03-02T10:00:00Z", "2026-03-02T10:00"),
        ("2026-03-02T10:00:00+01:00", "2026-03-02T09:00"),
    ],
)
def test_muted_until(value, until):
    assert routing({"ecs-medic:mute": value}).muted_until == at(until)


@pytest.mark.parametrize("value", ["true", "TRUE", "yes", "on", "1"])
def test_muted_for_good(value):
    muted_until = routing({"ecs-medic:mute": value}).muted_until
    assert muted_until is not None
    assert muted_until > at("2100-01-01")


@pytest.mark.parametrize("value", ["", "false", "no", "tomorrow", "2026-13-01"])
def test_what_mutes_nothing(value):
    assert routing({"ecs-medic:mute": value}).muted_until is None
