"""The diagnosis, on one screen: the account is looked at, the rules judge, the report is built."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import islice

from ecs_medic.aws.reader import Reader
from ecs_medic.collect import Last, collect_for
from ecs_medic.collect import changes as changes_of
from ecs_medic.collect.failed_task import failed_task_behind
from ecs_medic.collect.identify import Identified, identify, of_task
from ecs_medic.collect.question import Answers, Questions
from ecs_medic.facts import Facts, Known
from ecs_medic.finding import Finding, NotChecked
from ecs_medic.incident import Incident, Kind
from ecs_medic.plan import Plan
from ecs_medic.reachability.path import Verdict
from ecs_medic.remedies.prices import Prices
from ecs_medic.report.build import build_report
from ecs_medic.report.exec_answer import exec_answer
from ecs_medic.report.model import PathPicture, Report
from ecs_medic.report.path_picture import picture
from ecs_medic.rules.judge import judge
from ecs_medic.rules.network.paths import paths_of
from ecs_medic.rules.normal_life import normal_life
from ecs_medic.rules.severity import severity_of
from ecs_medic.rules.ways_out.compare import ways_out
from ecs_medic.vocabulary import NORMAL_LIFE, Id

NOT_PLANNED = Plan(reason_if_empty="What a repair would change was not asked.")
_NOTHING_TO_REPAIR = Plan(reason_if_empty="There is nothing to repair.")
_MOST_PICTURES = 4
_UNSEEN = NotChecked(
    "ECS Exec, and what the next start needs",
    "what runs shows neither; `ecs-medic check --cluster NAME --service NAME` looks at both",
)
_LATE = timedelta(hours=1)
"""By then ECS has forgotten the task, and somebody may have changed what it failed by."""

type Gap = Callable[[Reader], NotChecked | None]
"""A look at something beside the incident itself: whether its alerts can come at all."""


def diagnose(subject: Incident | Identified, reader: Reader, now: datetime, *, gap: Gap = lambda _: None) -> Report:
    """Find out why: in at most 20 calls of AWS, and in at most 3 waves of them, with container instances 5.

    Not counted are the check whose account the credentials are of, and the look at the `gap`, which is made once an
    environment; which task an event is about is a call, but no wave. An incident that has been identified before is
    not asked about again.

    Normal life, and events that can only end an incident, are answered without a single call of AWS; but who stopped
    a task is asked.

    Raises:
        AwsUnavailable: the credentials are missing or expired, or AWS cannot be reached at all.
    """
    incident = subject.incident if isinstance(subject, Identified) else subject
    if incident.can_end:
        return build_report(incident, "resolve", (normal_life(incident),), (), (), _NOTHING_TO_REPAIR)
    if incident.symptom in NORMAL_LIFE:
        stopped = incident.symptom is Id.STOPPED_BY_USER
        by, seen, untold = changes_of.who_stopped(incident, reader) if stopped else (None, (), ())
        finding = normal_life(incident, by=by, evidence=seen)
        gaps = (*untold, _UNSEEN) if incident.symptom is Id.HEALTHY else untold
        return build_report(incident, "ignore", (finding,), (), gaps, _NOTHING_TO_REPAIR)
    return examine(subject, reader, now, gap=gap).report


@dataclass(frozen=True, slots=True)
class Examination:
    """A report, and what it rests on: the incident as it was judged, the facts, and the findings about it."""

    report: Report
    facts: Facts
    incident: Incident
    findings: tuple[Finding, ...]
    beside: Answers = field(default_factory=dict)
    """The answers to what was asked along with the diagnosis."""


type Along = Callable[[Incident, Sequence[Finding], Facts], Questions]
"""What somebody else wants to know, by what is found so far: it is asked with the last wave and waits for nothing."""


def examine(
    subject: Incident | Identified,
    reader: Reader,
    now: datetime,
    *,
    gap: Gap = lambda _: None,
    prices: Prices | None = None,
    along: Along = lambda *_: {},
) -> Examination:
    """The same for a failure, with what was read: AWS forgets it soon. `prices` are the list's where none are given.

    What is asked `along` is no part of the diagnosis: neither of its calls nor of what it says was not checked.

    Raises:
        AwsUnavailable: the credentials are missing or expired, or AWS cannot be reached at all.
    """
    incident = subject.incident if isinstance(subject, Identified) else subject
    reader.keep_to(incident.account)
    identified = _identified(subject, reader, now)
    judged = identified.incident

    def asked_last(facts: Facts, provisional: bool) -> Last:
        findings = judge(judged, facts).findings
        changed = changes_of.questions(judged, findings, facts, now, provisional=provisional)
        return Last(changed, along(judged, findings, facts))

    collected = collect_for(identified, reader, now, also=asked_last)
    facts = collected.facts
    judgement = judge(judged, facts)
    changes, unasked = changes_of.what_changed(judged, judgement.findings, facts, collected.answers, now)
    beside = gap(reader)
    report = build_report(
        replace(_as_read(judged, facts), symptom=incident.symptom),
        "alert",
        judgement.findings,
        judgement.ruled_out,
        (*judgement.not_checked, *unasked, *((beside,) if beside else ()), *_not_seen(incident, now)),
        NOT_PLANNED,
        explained=judgement.explained,
        changes=changes,
        pictures=_pictures(judged, facts),
        log_tail=facts.log_tail.value if isinstance(facts.log_tail, Known) else None,
        severity=severity_of(judged, facts),
        answer=exec_answer(incident, facts),
        ways_out=ways_out(judged, facts, judgement.findings, (prices or Prices()).ways_out(facts.region)),
        partial=reader.ran_out_of_time,
    )
    return Examination(report, facts, judged, judgement.findings, collected.beside)


def _not_seen(incident: Incident, now: datetime) -> Iterator[NotChecked]:
    """What nobody can read any more where the event comes late, as from among the dead letters."""
    age = now - incident.occurred_at
    if age > _LATE:
        days, hours = age.days, age // timedelta(hours=1)
        old = f"{days} days" if days > 1 else f"{hours} hours" if hours > 1 else "an hour"
        yield NotChecked(
            "what the account looked like when it failed",
            f"the event is {old} old, and all that was read beside it is as it is now",
        )


def _identified(subject: Incident | Identified, reader: Reader, now: datetime) -> Identified:
    """The incident with its task. A service says that something fails; only its tasks say what."""
    identified = subject if isinstance(subject, Identified) else identify(subject, reader)
    if identified.incident.kind is Kind.SERVICE_EVENT and not identified.answers:
        return failed_task_behind(identified.incident, reader, now)
    return identified


def _as_read(incident: Incident, facts: Facts) -> Incident:
    """The incident with what only the account knew of its task."""
    if not isinstance(facts.task, Known):
        return incident
    return replace(of_task(incident, facts.task.value), task=incident.task or facts.task.value)


def _pictures(incident: Incident, facts: Facts) -> Iterator[PathPicture]:
    """The ways that this symptom speaks of, as far as they are known to be closed."""
    closed = (one for one in paths_of(incident, facts).blocking if one.path.verdict is Verdict.BLOCKED)
    return (picture(one.path) for one in islice(closed, _MOST_PICTURES))
