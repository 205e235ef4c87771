"""Puts a report together; everything in it is redacted and safe to show from here on."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from ecs_medic.facts.change import Changed
from ecs_medic.facts.logs import LogTail
from ecs_medic.finding import Evidence, Finding, Fix, NotChecked, RuledOut
from ecs_medic.incident import Incident, Message, Severity
from ecs_medic.plan import Plan
from ecs_medic.redaction import redact
from ecs_medic.report import model
from ecs_medic.report.build_plan import shown_plan
from ecs_medic.report.clean import MOST_TEXT, bounded, clean, clean_if, clean_object
from ecs_medic.report.text import plain
from ecs_medic.report.unknown import unknown_finding
from ecs_medic.symptoms.of_task import failed_container
from ecs_medic.way_out import WayOut


def build_report(  # noqa: PLR0917 - the parts of a diagnosis, in the order in which the report shows them
    incident: Incident,
    action: model.Action,
    findings: Sequence[Finding],
    ruled_out: Iterable[RuledOut],
    not_checked: Iterable[NotChecked],
    plan: Plan,
    *,
    explained: bool = True,
    pictures: Iterable[model.PathPicture] = (),
    changes: Iterable[Changed] = (),
    log_tail: LogTail | None = None,
    severity: tuple[Severity, str] | None = None,
    answer: model.ExecAnswer | None = None,
    ways_out: Iterable[WayOut] = (),
    partial: bool = False,
) -> model.Report:
    """The report of one diagnosis.

    `findings` come ranked, best first: the first is the verdict. Without any, or where none of them explains the
    symptom (`explained` is false), the verdict is the honest unknown one.
    The same arguments give the same bytes of `model_dump_json()`.
    """
    unchecked = tuple(not_checked)
    excluded = tuple(ruled_out)
    unknown = shown_finding(unknown_finding(incident, unchecked, excluded))
    found = tuple(shown_finding(finding) for finding in findings)
    if found and not explained:
        found = (unknown, *found)
    return model.Report(
        incident=_incident(incident),
        action=action,
        verdict=found[0] if found else unknown,
        findings=found,
        ruled_out=tuple(model.RuledOut(cause=out.cause, evidence=_evidence(out.evidence)) for out in excluded),
        not_checked=tuple(map(_not_checked, unchecked)),
        plan=shown_plan(plan),
        pictures=tuple(
            model.PathPicture(title=clean(picture.title), lines=tuple(clean("\n".join(picture.lines)).split("\n")))
            for picture in pictures
        ),
        changes=tuple(_changed(one) for one in changes),
        log_tail=_log_tail(log_tail) if log_tail is not None else None,
        severity=severity[0] if severity else None,
        severity_reason=clean(severity[1]) if severity else None,
        exec_answer=_answer(answer) if answer else None,
        ways_out=tuple(_way_out(one) for one in ways_out),
        partial=partial,
    )


def with_plan(
    report: model.Report, plan: Plan, *, partial: bool = False, gaps: Iterable[NotChecked] = ()
) -> model.Report:
    """The same report with what a repair would change.

    `partial` where time ran out for working that out; `gaps` are what could not be read for it.
    """
    unread = (*report.not_checked, *map(_not_checked, gaps))
    return report.model_copy(
        update={"plan": shown_plan(plan), "partial": report.partial or partial, "not_checked": unread}
    )


def _not_checked(gap: NotChecked) -> model.NotChecked:
    return model.NotChecked(
        check=clean(gap.check), reason=clean(gap.reason), missing_permission=clean_if(gap.missing_permission)
    )


def with_repair(report: model.Report, repair: model.Repair) -> model.Report:
    """The same report with what became of its plan."""
    return report.model_copy(update={"repair": repair})


_LONGEST_LINE = 500
"""Characters of one log line that are kept."""
_MOST_LOG = 60_000
"""Characters of a container's last lines that are looked at."""


def said(message: Message) -> str | None:
    """What AWS itself said: the task's reason, then the container's where that adds something, then the exit code."""
    reasons = [reason for reason in (message.stopped_reason, message.container_reason) if reason]
    if len(reasons) > 1 and reasons[1] in reasons[0]:
        reasons.pop()
    if message.error_code and message.error_code not in " ".join(reasons):
        reasons.insert(0, message.error_code)
    if message.exit_code is not None:
        reasons.append(f"exit code {message.exit_code}")
    return "\n".join(reasons) or None


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _incident(incident: Incident) -> model.Incident:
    return model.Incident(
        id=incident.id,
        kind=incident.kind,
        account=clean(incident.account),
        region=clean(incident.region),
        cluster=clean(incident.cluster),
        service=clean_if(incident.service),
        task_arn=clean_if(incident.task_arn),
        task_definition=clean_if(incident.task_definition),
        launch_type=clean_if(incident.launch_type),
        symptom=incident.symptom,
        occurred_at=_utc(incident.occurred_at),
        symptom_confidence=incident.symptom_confidence,
        message=clean_if(said(incident.message)),
        availability_zone=clean_if(incident.task.availability_zone if incident.task else None),
        container=clean_if(_container(incident)),
        caller=clean_if(incident.caller_arn),
        about=clean_if(incident.refused_call.about if incident.refused_call else None),
    )


def _container(incident: Incident) -> str | None:
    """Whose end ended the task, or whom the session was asked for."""
    if incident.exec_attempt is not None and incident.exec_attempt.container:
        return incident.exec_attempt.container
    failed = failed_container(incident.task.containers) if incident.task else None
    said_so = failed is not None and (failed.reason is not None or failed.exit_code is not None)
    return failed.name if failed and said_so else None


def _evidence(evidence: Iterable[Evidence]) -> tuple[model.Evidence, ...]:
    return tuple(
        model.Evidence(source=clean(one.source), resource=clean(one.resource), observed=clean(one.observed))
        for one in evidence
    )


def _fix(fix: Fix) -> model.Fix:
    return model.Fix(
        summary=clean(fix.summary),
        steps=tuple(clean(step) for step in fix.steps),
        cli=tuple(clean(command) for command in fix.cli),
        policy=clean_object(fix.policy) if fix.policy is not None else None,
    )


def _log_tail(tail: LogTail) -> model.LogTail:
    """Redacted as a whole before anything is cut: a private key has several lines."""
    whole = redact(plain("\n".join(_newest(tuple(bounded(line) for line in tail.lines), _MOST_LOG))))
    lines = tuple(line if len(line) <= _LONGEST_LINE else f"{line[: _LONGEST_LINE - 1]}…" for line in whole.split("\n"))
    return model.LogTail(
        container=clean(tail.container),
        log_group=clean(tail.group),
        log_stream=clean(tail.stream),
        log_region=clean(tail.region),
        lines=tuple(_newest(lines, MOST_TEXT)) if tail.lines else (),
        last_at=_utc(tail.last_at) if tail.last_at else None,
    )


def _newest(lines: Sequence[str], room: int) -> Sequence[str]:
    """As many of the last lines as there is room for."""
    for index in range(len(lines) - 1, -1, -1):
        room -= len(lines[index]) + 1
        if room < 0:
            return lines[index + 1 :]
    return lines


def _way_out(one: WayOut) -> model.WayOut:
    return model.WayOut(
        way=one.way,
        applies=one.applies,
        why=clean(one.why),
        fixed_address=one.fixed_address,
        tasks_per_instance=one.tasks_per_instance,
        monthly_cost_usd=one.monthly_cost_usd,
        per_gb_usd=one.per_gb_usd,
        not_promised=one.not_promised,
    )


def _answer(answer: model.ExecAnswer) -> model.ExecAnswer:
    return model.ExecAnswer(
        containers=tuple(clean(name) for name in answer.containers),
        asked_for=clean_if(answer.asked_for),
        command=clean_if(answer.command),
    )


def shown_finding(finding: Finding) -> model.Finding:
    """The finding as a report shows it."""
    return model.Finding(
        cause=finding.cause,
        confidence=finding.confidence,
        summary=clean(finding.summary),
        subject=clean(finding.subject),
        params=clean_object(finding.params),
        evidence=_evidence(finding.evidence),
        fix=_fix(finding.fix),
    )


def _changed(changed: Changed) -> model.Changed:
    return model.Changed(
        kind=changed.kind,
        what=clean(changed.what),
        resource=clean(changed.resource),
        at=_utc(changed.at) if changed.at else None,
        by=clean_if(changed.by),
    )
