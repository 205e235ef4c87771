"""The repository's own policy does not let this task pull.

Across accounts both sides must agree: the role's policies, and the repository's. Within one account the repository's
policy has to say nothing, and decides where it denies.

Source: https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policies.html
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ecs_medic.catalogue.fix import fix_for
from ecs_medic.facts import Facts
from ecs_medic.facts.fact import NOT_READ, Absent, Fact, Known, Unknown
from ecs_medic.facts.iam import PolicyDocument
from ecs_medic.facts.images import RepositoryId
from ecs_medic.finding import Confidence, Evidence, Finding, JsonValue, NotChecked, Outcome, Phase, RuledOut
from ecs_medic.incident import Incident
from ecs_medic.needs.carriers import carriers
from ecs_medic.needs.images import PULL_ACTIONS
from ecs_medic.needs.pulls import Pull, pulls
from ecs_medic.policies.evaluate import Decision, evaluate
from ecs_medic.policies.permission import Standing, permission
from ecs_medic.rules.image.about import params_of, said
from ecs_medic.vocabulary import Id

_CAUSE = Id.ECR_REPOSITORY_POLICY_DENIES
_REFUSED = frozenset({Id.IMAGE_PULL_FORBIDDEN, Id.EXECUTION_ROLE_CANNOT_PULL, Id.IMAGE_ACCESS_DENIED})


def ecr_repository_policy_denies(incident: Incident, facts: Facts) -> Iterable[Outcome]:
    """Each repository once, by its policy where that was read."""
    if not isinstance(facts.task_definition, Known):
        return
    seen: set[RepositoryId] = set()
    for pull in pulls(incident, facts):
        if pull.repository is None or pull.repository in seen:
            continue
        seen.add(pull.repository)
        policy = facts.resource_policy(pull.repository.arn(facts.partition))
        if policy is not NOT_READ:
            yield from _judged(pull, pull.repository, policy, incident, facts)


def _judged(
    pull: Pull, repository: RepositoryId, policy: Fact[PolicyDocument], incident: Incident, facts: Facts
) -> Iterator[Outcome]:
    foreign = repository.account != facts.account
    if isinstance(policy, Unknown):
        if foreign:
            yield from _unread(pull, repository, policy, incident, facts)
        return
    if isinstance(policy, Absent):
        if foreign and not isinstance(facts.repository(repository).found, Absent):
            seen = Evidence(policy.source, repository.name, policy.detail)
            yield _finding(_Refusal(pull, repository, (seen,)), incident, facts)
        return
    who = _puller(facts) or f"arn:{facts.partition}:iam::{facts.account}:root"
    decisions = {action: _decision(policy.value, action, repository, who, facts) for action in PULL_ACTIONS}
    against = {Decision.EXPLICIT_DENY} | ({Decision.IMPLICIT_DENY} if foreign and _puller(facts) else set())
    denied = tuple(action for action, decision in decisions.items() if decision in against)
    if denied:
        verb = "denies" if decisions[denied[0]] is Decision.EXPLICIT_DENY else "does not allow"
        observed = Evidence(policy.source, repository.name, f"its policy {verb} {', '.join(denied)} to {who}")
        yield _finding(_Refusal(pull, repository, (observed,), denied), incident, facts)
    elif not foreign or all(decision is Decision.ALLOWED for decision in decisions.values()):
        word = "allows the pull to" if foreign else "does not deny the pull to"
        yield RuledOut(_CAUSE, (Evidence(policy.source, repository.name, f"its policy {word} {who}"),))
    else:
        yield NotChecked(f"{_CAUSE}: {repository.name}", "its policy leaves it open whether it admits whoever pulls")


def _decision(policy: PolicyDocument, action: str, repository: RepositoryId, who: str, facts: Facts) -> Decision:
    context = {"aws:PrincipalArn": who, "aws:PrincipalAccount": facts.account, "aws:SecureTransport": "true"}
    return evaluate((policy,), action, repository.arn(facts.partition), principal=who, context=context)


def _puller(facts: Facts) -> str | None:
    definition = facts.task_definition
    return carriers(facts, definition.value).pull_role if isinstance(definition, Known) else None


def _unread(
    pull: Pull, repository: RepositoryId, policy: Unknown, incident: Incident, facts: Facts
) -> Iterator[Outcome]:
    """The other account shows its policy to nobody; a refusal that the role's own policies do not explain is its."""
    yield NotChecked(
        f"{_CAUSE}: the policy of {repository.name} in account {repository.account}",
        policy.reason,
        policy.missing_permission,
    )
    if incident.symptom not in _REFUSED:
        return
    role = _puller(facts)
    arn = repository.arn(facts.partition)
    allowed = role is not None and all(
        permission(facts.role(role), action, arn).standing is Standing.ALLOWED for action in PULL_ACTIONS
    )
    across = f"account {facts.account} pulls from account {repository.account}"
    evidence = [said(incident), Evidence(facts.task_definition.source, pull.container.image, across)]
    if role and allowed:
        evidence.append(Evidence("iam:SimulatePrincipalPolicy", role, "may pull this image, for its part"))
    confidence = Confidence.LIKELY if allowed else Confidence.POSSIBLE
    yield _finding(_Refusal(pull, repository, tuple(evidence), confidence=confidence), incident, facts)


@dataclass(frozen=True, slots=True)
class _Refusal:
    """One pull that the repository's policy does not let through."""

    pull: Pull
    repository: RepositoryId
    evidence: tuple[Evidence, ...]
    actions: tuple[str, ...] = PULL_ACTIONS
    confidence: Confidence = Confidence.CONFIRMED


def _finding(refusal: _Refusal, incident: Incident, facts: Facts) -> Finding:
    pull, repository = refusal.pull, refusal.repository
    denied = list(refusal.actions)
    principal = _puller(facts) or f"arn:{facts.partition}:iam::{facts.account}:root"
    statement: JsonValue = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": list[JsonValue](denied)}
    params = params_of(
        pull,
        incident,
        repository_arn=repository.arn(facts.partition),
        actions=list[JsonValue](denied),
        principal=principal,
    )
    return Finding(
        cause=_CAUSE,
        confidence=refusal.confidence,
        summary=f"The repository {repository.name} of account {repository.account} does not admit {principal}: "
        f"{', '.join(denied)}.",
        subject=repository.arn(facts.partition),
        phase=Phase.IMAGE,
        fix=fix_for(_CAUSE, params, policy={"Version": "2012-10-17", "Statement": [statement]}),
        params=params,
        evidence=refusal.evidence,
    )
