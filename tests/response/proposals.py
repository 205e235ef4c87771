"""A plan as a diagnosis comes with it, and a run that has put it to somebody."""

from datetime import timedelta

from ecs_medic.finding import JsonValue
from ecs_medic.ledger import runs
from ecs_medic.ledger.runs import RunRecord
from ecs_medic.plan import Action, Change, Safety
from ecs_medic.remedies.receipt import Receipt, Stage, Step
from ecs_medic.repair.proposal import Consent, Proposal
from ecs_medic.response.run_records import RunRecords
from tests.response.office import Office
from tests.response.story import PROPOSED

CALLBACK = "callback-1"
VPC = "vpc-0123456789abcdef0"


def change(log_group: str = "/ecs/orders") -> Change:
    params: dict[str, JsonValue] = {"log_group": log_group, "region": "eu-west-1", "retention_days": 30}
    return Change(Action.CREATE_LOG_GROUP, params, Safety.AUTO, 0.0, "Nobody else is touched.")


def proposal(consent: Consent = Consent.ASK, log_group: str = "/ecs/orders") -> Proposal:
    return Proposal((change(log_group),), consent, vpc_ids=(VPC,))


def propose(consent: Consent = Consent.ASK, log_group: str = "/ecs/orders") -> Proposal:
    """From now on, each diagnosis comes with this plan."""
    PROPOSED[:] = [proposal(consent, log_group)]
    return PROPOSED[0]


def the_run(office: Office) -> RunRecord:
    """The one run that there is."""
    (run_id,) = set(office.started)
    return read(office, run_id)


def read(office: Office, run_id: str) -> RunRecord:
    run = runs.read(office.table, run_id)
    assert run
    return run


def records(office: Office, run: RunRecord) -> RunRecords:
    return RunRecords(run, office.around())


def put(office: Office, run: RunRecord, asked: Proposal | None = None, callback: str = CALLBACK) -> RunRecord:
    """The run asks, as its workflow would."""
    records(office, run).put(asked or PROPOSED[0], callback, office.now + timedelta(hours=8))
    return read(office, run.id)


def receipt(run: RunRecord, stage: Stage = Stage.DONE) -> Receipt:
    step = Step("create", "logs:CreateLogGroup", "/ecs/orders", stage)
    return Receipt(run.id, run.incident_id, change(), (step,))
