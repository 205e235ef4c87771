"""Puts a report together; everything in it is redacted and safe to show from here on."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import cast

from pydantic import JsonValue as Json

from ecs_medic.facts.change import Changed
from ecs_medic.facts.logs import LogTail
from ecs_medic.finding import Evidence, Finding, Fix, JsonValue, NotChecked, RuledOut
from ecs_medic.incident import Incident, Message, Severity
from ecs_medic.plan import Plan
from ecs_medic.redaction import redact
from ecs_medic.report import model
from ecs_medic.report.text import plain
from ecs_medic.report.unknown import unknown_finding


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
) -> model.Report:
    """The report of one diagnosis.

    `findings` come ranked, best first: the first is the verdict. Without any, or where none of them explains the
    symptom (`explained` is false), the verdict is the honest unknown one.
    The same arguments give the same bytes of `model_dump_json()`.
    """
    unchecked = tuple(not_checked)
    excluded = tuple(ruled_out)
    unknown = _finding(unknown_finding(incident, unchecked, excluded))
    found = tuple(_finding(finding) for finding in findings)
    if found and not explained:
        found = (unknown, *found)
    return model.Report(
        incident=_incident(incident),
        action=action,
        verdict=found[0] if found else unknown,
        findings=found,
        ruled_out=tuple(model.RuledOut(cause=out.cause, evidence=_evidence(out.evidence)) for out in excluded),
        not_checked=tuple(
            model.NotChecked(
                check=_clean(gap.check), reason=_clean(gap.reason), missing_permission=_clean_if(gap.missing_permission)
            )
            for gap in unchecked
        ),
        plan=_plan(plan),
        pictures=tuple(
            model.PathPicture(title=_clean(picture.title), lines=tuple(_clean("\n".join(picture.lines)).split("\n")))
            for picture in pictures
        ),
        changes=tuple(_changed(one) for one in changes),
        log_tail=_log_tail(log_tail) if log_tail is not None else None,
        severity=severity[0] if severity else None,
        severity_reason=_clean(severity[1]) if severity else None,
        exec_answer=_answer(answer) if answer else None,
    )


_MOST_TEXT = 6000
"""Characters of one text that are kept; ECS's own messages have about a thousand."""
_LONGEST_WORD = 300
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


def _clean(text: str) -> str:
    """Safe to show and without secrets; cut between words where it is absurdly long, lest half a secret stay unseen."""
    return redact(plain(_bounded(text)))


def _bounded(text: str) -> str:
    if len(text) <= _MOST_TEXT:
        return text
    head, space, tail = text[:_MOST_TEXT].rpartition(" ")
    return f"{head if space and len(tail) <= _LONGEST_WORD else text[:_MOST_TEXT]}…"


def _clean_if(text: str | None) -> str | None:
    return _clean(text) if text else None


def _clean_json(value: JsonValue) -> JsonValue:
    if isinstance(value, str):
        return _clean(value)
    if isinstance(value, Mapping):
        return {_clean(key): _clean_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_clean_json(item) for item in value]
    return value


def _clean_object(value: Mapping[str, JsonValue]) -> dict[str, Json]:
    return cast("dict[str, Json]", _clean_json(dict(value)))


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _incident(incident: Incident) -> model.Incident:
    return model.Incident(
        id=incident.id,
        kind=incident.kind,
        account=_clean(incident.account),
        region=_clean(incident.region),
        cluster=_clean(incident.cluster),
        service=_clean_if(incident.service),
        task_arn=_clean_if(incident.task_arn),
        task_definition=_clean_if(incident.task_definition),
        launch_type=_clean_if(incident.launch_type),
        symptom=incident.symptom,
        occurred_at=_utc(incident.occurred_at),
        symptom_confidence=incident.symptom_confidence,
        message=_clean_if(said(incident.message)),
        caller=_clean_if(incident.exec_attempt.caller_arn if incident.exec_attempt else None),
    )


def _evidence(evidence: Iterable[Evidence]) -> tuple[model.Evidence, ...]:
    return tuple(
        model.Evidence(source=_clean(one.source), resource=_clean(one.resource), observed=_clean(one.observed))
        for one in evidence
    )


def _fix(fix: Fix) -> model.Fix:
    return model.Fix(
        summary=_clean(fix.summary),
        steps=tuple(_clean(step) for step in fix.steps),
        cli=tuple(_clean(command) for command in fix.cli),
        policy=_clean_object(fix.policy) if fix.policy is not None else None,
    )


def _log_tail(tail: LogTail) -> model.LogTail:
    """Redacted as a whole before anything is cut: a private key has several lines."""
    whole = redact(plain("\n".join(_newest(tuple(_bounded(line) for line in tail.lines), _MOST_LOG))))
    lines = tuple(line if len(line) <= _LONGEST_LINE else f"{line[: _LONGEST_LINE - 1]}…" for line in whole.split("\n"))
    return model.LogTail(
        container=_clean(tail.container),
        log_group=_clean(tail.group),
        log_stream=_clean(tail.stream),
        log_region=_clean(tail.region),
        lines=tuple(_newest(lines, _MOST_TEXT)) if tail.lines else (),
        last_at=_utc(tail.last_at) if tail.last_at else None,
    )


def _newest(lines: Sequence[str], room: int) -> Sequence[str]:
    """As many of the last lines as there is room for."""
    for index in range(len(lines) - 1, -1, -1):
        room -= len(lines[index]) + 1
        if room < 0:
            return lines[index + 1 :]
    return lines


def _answer(answer: model.ExecAnswer) -> model.ExecAnswer:
    return model.ExecAnswer(
        containers=tuple(_clean(name) for name in answer.containers),
        asked_for=_clean_if(answer.asked_for),
        command=_clean_if(answer.command),
    )


def _finding(finding: Finding) -> model.Finding:
    return model.Finding(
        cause=finding.cause,
        confidence=finding.confidence,
        summary=_clean(finding.summary),
        subject=_clean(finding.subject),
        params=_clean_object(finding.params),
        evidence=_evidence(finding.evidence),
        fix=_fix(finding.fix),
    )


def _changed(changed: Changed) -> model.Changed:
    return model.Changed(
        kind=changed.kind,
        what=_clean(changed.what),
        resource=_clean(changed.resource),
        at=_utc(changed.at) if changed.at else None,
        by=_clean_if(changed.by),
    )


def _plan(plan: Plan) -> model.Plan:
    return model.Plan(
        changes=tuple(
            model.Change(
                action=change.action,
                params=_clean_object(change.params),
                safety=change.safety,
                monthly_cost_usd=change.monthly_cost_usd,
                blast_radius=_clean(change.blast_radius),
            )
            for change in plan.changes
        ),
        reason_if_empty=_clean_if(plan.reason_if_empty),
    )
