"""The main job, on one screen: an event is read, the account is looked at, the rules judge, the report is built."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice

from ecs_medic.aws.reader import Reader
from ecs_medic.collect import collect
from ecs_medic.collect.changes import what_changed, who_stopped
from ecs_medic.collect.failed_task import failed_task_behind
from ecs_medic.events.bad_event import BadEventError
from ecs_medic.events.parse import parse
from ecs_medic.facts import Facts, Known
from ecs_medic.finding import NotChecked
from ecs_medic.incident import Incident, Kind
from ecs_medic.plan import Plan
from ecs_medic.reachability.path import Verdict
from ecs_medic.report.build import build_report
from ecs_medic.report.model import PathPicture, Report
from ecs_medic.report.path_picture import picture
from ecs_medic.rules.judge import judge
from ecs_medic.rules.network.paths import paths_of
from ecs_medic.rules.normal_life import normal_life
from ecs_medic.vocabulary import NORMAL_LIFE, Id

ADVICE_ONLY = Plan(reason_if_empty="This version advises; it changes nothing.")
_MOST_PICTURES = 4

type Gap = Callable[[Reader], NotChecked | None]
"""A look at something beside the incident itself: whether its alerts can come at all."""


def diagnose(incident: Incident, reader: Reader, now: datetime, *, gap: Gap = lambda _: None) -> Report:
    """Find out why.

    Normal life, and events that can only end an incident, are answered without a single call of AWS; but who stopped
    a task is asked.

    Raises:
        AwsUnavailable: the credentials are missing or expired, or AWS cannot be reached at all.
    """
    if incident.can_end:
        return build_report(incident, "resolve", (normal_life(incident),), (), (), ADVICE_ONLY)
    if incident.symptom in NORMAL_LIFE:
        by, seen, untold = who_stopped(incident, reader) if incident.symptom is Id.STOPPED_BY_USER else (None, (), ())
        return build_report(incident, "ignore", (normal_life(incident, by=by, evidence=seen),), (), untold, ADVICE_ONLY)
    reader.keep_to(incident.account)
    # A service says that something fails; only its tasks say what.
    judged = failed_task_behind(incident, reader, now) if incident.kind is Kind.SERVICE_EVENT else incident
    facts = collect(judged, reader, now)
    judgement = judge(judged, facts)
    changes, unasked = what_changed(judged, judgement.findings, facts, reader, now)
    beside = gap(reader)
    return build_report(
        replace(_as_read(judged, facts), symptom=incident.symptom),
        "alert",
        judgement.findings,
        judgement.ruled_out,
        (*judgement.not_checked, *unasked, *((beside,) if beside else ())),
        ADVICE_ONLY,
        explained=judgement.explained,
        changes=changes,
        pictures=_pictures(judged, facts),
        log_tail=facts.log_tail.value if isinstance(facts.log_tail, Known) else None,
    )


def _as_read(incident: Incident, facts: Facts) -> Incident:
    """The incident with what only the account knew: a refused ExecuteCommand names a task, not its service.

    Its id follows: two services of one cluster are two incidents.
    """
    if not isinstance(facts.task, Known):
        return incident
    task = facts.task.value
    return replace(
        incident,
        service=incident.service or task.service_name,
        task_definition_arn=incident.task_definition_arn or task.task_definition_arn,
        launch_type=incident.launch_type or task.launch_type,
    )


def _pictures(incident: Incident, facts: Facts) -> Iterator[PathPicture]:
    """The ways that this symptom speaks of, as far as they are known to be closed."""
    closed = (one for one in paths_of(incident, facts).blocking if one.path.verdict is Verdict.BLOCKED)
    return (picture(one.path) for one in islice(closed, _MOST_PICTURES))


@dataclass(frozen=True, slots=True)
class Response:
    """What the function answers for one event; the names are part of the product's contract."""

    status: str
    incident_id: str | None = None
    action: str | None = None
    verdict: Mapping[str, str] | None = None
    posted: bool = False
    remediation: str = "none"


def respond(
    event: object,
    *,
    reader: Callable[[Incident], Reader],
    post: Callable[[Report], bool],
    reject: Callable[[object, str], None],
    now: datetime,
    gap: Gap = lambda _: None,
) -> Response:
    """Do the main job for one event: `post` sends an alert and says whether it went out, `reject` keeps a bad event.

    Whatever goes wrong after the event has been understood is raised: Lambda tries again, and then keeps the event.
    """
    try:
        incident = parse(event)
    except BadEventError as error:
        reject(event, str(error))
        return Response(status="rejected")
    report = diagnose(incident, reader(incident), now, gap=gap)
    return Response(
        status={"alert": "diagnosed", "ignore": "ignored", "resolve": "resolved"}[report.action],
        incident_id=report.incident.id,
        action=report.action,
        verdict={"cause": report.verdict.cause, "confidence": report.verdict.confidence},
        posted=report.action == "alert" and post(report),
    )
