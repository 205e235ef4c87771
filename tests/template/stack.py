"""The template as it is written, and as SAM hands it to CloudFormation."""

import copy
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any
from unittest import mock

import yaml  # type: ignore[import-untyped]
from samtranslator.parser.parser import Parser  # type: ignore[import-untyped]
from samtranslator.translator.translator import Translator  # type: ignore[import-untyped]
from samtranslator.yaml_helper import yaml_parse  # type: ignore[import-untyped]

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "template.yaml").read_text()

type Resources = dict[str, dict[str, Any]]


@cache
def _written() -> dict[str, Any]:
    parsed: dict[str, Any] = yaml_parse(TEXT)
    return parsed


def written() -> dict[str, Any]:
    return copy.deepcopy(_written())


@cache
def _deployed() -> Resources:
    return as_deployed()


def as_deployed(*, layers: str = "s3://packaged/layer", **parameters: str) -> Resources:
    """What CloudFormation creates with these parameters, and with layers that SAM has put there."""
    template = written()
    # SAM packages the folders first; afterwards they have such addresses.
    template["Globals"]["Function"]["CodeUri"] = "s3://packaged/functions"
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::LayerVersion":
            resource["Properties"]["ContentUri"] = layers
    with mock.patch.dict("os.environ", {"AWS_DEFAULT_REGION": "eu-west-1"}):
        translated = Translator({}, Parser()).translate(template, {"SlackSecret": "ecs-medic/slack", **parameters})
    resources: Resources = translated["Resources"]
    return resources


def deployed() -> Resources:
    """What CloudFormation creates: SAM's own types replaced by what SAM makes of them."""
    return copy.deepcopy(_deployed())


def of_type(resources: Mapping[str, Mapping[str, Any]], kind: str) -> dict[str, dict[str, Any]]:
    """The properties of all resources of a type, by logical id."""
    return {name: dict(body.get("Properties", {})) for name, body in resources.items() if body["Type"] == kind}


def statements(owner: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The statements written in a role itself, or of a policy, the conditional ones included."""
    documents = [policy["PolicyDocument"] for policy in owner.get("Policies", ())]
    documents += [owner["PolicyDocument"]] if "PolicyDocument" in owner else []
    every = [statement for document in documents for statement in document["Statement"]]
    return [statement["Fn::If"][1] if "Fn::If" in statement else statement for statement in every]


def policies_of(role: str, resources: Resources) -> list[str]:
    """The logical ids of the policies that the role has from elsewhere in the template."""
    attached = [arn["Ref"] for arn in resources[role]["Properties"].get("ManagedPolicyArns", ())]
    others = of_type(resources, "AWS::IAM::Policy")
    return attached + [name for name, policy in others.items() if {"Ref": role} in policy["Roles"]]


def statements_of(role: str, resources: Resources) -> list[dict[str, Any]]:
    """Everything that the role may do."""
    owners = [role, *policies_of(role, resources)]
    return [statement for owner in owners for statement in statements(resources[owner]["Properties"])]


def listed(value: object) -> list[Any]:
    return list(value) if isinstance(value, list) else [value]


def leaves(value: object) -> Iterator[object]:
    """Every scalar in a nested structure."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from leaves(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner)
    else:
        yield value


def aliases() -> list[str]:
    """YAML aliases, which CloudFormation refuses."""
    return [event.anchor for event in yaml.parse(TEXT) if isinstance(event, yaml.AliasEvent)]
