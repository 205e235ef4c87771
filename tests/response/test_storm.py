"""A crash loop is one message with an exact counter; so is one missing endpoint, however many services fail by it."""

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from ecs_medic.aws.reader import Reader
from ecs_medic.response.meter import Metric
from sandbox.client import REGION
from sandbox.gallery import build
from tests.response.office import Office, another_task, words

THREADS = 8


def deliver(office: Office, events: list[dict[str, Any]]) -> list[str]:
    """From eight threads, each with its own reader as each execution environment has."""
    readers = [Reader(REGION) for _ in range(THREADS)]

    def some(number: int) -> list[str]:
        return [office.respond(event, readers[number]).status for event in events[number::THREADS]]

    with ThreadPoolExecutor(THREADS) as pool:
        return [status for statuses in pool.map(some, range(THREADS)) for status in statuses]


def storm(office: Office, events: int, duplicates: int, seed: int) -> None:
    scenario = build(office.account, "ecr_dkr_endpoint_missing")
    chance = random.Random(seed)
    once = [another_task(scenario.event, number) for number in range(events)]
    shuffled = once + chance.choices(once, k=duplicates)
    chance.shuffle(shuffled)
    office.account.clear_calls()
    statuses = deliver(office, shuffled)
    assert statuses.count("duplicate") == duplicates
    assert statuses.count("diagnosed") == 1
    assert statuses.count("counted") == events - 1
    reads = [call for call in office.account.calls() if call["service"] not in {"dynamodb", "slack"}]
    assert 0 < len(reads) <= 20 + 4
    office.pass_time(minutes=1)
    office.sweep()
    (message,) = office.messages()
    assert f"{events:,} times" in words(message)
    assert len(office.answers()) == 1
    assert office.metrics[Metric.OPENED] == office.metrics[Metric.DIAGNOSED] == 1


def test_one_crash_loop_is_one_message_with_an_exact_counter(office):
    storm(office, events=300, duplicates=60, seed=4)


@pytest.mark.soak
def test_ten_thousand_events(office):
    storm(office, events=10_000, duplicates=1_000, seed=5)


def test_services_that_fail_by_one_endpoint_are_one_message_that_lists_them(office):
    same_cause(office, services=24)


@pytest.mark.soak
def test_two_hundred_services_are_one_message(office):
    same_cause(office, services=200)


def same_cause(office: Office, services: int) -> None:
    scenario = build(office.account, "ecr_dkr_endpoint_missing")
    events = []
    for number in range(services):
        event = another_task(scenario.event, number)
        event["detail"]["group"] = f"service:{scenario.service}-{number:03d}"
        events.append(event)
    statuses = deliver(office, events)
    assert statuses.count("diagnosed") == services
    for _ in range(3):
        office.pass_time(minutes=1)
        office.sweep()
    (message,) = office.messages()
    said = words(message)
    assert f"{services} services" in said
    assert f"{services:,} times" in said
    listed = [f"{scenario.service}-{number:03d}" for number in range(services)]
    # The heading may name one more: whose story is told.
    assert min(services, 25) <= sum(name in said for name in listed) <= 26


def test_same_named_services_of_two_clusters_stay_apart(office):
    scenario = build(office.account, "app_exited")
    elsewhere = another_task(scenario.event, 1)
    for field in ("taskArn", "clusterArn"):
        elsewhere["detail"][field] = elsewhere["detail"][field].replace("/shop", "/other")
    elsewhere["resources"] = [elsewhere["detail"]["taskArn"]]
    first, second = office.respond(scenario.event), office.respond(elsewhere)
    assert first.incident_id != second.incident_id
    assert len(office.messages()) == 2


def test_it_is_diagnosed_afresh_at_ten_and_every_fifteen_minutes_while_events_come(office):
    scenario = build(office.account, "ecr_dkr_endpoint_missing")
    assert office.respond(scenario.event).status == "diagnosed"
    statuses = []
    for minute in range(1, 32):
        office.pass_time(minutes=1)
        event = another_task(scenario.event, minute, later=timedelta(minutes=minute))
        statuses.append(office.respond(event).status)
    # The tenth event comes after nine minutes.
    assert [index + 1 for index, status in enumerate(statuses) if status == "diagnosed"] == [9, 24]
