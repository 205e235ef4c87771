"""Slack's secret, as Secrets Manager gives it or does not: told apart as Slack's own errors are."""

import logging

import pytest
from botocore.config import Config

from ecs_medic.response import execution_environment
from ecs_medic.response.execution_environment import ExecutionEnvironment
from ecs_medic.settings import Settings
from ecs_medic.slack.credentials import SlackCredentialsError
from ecs_medic.slack.errors import SlackUnavailable
from sandbox import stack


@pytest.fixture
def environment(account, monkeypatch):
    settings = stack.deploy(account)
    for name, value in (account.environment | settings).items():
        monkeypatch.setenv(name, value)
    quick = Config(connect_timeout=1, read_timeout=2, retries={"total_max_attempts": 1})
    monkeypatch.setattr(execution_environment, "_BRIEFLY", quick)
    return ExecutionEnvironment(
        Settings.from_environment(account.environment | settings), logging.getLogger("ecs_medic"), lambda *_: None
    )


@pytest.mark.parametrize(
    ("kind", "settings", "expected"),
    [
        ("access_denied", {}, SlackCredentialsError),
        ("error", {"code": "ResourceNotFoundException", "status": 400}, SlackCredentialsError),
        ("error", {"code": "DecryptionFailure", "status": 400}, SlackCredentialsError),
        ("error", {"code": "ThrottlingException", "status": 400}, SlackUnavailable),
        ("error", {"code": "InternalServiceError", "status": 500}, SlackUnavailable),
        ("timeout", {"seconds": 30}, SlackUnavailable),
    ],
    ids=["denied", "missing", "not decrypted", "throttled", "failed", "timed out"],
)
def test_what_a_person_must_change_and_what_passes_by_itself(account, environment, kind, settings, expected):
    account.fault("secretsmanager", "GetSecretValue", kind, **settings)
    with pytest.raises(expected, match="secret"):
        environment.credentials()
    account.clear_faults()
    environment.surroundings("next")
    assert environment.credentials().bot_token


def test_a_binary_secret_is_one_that_cannot_be_used(account, environment):
    account.client("secretsmanager").put_secret_value(SecretId=stack.SECRET, SecretBinary=b"xoxb-binary")
    with pytest.raises(SlackCredentialsError, match="text"):
        environment.credentials()


def test_one_run_waits_no_more_than_once_for_a_secret_that_does_not_come(account, environment):
    account.fault("secretsmanager", "GetSecretValue", "error", code="InternalServiceError", status=500)
    around = environment.surroundings("one")
    account.clear_calls()
    assert not around.clicks_are_answered
    with pytest.raises(SlackUnavailable):
        around.destination("C0OPS")
    assert len(account.calls()) == 1
