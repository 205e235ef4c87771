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


def missed(monkeypatch, *answered):
    monkeypatch.setattr(storm, "_storm", lambda *_, **__: storm.Storm(answered, 1, 4, 3.0))
    return {one.name for one in storm.measure() if not one.kept and "repairs on" not in one.name}


def one_event(*operations, answer=COUNTED, own_ms=3.0):
    return storm.Answered(answer, own_ms, tuple(f"dynamodb:{one}" for one in operations), 100)


COUNTED_ONE = one_event("TransactWriteItems")


def test_a_storm_of_counted_events_misses_nothing(monkeypatch):
    edited = one_event("TransactWriteItems", "UpdateItem", answer=EDITED)
    assert missed(monkeypatch, *[COUNTED_ONE] * 398, edited, edited) == set()


def test_a_counted_event_that_writes_nothing_is_none(monkeypatch):
    assert "writes of a counted event, least" in missed(monkeypatch, *[COUNTED_ONE] * 399, one_event())


def test_events_that_leave_the_hot_path_have_a_bound(monkeypatch):
    edited = one_event("TransactWriteItems", "UpdateItem", "GetItem", answer=EDITED)
    assert missed(monkeypatch, COUNTED_ONE, *[edited] * 399) == {"events that were more than counted"}


def test_a_storm_in_which_nothing_is_only_counted_is_no_measurement(monkeypatch):
    with pytest.raises(RuntimeError, match="not one event"):
        missed(monkeypatch, one_event("TransactWriteItems", answer=EDITED))


@pytest.mark.parametrize("extra", ["GetItem", "Query", "ExecuteStatement", "TransactGetItems", "NewOperation"])
def test_whatever_else_is_asked_of_the_ledger_counts(monkeypatch, extra):
    asking = one_event("TransactWriteItems", extra)
    assert missed(monkeypatch, *[COUNTED_ONE] * 399, asking) == {"requests of a counted event to the ledger, most"}


def test_an_event_that_takes_more_the_more_were_counted_is_seen(monkeypatch):
    growing = [one_event("TransactWriteItems", own_ms=1 + number / 200) for number in range(400)]
    assert missed(monkeypatch, *growing) == {"the same, last block next to first"}


def test_the_bill_has_the_items_that_an_event_writes():
    put = {"Put": {"Item": {"pk": {"S": "e"}, "sk": {"S": "event"}}}}
    update = {"Update": {"Key": {"pk": {"S": "i"}, "sk": {"S": "incident"}}}}
    check = {"ConditionCheck": {"Key": {"pk": {"S": "i"}, "sk": {"S": "controls"}}}}
    event, incident = put["Put"]["Item"], update["Update"]["Key"] | {"why": {"S": "x" * 1024}}
    calls = [
        call(0.1, "TransactWriteItems") | {"parameters": {"TransactItems": [put, update]}},
        call(1.1, "TransactWriteItems") | {"parameters": {"TransactItems": [put, update, check]}},
    ]
    items = [event, incident, check["ConditionCheck"]["Key"]]
    two = tuple(storm._answered([noted(0, COUNTED), noted(1, EDITED)], calls))
    assert storm.write_units(two, items) == 6
    three = tuple(storm._answered([noted(0, COUNTED), noted(1, COUNTED)], calls))
    assert storm.write_units(three, items) == 8


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
