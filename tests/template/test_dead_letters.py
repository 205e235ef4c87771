"""Nothing is lost: what EventBridge cannot deliver and what the function fails at both reach an encrypted queue."""

from typing import Any

import pytest

from tests.template.stack import deployed, listed, of_type, statements_of

RESOURCES = deployed()
RULES = of_type(RESOURCES, "AWS::Events::Rule")
FUNCTIONS = of_type(RESOURCES, "AWS::Lambda::Function")
QUEUE_ARN = {"Fn::GetAtt": ["DeadLetterQueue", "Arn"]}
QUEUE = of_type(RESOURCES, "AWS::SQS::Queue")["DeadLetterQueue"]
QUEUE_STATEMENTS: list[dict[str, Any]] = [
    statement
    for policy in of_type(RESOURCES, "AWS::SQS::QueuePolicy").values()
    if {"Ref": "DeadLetterQueue"} in policy["Queues"]
    for statement in policy["PolicyDocument"]["Statement"]
]
KEY_STATEMENTS = of_type(RESOURCES, "AWS::KMS::Key")["Key"]["KeyPolicy"]["Statement"]


# A sweep's input carries nothing: what a failed one leaves is due a minute later.
EVENT_RULES = {name: rule for name, rule in RULES.items() if "EventPattern" in rule}
OF_EVENTS = sorted({t["Arn"]["Fn::GetAtt"][0] for rule in EVENT_RULES.values() for t in rule["Targets"]})


def _role_of(function: str) -> list[dict[str, Any]]:
    logical_id = FUNCTIONS[function]["Role"]["Fn::GetAtt"][0]
    return statements_of(logical_id, RESOURCES)


def test_there_are_rules_and_functions():
    assert EVENT_RULES
    assert OF_EVENTS == ["DiagnoseFunction"]


def test_a_sweep_is_neither_tried_again_nor_kept():
    """Among its ticks, nobody would find the events that were lost."""
    (tick,) = [rule for rule in RULES.values() if rule.get("ScheduleExpression") == "rate(1 minute)"]
    assert tick["Targets"][0]["RetryPolicy"]["MaximumRetryAttempts"] == 0
    [configuration] = [
        c
        for c in of_type(RESOURCES, "AWS::Lambda::EventInvokeConfig").values()
        if c["FunctionName"] == {"Ref": "SweepFunction"}
    ]
    assert (configuration["MaximumRetryAttempts"], configuration["MaximumEventAgeInSeconds"]) == (0, 60)
    assert not configuration.get("DestinationConfig")


def test_a_preflight_is_neither_tried_again_nor_kept():
    """The next one finds what this one leaves."""
    (rule,) = [rule for name, rule in RULES.items() if name.startswith("Preflight")]
    assert rule["ScheduleExpression"] == {"Fn::If": ["PreflightIsHourly", "rate(1 hour)", "rate(1 day)"]}
    assert rule["Targets"][0]["RetryPolicy"]["MaximumRetryAttempts"] == 0


@pytest.mark.parametrize("rule", EVENT_RULES)
def test_every_target_of_a_rule_is_tried_again_and_then_kept(rule):
    for target in RULES[rule]["Targets"]:
        assert target["DeadLetterConfig"] == {"Arn": QUEUE_ARN}
        assert target["RetryPolicy"] == {"MaximumEventAgeInSeconds": 86400, "MaximumRetryAttempts": 185}


@pytest.mark.parametrize("rule", EVENT_RULES)
def test_the_queue_admits_every_rule(rule):
    admitted = [
        source
        for statement in QUEUE_STATEMENTS
        if statement["Effect"] == "Allow"
        and statement["Principal"] == {"Service": "events.amazonaws.com"}
        and "sqs:SendMessage" in listed(statement["Action"])
        and statement["Resource"] == QUEUE_ARN
        for source in listed(statement["Condition"]["ArnEquals"]["aws:SourceArn"])
    ]
    assert {"Fn::GetAtt": [rule, "Arn"]} in admitted


def test_the_queue_admits_nobody_else():
    allowed = [statement for statement in QUEUE_STATEMENTS if statement["Effect"] == "Allow"]
    sources = [source for statement in allowed for source in statement["Condition"]["ArnEquals"]["aws:SourceArn"]]
    assert len(allowed) == 1
    assert sorted(source["Fn::GetAtt"][0] for source in sources) == sorted(EVENT_RULES)


def test_eventbridge_can_use_the_queues_encryption():
    """An AWS managed key cannot admit EventBridge, and EventBridge is not documented to name its rule to KMS."""
    assert QUEUE["KmsMasterKeyId"] == {"Fn::GetAtt": ["Key", "Arn"]}
    [statement] = [s for s in KEY_STATEMENTS if s["Principal"] == {"Service": "events.amazonaws.com"}]
    assert statement["Effect"] == "Allow"
    assert {"kms:Decrypt", "kms:GenerateDataKey"} <= set(listed(statement["Action"]))
    assert "Condition" not in statement


def test_dead_letters_are_kept_as_long_as_sqs_keeps_anything():
    assert QUEUE["MessageRetentionPeriod"] == 14 * 24 * 3600


@pytest.mark.parametrize("function", OF_EVENTS)
def test_what_a_function_fails_at_goes_to_the_queue(function):
    configurations = of_type(RESOURCES, "AWS::Lambda::EventInvokeConfig").values()
    [configuration] = [c for c in configurations if c["FunctionName"] == {"Ref": function}]
    assert configuration["DestinationConfig"]["OnFailure"] == {"Destination": QUEUE_ARN}
    assert configuration["MaximumRetryAttempts"] == 2


@pytest.mark.parametrize("function", OF_EVENTS)
def test_a_function_may_write_to_the_queue_and_use_its_key(function):
    """Lambda sends to the destination with the function's own role, as does the handler for events it rejects."""
    allowed = {
        (action, str(resource))
        for statement in _role_of(function)
        for action in listed(statement["Action"])
        for resource in listed(statement["Resource"])
    }
    assert ("sqs:SendMessage", str(QUEUE_ARN)) in allowed
    key = str({"Fn::GetAtt": ["Key", "Arn"]})
    assert {("kms:Decrypt", key), ("kms:GenerateDataKey", key)} <= allowed


@pytest.mark.parametrize("function", OF_EVENTS)
def test_a_function_knows_its_queue(function):
    assert FUNCTIONS[function]["Environment"]["Variables"]["DEAD_LETTER_QUEUE_URL"] == {"Ref": "DeadLetterQueue"}
