"""How the stack is deployed: SAM itself is not run here, what it is told is compared with the template."""

import subprocess
import tomllib

import pytest

from supply_chain.expanded_template import written
from verify import deployment
from verify.names import NAME, SECRET, TAG
from verify.place import Place


class CloudFormation:
    def describe_stacks(self, **_):
        return {"Stacks": [{"Outputs": [{"OutputKey": "LedgerTableName", "OutputValue": "ledger"}]}]}


class Secrets:
    def __init__(self):
        self.made = []

    def create_secret(self, **secret):
        self.made.append(secret["Name"])


@pytest.fixture
def told(monkeypatch):
    commands: list[list[str]] = []
    monkeypatch.setattr(subprocess, "run", lambda command, **_: commands.append(command))
    return commands


def deployed(environment):
    secrets = Secrets()
    clients = {"cloudformation": CloudFormation(), "secretsmanager": secrets}
    place = Place("123456789012", "eu-west-1", lambda _: None, session=None, clients=clients)
    return deployment.deploy(place, environment), secrets.made


def parameters(command):
    at = command.index("--parameter-overrides")
    return dict(one.split("=", 1) for one in command[at + 1 :])


def test_every_parameter_is_one_of_the_templates_and_may_have_that_value(told):
    outputs, made = deployed({})
    assert outputs == {"LedgerTableName": "ledger"}
    assert made == [SECRET]
    build, deploy = told
    assert build[:2] == ["make", "build"]
    known = written()["Parameters"]
    given = parameters(deploy)
    required = {name for name, one in known.items() if "Default" not in one}
    assert required <= given.keys() <= known.keys()
    for name, value in given.items():
        assert value in known[name].get("AllowedValues", [value])
    assert (given["Remediation"], given["RepairCluster"]) == ("auto", NAME)


def test_a_real_slack_is_used_where_there_is_one(told):
    _, made = deployed({"SLACK_SECRET": "ecs-medic/slack", "SLACK_CHANNEL": "C0OPS"})
    assert made == []
    given = parameters(told[1])
    assert (given["SlackSecret"], given["SlackChannel"]) == ("ecs-medic/slack", "C0OPS")
    assert "SlackApiUrl" not in given


def test_sams_configuration_bears_the_names_by_which_everything_is_found_again():
    path = deployment.ROOT / "verify" / "samconfig.toml"
    told = tomllib.loads(path.read_text())["default"]["deploy"]["parameters"]
    assert told["stack_name"] == NAME
    assert told["tags"] == f"{TAG}=1"
    assert told["resolve_s3"] is False
    assert told["confirm_changeset"] is False


def test_what_the_stack_retains_is_what_the_removal_looks_for():
    retained = {
        name: resource["Type"]
        for name, resource in written()["Resources"].items()
        if resource.get("DeletionPolicy", "").startswith("Retain")
    }
    assert retained == {
        "LedgerTable": "AWS::DynamoDB::Table",
        "ExecPolicy": "AWS::IAM::ManagedPolicy",
        "Key": "AWS::KMS::Key",
    }
