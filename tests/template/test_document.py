"""What CloudFormation refuses although it is fine YAML, and what an operator sees of the parameters."""

import re

import pytest

from tests.template.stack import aliases, leaves, written


def test_no_null_which_cloudformation_refuses():
    assert None not in set(leaves(written()))


def test_no_yaml_alias_which_cloudformation_refuses():
    assert aliases() == []


@pytest.mark.parametrize("name", sorted(written()["Parameters"]))
def test_every_parameter_is_described_and_constrained(name):
    parameter = written()["Parameters"][name]
    assert parameter["Description"].endswith(".")
    assert "AllowedValues" in parameter or {"AllowedPattern", "ConstraintDescription"} <= parameter.keys()


@pytest.mark.parametrize("name", sorted(set(written()["Parameters"]) - {"SlackSecret"}))
def test_every_default_passes_its_own_constraint(name):
    parameter = written()["Parameters"][name]
    if "AllowedValues" in parameter:
        assert parameter["Default"] in parameter["AllowedValues"]
    else:
        assert re.search(parameter["AllowedPattern"], parameter["Default"])


@pytest.mark.parametrize(
    ("value", "fits"),
    [
        ("ecs-medic/slack", True),
        ("arn:aws:secretsmanager:eu-west-1:123456789012:secret:ecs-medic/slack-a1B2c3", True),
        ("arn:aws-cn:secretsmanager:cn-north-1:123456789012:secret:slack-a1B2c3", True),
        ("", False),
        ("xoxb 123", False),
        ("arn:aws:ssm:eu-west-1:123456789012:parameter/slack", False),
        ("arn:aws:secretsmanager:eu-west-1:123456789012:secret:slack-a1B2c3:token::", False),
    ],
)
def test_the_slack_secret_is_a_name_or_a_whole_arn(value, fits):
    assert bool(re.search(written()["Parameters"]["SlackSecret"]["AllowedPattern"], value)) is fits


def test_only_the_secret_must_be_given():
    assert [name for name, body in written()["Parameters"].items() if "Default" not in body] == ["SlackSecret"]
