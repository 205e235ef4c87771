"""What is done with checkov's verdicts. checkov itself runs in `make policy`."""

import pytest

from supply_chain.expanded_template import LEAST, MOST, expanded, skips, written
from supply_chain.policy import complaints

EXCUSED = {("Function", "CKV_AWS_1"): "because"}


def _wrong(excused=EXCUSED, **verdicts):
    return list(complaints({"most": {(name, "CKV_AWS_1"): verdict for name, verdict in verdicts.items()}}, excused))


def test_a_broken_rule_is_told():
    assert _wrong({}, Table="failed") == ["most: Table breaks CKV_AWS_1"]


def test_an_excused_one_is_not():
    assert _wrong(Function="skipped") == []
    assert _wrong(FunctionUrl="skipped") == []


@pytest.mark.parametrize("verdicts", [{}, {"Function": "passed"}, {"Other": "skipped"}])
def test_an_excuse_for_nothing_is_told(verdicts):
    assert _wrong(**verdicts) == ["Function: CKV_AWS_1 is excused, and is not broken"]


def test_an_excuse_without_a_reason_is_told():
    assert _wrong({("Function", "CKV_AWS_1"): " "}, Function="skipped") == [
        "Function: CKV_AWS_1 is excused without a reason"
    ]


def test_every_condition_holds_in_what_is_judged():
    """Otherwise checkov leaves the resource out."""
    conditional = {name for name, resource in written()["Resources"].items() if "Condition" in resource}
    assert conditional
    assert conditional <= expanded(MOST)["Resources"].keys()
    differing = {name for name in MOST if MOST[name] != LEAST.get(name)}
    switches = {"Remediation", "SlackButtons", "Preflight", "ReservedConcurrency", "AlarmTopic", "SlackSecretKeyArn"}
    assert switches <= differing


def test_no_resource_of_sams_is_left_to_judge():
    kinds = {resource["Type"] for resource in expanded(MOST)["Resources"].values()}
    assert not [kind for kind in kinds if kind.startswith("AWS::Serverless")]
    assert {"AWS::Lambda::Function", "AWS::Lambda::Url", "AWS::IAM::Role", "AWS::KMS::Key"} <= kinds


def test_each_exception_has_a_sentence():
    assert skips()
    assert all(len(why.split()) >= 5 and why.endswith(".") for why in skips().values())
