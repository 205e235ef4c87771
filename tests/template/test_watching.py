"""Alarms and dashboard look at what there is, under the names that the functions use."""

import json
import re
from typing import Any

import pytest

from ecs_medic.response.meter import Metric
from ecs_medic.response.observed import NAMESPACE
from tests.template.stack import deployed, of_type, written

RESOURCES = deployed()
ALARMS = of_type(RESOURCES, "AWS::CloudWatch::Alarm")
FUNCTIONS = of_type(RESOURCES, "AWS::Lambda::Function")
STACK = {"Ref": "AWS::StackName"}


def dashboard() -> dict[str, Any]:
    (properties,) = of_type(RESOURCES, "AWS::CloudWatch::Dashboard").values()
    parsed: dict[str, Any] = json.loads(properties["DashboardBody"]["Fn::Sub"])
    return parsed


def watched(metric: str, dimension: str, value: object) -> list[dict[str, Any]]:
    return [alarm for alarm in ALARMS.values() for one in _metrics(alarm) if _is(one, metric, dimension, value)]


def _metrics(alarm: dict[str, Any]) -> list[dict[str, Any]]:
    """What it looks at: one metric, or the sum of several."""
    several = [one["MetricStat"]["Metric"] for one in alarm.get("Metrics", ()) if "MetricStat" in one]
    return several or [alarm]


def _is(one: dict[str, Any], metric: str, dimension: str, value: object) -> bool:
    return one["MetricName"] == metric and {"Name": dimension, "Value": value} in one["Dimensions"]


def test_events_that_are_lost_for_good():
    """Those that the dead-letter queue has not taken, from any rule and from the function."""
    (function,) = watched("DestinationDeliveryFailures", "FunctionName", {"Ref": "DiagnoseFunction"})
    rules = [name for name, rule in of_type(RESOURCES, "AWS::Events::Rule").items() if "EventPattern" in rule]
    assert rules
    for rule in rules:
        assert watched("InvocationsFailedToBeSentToDlq", "RuleName", {"Ref": rule}) == [function]
    assert len(_metrics(function)) == len(rules) + 1
    (shown,) = [one for one in function["Metrics"] if one.get("ReturnData", True)]
    assert shown["Expression"] == "SUM(METRICS())"
    assert {one["MetricStat"]["Stat"] for one in function["Metrics"] if one is not shown} == {"Sum"}


def test_dead_letters():
    [alarm] = watched(
        "ApproximateNumberOfMessagesVisible", "QueueName", {"Fn::GetAtt": ["DeadLetterQueue", "QueueName"]}
    )
    assert (alarm["Namespace"], alarm["Statistic"]) == ("AWS/SQS", "Maximum")
    # Whoever is woken by it is told what to type.
    assert "`ecs-medic redrive --stack ${AWS::StackName}`" in alarm["AlarmDescription"]["Fn::Sub"]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_errors_of_every_function(function):
    [alarm] = watched("Errors", "FunctionName", {"Ref": function})
    assert (alarm["Namespace"], alarm["Statistic"]) == ("AWS/Lambda", "Sum")


def test_throttles_of_the_function_and_of_the_ledger():
    assert watched("Throttles", "FunctionName", {"Ref": "DiagnoseFunction"})
    for metric in ("ReadThrottleEvents", "WriteThrottleEvents"):
        [alarm] = watched(metric, "TableName", {"Ref": "LedgerTable"})
        assert alarm["Namespace"] == "AWS/DynamoDB"


def test_alerts_that_have_not_arrived_for_ten_minutes():
    [alarm] = watched(Metric.UNPOSTED, "service", STACK)
    assert alarm["Period"] * alarm["EvaluationPeriods"] == 600
    assert alarm["Statistic"] == "Maximum"


def test_repairs_that_nobody_hears_of_any_more():
    for metric in (Metric.REPAIRS_LOST, Metric.REPAIRS_NOT_STARTED):
        [alarm] = watched(metric, "service", STACK)
        assert alarm["Statistic"] == "Sum"


def test_what_slack_refuses():
    assert watched(Metric.SLACK_REFUSED, "service", STACK)


@pytest.mark.parametrize("name", ALARMS)
def test_every_alarm_is_told_where_somebody_listens_and_is_silent_without_data(name):
    alarm = ALARMS[name]
    told = {"Fn::If": ["SomebodyListensToAlarms", [{"Ref": "AlarmTopic"}], {"Ref": "AWS::NoValue"}]}
    assert alarm["AlarmActions"] == alarm["OKActions"] == told
    assert (alarm["Threshold"], alarm["ComparisonOperator"]) == (0, "GreaterThanThreshold")
    assert alarm["TreatMissingData"] == "notBreaching"
    said = alarm["AlarmDescription"]
    assert (said["Fn::Sub"] if isinstance(said, dict) else said).endswith(".")
    conditions = {RESOURCES[value["Ref"]].get("Condition") for value in _named(alarm) if value.get("Ref") in RESOURCES}
    assert {RESOURCES[name].get("Condition")} == (conditions or {None})


def _named(alarm: dict[str, Any]) -> list[dict[str, str]]:
    return [dimension["Value"] for one in _metrics(alarm) for dimension in one["Dimensions"]]


@pytest.mark.parametrize("name", [n for n, alarm in ALARMS.items() if alarm.get("Namespace") == NAMESPACE])
def test_own_alarms_look_at_metrics_that_there_are(name):
    assert ALARMS[name]["MetricName"] in set(Metric)
    assert ALARMS[name]["Dimensions"] == [{"Name": "service", "Value": STACK}]


def test_the_dashboard_shows_everything_that_is_measured():
    shown = {row[1] for widget in dashboard()["widgets"] for row in widget["properties"]["metrics"]}
    assert shown >= set(Metric)
    assert shown >= {"Errors", "Throttles", "ApproximateNumberOfMessagesVisible", "WriteThrottleEvents"}


def test_the_dashboard_names_what_there_is():
    body = json.dumps(dashboard())
    names = {name.split(".")[0] for name in re.findall(r"\$\{(\w+[\w.]*)}", body) if not name.startswith("AWS")}
    assert names
    # One that is conditional would not be there where it is not wanted.
    assert all(RESOURCES[name].get("Condition") is None for name in names)
    for widget in dashboard()["widgets"]:
        for row in widget["properties"]["metrics"]:
            assert row[0] in {NAMESPACE, "AWS/Lambda", "AWS/SQS", "AWS/DynamoDB"}
            assert row[0] != NAMESPACE or row[2:4] == ["service", "${AWS::StackName}"]
            assert row[0] != NAMESPACE or row[1] in set(Metric)


def test_the_dashboards_widgets_fit_side_by_side():
    taken: set[tuple[int, int]] = set()
    for widget in dashboard()["widgets"]:
        cells = {
            (x, y)
            for x in range(widget["x"], widget["x"] + widget["width"])
            for y in range(widget["y"], widget["y"] + widget["height"])
        }
        assert not cells & taken
        assert max(x for x, _ in cells) < 24
        taken |= cells


@pytest.mark.parametrize(
    ("value", "fits"),
    [
        ("", True),
        ("22:00-07:00", True),
        ("Mon-Fri 22:00-7:00 Europe/Berlin, Sat 0:00-24:00", True),
        ("sun 0:00-24:00 Etc/GMT+5", True),
        ("every night", False),
        ("22-7", False),
        ("22:00-07:00,", False),
        ("22:00-07:00 Europe/Berlin Sat 0:00-24:00", False),
    ],
)
def test_quiet_hours_have_the_form_that_can_be_read(value, fits):
    assert bool(re.search(written()["Parameters"]["QuietHours"]["AllowedPattern"], value)) is fits
