"""Whoever pushes lacks permissions: its own policies, the repository's, or one above them does not allow it.

Sources: https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-push-iam.html and
https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policies.html
"""

import json
import shlex
from collections.abc import Iterable, Iterator, Mapping

from ecs_medic.catalogue.call_policy import call_policy
from ecs_medic.catalogue.fix import fix_for
from ecs_medic.facts import Facts
from ecs_medic.facts.fact import NOT_READ, Absent, Known, Unknown
from ecs_medic.facts.images import RepositoryId
from ecs_medic.finding import Confidence, Evidence, Finding, Fix, JsonValue, NotChecked, Outcome, Phase
from ecs_medic.incident import Incident, Kind
from ecs_medic.needs.push import REPOSITORY_ACTIONS, TOKEN, push_calls, pushed_to
from ecs_medic.policies.evaluate import Decision, evaluate
from ecs_medic.policies.refusal import refusal_in
from ecs_medic.rules.callers import name_of
from ecs_medic.rules.push.about import push_params
from ecs_medic.rules.refused import Calls, RefusedCase, refused
from ecs_medic.vocabulary import Id

_CAUSE = Id.PUSH_DENIED


def push_denied(incident: Incident, facts: Facts) -> Iterable[Outcome]:
    """Certain where the policies that decide were read and show it; else AWS's own words stand, with who denies it."""
    call = incident.refused_call
    if call is None or incident.kind is not Kind.ECR_PUSH:
        return
    repository = pushed_to(incident)
    principal = call.principal_arn
    if repository and principal and principal.split(":")[4] != repository.account:
        stranger = list(_across_accounts(incident, facts, repository, principal))
        yield from stranger
        if any(isinstance(one, Finding) for one in stranger):
            return
    params = push_params(incident)
    yield from refused(
        incident,
        facts,
        RefusedCase(
            cause=_CAUSE,
            phase=Phase.IMAGE,
            what=f"push to {repository.name}" if repository else "log in to Amazon ECR",
            subject=repository.arn(incident.partition) if repository else TOKEN,
            calls=push_calls(incident),
            refusal=refusal_in(incident.message.stopped_reason),
            params=params,
            grant=lambda missing: _grant(missing, params),
            shares_decision=True,
        ),
    )


def _grant(missing: Calls, params: Mapping[str, JsonValue]) -> Fix:
    fix = fix_for(_CAUSE, params, policy=call_policy(missing))
    actions = {action for action, _ in missing}
    if actions == {TOKEN}:
        summary = f"Allow {TOKEN}, which knows no resource but *: without it docker cannot log in."
        steps = (f"The push itself then takes {', '.join(REPOSITORY_ACTIONS)} on the repository.",)
        return Fix(summary, steps=steps, policy=fix.policy)
    on = f"exactly the repository {params['repository']}"
    summary = f"Allow {', '.join(action for action in REPOSITORY_ACTIONS if action in actions)} on {on}"
    return Fix(f"{summary}, and {TOKEN} on *." if TOKEN in actions else f"{summary}.", policy=fix.policy)


def _across_accounts(incident: Incident, facts: Facts, repository: RepositoryId, principal: str) -> Iterator[Outcome]:
    """Both accounts must allow it: the caller's by its policies, the repository's by the repository's own."""
    arn = repository.arn(incident.partition)
    policy = facts.resource_policy(arn)
    if isinstance(policy, Unknown):
        owner = f"the repository belongs to account {repository.account}, which keeps its policy to itself"
        yield NotChecked(
            f"{_CAUSE}: whether the policy of {repository.name} admits {principal}",
            owner if policy is NOT_READ else policy.reason,
            policy.missing_permission,
        )
        return
    documents = (policy.value,) if isinstance(policy, Known) else ()
    decided = {
        action: evaluate(documents, action, arn, principal=principal, context={"aws:PrincipalArn": principal})
        for action in REPOSITORY_ACTIONS
    }
    lacking = [one for one, decision in decided.items() if decision in {Decision.IMPLICIT_DENY, Decision.EXPLICIT_DENY}]
    if not lacking:
        return
    denied = any(decided[one] is Decision.EXPLICIT_DENY for one in lacking)
    seen = policy.detail if isinstance(policy, Absent) else f"{'denies' if denied else 'does not allow'} "
    observed = seen if isinstance(policy, Absent) else f"{seen}{', '.join(lacking)} to {principal}"
    yield Finding(
        cause=_CAUSE,
        confidence=Confidence.CONFIRMED,
        summary=f"{name_of(principal)} of account {principal.split(':')[4]} may not push to {repository.name}: "
        f"the repository's own policy {'denies it' if denied else 'does not admit it'}.",
        subject=arn,
        phase=Phase.IMAGE,
        fix=_admitting(repository, principal, lacking, denied=denied),
        params={
            **push_params(incident),
            "actions": list[JsonValue](lacking),
            "resources": [arn],
            "denied_by": "resource_policy",
        },
        evidence=(Evidence(policy.source, arn, observed),),
    )


def _admitting(repository: RepositoryId, principal: str, lacking: list[str], *, denied: bool) -> Fix:
    actions = ", ".join(lacking)
    if denied:
        return Fix(f"Remove the Deny of {actions} from the policy of {repository.name}; no Allow can override it.")
    statement: JsonValue = {
        "Sid": "Push",
        "Effect": "Allow",
        "Principal": {"AWS": principal},
        "Action": list[JsonValue](lacking),
    }
    policy: dict[str, JsonValue] = {"Version": "2012-10-17", "Statement": [statement]}
    command = (
        f"aws ecr set-repository-policy --region {repository.region} --registry-id {repository.account} "
        f"--repository-name {repository.name} --policy-text {shlex.quote(json.dumps(policy, separators=(',', ':')))}"
    )
    return Fix(
        f"Add this statement to the policy of the repository {repository.name}; the caller's own policies must allow "
        f"{actions}, and {TOKEN}, as well.",
        steps=("The command replaces the repository's whole policy: add the statements that it has already.",),
        cli=(command,),
        policy=policy,
    )
