"""ECS may not start managed instances with the roles that the capacity provider names.

The infrastructure role must trust ecs.amazonaws.com and may pass the instance's role; the instance profile must exist
and hold a role.
Sources: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/infrastructure_IAM_role.html and
managed-instances-instance-profile.html of the same guide.
"""

from collections.abc import Iterator

from ecs_medic.catalogue.fix import fix_for
from ecs_medic.facts import Facts
from ecs_medic.facts.fact import NOT_READ, Absent, Known, Unknown
from ecs_medic.facts.iam import Role
from ecs_medic.facts.placement import CapacityProvider, ManagedInstances
from ecs_medic.finding import Confidence, Evidence, Finding, JsonValue, NotChecked, Outcome, Phase, RuledOut
from ecs_medic.incident import Incident
from ecs_medic.policies.evaluate import Decision, evaluate
from ecs_medic.policies.permission import Standing, permission
from ecs_medic.rules.placement.unread import unread
from ecs_medic.rules.reported import surroundings
from ecs_medic.vocabulary import Id

_ECS = "ecs.amazonaws.com"
_PASS_ROLE = "iam:PassRole"
_CAUSE = Id.MANAGED_INSTANCE_ROLE_MISCONFIGURED


def managed_instance_role_misconfigured(incident: Incident, facts: Facts) -> Iterator[Outcome]:
    """What is wrong with the roles of each capacity provider of managed instances."""
    providers = facts.placement.capacity_providers
    if providers is NOT_READ:
        return
    if not isinstance(providers, Known):
        yield unread(_CAUSE, providers)
        return
    for provider in providers.value:
        if provider.managed_instances is not None:
            yield from _judged(incident, facts, provider, provider.managed_instances)


def _judged(
    incident: Incident, facts: Facts, provider: CapacityProvider, managed: ManagedInstances
) -> Iterator[Outcome]:
    faults: list[tuple[str, Evidence, Confidence]] = []
    gaps: list[NotChecked] = []
    fine: list[Evidence] = []
    for one in (*_infrastructure(facts, managed), *_instance_profile(facts, managed)):
        match one:
            case NotChecked():
                gaps.append(one)
            case Evidence():
                fine.append(one)
            case _:
                faults.append(one)
    if faults:
        yield _finding(incident, facts, provider, managed, faults)
    yield from gaps
    if not faults and not gaps and fine:
        yield RuledOut(_CAUSE, tuple(fine))


type _Observation = tuple[str, Evidence, Confidence] | NotChecked | Evidence
"""A fault (in words, where it shows, how sure), a gap, or something that is as it should be."""


def _infrastructure(facts: Facts, managed: ManagedInstances) -> Iterator[_Observation]:
    arn = managed.infrastructure_role_arn
    if arn is None:
        return
    role = facts.role(arn)
    if isinstance(role, Absent):
        fault = f"the infrastructure role {arn} does not exist"
        yield fault, Evidence(role.source, arn, role.detail or "does not exist"), Confidence.CONFIRMED
        return
    if isinstance(role, Unknown):
        if role is not NOT_READ:
            yield unread(_CAUSE, role)
        return
    yield from _trust(facts, arn, role.value)
    yield from _passing(facts, managed, role)


def _trust(facts: Facts, arn: str, role: Role) -> Iterator[_Observation]:
    trust = role.trust
    if isinstance(trust, Known):
        decision = evaluate(
            (trust.value,), "sts:AssumeRole", principal=_ECS, context={"aws:SourceAccount": facts.account}
        )
        if decision is Decision.ALLOWED:
            yield Evidence(trust.source, arn, f"trusts {_ECS}")
        elif decision is Decision.UNDECIDED:
            yield NotChecked(_CAUSE, f"a condition in the trust policy of {arn} is open")
        else:
            seen = Evidence(trust.source, arn, f"its trust policy does not let {_ECS} assume it")
            yield f"the infrastructure role does not trust {_ECS}", seen, Confidence.CONFIRMED
    elif trust is not NOT_READ and isinstance(trust, Unknown):
        yield unread(_CAUSE, trust)


def _passing(facts: Facts, managed: ManagedInstances, role: Known[Role]) -> Iterator[_Observation]:
    arn = role.value.arn
    instance_role = _instance_role(facts, managed)
    if instance_role is None or role.value.simulation is NOT_READ:
        return
    passing = permission(role, _PASS_ROLE, instance_role)
    if passing.standing is Standing.DENIED:
        seen = passing.evidence[0] if passing.evidence else Evidence("iam:SimulatePrincipalPolicy", arn, "denied")
        sure = Confidence.CONFIRMED if passing.shown else Confidence.LIKELY
        yield f"the infrastructure role may not pass {instance_role} ({_PASS_ROLE})", seen, sure
    elif passing.standing is Standing.ALLOWED:
        yield Evidence("iam:SimulatePrincipalPolicy", arn, f"may pass {instance_role}")
    elif passing.unread is not None and passing.unread is not NOT_READ:
        yield unread(_CAUSE, passing.unread)


def _instance_profile(facts: Facts, managed: ManagedInstances) -> Iterator[_Observation]:
    arn = managed.instance_profile_arn
    if arn is None:
        return
    role = facts.placement.instance_roles.get(arn, NOT_READ)
    if isinstance(role, Absent):
        detail = role.detail or "does not exist"
        yield f"the instance profile {arn} gives no role", Evidence(role.source, arn, detail), Confidence.CONFIRMED
    elif isinstance(role, Known):
        yield Evidence(role.source, arn, f"holds {role.value}")
    elif role is not NOT_READ:
        yield unread(_CAUSE, role)


def _instance_role(facts: Facts, managed: ManagedInstances) -> str | None:
    role = facts.placement.instance_roles.get(managed.instance_profile_arn or "", NOT_READ)
    return role.value if isinstance(role, Known) else None


def _finding(
    incident: Incident,
    facts: Facts,
    provider: CapacityProvider,
    managed: ManagedInstances,
    faults: list[tuple[str, Evidence, Confidence]],
) -> Finding:
    params: dict[str, JsonValue] = {
        **surroundings(incident),
        "capacity_provider": provider.name,
        "infrastructure_role_arn": managed.infrastructure_role_arn,
        "instance_profile_arn": managed.instance_profile_arn,
        "instance_role_arn": _instance_role(facts, managed),
    }
    said = "; ".join(words for words, _, _ in faults)
    sure = any(confidence is Confidence.CONFIRMED for _, _, confidence in faults)
    return Finding(
        cause=_CAUSE,
        confidence=Confidence.CONFIRMED if sure else Confidence.LIKELY,
        summary=f"Capacity provider {provider.name} cannot start instances: {said}.",
        subject=managed.infrastructure_role_arn or provider.name,
        phase=Phase.PLACEMENT,
        fix=fix_for(_CAUSE, params),
        params=params,
        evidence=tuple(evidence for _, evidence, _ in faults),
    )
