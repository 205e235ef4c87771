"""The bench of a storm: what it takes a counted event to be, and its bill."""

from datetime import UTC, datetime, timedelta

import pytest

from bench import prices, storm
from bench.prices import Prices

NOW = datetime(2026, 1, 15, 9, tzinfo=UTC)
COUNTED = {"status": "counted", "verdict": None, "posted": False}
EDITED = {"status": "counted", "verdict": {"cause": "log_group_missing", "confidence": "confirmed"}, "posted": True}
GIVEN = Prices(
    usd={
        "lambda_request": 0.20 / 1e6,
        "lambda_gb_second_arm64": 0.00001,
        "dynamodb_write_unit": 0.50 / 1e6,
        "logs_gigabyte": 0.5,
        "xray_trace": 5.0 / 1e6,
        "eventbridge_aws_event": 0.0,
    },
    assumed={
        "megabytes_of_one_processor": 2048,
        "system_log_bytes": 24,
        "traced_share": 0.1,
        "slack_messages_a_second": 1,
        "storm_hours": 10,
        "dynamodb_milliseconds": 10,
        "slack_milliseconds": 200,
        "notifier_megabytes": 128,
        "notifier_own_milliseconds": 1,
    },
)


def call(seconds, operation, service="dynamodb"):
    return {"at": (NOW + timedelta(seconds=seconds)).isoformat(), "service": service, "operation": operation}


def noted(seconds, answer):
    return (NOW + timedelta(seconds=seconds), answer, 4.0, 100)


def test_each_call_belongs_to_the_event_that_was_being_answered():
    calls = [
        call(0.1, "TransactWriteItems"),
        call(1.1, "TransactWriteItems"),
        call(1.2, "GetItem"),
        call(1.3, "UpdateItem"),
        call(2.1, "TransactWriteItems"),
        call(2.2, "DescribeTasks", "ecs"),
    ]
    first, second, third = storm._answered([noted(0, COUNTED), noted(1, EDITED), noted(2, COUNTED)], calls)
    assert (first.writes, second.writes, third.writes) == (1, 2, 1)
    assert (first.reads_of_aws, second.reads_of_aws, third.reads_of_aws) == (0, 0, 1)
    assert [one.only_counted for one in (first, second, third)] == [True, False, True]


@pytest.mark.parametrize("extra", ["UpdateItem", "PutItem", "TransactWriteItems", "DeleteItem", "BatchWriteItem"])
def test_every_further_write_counts(extra):
    (only,) = storm._answered([noted(0, COUNTED)], [call(0.1, "TransactWriteItems"), call(0.2, extra)])
    assert only.writes == 2


def test_a_moment_of_others_work_does_not_count_against_it():
    def answered(own_ms):
        return storm.Answered(COUNTED, own_ms, ("dynamodb:TransactWriteItems",), 0)

    busy = [answered(9.0)] * storm.BLOCK
    assert storm._quietest(busy + [answered(4.0)] * storm.BLOCK + busy) == 4.0
    # One lucky event is not enough, and a few events alone are a block, too.
    assert storm._quietest([*busy, answered(1.0)]) == 9.0
    assert storm._quietest([answered(3.0), answered(4.0), answered(5.0)]) == 4.0


def test_the_bill_adds_up_what_is_paid_for():
    event = prices.Event(
        megabytes=512,
        architecture="arm64",
        own_milliseconds=4,
        waiting_milliseconds=10,
        write_units=4,
        log_bytes=1000,
        traced=True,
    )
    bill = prices.bill(event, GIVEN)
    # A quarter of a processor takes four times as long: 16 ms, and 10 of waiting.
    assert bill["Lambda, time"] == pytest.approx(1e6 * 0.5 * 0.026 * 0.00001)
    assert bill["Lambda, requests"] == pytest.approx(0.20)
    assert bill["DynamoDB, writes"] == pytest.approx(2.0)
    assert bill["CloudWatch, logs"] == pytest.approx(1e6 * 1024 / 1024**3 * 0.5)
    assert bill["X-Ray, traces"] == pytest.approx(0.5)
    assert bill["EventBridge, events of AWS"] == 0


def test_a_channel_falls_behind_by_what_slack_does_not_take_in_time():
    assert prices.hours_behind(36_000, GIVEN) == 0
    assert prices.hours_behind(72_000, GIVEN) == pytest.approx(10)


def test_a_transaction_takes_twice_the_units_of_each_begun_kilobyte():
    assert prices.write_units(138, 612) == 4
    assert prices.write_units(138, 1024) == 4
    assert prices.write_units(138, 1025) == 6


def test_an_item_is_as_large_as_its_names_and_values():
    assert prices.item_bytes({"pk": {"S": "abc"}, "n": {"N": "1795336454122"}, "b": {"BOOL": True}}) == 5 + 9 + 2


def test_the_prices_are_read_with_their_sources():
    given = Prices.read()
    assert set(GIVEN.usd) <= set(given.usd)
    assert set(GIVEN.assumed) <= set(given.assumed)
    assert sum(prices.bill(prices.notifier(given), given).values()) > 0


def test_the_function_is_taken_as_the_template_deploys_it():
    megabytes, architecture = storm._deployed()
    assert megabytes >= 128
    assert f"lambda_gb_second_{architecture}" in Prices.read().usd
