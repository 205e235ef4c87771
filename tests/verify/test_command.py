"""`make verify-on-aws` as it is typed; and that nothing types it by itself."""

import os
import subprocess
import sys

import pytest

from verify.deployment import ROOT


def _verify(account, what="run", **environment):
    settings = {name: value for name, value in os.environ.items() if not name.startswith("AWS_") and name != "ACCOUNT"}
    done = subprocess.run(
        [sys.executable, "-m", "verify", what],
        cwd=ROOT,
        env=settings | account.environment | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return done.returncode, done.stdout, done.stderr


def test_without_the_accounts_id_it_makes_nothing(account):
    account.clear_calls()
    status, out, error = _verify(account)
    assert (status, out) == (2, "")
    assert error == "verify-on-aws: say which account: ACCOUNT=123456789012 make verify-on-aws\n"
    assert {call["operation"] for call in account.calls()} == {"GetCallerIdentity"}


def test_cleaning_an_account_where_nothing_is(account):
    assert _verify(account, "clean", ACCOUNT="123456789012") == (0, "nothing is left\n", "")


@pytest.mark.parametrize("where", [".ci/run", "tests/sam_local/__main__.py"])
def test_ci_never_runs_it(where):
    assert "verify-on-aws" not in (ROOT / where).read_text()


def test_no_other_target_of_the_makefile_runs_it():
    lines = (ROOT / "Makefile").read_text().splitlines()
    naming = [line for line in lines if "verify-on-aws" in line or "-m verify" in line]
    assert len(naming) == 6
    assert not [line for line in naming if line.startswith(("check:", "test:", "deploy:"))]
