"""`make verify-on-aws` as it is typed; and that nothing types it by itself."""

import os
import signal
import subprocess
import sys

import pytest

from verify.__main__ import main
from verify.deployment import ROOT
from verify.names import REGION_TAG, SECRET, STRANGER_ROLE, TAG

EMULATED = "import sys; from verify.__main__ import main; sys.exit(main(sys.argv[1], emulated=True))"


def _verify(account, what="run", *, begin=("-c", EMULATED), **environment):
    settings = {name: value for name, value in os.environ.items() if not name.startswith("AWS_") and name != "ACCOUNT"}
    done = subprocess.run(
        [sys.executable, *begin, what],
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
    assert _verify(account, "clean", ACCOUNT="123456789012") == (0, "nothing is left in eu-west-1\n", "")


@pytest.mark.parametrize("name", ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_DYNAMODB"])
@pytest.mark.parametrize("what", ["run", "clean"])
def test_an_emulator_is_refused_in_one_line(account, what, name):
    account.clear_calls()
    settings = {"AWS_ENDPOINT_URL": "", name: account.aws_url, "ACCOUNT": "123456789012"}
    status, out, error = _verify(account, what, begin=("-m", "verify"), **settings)
    assert (status, out) == (2, "")
    assert error == f"verify-on-aws: {name}: this is about AWS itself, unset it\n"
    assert account.calls() == []


def test_the_region_is_the_one_that_aws_region_names(account):
    settings = {"AWS_REGION": "eu-central-1", "AWS_DEFAULT_REGION": "eu-west-1", "ACCOUNT": "123456789012"}
    assert _verify(account, "clean", **settings) == (0, "nothing is left in eu-central-1\n", "")
    del settings["AWS_REGION"]
    assert _verify(account, "clean", **settings, AWS_REGION="")[1] == "nothing is left in eu-west-1\n"


def test_what_another_region_holds_is_not_half_removed(account):
    roles = {"RoleName": STRANGER_ROLE, "AssumeRolePolicyDocument": "{}"}
    tags = [{"Key": TAG, "Value": "1"}, {"Key": REGION_TAG, "Value": "eu-west-1"}]
    account.client("iam").create_role(**roles, Tags=tags)
    for what in ("run", "clean"):
        status, _, error = _verify(account, what, AWS_REGION="eu-central-1", ACCOUNT="123456789012")
        assert status == 2
        assert "AWS_REGION=eu-west-1" in error
    assert STRANGER_ROLE in [one["RoleName"] for one in account.client("iam").list_roles()["Roles"]]


@pytest.mark.parametrize("what", ["run", "clean"])
@pytest.mark.parametrize("secret", [SECRET, f"arn:aws:secretsmanager:eu-west-1:123456789012:secret:{SECRET}-aB3dE6"])
def test_the_users_own_secret_is_not_taken_for_the_stand_in(account, what, secret):
    account.client("secretsmanager").create_secret(Name=SECRET, SecretString="real")
    status, _, error = _verify(account, what, ACCOUNT="123456789012", SLACK_SECRET=secret)
    assert status == 2
    assert "name yours otherwise" in error
    assert "make" not in error.partition("which")[0]
    assert account.client("secretsmanager").get_secret_value(SecretId=SECRET)["SecretString"] == "real"


def test_a_terminal_that_is_closed_ends_it_as_ctrl_c_does(monkeypatch):
    handlers: dict[int, object] = {}
    monkeypatch.setattr(signal, "signal", handlers.__setitem__)
    monkeypatch.setattr(signal, "getsignal", lambda _: signal.SIG_DFL)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    assert main("run") == 2
    assert handlers == dict.fromkeys((signal.SIGTERM, signal.SIGHUP), signal.default_int_handler)


@pytest.mark.parametrize("where", [".ci/run", "tests/sam_local/__main__.py"])
def test_ci_never_runs_it(where):
    assert "verify-on-aws" not in (ROOT / where).read_text()


def test_no_other_target_of_the_makefile_runs_it():
    lines = (ROOT / "Makefile").read_text().splitlines()
    naming = [line for line in lines if "verify-on-aws" in line or "-m verify" in line]
    assert len(naming) == 6
    assert not [line for line in naming if line.startswith(("check:", "test:", "deploy:"))]
