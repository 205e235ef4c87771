import re
import shlex

import pytest

from ecs_medic.catalogue.fix import fill, fix_for, policy_for
from ecs_medic.catalogue.row import Grant
from ecs_medic.vocabulary import Id, may_be_cause


def test_placeholders_are_filled_and_the_rest_shows():
    fix = fix_for(Id.LOG_GROUP_MISSING, {"log_group": "/ecs/orders", "log_region": "eu-west-1"})
    assert fix.summary == "Create the log group /ecs/orders in eu-west-1, then force a new deployment."
    assert fix.cli[0] == "aws logs create-log-group --region eu-west-1 --log-group-name /ecs/orders"
    assert "--service <SERVICE>" in fix.cli[2]


def test_lists_are_written_one_after_the_other():
    fix = fix_for(
        Id.VPC_ENDPOINT_MISSING, {"services": ["com.amazonaws.eu-west-1.logs", "com.amazonaws.eu-west-1.ssm"]}
    )
    assert "(com.amazonaws.eu-west-1.logs com.amazonaws.eu-west-1.ssm)" in fix.summary


@pytest.mark.parametrize("value", ["a b", "x; rm -rf /", "$(id)", "it's", "`id`"])
def test_values_cannot_break_out_of_a_command(value):
    line = fix_for(Id.LOG_GROUP_MISSING, {"log_group": value, "log_region": "eu-west-1"}).cli[0]
    assert shlex.split(line)[-1] == value


def test_what_a_rule_knows_better_replaces_the_catalogue():
    fix = fix_for(Id.LOG_GROUP_MISSING, {}, cli=("aws logs …",), policy={"Version": "2012-10-17"})
    assert fix.cli == ("aws logs …",)
    assert fix.policy == {"Version": "2012-10-17"}


def test_the_least_policy_keeps_resources_apart():
    fix = fix_for(Id.EXECUTION_ROLE_CANNOT_PULL, {"repository": "orders", "region": "eu-west-1"})
    assert fix.policy == {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": ["ecr:GetAuthorizationToken"], "Resource": "*"},
            {
                "Effect": "Allow",
                "Action": ["ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage"],
                "Resource": "arn:<PARTITION>:ecr:eu-west-1:<REGISTRY_ID>:repository/orders",
            },
        ],
    }


def test_no_grants_no_policy():
    assert policy_for((), {}) is None
    assert policy_for((Grant(("a:B",)),), {}) == {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": ["a:B"], "Resource": "*"}],
    }


def test_empty_values_are_not_filled_in():
    assert fill("{a} {b} {c}", {"a": "", "b": [], "c": 0}) == "<A> <B> 0"


@pytest.mark.parametrize("cause", [identifier for identifier in Id if may_be_cause(identifier)])
def test_every_cause_has_a_fix_without_raw_placeholders(cause):
    fix = fix_for(cause, {})
    for text in (fix.summary, *fix.steps, *fix.cli):
        assert not re.search(r"\{[a-z][a-z0-9_]*\}", text), text
    for line in fix.cli:
        shlex.split(line)
