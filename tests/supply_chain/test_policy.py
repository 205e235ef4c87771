"""What is done with checkov's verdicts. checkov itself runs in `make policy`."""

import sys

import pytest

from supply_chain.expanded_template import LEAST, MOST, expanded, skips, written
from supply_chain.policy import BROKEN, complaints, verdicts

EXCUSED = {("Function", "CKV_AWS_1"): "because"}


def _wrong(excused=EXCUSED, **verdicts):
    return list(complaints({"most": {(name, "CKV_AWS_1"): verdict for name, verdict in verdicts.items()}}, excused))


def test_a_broken_rule_is_told():
    assert _wrong({}, Table="failed") == ["most: Table breaks CKV_AWS_1"]


def test_an_excused_one_is_not():
    assert _wrong(Function="excused") == []
    assert _wrong(FunctionUrl="excused") == []


@pytest.mark.parametrize("verdicts", [{}, {"Function": "passed"}, {"Other": "excused"}])
def test_an_excuse_for_nothing_is_told(verdicts):
    assert _wrong(**verdicts) == ["Function: CKV_AWS_1 is excused, and is not broken"]


def test_an_excuse_without_a_reason_is_told():
    assert _wrong({("Function", "CKV_AWS_1"): " "}, Function="excused") == [
        "Function: CKV_AWS_1 is excused without a reason"
    ]


CHECKOV = f"""#!{sys.executable}
import json, pathlib
checks = {{"passed_checks": [], "failed_checks": [], "skipped_checks": []}}
for file in pathlib.Path().glob("*.json"):
    for name, one in json.loads(file.read_text())["Resources"].items():
        if one["Type"] == "AWS::KMS::Key":
            skipped = one.get("Metadata", {{}}).get("checkov", {{}}).get("skip")
            rotates = one["Properties"].get("EnableKeyRotation")
            verdict = "skipped" if skipped else "passed" if rotates else "failed"
            check = {{"resource": f"AWS::KMS::Key.{{name}}", "check_id": "CKV_AWS_7", "file_path": f"/{{file.name}}"}}
            checks[f"{{verdict}}_checks"].append(check)
print(json.dumps({{"results": checks | {{"parsing_errors": []}}}}))
"""
"""As checkov does it: what it is told to skip, it does not look at."""


@pytest.mark.parametrize(("rotates", "verdict"), [(True, "passed"), (False, "excused")])
def test_an_excused_rule_is_judged_all_the_same(rotates, verdict, tmp_path):
    checkov = tmp_path / "checkov"
    checkov.write_text(CHECKOV)
    checkov.chmod(0o700)
    rotated = BROKEN["Resources"]["RotatedKey"]
    key = rotated | {"Properties": rotated["Properties"] | {"EnableKeyRotation": rotates}}
    (found,) = verdicts(checkov, {"most": {"Resources": {"Key": key}}}).values()
    assert found == {("Key", "CKV_AWS_7"): verdict}
    told = ["Key: CKV_AWS_7 is excused, and is not broken"] if rotates else []
    assert list(complaints({"most": found}, {("Key", "CKV_AWS_7"): "Excuses nothing."})) == told
    assert "checkov" in key["Metadata"]


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
