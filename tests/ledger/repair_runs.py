"""Runs of repairs, as the tests of the ledger make them."""

from ecs_medic.ledger import leases, posting, questions, reservations, runs
from ecs_medic.ledger.arrivals import arrive
from ecs_medic.ledger.joining import join
from ecs_medic.ledger.keys import service_pk, vpc_pk
from ecs_medic.ledger.questions import Decided, Undecided
from ecs_medic.ledger.rhythm import DAY, HOUR, MINUTE
from ecs_medic.ledger.roots import Root
from ecs_medic.ledger.runs import Decision, RunRecord
from ecs_medic.ledger.table import Table
from ecs_medic.vocabulary import Id
from tests.ledger.occurrences import INCIDENT, START, held, occurrence, subject

RUN = "run-0123456789ab"
OTHER = "run-ba9876543210"
UNTIL = START + 8 * HOUR
PLAN = {"changes": [{"action": "create_vpc_endpoint", "monthly_cost_usd": 16.06}], "consent": "ask"}
SERVICE = service_pk("123456789012", "eu-west-1", "shop", "orders")
VPC = vpc_pk("123456789012", "eu-west-1", "vpc-0aaa")


def run(run_id: str = RUN, *, at: int = START, alert_id: str | None = None) -> RunRecord:
    return RunRecord(run_id, INCIDENT, alert_id, subject(), "ask", at)


def created(table: Table, run_id: str = RUN, *, at: int = START) -> str:
    assert runs.create(table, run(run_id, at=at))
    return run_id


def told_alert(table: Table) -> str:
    """The id of the alert that Slack shows of the incident, with nothing left to tell."""
    record = held(arrive(table, occurrence(1), now=START, owner="one").record)
    root = Root(Id.VPC_ENDPOINT_MISSING, "vpc-0aaa", "123456789012", "eu-west-1", "C0OPS")
    join(table, record, root, owner="one", now=START)
    alert_id = join(table, record, root, owner="one", now=START).alert.id
    alert = held(posting.claim(table, alert_id, owner="one", now=START, hurry=True))
    posting.posted(table, alert, owner="one", ts="1.0", channel="C1", shown_hash="h", shown_count=1, now=START)
    leases.settle(table, INCIDENT, owner="one", now=START, shown_count=1)
    return alert_id


def ask(table: Table, run_id: str = RUN, *, fingerprint: str = "f1", callback: str | None = "cb1", now: int = START):
    return questions.ask(
        table, run_id, plan=PLAN, fingerprint=fingerprint, callback_id=callback, until=now + 8 * HOUR, now=now
    )


def decide(
    table: Table, run_id: str = RUN, *, fingerprint: str = "f1", by: str = "U1", now: int = START, denied: bool = False
) -> Decided | Undecided:
    decision: Decision = "denied" if denied else "approved"
    return questions.decide(table, run_id, question_fingerprint=fingerprint, decision=decision, by=by, now=now)


def reserve(
    table: Table,
    run_id: str = RUN,
    *subjects: str,
    key: str = "1",
    now: int = START,
    attempts: int = 3,
    window: int = DAY,
    cool_down: int = 30 * MINUTE,
) -> str | None:
    return reservations.reserve(
        table,
        run_id,
        subjects or (SERVICE, VPC),
        attempt_key=key,
        now=now,
        attempts=attempts,
        window=window,
        cool_down=cool_down,
    )
