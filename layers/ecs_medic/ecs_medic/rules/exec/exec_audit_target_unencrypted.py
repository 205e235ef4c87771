"""The cluster demands that the log of sessions is encrypted, and its log group or bucket is not: no session opens.

Source: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ExecuteCommandLogConfiguration.html
"""

from collections.abc import Iterable

from ecs_medic.catalogue.fix import fix_for
from ecs_medic.facts import Facts
from ecs_medic.facts.fact import Absent, Fact, Known
from ecs_medic.finding import Confidence, Evidence, Finding, Outcome, Phase, RuledOut
from ecs_medic.incident import Incident
from ecs_medic.needs.derive import is_about_exec
from ecs_medic.needs.exec import AuditTarget, audit_targets
from ecs_medic.rules.exec.audit import audit_params, demand, encrypting_commands, state_of
from ecs_medic.rules.exec.target import not_checked, subject_of
from ecs_medic.vocabulary import Id

_CAUSE = Id.EXEC_AUDIT_TARGET_UNENCRYPTED


def exec_audit_target_unencrypted(incident: Incident, facts: Facts) -> Iterable[Outcome]:
    """Certain where both the demand and the state of what it is made of were read.

    AWS says the same of a log group that the task role may not look at, so that its words alone decide nothing.
    """
    if not is_about_exec(incident):
        return
    if not isinstance(facts.cluster, Known):
        yield from not_checked(_CAUSE, "where the cluster keeps the log of sessions", facts.cluster)
        return
    demanding = [target for target in audit_targets(facts) if target.demands_encryption]
    if not demanding:
        seen = Evidence(facts.cluster.source, facts.cluster.value.arn, "demands no encrypted log of sessions")
        yield RuledOut(_CAUSE, (seen,))
    for target in demanding:
        yield from _of(target, state_of(target, facts), incident, facts)


def _of(target: AuditTarget, state: Fact[str | None], incident: Incident, facts: Facts) -> Iterable[Outcome]:
    if isinstance(state, Absent):
        return
    if not isinstance(state, Known):
        yield from not_checked(_CAUSE, f"whether the {target.what} is encrypted", state)
        return
    if state.value:
        yield RuledOut(_CAUSE, (Evidence(state.source, target.name, f"encrypted: {state.value}"),))
        return
    params = audit_params(target, incident, facts)
    lacks = "no default encryption" if target.is_bucket else "no KMS key"
    yield Finding(
        cause=_CAUSE,
        confidence=Confidence.CONFIRMED,
        summary=f"The cluster demands an encrypted log of its sessions, and the {target.what} has {lacks}.",
        subject=subject_of(incident, facts),
        phase=Phase.EXEC,
        fix=fix_for(_CAUSE, params, cli=encrypting_commands(target, incident)),
        params=params,
        evidence=(demand(target, facts), Evidence(state.source, target.name, "not encrypted")),
    )
