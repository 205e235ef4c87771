"""What RemediateFunction does about one run: everything that the repair's workflow needs, found by the run's id."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, cast

from ecs_medic.aws.writer import Writer
from ecs_medic.events.parse import parse
from ecs_medic.finding import JsonValue
from ecs_medic.incident import Incident
from ecs_medic.ledger import openers, runs
from ecs_medic.ledger.incidents import Subject, subject_attributes, subject_in
from ecs_medic.ledger.runs import RunRecord
from ecs_medic.repair.pace import Pace
from ecs_medic.repair.site import Site
from ecs_medic.repair.steps import Steps
from ecs_medic.repair.workflow import Ending, repair
from ecs_medic.response.opener import opening_incident
from ecs_medic.response.run_records import RunRecords
from ecs_medic.response.surroundings import Surroundings
from ecs_medic.run_state import RunState

_DEFAULT = Pace()


def carry_out(run_id: str, steps: Steps, around: Surroundings, pace: Pace = _DEFAULT) -> dict[str, JsonValue]:
    """Carry the run through to its end: {"run_id", "state"}, where `state` is None for a run that is not there.

    It is gone through again whenever the steps say so: what it reads by itself, it reads in a step.

    Raises:
        StepFailed: not even how it ended can be written down; the sweep tells it.
    """
    begun = steps.do("begin", lambda: _begun(run_id, around))
    if not isinstance(begun, Mapping):
        around.log.error("there is no such run", extra={"run_id": run_id})
        return {"run_id": run_id, "state": None}
    if begun["ended"] is not None:
        return {"run_id": run_id, "state": begun["ended"]}
    this = _Begun.from_json(run_id, begun)
    around.about(this.run.incident_id)
    ending = _carried_out(this, steps, around, pace)
    around.log.info("the repair has ended", extra={"run_id": run_id, "state": ending.state, "words": ending.words})
    return {"run_id": run_id, "state": ending.state.value}


@dataclass(frozen=True, slots=True)
class _Begun:
    """What is known at the beginning and stays. `incident` is None where its event is not kept any more."""

    run: RunRecord
    incident: Incident | None
    answer: int

    @classmethod
    def from_json(cls, run_id: str, kept: Mapping[str, Any]) -> "_Begun":
        run = RunRecord(
            id=run_id,
            incident_id=kept["incident_id"],
            alert_id=kept["alert_id"],
            subject=subject_in(kept["subject"]),
            mode=kept["mode"],
            created_at=kept["created_at"],
        )
        event = kept["event"]
        return cls(run, None if event is None else _of_its_service(parse(event), run.subject), kept["answer"])


def _of_its_service(incident: Incident, subject: Subject) -> Incident:
    """A refused session names its task alone: whose task that was, was found out when the incident was opened."""
    account = f"arn:{subject.partition}:ecs:{subject.region}:{subject.account}"
    definition = f"{account}:task-definition/{subject.task_definition}" if subject.task_definition else None
    return replace(
        incident,
        service=incident.service or subject.service,
        task_definition_arn=incident.task_definition_arn or definition,
        launch_type=incident.launch_type or subject.launch_type,
    )


def _begun(run_id: str, around: Surroundings) -> JsonValue:
    run = runs.read(around.table, run_id)
    if run is None:
        return None
    readable = opening_incident(run.incident_id, around) is not None
    return cast(
        "JsonValue",
        {
            "ended": run.state.value if run.state.ended else None,
            "incident_id": run.incident_id,
            "alert_id": run.alert_id,
            "subject": {name: value for name, value in subject_attributes(run.subject).items() if value is not None},
            "mode": run.mode,
            "created_at": run.created_at,
            "event": openers.opener_of(around.table, run.incident_id) if readable else None,
            "answer": int(timedelta(hours=around.controls().approval_hours).total_seconds()),
        },
    )


def _carried_out(this: _Begun, steps: Steps, around: Surroundings, pace: Pace) -> Ending:
    records = RunRecords(this.run, around)
    if this.incident is None:
        ending = Ending(RunState.IMPOSSIBLE, "The failure's event is not kept any more. Nothing was changed.")
        steps.do("end", lambda: records.say(ending.state, ending.words))
        return ending
    region = this.run.subject.region
    site = Site(
        run_id=this.run.id,
        incident=this.incident,
        reader=lambda: around.reader(region),
        writer=Writer(region, gate=records.closed),
        records=records,
        controls=around.controls,
        now=around.now,
        stay_up=pace.stay_up,
    )
    return repair(steps, site, replace(pace, answer=this.answer))
