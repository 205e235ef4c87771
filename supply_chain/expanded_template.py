"""template.yaml as CloudFormation gets it: SAM's own types replaced by what SAM makes of them, for given parameters.

A policy linter that reads the SAM template itself sees neither the rules and permissions that SAM adds nor, by default
parameters, whatever stands under a condition.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from unittest import mock

from samtranslator.parser.parser import Parser  # type: ignore[import-untyped]
from samtranslator.translator.translator import Translator  # type: ignore[import-untyped]
from samtranslator.yaml_helper import yaml_parse  # type: ignore[import-untyped]

ROOT = Path(__file__).parents[1]

LEAST: Mapping[str, str] = {"SlackSecret": "ecs-medic/slack"}
MOST: Mapping[str, str] = {
    **LEAST,
    "SlackSecretKeyArn": "arn:aws:kms:eu-west-1:123456789012:key/0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0",
    "SlackButtons": "true",
    "Remediation": "auto",
    "Approvers": "U0123456789",
    "Preflight": "hourly",
    "ReservedConcurrency": "10",
    "AlarmTopic": "arn:aws:sns:eu-west-1:123456789012:ops",
}
"""Parameters under which every condition holds."""


def written() -> dict[str, Any]:
    """The template itself."""
    template: dict[str, Any] = yaml_parse((ROOT / "template.yaml").read_text(encoding="utf-8"))
    return template


def expanded(parameters: Mapping[str, str]) -> dict[str, Any]:
    """The template with these parameters as its defaults: a linter that knows conditions decides them by those."""
    template = written()
    for name, value in parameters.items():
        template["Parameters"][name]["Default"] = value
    # Otherwise SAM packages folders first; afterwards they have such addresses.
    template["Globals"]["Function"]["CodeUri"] = "s3://packaged/functions"
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::LayerVersion":
            resource["Properties"]["ContentUri"] = "s3://packaged/layer"
    # The translator picks the partition by a Region; the result holds none.
    with mock.patch.dict("os.environ", {"AWS_DEFAULT_REGION": "eu-west-1"}):
        result: dict[str, Any] = Translator({}, Parser()).translate(template, dict(parameters))
    # SAM hands a function's metadata to what it makes of it, but to its URL.
    for name, resource in result["Resources"].items():
        if resource["Type"] == "AWS::Lambda::Url":
            resource["Metadata"] = template["Resources"][name.removesuffix("Url")]["Metadata"]
    return result


def skips() -> dict[tuple[str, str], str]:
    """The exceptions that the template makes for checkov: by resource and check, why."""
    return {
        (name, skip["id"]): skip["comment"]
        for name, resource in written()["Resources"].items()
        for skip in resource.get("Metadata", {}).get("checkov", {}).get("skip", ())
    }
