"""Credentials: a role's or somebody's keys, to be had or not, expired or not; and never in what is said."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from botocore.exceptions import ProfileNotFound
from botocore.session import Session

from ecs_medic.doctor.bounded import Overdue
from ecs_medic.doctor.check import Check, Status
from ecs_medic.doctor.credential_sources import FULL, RELATIVE, Kind, source_of
from ecs_medic.doctor.credentials import role_checks, source_check
from ecs_medic.doctor.identity import Caller, identity_check
from ecs_medic.doctor.instance_metadata import InstanceHere
from ecs_medic.doctor.region import chosen_region
from ecs_medic.doctor.surroundings import Surroundings, Where
from ecs_medic.doctor.task_metadata import TaskHere
from ecs_medic.vocabulary import Id
from ecs_medic_notify import Task
from tests.doctor import servers

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
ARN = "arn:aws:ecs:eu-west-1:123456789012:task/shop/0123456789abcdef0123456789abcdef"
TASK = Surroundings(Where.TASK, TaskHere(Task(task_arn=ARN, family="shop", revision="7")))
EC2 = Surroundings(Where.EC2, None, InstanceHere("i-0123456789abcdef0", "eu-west-1", "123456789012", "bastion"))
LAPTOP = Surroundings(Where.ELSEWHERE)
HIDDEN = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
STATIC = {"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": HIDDEN}
TEMPORARY = {**STATIC, "AWS_ACCESS_KEY_ID": "ASIAIOSFODNN7EXAMPLE", "AWS_SESSION_TOKEN": HIDDEN}
CONTAINER = {RELATIVE: "/v2/credentials/one"}


def source(environment: Mapping[str, str], place: Surroundings, home: Path) -> Check:
    check, _ = source_check(environment, place, home)
    assert HIDDEN not in str(check.as_json())
    assert "EXAMPLE" not in str(check.as_json())
    return check


@pytest.mark.parametrize(
    ("environment", "place", "status", "advisory"),
    [
        (STATIC, TASK, Status.BROKEN, False),
        (STATIC, EC2, Status.BROKEN, True),
        (STATIC, LAPTOP, Status.BROKEN, True),
        (TEMPORARY, TASK, Status.BROKEN, False),
        (TEMPORARY, LAPTOP, Status.OK, False),
        (CONTAINER, TASK, Status.OK, False),
        ({}, EC2, Status.OK, False),
        ({}, TASK, Status.BROKEN, True),
        ({}, replace(TASK, exec_enabled=True), Status.BROKEN, False),
        ({}, LAPTOP, Status.BROKEN, False),
        ({"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE"}, LAPTOP, Status.BROKEN, False),
        ({"AWS_PROFILE": "gone"}, LAPTOP, Status.BROKEN, False),
    ],
)
def test_a_role_is_ok_and_keys_are_not(environment, place, status, advisory, tmp_path):
    check = source(environment, place, tmp_path)
    assert (check.status, check.advisory) == (status, advisory)
    assert bool(check.fix) is (status is Status.BROKEN)


def test_keys_in_a_task_hide_the_task_role_from_ecs_exec(tmp_path):
    check = source({**STATIC, **CONTAINER}, TASK, tmp_path)
    assert "ahead of the task role" in check.reason
    assert check.candidates == (Id.EXEC_STATIC_AWS_KEYS_IN_CONTAINER,)
    assert "ahead of the instance's role bastion" in source(STATIC, EC2, tmp_path).reason


@pytest.mark.parametrize(
    ("config", "credentials", "kind"),
    [
        ("", f"[default]\naws_access_key_id = AKIAX\naws_secret_access_key = {HIDDEN}\n", Kind.STATIC_KEYS),
        (f"[default]\naws_access_key_id = AKIAX\naws_secret_access_key = {HIDDEN}\n", "", Kind.STATIC_KEYS),
        ("", "[default]\naws_access_key_id = AKIAX\n", Kind.HALF_A_KEY),
        ("[default]\nrole_arn = arn:aws:iam::123456789012:role/dev\nsource_profile = base\n", "", Kind.ROLE),
        ("[default]\nsso_session = work\nsso_account_id = 123456789012\n", "", Kind.SINGLE_SIGN_ON),
        ("[default]\ncredential_process = /bin/give\n", "", Kind.PROGRAM),
        ("[default]\nregion = eu-west-1\n", "", Kind.NONE),
        ("not a section\n", "", Kind.BAD_PROFILE),
    ],
)
def test_the_profile_is_read_as_the_sdk_reads_it(config, credentials, kind, tmp_path):
    folder = tmp_path / ".aws"
    folder.mkdir()
    (folder / "config").write_text(config)
    (folder / "credentials").write_text(credentials)
    assert source_of({}, tmp_path, instance_role=False).kind is kind


def test_the_winner_is_the_sdks_own(tmp_path, monkeypatch):
    """The same surroundings given to botocore: what it takes is what is said here."""
    folder = tmp_path / ".aws"
    folder.mkdir()
    (folder / "config").write_text("[profile keys]\naws_access_key_id = AKIAX\naws_secret_access_key = y\n")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    base = {
        "AWS_CONFIG_FILE": str(folder / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(folder / "none"),
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    methods = {"env": "the environment", "config-file": "the profile keys", None: "no source"}
    named = {**STATIC, "AWS_PROFILE": "keys"}
    assert source(base | named, LAPTOP, tmp_path).evidence["hides"] == "the profile keys"
    for extra in ({}, {"AWS_PROFILE": "keys"}, STATIC, named):
        with monkeypatch.context() as patch:
            for name, value in (base | extra).items():
                patch.setenv(name, value)
            taken = Session().get_credentials()
            found = source_of(base | extra, tmp_path, instance_role=False)
        assert found.where.startswith(methods[taken.method if taken else None])


def test_a_profile_that_is_not_there_stops_every_client(tmp_path, monkeypatch):
    for name, value in {**STATIC, "AWS_PROFILE": "gone", "AWS_CONFIG_FILE": str(tmp_path / "none")}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ProfileNotFound):
        Session().get_credentials()
    assert source_of({**STATIC, "AWS_PROFILE": "gone"}, tmp_path, instance_role=False).kind is Kind.BAD_PROFILE


def roles(
    environment: Mapping[str, str], place: Surroundings, host: str = "http://127.0.0.1:9", seconds: float = 5.0
) -> list[Check]:
    found = list(role_checks(environment, place, NOW, seconds, host))
    assert HIDDEN not in str([check.as_json() for check in found])
    return found


def answer(expires: timedelta) -> dict[str, str]:
    return {
        "RoleArn": "arn:aws:iam::123456789012:role/orders",
        "AccessKeyId": "ASIAX",
        "SecretAccessKey": HIDDEN,
        "Token": HIDDEN,
        "Expiration": (NOW + expires).isoformat().replace("+00:00", "Z"),
    }


def test_the_task_role_hands_credentials_out():
    with servers.http({"/v2/credentials/one": answer(timedelta(hours=2))}) as (host, _):
        (check,) = roles(CONTAINER, TASK, host)
    assert check.status is Status.OK
    assert "last 2 hours more" in check.reason
    assert check.evidence["role"] == "arn:aws:iam::123456789012:role/orders"


def test_expired_credentials_of_the_task_role_are_told():
    with servers.http({"/v2/credentials/one": answer(-timedelta(minutes=7))}) as (host, _):
        (check,) = roles(CONTAINER, TASK, host)
    assert check.status is Status.BROKEN
    assert "expired 7 minutes ago" in check.reason


@pytest.mark.parametrize("found", [500, 404, "no JSON", {"message": "no credentials"}])
def test_an_endpoint_without_credentials_is_broken(found):
    with servers.http({"/v2/credentials/one": found}) as (host, _):
        (check,) = roles(CONTAINER, TASK, host)
    assert check.status is Status.BROKEN


def test_an_endpoint_that_nobody_answers_at(tmp_path):
    refused = roles(CONTAINER, TASK, f"http://127.0.0.1:{servers.closed_port()}")
    assert "connection refused" in refused[0].reason
    with servers.silent() as port:
        (late,) = roles(CONTAINER, TASK, f"http://127.0.0.1:{port}", 0.3)
    assert "no answer within" in late.reason


def test_the_full_address_takes_its_token_along_and_not_everywhere(tmp_path):
    token = tmp_path / "token"
    token.write_text(f"{HIDDEN}\n")
    with servers.http({"/creds": answer(timedelta(hours=1))}) as (host, asked):
        environment = {FULL: f"{host}/creds", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": str(token)}
        (check,) = roles(environment, TASK)
    assert check.status is Status.OK
    assert asked[0][2]["authorization"] == HIDDEN
    (elsewhere,) = roles({FULL: "http://credentials.example.com/creds"}, TASK)
    assert elsewhere.status is Status.BROKEN
    assert "do not go" in elsewhere.reason


def test_a_task_without_a_task_role():
    (check,) = roles({}, TASK)
    assert (check.status, check.advisory) == (Status.BROKEN, True)
    (with_exec,) = roles({}, Surroundings(Where.TASK, TASK.task, None, True))
    assert (with_exec.advisory, with_exec.candidates) == (False, (Id.EXEC_TASK_ROLE_MISSING,))
    assert roles({}, LAPTOP) == []


@pytest.mark.parametrize(
    ("expires", "problem", "status"),
    [
        ("2026-03-04T13:00:00Z", None, Status.OK),
        ("2026-03-04T11:00:00Z", None, Status.BROKEN),
        ("soon", None, Status.UNKNOWN),
        (None, "the service answers 'AssumeRoleUnauthorizedAccess' for the role bastion", Status.BROKEN),
    ],
)
def test_the_instances_role(expires, problem, status):
    instance = InstanceHere("i-1", "eu-west-1", "123456789012", "bastion", expires, problem)
    (check,) = roles({}, Surroundings(Where.EC2, None, instance))
    assert check.status is status


@pytest.mark.parametrize(
    ("found", "account", "status", "advisory"),
    [
        (Caller("arn:aws:sts::123456789012:assumed-role/dev/me", "123456789012"), None, Status.OK, False),
        (Caller("arn:aws:sts::123456789012:assumed-role/dev/me", "123456789012"), "111122223333", Status.BROKEN, True),
        (Caller("arn:aws:iam::123456789012:user/me", "123456789012"), None, Status.BROKEN, True),
        (Caller("arn:aws:iam::123456789012:root", "123456789012"), None, Status.BROKEN, True),
        (Caller(refused="AWS refuses the credentials: ExpiredToken"), None, Status.BROKEN, False),
        (Caller(unheard="endpoint not reached"), None, Status.UNKNOWN, False),
        (Overdue(3.0), None, Status.UNKNOWN, False),
    ],
)
def test_who_calls(found, account, status, advisory):
    check = identity_check(found, account)
    assert (check.status, check.advisory) == (status, advisory)


@pytest.mark.parametrize(
    ("option", "environment", "place", "region", "status"),
    [
        (None, {"AWS_REGION": "eu-west-1"}, TASK, "eu-west-1", Status.OK),
        (None, {"AWS_DEFAULT_REGION": "eu-west-1"}, LAPTOP, "eu-west-1", Status.OK),
        ("eu-central-1", {"AWS_REGION": "eu-west-1"}, LAPTOP, "eu-central-1", Status.OK),
        (None, {"AWS_REGION": "us-east-1"}, TASK, "us-east-1", Status.BROKEN),
        (None, {}, TASK, "eu-west-1", Status.BROKEN),
        (None, {}, LAPTOP, None, Status.BROKEN),
        (None, {"AWS_REGION": "Ireland"}, LAPTOP, None, Status.BROKEN),
    ],
)
def test_the_region(option, environment, place, region, status, tmp_path):  # noqa: PLR0917 - pytest gives them
    found = chosen_region(option, environment, place, tmp_path)
    assert (found.region, found.check.status) == (region, status)
