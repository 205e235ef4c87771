"""An event that cannot be used, while its dead-letter queue is in trouble: kept there, or by Lambda's own."""

from typing import Any

import pytest
from botocore.config import Config

from ecs_medic.response import execution_environment
from tests.faults.cells import KINDS
from tests.faults.theatre import ATTEMPTS, IMPATIENT, without_pauses

BAD: dict[str, Any] = {"source": "aws.ecs", "detail-type": "nothing of ours"}


@pytest.mark.parametrize("kind", [one for one in KINDS if one not in {"empty", "pages"}])
def test_a_bad_event_is_kept_whatever_the_queue_does(deployed, monkeypatch, kind):
    without_pauses(monkeypatch)
    brief = execution_environment._BRIEFLY.merge(IMPATIENT).merge(Config(read_timeout=1))
    monkeypatch.setattr(execution_environment, "_BRIEFLY", brief)
    deployed.account.fault("sqs", "SendMessage", **KINDS[kind])
    raised = 0
    for _ in range(ATTEMPTS):
        try:
            assert deployed.handle(BAD)["status"] == "rejected"
            break
        except AssertionError:
            raise
        except Exception:  # noqa: BLE001 - Lambda does not ask which one it was
            raised += 1
    tries = sum(one["operation"] == "SendMessage" for one in deployed.account.calls())
    assert tries <= 3 * ATTEMPTS
    deployed.account.clear_faults()
    kept = len(deployed.dead_letters())
    assert kept >= 1 or raised == ATTEMPTS, "lost"
    if kind == "throttled_twice":
        assert kept == 1
