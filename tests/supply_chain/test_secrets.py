"""What is done with the scanner's findings. The scanner itself runs in `make secrets`."""

import re
import sys

from supply_chain.secrets_in_tree import HARMLESS, NOT_LOOKED_AT, PLANTED, Finding, Harmless, complaints, scan

EXAMPLE = Harmless(r"^tests/", r"AKIAIOSFODNN7EXAMPLE", "an example")


def test_a_secret_is_told_by_its_place_and_never_by_its_text():
    (told,) = complaints([Finding("src/a.py", 7, "AWS Access Key", PLANTED[0])], [])
    assert told == "src/a.py:7: AWS Access Key"


SCANNER = f"""#!{sys.executable}
import json, pathlib, sys
words, ignored = sys.argv, "--disable-filter detect_secrets.filters.allowlist.is_line_allowlisted"
found = {{}}
for file in words[words.index("--") + 1 :]:
    for number, line in enumerate(pathlib.Path(file).read_text().splitlines(), 1):
        if "AKIA" in line and ("pragma: allowlist" not in line or ignored in " ".join(words)):
            found.setdefault(file, []).append({{"line_number": number, "type": "AWS Access Key"}})
print(json.dumps({{"results": found}}))
"""


def test_no_comment_switches_the_scanner_off(tmp_path):
    scanner = tmp_path / "detect-secrets"
    scanner.write_text(SCANNER)
    scanner.chmod(0o700)
    excused = [line for line in PLANTED if "pragma: allowlist secret" in line]
    assert excused
    (tmp_path / "a.py").write_text("\n".join(excused))
    assert [one.line for one in scan(scanner, tmp_path, ["a.py"])] == excused


def test_a_known_example_is_none_where_it_belongs():
    line = "key = 'AKIAIOSFODNN7EXAMPLE'"
    assert list(complaints([Finding("tests/a.py", 1, "AWS Access Key", line)], [EXAMPLE])) == []
    assert len(list(complaints([Finding("functions/a.py", 1, "AWS Access Key", line)], [EXAMPLE]))) == 2


def test_an_exception_that_nothing_needs_is_told():
    assert list(complaints([], [EXAMPLE])) == ["excused, and not there any more: an example"]


def test_no_exception_covers_what_is_planted_or_deployed():
    for one in HARMLESS:
        assert not [line for line in PLANTED if re.search(one.line, line)]
        assert not [f for f in ("functions/x.py", "layers/ecs_medic/x.py", "template.yaml") if re.search(one.files, f)]
        assert one.why


def test_only_lock_files_are_left_out():
    assert NOT_LOOKED_AT.search("uv.lock")
    assert NOT_LOOKED_AT.search("layers/dependencies/requirements.txt")
    for file in ("template.yaml", "samconfig.toml", ".ci/run", "supply_chain/policy.py", "docs/requirements.txt.md"):
        assert not NOT_LOOKED_AT.search(file)
