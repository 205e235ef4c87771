"""Looks for secrets in every file of the repository: `python -m supply_chain.secrets_in_tree DETECT_SECRETS`.

Those that git ignores are left out, those that it does not know yet are not.

detect-secrets does the looking, with all that it knows but its search for words such as "password": in a project about
secrets that finds prose. A comment that switches it off for a line does nothing. What may be found is named here by its
value, with the reason; an entry that nothing matches any more is an error, and so is a scanner that does not find what
is planted for it.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[1]

NOT_LOOKED_AT = re.compile(r"(^|/)(uv\.lock|requirements\.txt)$|^supply_chain/[a-z]+\.txt$")
"""Lock files: hashes and addresses of packages, thousands of them."""

PLANTED = (
    "key = 'AKIA" + "Q3EGRYT4MZX7WPLN'",
    "hook = 'https://hooks.slack.com/" + "services/T9QX2/B7RM4/kq83Hd62'",
    "-----BEGIN RSA " + "PRIVATE KEY-----",
    "excused = 'AKIA" + "R5DHTXV2NC8KWQZM'  # pragma: allowlist " + "secret",
    "signing = '8f742231" + "b10e4f3c" + "9abcd99e" + "5d7c85a5'",
    "access = 'kq83Hd62Wz9Q" + "xPb7Lm4Vt1Rs" + "5Yf0Ng6Ju2Ce8KaX'",
)
"""Drawn at random, and put together only here, so that this file itself is clean.

The last two have no form: they are found by how little they repeat themselves.
"""
_OFF_BY_A_COMMENT = "detect_secrets.filters.allowlist.is_line_allowlisted"


@dataclass(frozen=True, slots=True)
class Harmless:
    """What is no secret: the lines of `files` in which `line` is found. Both are regular expressions."""

    files: str
    line: str
    why: str


HARMLESS: Sequence[Harmless] = (
    Harmless(r"^supply_chain/secrets_in_tree\.py$", r"^    Harmless\(", "this very list"),
    Harmless(
        r"^events/|^sandbox/ecs/identity\.py$", r"ASIAEXAMPLE(ONCALL|SESSION)0", "the embedded account's sessions"
    ),
    Harmless(r"^tests/", r"A[KS]IAIOSFODNN7EXAMPLE", "AWS's documented example of an access key's id"),
    Harmless(r"^tests/", r"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "AWS's documented example of a secret key"),
    Harmless(r"^tests/", r"http://user:hidden@", "a proxy that does not exist"),
    Harmless(r"^tests/notify/recorded/", r'"DockerId": "[0-9a-f]{64}"', "ids of containers in AWS's documentation"),
    Harmless(r"^tests/notify/test_metadata\.py$", r'"[0-9a-f]{32}"', "ids of tasks in AWS's documentation"),
    Harmless(r"^tests/", r"hooks\.slack\.com/services/T0(12)?/B0(12)?/", "a webhook that cannot exist: T0 is no team"),
    Harmless(r"^tests/redaction/", r"[Cc]anary|CANARY|(SIGNATURE|JWT) = ", "what redaction has to take away"),
    Harmless(r"^tests/redaction/", r"^\s*\"(4f1b2b0b|c7d659a2|ShopOrdersStack)", "names that redaction has to leave"),
    Harmless(
        r"^tests/hostile/texts\.py$", r"s3cr3tpassw0rd|ghp_16C7e42F|eyJzdWIiOiIxMjMifQ", "what redaction takes away"
    ),
    Harmless(r"^tests/report/test_build\.py$", r"MIIEvQIBADANBgkqhkiG9w0BAQEFAASC", "the first bytes of any such key"),
    Harmless(r"^tests/report/", r"0f1e2d3c4b5a6978", "an id that counts down"),
    Harmless(r"^tests/response/test_redaction\.py$", r"PRIVATE KEY-----\\n\{\}", "a key without its middle"),
    Harmless(r"^tests/response/", r"xoxb-1234567890-abcdefghijklmnop", "a token that counts up"),
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One line that looks like a secret; its text is never printed."""

    file: str
    line_number: int
    kind: str
    line: str


def scan(detect_secrets: Path, folder: Path, files: Sequence[str]) -> list[Finding]:
    """What the scanner finds in these files of the folder.

    Raises:
        SystemExit: it failed.
    """
    # Without a network: whether a key works is not asked of whoever issued it.
    options = (
        "--no-verify",
        "--all-files",
        "--disable-plugin",
        "KeywordDetector",
        "--disable-filter",
        _OFF_BY_A_COMMENT,
    )
    # An option may take several values: what follows `--` are files.
    command = [str(detect_secrets), "scan", *options, "--", *files]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603 - as named
    if done.returncode:
        raise SystemExit(f"detect-secrets failed: {done.stderr.strip()}")
    results: Mapping[str, list[Mapping[str, str]]] = json.loads(done.stdout)["results"]
    found = []
    for file, secrets in results.items():
        lines = (folder / file).read_text(encoding="utf-8").splitlines()
        for secret in secrets:
            number = int(secret["line_number"])
            found.append(Finding(file, number, secret["type"], lines[number - 1]))
    return found


def complaints(found: Iterable[Finding], harmless: Sequence[Harmless] = HARMLESS) -> Iterable[str]:
    """What is no known example, and what is excused and not there."""
    used: set[Harmless] = set()
    for one in found:
        excuses = [h for h in harmless if re.search(h.files, one.file) and re.search(h.line, one.line)]
        used.update(excuses)
        if not excuses:
            yield f"{one.file}:{one.line_number}: {one.kind}"
    for unused in harmless:
        if unused not in used:
            yield f"excused, and not there any more: {unused.why}"


def main(detect_secrets: Path) -> None:
    """Ends with 1 where something is found."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],  # noqa: S607 - whichever git
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    files = [name for name in listed.split("\0") if name and not NOT_LOOKED_AT.search(name) and (ROOT / name).is_file()]
    with TemporaryDirectory() as scratch:
        Path(scratch, "planted.txt").write_text("\n".join(PLANTED), encoding="utf-8")
        planted = {one.line for one in scan(detect_secrets, Path(scratch), ["planted.txt"])}
    if missed := set(PLANTED) - planted:
        sys.exit(f"the scanner does not see {len(missed)} of {len(PLANTED)} planted secrets")
    # One process a core; every second file each, since neighbours are alike in size.
    cores = os.cpu_count() or 1
    with ThreadPoolExecutor(cores) as pool:
        parts = list(pool.map(lambda part: scan(detect_secrets, ROOT, files[part::cores]), range(cores)))
    if wrong := list(complaints(one for part in parts for one in part)):
        sys.exit("\n".join(wrong))
    print(f"{len(files)} files, no secrets; {len(HARMLESS)} kinds of harmless examples")


if __name__ == "__main__":
    main(Path(sys.argv[1]).absolute())
