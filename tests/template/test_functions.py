"""What every function of the stack has, and what SAM adds to the template without being asked."""

import importlib
import json

import pytest

from ecs_medic.ledger.rhythm import DEFAULT
from ecs_medic.response.sweep import ENOUGH_SECONDS
from ecs_medic.settings import Settings
from tests.template.stack import deployed, listed, of_type, written

WRITTEN = written()["Resources"]
RESOURCES = deployed()
FUNCTIONS = of_type(RESOURCES, "AWS::Lambda::Function")
KEY = {"Fn::GetAtt": ["Key", "Arn"]}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_runtime_and_architecture(name):
    assert FUNCTIONS[name]["Runtime"] == "python3.13"
    assert FUNCTIONS[name]["Architectures"] == [{"Ref": "Architecture"}]
    assert written()["Parameters"]["Architecture"]["Default"] == "arm64"


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_handler_exists(name):
    module, function = FUNCTIONS[name]["Handler"].rsplit(".", 1)
    assert callable(getattr(importlib.import_module(module), function))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_role_is_its_own_and_explicit(name):
    role = FUNCTIONS[name]["Role"]["Fn::GetAtt"][0]
    assert WRITTEN[role]["Type"] == "AWS::IAM::Role"
    # The sweep finishes what the other began, diagnoses included; the preflight reads the same.
    together = {"DiagnoseFunction", "SweepFunction", "PreflightFunction"}
    assert {n for n, f in FUNCTIONS.items() if f["Role"] == FUNCTIONS[name]["Role"]} == (
        together if name in together else {name}
    )


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_log_group_is_the_stacks_own_with_retention_and_encryption(name):
    group = FUNCTIONS[name]["LoggingConfig"]["LogGroup"]["Ref"]
    properties = WRITTEN[group]["Properties"]
    assert WRITTEN[group]["Type"] == "AWS::Logs::LogGroup"
    assert properties["RetentionInDays"] == {"Ref": "LogRetentionDays"}
    assert properties["KmsKeyId"] == KEY


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_key_serves_cloudwatch_logs_for_the_log_groups_name(name):
    group = WRITTEN[FUNCTIONS[name]["LoggingConfig"]["LogGroup"]["Ref"]]["Properties"]["LogGroupName"]["Fn::Sub"]
    statements = WRITTEN["Key"]["Properties"]["KeyPolicy"]["Statement"]
    [statement] = [s for s in statements if "logs." in str(s["Principal"])]
    pattern = statement["Condition"]["ArnLike"]["kms:EncryptionContext:aws:logs:arn"]["Fn::Sub"]
    prefix = pattern.split(":log-group:")[1].removesuffix("*")
    assert group.startswith(prefix)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_environment_is_encrypted_and_the_function_is_traced(name):
    assert FUNCTIONS[name]["KmsKeyArn"] == KEY
    assert FUNCTIONS[name]["TracingConfig"] == {"Mode": "Active"}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_time_and_memory_are_bounded(name):
    # A stretch of a repair looks at the whole VPC, for each change that it would make; a preflight at every service.
    assert 10 <= FUNCTIONS[name]["Timeout"] <= {"RemediateFunction": 300, "PreflightFunction": 900}.get(name, 120)
    assert 256 <= FUNCTIONS[name]["MemorySize"] <= 1024


@pytest.mark.parametrize("name", ["DiagnoseFunction", "SweepFunction"])
def test_no_function_outlives_the_leases_that_it_takes(name):
    assert FUNCTIONS[name]["Timeout"] * 1000 < DEFAULT.lease
    assert FUNCTIONS[name]["Timeout"] > ENOUGH_SECONDS


# What a function has no use for: the sweep alone hands the parameters on; a run neither keeps dead letters, nor hears
# of events, nor begins another run.
SPARED = {
    "DiagnoseFunction": {"REPAIR_CONTROLS"},
    "SweepFunction": set(),
    "PreflightFunction": {
        "REPAIR_CONTROLS",
        "DEAD_LETTER_QUEUE_URL",
        "OWN_ROLES",
        "REMEDIATE_FUNCTION",
        "SLACK_BUTTONS",
        "LOG_TAIL_IN_SLACK",
    },
    "RemediateFunction": {"REPAIR_CONTROLS", "DEAD_LETTER_QUEUE_URL", "OWN_ROLES", "REMEDIATE_FUNCTION"},
}


@pytest.mark.parametrize("name", SPARED)
def test_every_setting_is_given_by_the_template(name):
    """Each variable that Settings reads is in the function's environment: a misspelt one would silently be None."""
    asked = _Asked()
    Settings.from_environment(asked)
    by_lambda = {"AWS_REGION", "AWS_DEFAULT_REGION"}
    given = FUNCTIONS[name]["Environment"]["Variables"].keys()
    assert asked.names - by_lambda - SPARED[name] <= given
    assert not SPARED[name] & given


def test_all_functions_use_the_same_ledger_and_measure_under_the_stacks_name():
    for function in FUNCTIONS.values():
        variables = function["Environment"]["Variables"]
        assert variables["LEDGER_TABLE"] == {"Ref": "LedgerTable"}
        assert variables["POWERTOOLS_SERVICE_NAME"] == {"Ref": "AWS::StackName"}


def test_the_public_address_is_there_only_where_it_is_wanted():
    urls = {name: body for name, body in RESOURCES.items() if body["Type"] == "AWS::Lambda::Url"}
    (url,) = urls.values()
    assert url["Properties"]["AuthType"] == "NONE"
    public = [
        body
        for body in RESOURCES.values()
        if body["Type"] == "AWS::Lambda::Permission" and body["Properties"]["Principal"] == "*"
    ]
    # Since October 2025 an address without AWS's authentication takes both permissions.
    assert {body["Properties"]["Action"] for body in public} == {"lambda:InvokeFunctionUrl", "lambda:InvokeFunction"}
    [of_calls] = [b["Properties"] for b in public if b["Properties"]["Action"] == "lambda:InvokeFunction"]
    assert of_calls["InvokedViaFunctionUrl"] is True
    named = {name: body for name, body in RESOURCES.items() if name.startswith("SlackActions")}
    assert {body.get("Condition") for body in (*named.values(), *public, url)} == {"ClicksAreAnswered"}
    assert written()["Parameters"]["SlackButtons"]["Default"] == "false"
    mute, repairs = written()["Conditions"]["ClicksAreAnswered"]["Fn::Or"]
    assert mute == {"Fn::Equals": [{"Ref": "SlackButtons"}, "true"]}
    assert repairs == {"Condition": "RepairsAreWanted"}


class _Asked(dict[str, str]):
    def __init__(self) -> None:
        super().__init__(AWS_REGION="eu-west-1")
        self.names: set[str] = set()

    def get(self, name, default=None):
        self.names.add(name)
        return super().get(name, default)

    def __getitem__(self, name: str) -> str:
        self.names.add(name)
        return super().__getitem__(name)


@pytest.mark.parametrize("name", of_type(RESOURCES, "AWS::Lambda::LayerVersion"))
def test_layers_name_their_runtime(name):
    assert of_type(RESOURCES, "AWS::Lambda::LayerVersion")[name]["CompatibleRuntimes"] == ["python3.13"]


def test_layers_are_built_by_makefiles_that_keep_the_bytecode():
    layers = {n: r for n, r in WRITTEN.items() if r["Type"] == "AWS::Serverless::LayerVersion"}
    assert len(layers) == 2
    assert all(layer["Metadata"]["BuildMethod"] == "makefile" for layer in layers.values())


def test_sam_adds_no_role_and_no_policy():
    for kind in (
        "AWS::IAM::Role",
        "AWS::IAM::ManagedPolicy",
        "AWS::IAM::Policy",
        "AWS::SQS::Queue",
        "AWS::SQS::QueuePolicy",
    ):
        mine = {name for name, resource in WRITTEN.items() if resource["Type"] == kind}
        assert set(of_type(RESOURCES, kind)) == mine, kind


@pytest.mark.parametrize("name", of_type(RESOURCES, "AWS::IAM::Role"))
def test_sam_leaves_the_roles_as_written(name):
    as_written = json.dumps(WRITTEN[name]["Properties"])
    # SAM makes the alias, and gives it its name.
    named = as_written.replace('{"Ref": "RemediateFunction.Alias"}', '{"Ref": "RemediateFunctionAliaslive"}')
    assert RESOURCES[name]["Properties"] == json.loads(named)


@pytest.mark.parametrize("rule", of_type(RESOURCES, "AWS::Events::Rule"))
def test_every_rule_may_invoke_its_function_and_only_rules_may(rule):
    every = of_type(RESOURCES, "AWS::Lambda::Permission").values()
    permissions = [permission for permission in every if permission["Principal"] != "*"]
    [permission] = [p for p in permissions if p["SourceArn"] == {"Fn::GetAtt": [rule, "Arn"]}]
    target = of_type(RESOURCES, "AWS::Events::Rule")[rule]["Targets"][0]["Arn"]["Fn::GetAtt"][0]
    assert permission["FunctionName"] == {"Ref": target}
    assert permission["Principal"] == "events.amazonaws.com"
    assert len(permissions) == len(listed(list(of_type(RESOURCES, "AWS::Events::Rule"))))
