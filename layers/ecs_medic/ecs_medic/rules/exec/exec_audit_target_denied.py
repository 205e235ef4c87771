"""The log group or bucket that keeps the log of sessions is missing, or the task role may not use it.

Where the cluster demands encryption, the agent first looks whether it is there and encrypted, with the task role; a
session that it cannot clear is refused. Without that demand it opens the session and loses the log.
Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html
"""

from collections.abc import Iterable
from dataclasses import replace

from ecs_medic.catalogue.fix import fix_for
from ecs_medic.facts import Facts
from ecs_medic.facts.fact import Absent, Known, Unknown
from ecs_medic.finding import Confidence, Evidence, Finding, Outcome, Phase, RuledOut
from ecs_medic.incident import Incident
from ecs_medic.needs.derive import is_about_exec
from ecs_medic.needs.exec import AuditTarget, audit_targets, session_role
from ecs_medic.rules.exec.audit import audit_params, creating_commands, demand, state_of
from ecs_medic.rules.exec.target import not_checked, subject_of
from ecs_medic.rules.roles.ruling import Case, ruling
from ecs_medic.vocabulary import Id

_CAUSE = Id.EXEC_AUDIT_TARGET_DENIED


def exec_audit_target_denied(incident: Incident, facts: Facts) -> Iterable[Outcome]:
    """No more than likely where the cluster demands no encryption: the session may have opened all the same."""
    if not is_about_exec(incident):
        return
    if not isinstance(facts.cluster, Known):
        yield from not_checked(_CAUSE, "where the cluster keeps the log of sessions", facts.cluster)
        return
    targets = audit_targets(facts)
    if not targets:
        seen = Evidence(facts.cluster.source, facts.cluster.value.arn, "names no log group or bucket for sessions")
        yield RuledOut(_CAUSE, (seen,))
    for target in targets:
        state = state_of(target, facts)
        if isinstance(state, Absent):
            yield _missing(target, state, incident, facts)
            continue
        if isinstance(state, Unknown):
            yield from not_checked(_CAUSE, f"whether the {target.what} exists", state)
        yield from _permissions(target, incident, facts, exists=isinstance(state, Known))


def _missing(target: AuditTarget, state: Absent, incident: Incident, facts: Facts) -> Finding:
    params = audit_params(target, incident, facts)
    return Finding(
        cause=_CAUSE,
        confidence=_confidence(target),
        summary=f"The {target.what}, which is to keep the log of the cluster's sessions, does not exist.",
        subject=subject_of(incident, facts),
        phase=Phase.EXEC,
        fix=replace(fix_for(_CAUSE, params, cli=creating_commands(target, incident)), policy=None),
        params=params,
        evidence=(demand(target, facts), Evidence(state.source, target.name, state.detail or "not found")),
    )


def _permissions(target: AuditTarget, incident: Incident, facts: Facts, *, exists: bool) -> Iterable[Outcome]:
    role = session_role(facts)
    if role is None:
        return
    case = Case(
        cause=_CAUSE,
        phase=Phase.EXEC,
        role_arn=role,
        calls=target.calls,
        params=audit_params(target, incident, facts),
        what=f"keep the log of sessions in {target.what}",
    )
    for outcome in ruling(facts, case):
        if isinstance(outcome, Finding):
            evidence = (demand(target, facts), *outcome.evidence)
            sure = outcome.confidence if target.demands_encryption else Confidence.LIKELY
            yield replace(outcome, confidence=sure, evidence=evidence)
        elif exists or not isinstance(outcome, RuledOut):
            yield outcome


def _confidence(target: AuditTarget) -> Confidence:
    return Confidence.CONFIRMED if target.demands_encryption else Confidence.LIKELY
