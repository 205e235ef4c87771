"""What hangs is ended, by whoever waits for it; and the product's own patience is what the decision counts with."""

import time
from pathlib import Path
from typing import Any

import pytest
from botocore.config import Config

from ecs_medic.aws import clients
from ecs_medic.aws.clients import Clients
from ecs_medic.ledger import table
from ecs_medic.response import execution_environment
from tests.faults.patience import at_most

DECISION = Path(__file__).parents[2] / "docs" / "decisions" / "0012-when-time-runs-out.md"
CONFIGURED: dict[str, tuple[Config, tuple[float, float, int]]] = {
    "at most three attempts of 7 seconds": (clients._CONFIG, (2, 5, 3)),
    "the secret and the dead-letter queue have three attempts of 3 seconds": (
        execution_environment._BRIEFLY,
        (1, 2, 3),
    ),
    "waits 6 for one answer": (execution_environment._LEDGER, (2, 4, 1)),
}
"""By the decision's own words: connect time-out, read time-out and attempts."""


def patience_of(config: Any) -> tuple[float, float, int]:
    return config.connect_timeout, config.read_timeout, config.retries["total_max_attempts"]


@pytest.mark.parametrize("words", CONFIGURED)
def test_the_decision_counts_with_the_time_outs_and_attempts_that_there_are(words):
    config, expected = CONFIGURED[words]
    assert words in DECISION.read_text("utf-8")
    assert patience_of(config) == expected


def test_the_decision_counts_with_the_seconds_that_there_are():
    said = DECISION.read_text("utf-8")
    assert f"until {execution_environment.RESERVE_SECONDS:g} seconds before that" in said
    assert f"The ledger retries for {table.RETRY_SECONDS:g} seconds" in said


def test_the_clients_have_that_patience(account, monkeypatch):
    for name, value in account.environment.items():
        monkeypatch.setenv(name, value)
    for service in ("ec2", "iam", "logs"):
        assert patience_of(Clients(None, lambda _: None).get(service, "eu-west-1").meta.config) == (2, 5, 3)


def hang() -> None:
    try:
        time.sleep(30)
    except Exception:  # noqa: BLE001 - as code does that wants to go on
        time.sleep(30)


def test_what_hangs_is_ended_and_takes_it_for_no_error_of_its_own():
    began = time.monotonic()
    with pytest.raises(pytest.fail.Exception, match=r"^one event took more than 0\.2 s$"), at_most(0.2, "one event"):
        hang()
    assert time.monotonic() - began < 20


def test_what_ends_in_time_is_left_alone():
    with at_most(0.2):
        pass
    time.sleep(0.3)
