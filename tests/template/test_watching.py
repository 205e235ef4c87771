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
    return [
        alarm
        for alarm in ALARMS.values()
        if alarm["MetricName"] == metric and {"Name": dimension, "Value": value} in alarm["Dimensions"]
    ]


def test_dead_letters():
    [alarm] = watched(
        "ApproximateNumberOfMessagesVisible", "QueueName", {"Fn::GetAtt": ["DeadLetterQueue", "QueueName"]}
    )
    assert (alarm["Namespace"], alarm["Statistic"]) == ("AWS/SQS", "Maximum")


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
    assert alarm["AlarmDescription"].endswith(".")
    conditions = {RESOURCES[value["Ref"]].get("Condition") for value in _named(alarm) if value.get("Ref") in RESOURCES}
    assert {RESOURCES[name].get("Condition")} == (conditions or {None})


def _named(alarm: dict[str, Any]) -> list[dict[str, str]]:
    return [dimension["Value"] for dimension in alarm["Dimensions"]]


@pytest.mark.parametrize("name", [n for n, alarm in ALARMS.items() if alarm["Namespace"] == NAMESPACE])
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
