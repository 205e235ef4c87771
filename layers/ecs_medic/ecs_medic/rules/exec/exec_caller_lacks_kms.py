"""Whoever called may not make a data key of the key that encrypts the cluster's sessions.

The key's own policy may allow it in the caller's stead.
Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html
"""

from collections.abc import Iterable
from dataclasses import replace

from ecs_medic.catalogue.lookup import candidates
from ecs_medic.facts import Facts
from ecs_medic.facts.fact import Known
from ecs_medic.finding import Evidence, Finding, Outcome, Phase, RuledOut
from ecs_medic.incident import Incident
from ecs_medic.needs.exec import session_key
from ecs_medic.needs.exec_caller import GENERATE_DATA_KEY, key_calls
from ecs_medic.policies.refusal import refusal_in
from ecs_medic.rules.callers import granting_commands
from ecs_medic.rules.exec.caller import caller_params
from ecs_medic.rules.exec.session_key import alias_not_checked
from ecs_medic.rules.exec.target import not_checked
from ecs_medic.rules.reported import reported
from ecs_medic.rules.roles.ruling import Case, ruling
from ecs_medic.vocabulary import Id

_CAUSE = Id.EXEC_CALLER_LACKS_KMS


def exec_caller_lacks_kms(incident: Incident, facts: Facts) -> Iterable[Outcome]:
    """Certain where the caller's policies and the key's were read; ruled out where the cluster names no key."""
    if _CAUSE not in candidates(incident.symptom):
        return
    if not isinstance(facts.cluster, Known):
        yield from not_checked(_CAUSE, "which key encrypts the cluster's sessions", facts.cluster)
    key = session_key(facts)
    if isinstance(facts.cluster, Known) and key is None:
        if incident.symptom is not _CAUSE:
            seen = Evidence(facts.cluster.source, facts.cluster.value.arn, "names no KMS key for its sessions")
            yield RuledOut(_CAUSE, (seen,))
        return
    params = caller_params(incident, facts)
    if key:
        params["kms_key_arn"] = key
        yield from alias_not_checked(_CAUSE, facts)
    refusal = refusal_in(incident.message.stopped_reason)
    refused = refusal is not None and refusal.action == GENERATE_DATA_KEY
    principal = incident.exec_attempt.principal_arn if incident.exec_attempt else None
    calls = key_calls(facts)
    found = False
    if principal and calls:
        case = Case(
            cause=_CAUSE,
            phase=Phase.EXEC,
            role_arn=principal,
            calls=calls,
            params=params,
            what="encrypt a session with the cluster's key",
            shares_decision=True,
            reported=refused,
        )
        for outcome in ruling(facts, case):
            if isinstance(outcome, Finding):
                found = True
                yield _for_the_caller(outcome, principal)
            else:
                yield outcome
    if not found:
        yield from reported(_CAUSE, incident, phase=Phase.EXEC, params=params)


def _for_the_caller(finding: Finding, principal: str) -> Finding:
    """A policy is put on a user with another command than on a role."""
    if finding.fix.policy is None:
        return finding
    return replace(finding, fix=replace(finding.fix, cli=granting_commands(_CAUSE, principal, finding.fix.policy)))
