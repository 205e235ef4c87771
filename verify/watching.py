"""What the deployed stack has understood and done, as its ledger tells."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from ecs_medic.cli.remembered import Remembered, remembered
from ecs_medic.finding import Confidence
from ecs_medic.ledger import runs, services
from ecs_medic.ledger.runs import RunRecord
from ecs_medic.ledger.table import Table
from ecs_medic.run_state import RunState
from ecs_medic.vocabulary import Id
from verify.names import BROKEN, NAME
from verify.place import Place
from verify.probes import running_task
from verify.record import ALERT, OWN_REPAIR, REPAIR, Record, Verdict

MINUTES_TO_ALERT = 15.0
MINUTES_TO_BEGIN = 5.0
MINUTES_TO_REPAIR = 30.0
SECONDS_UP = 60
"""How long a new task must run for the repair to be proven, where the command line makes it."""


def ledger(place: Place, table: str) -> Table:
    """The stack's table."""
    return Table(place.client("dynamodb"), table)


def diagnosed(place: Place, table: Table) -> Remembered | None:
    """The broken service's incident with its report; None as long as there is none."""
    for incident_id in services.incidents_of(table, place.account, place.region, NAME, BROKEN):
        found = remembered(table, incident_id)
        if found is not None and found.report is not None:
            return found
    return None


def see_alert(place: Place, table: Table, record: Record) -> str:
    """Waits for the diagnosis and notes whether it is right; the incident's id.

    Raises:
        NotSeenError: it did not come.
    """
    found = place.until("the diagnosis in the ledger", lambda: diagnosed(place, table), minutes=MINUTES_TO_ALERT)
    report = found.report
    assert report is not None  # noqa: S101 - what `diagnosed` waits for
    verdict = report.verdict
    right = verdict.cause is Id.VPC_ENDPOINT_MISSING and verdict.confidence is Confidence.CONFIRMED
    posted = "posted in Slack" if found.alert and found.alert.posted_at else "not posted: there is no Slack"
    said = f"{verdict.cause.value}, {verdict.confidence.value}, {verdict.params}; {posted}"
    shown = report.model_dump(mode="json", include={"incident", "verdict", "findings", "not_checked", "plan"})
    record.saw(ALERT, Verdict.SEEN if right else Verdict.OTHERWISE, said, shown)
    return found.record.id


def see_repair(place: Place, table: Table, incident_id: str, record: Record) -> None:
    """Waits for the stack to repair the service; where it asks somebody, or does nothing, by the command line.

    Raises:
        NotSeenError: neither came to an end.
    """
    run = _begun(place, table, incident_id)
    if run is None or run.asks:
        why = "the stack began no repair" if run is None else f"the stack asks first: {run.words}"
        record.saw(OWN_REPAIR, Verdict.OTHERWISE, why)
        place.say(f"{why}; the command line does it")
        _see_repair_by_hand(place, record)
        return
    record.saw(OWN_REPAIR, Verdict.SEEN, run.words or run.state.value)
    run_id = run.id
    ended = place.until("the end of the repair", lambda: _ended(table, run_id), minutes=MINUTES_TO_REPAIR)
    good = ended.state is RunState.REPAIRED
    progress = [f"{one.state.value}: {one.words}" for one in ended.progress]
    record.saw(REPAIR, Verdict.SEEN if good else Verdict.OTHERWISE, f"{ended.state.value}: {ended.words}", progress)


def _see_repair_by_hand(place: Place, record: Record) -> None:
    """An exit of 0 is no proof: it is that of an empty plan, too."""
    done = by_hand(place)
    repair = _told(done.stdout)
    task = running_task(place.client("ecs"), BROKEN)
    good = done.returncode == 0 and repair.get("state") == RunState.REPAIRED.value and task is not None
    became = f"{repair['state']}: {repair.get('words', '')}" if "state" in repair else "no repair was made"
    runs = "a task runs" if task else "no task runs"
    record.saw(
        REPAIR,
        Verdict.SEEN if good else Verdict.OTHERWISE,
        f"`ecs-medic remediate --apply` ended with {done.returncode}; {became}; {runs}",
        {"said": done.stderr.splitlines()},
    )


def _told(said: str) -> dict[str, Any]:
    """What the report says of a repair; nothing where there is no report, or no repair in it."""
    try:
        repair = json.loads(said)["repair"]
    except (ValueError, KeyError, TypeError):
        return {}
    return repair if isinstance(repair, dict) else {}


def by_hand(place: Place) -> subprocess.CompletedProcess[str]:
    """The same repair with the credentials of whoever verifies."""
    command = [
        str(Path(sys.executable).with_name("ecs-medic")),
        *("remediate", "--cluster", NAME, "--service", BROKEN, "--apply", "--json", "--stay-up", str(SECONDS_UP)),
    ]
    return subprocess.run(  # noqa: S603 - our own command
        command, env=place.environment, capture_output=True, text=True, check=False
    )


def _begun(place: Place, table: Table, incident_id: str) -> RunRecord | None:
    end = place.clock() + MINUTES_TO_BEGIN * 60
    while place.clock() < end:
        newest = next(iter(runs.runs_of(table, incident_id, limit=1)), None)
        if newest is not None and (newest.asks or newest.started_at or newest.state.ended):
            return newest
        place.sleep(10)
    return None


def _ended(table: Table, run_id: str) -> RunRecord | None:
    run = runs.read(table, run_id)
    return run if run is not None and run.state.ended else None
