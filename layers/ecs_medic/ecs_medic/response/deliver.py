"""A decision on its way from the ledger to the run that waits for it: given until it has arrived."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from ecs_medic.aws.lambda_calls import CallbackClosed, LambdaFailed
from ecs_medic.finding import JsonValue
from ecs_medic.ledger import questions
from ecs_medic.ledger.rhythm import epoch_ms
from ecs_medic.ledger.runs import RunRecord
from ecs_medic.ledger.table import Table

type Answering = Callable[[str, Mapping[str, JsonValue]], None]


def deliver(run: RunRecord, answer: Answering, *, table: Table, now: datetime, log: Any) -> bool:
    """Give the run what was decided; False: it did not arrive, as far as is known, and is due again.

    Raises:
        LedgerError: it may have arrived, and that is not written down: the sweep gives it again, which does no harm.
    """
    if run.callback_id is None or run.decision is None:
        return True
    try:
        answer(run.callback_id, {"decision": run.decision, "by": run.decided_by})
    except CallbackClosed as closed:
        # It was given before and nobody heard so, or came too late: the run has gone on either way.
        log.warning("nobody waits for the decision any more", extra={"run_id": run.id, "reason": str(closed)})
    except (LambdaFailed, TimeoutError) as failed:
        log.warning("a decision is not delivered yet", extra={"run_id": run.id, "reason": str(failed)})
        return False
    questions.delivered(table, run.id, question=run.question, now=epoch_ms(now))
    return True
