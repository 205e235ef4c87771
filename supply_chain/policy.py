"""Judges template.yaml by checkov's rules, as `make policy` does: `python -m supply_chain.policy CHECKOV`.

It is judged as CloudFormation gets it, with the least and with the most that its parameters allow. An exception stands
in the resource's own `Metadata: checkov: skip:`, with its reason; one that excuses nothing is an error as well. checkov
does not look at what it is told to skip, so it is not told: it judges everything, and the exceptions are applied here.
A template that breaks rules on purpose goes first: a linter that finds nothing in it has not looked.
"""

import copy
import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from supply_chain.expanded_template import LEAST, MOST, expanded, skips

BROKEN: Mapping[str, Any] = {
    "AWSTemplateFormatVersion": "2010-09-09",
    "Resources": {
        "Table": {
            "Type": "AWS::DynamoDB::Table",
            "Properties": {
                "BillingMode": "PAY_PER_REQUEST",
                "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
                "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
            },
        },
        "Key": {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": {"Version": "2012-10-17", "Statement": []}}},
        "RotatedKey": {
            "Type": "AWS::KMS::Key",
            "Metadata": {"checkov": {"skip": [{"id": "CKV_AWS_7", "comment": "Excuses nothing."}]}},
            "Properties": {"EnableKeyRotation": True, "KeyPolicy": {"Version": "2012-10-17", "Statement": []}},
        },
    },
}
"""A table without backup or a key of its own, a key without rotation, and one that is excused for nothing."""
FOUND_IN_BROKEN = frozenset({("Key", "CKV_AWS_7"), ("Table", "CKV_AWS_28"), ("Table", "CKV_AWS_119")})
EXCUSED_FOR_NOTHING = ("RotatedKey", "CKV_AWS_7")

type Verdicts = dict[tuple[str, str], str]
"""passed, failed or excused, by resource and check; excused is what failed and is named as an exception."""


def verdicts(checkov: Path, templates: Mapping[str, Mapping[str, Any]]) -> dict[str, Verdicts]:
    """What checkov says of each template, by its name. All in one run: most of its time goes into starting.

    Raises:
        SystemExit: checkov gave no answer that can be read.
    """
    with TemporaryDirectory() as folder:
        for name, template in templates.items():
            Path(folder, f"{name}.json").write_text(json.dumps(_without_skips(template), indent=1), encoding="utf-8")
        done = subprocess.run(  # noqa: S603 - the linter that was named
            [checkov, "--directory", ".", "--framework", "cloudformation", "--output", "json", "--skip-download"],
            cwd=folder,
            env={**os.environ, "LOG_LEVEL": "ERROR"},
            capture_output=True,
            text=True,
            check=False,
        )
    try:
        results = json.loads(done.stdout)["results"]
    except (ValueError, KeyError, TypeError):
        raise SystemExit(f"checkov gave no results: {done.stderr.strip() or done.stdout.strip()}") from None
    if results["parsing_errors"]:
        raise SystemExit(f"checkov could not read: {results['parsing_errors']}")
    found: dict[str, Verdicts] = {name: {} for name in templates}
    for verdict in ("passed", "failed"):
        for check in results[f"{verdict}_checks"]:
            resource, name = check["resource"].rsplit(".", 1)[-1], Path(check["file_path"]).stem
            excused = verdict == "failed" and check["check_id"] in _skips(templates[name]["Resources"][resource])
            found[name][resource, check["check_id"]] = "excused" if excused else verdict
    return found


def _skips(resource: Mapping[str, Any]) -> set[str]:
    """The checks that the resource names as its exceptions."""
    return {skip["id"] for skip in resource.get("Metadata", {}).get("checkov", {}).get("skip", ())}


def _without_skips(template: Mapping[str, Any]) -> dict[str, Any]:
    whole = copy.deepcopy(dict(template))
    for resource in whole["Resources"].values():
        resource.get("Metadata", {}).pop("checkov", None)
    return whole


def complaints(found: Mapping[str, Verdicts], excused: Mapping[tuple[str, str], str]) -> Iterable[str]:
    """What is wrong: rules that are broken without an excuse, excuses without a reason, excuses for nothing."""
    for name, each in found.items():
        for (resource, check), verdict in sorted(each.items()):
            if verdict == "failed":
                yield f"{name}: {resource} breaks {check}"
    for (resource, check), why in sorted(excused.items()):
        if not why.strip():
            yield f"{resource}: {check} is excused without a reason"
        # A function's excuse holds for the URL that SAM makes of it, too.
        made = (resource, f"{resource}Url")
        if all(each.get((one, check)) != "excused" for each in found.values() for one in made):
            yield f"{resource}: {check} is excused, and is not broken"


def main(checkov: Path) -> None:
    """Prints the counts, and ends with 1 where something is wrong."""
    found = verdicts(checkov, {"broken": BROKEN, "least": expanded(LEAST), "most": expanded(MOST)})
    broken = found.pop("broken")
    missed = FOUND_IN_BROKEN - {one for one, verdict in broken.items() if verdict == "failed"}
    wrong = [f"the template that is broken on purpose passes {check}" for _, check in sorted(missed)]
    if broken.get(EXCUSED_FOR_NOTHING) != "passed":
        wrong.append(f"checkov did not judge {EXCUSED_FOR_NOTHING[1]} where it is excused for nothing")
    wrong += complaints(found, skips())
    for name, each in found.items():
        counts = [f"{list(each.values()).count(verdict)} {verdict}" for verdict in ("passed", "excused", "failed")]
        print(f"template.yaml, {name} that its parameters allow: {', '.join(counts)}")
    if wrong:
        sys.exit("\n".join(wrong))


if __name__ == "__main__":
    main(Path(sys.argv[1]).absolute())
