"""From findings to a plan: what is changed, in which order, at what price, and whom else it touches.

A plan repairs the symptom or is empty: changes that would not be enough are not made, nor is one that is not needed.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import islice

from ecs_medic.catalogue.lookup import row
from ecs_medic.facts import Facts
from ecs_medic.facts.fact import Known
from ecs_medic.facts.network import Network
from ecs_medic.facts.same import Same
from ecs_medic.finding import Confidence, Finding
from ecs_medic.incident import Incident
from ecs_medic.plan import Action, Change, Patch, Plan, Safety
from ecs_medic.remedies.blast_radius import BlastRadius, blast_radius, in_words
from ecs_medic.remedies.destinations import destinations_in
from ecs_medic.remedies.draft import Circumstances, Draft, Drafted, Drafter
from ecs_medic.remedies.drafts_network import DRAFTERS as OF_THE_NETWORK
from ecs_medic.remedies.drafts_service import DRAFTERS as OF_THE_SERVICE
from ecs_medic.remedies.drafts_service import service_params
from ecs_medic.remedies.endpoints import INTERFACE
from ecs_medic.remedies.ownership import Owner, Ownership, of_all
from ecs_medic.remedies.params import BadParamsError
from ecs_medic.remedies.patches import patch_for
from ecs_medic.remedies.policy import RepairPolicy
from ecs_medic.remedies.registry import ORDER, foreseen
from ecs_medic.remedies.survey import Survey
from ecs_medic.remedies.ways import Way, each_way, ways
from ecs_medic.vocabulary import NORMAL_LIFE, Id

DRAFTERS: dict[Id, Drafter] = {**OF_THE_NETWORK, **OF_THE_SERVICE}
_SURE_ENOUGH = frozenset({Confidence.CONFIRMED, Confidence.LIKELY})
_START_ANEW = frozenset(ORDER) - {Action.ENABLE_PUBLIC_IP, Action.REPLACE_TASK, Action.RECHECK_LATER}
_CONSEQUENCES = frozenset({Id.DEPLOYMENT_CIRCUIT_BREAKER, Id.SERVICE_SILENTLY_AT_ZERO, Id.TASK_START_IMPAIRED})
"""What ends by itself once the tasks start."""
_OF_WAYS = frozenset(
    {
        Action.CREATE_VPC_ENDPOINT,
        Action.MODIFY_VPC_ENDPOINT,
        Action.AUTHORIZE_ENDPOINT_INGRESS,
        Action.AUTHORIZE_TASK_EGRESS,
        Action.MODIFY_VPC_DNS,
        Action.ENABLE_PUBLIC_IP,
    }
)
_IN_THE_WAY = frozenset({*OF_THE_NETWORK, Id.PUBLIC_SUBNET_WITHOUT_PUBLIC_IP})
"""Causes that keep a task from what it needs, whether or not it came so far as to say so."""
_MOST_LOOKS_AHEAD = 3

type Judged = Callable[[Facts], Iterable[Finding]]
"""What the rules find of the same incident by other facts."""


def plan_for(
    incident: Incident,
    findings: Iterable[Finding],
    facts: Facts,
    survey: Survey,
    policy: RepairPolicy,
    *,
    judged: Judged = lambda _: (),
) -> Plan:
    """The changes that end this incident, all of them and none besides, or why there are none.

    `judged` is asked about the network as the changes will leave it, where they are not enough: once a name leads
    elsewhere, other things are in the way.
    """
    given = tuple(findings)
    sure = tuple(one for one in given if one.confidence in _SURE_ENOUGH)
    causes = tuple(one for one in sure if one.cause not in _CONSEQUENCES) or sure
    beside = tuple(one for one in given if one.confidence is Confidence.POSSIBLE and one.cause in _IN_THE_WAY)
    about = Circumstances(incident, facts, (*causes, *beside) if causes else (), survey, policy)
    hindrance = _hindrance(about)
    if hindrance:
        return Plan(reason_if_empty=hindrance)
    drafts: list[Draft] = []
    for finding in causes:
        drafted = _drafted(finding, about)
        if isinstance(drafted, str):
            if finding.confidence is Confidence.CONFIRMED or finding is causes[0]:
                return Plan(reason_if_empty=drafted or _only_advised(finding))
            continue
        drafts += [replace(one, certain=finding.confidence is Confidence.CONFIRMED) for one in drafted]
    everything = _and_what_shows_then(_distinct([*drafts, *_beside(beside, about)]), about, judged)
    drafts = _needed(_distinct(drafts), everything, about)
    missing = _not_enough(drafts, about)
    if missing:
        return Plan(reason_if_empty=missing)
    return _priced(_with_deployment(drafts, about), about)


def may_change_the_network(findings: Iterable[Finding]) -> bool:
    """Whether a plan may hold changes that everybody in a VPC feels: only for those is a survey of use."""
    return any(one.cause in OF_THE_NETWORK for one in findings)


def _drafted(finding: Finding, about: Circumstances) -> Drafted:
    """A cause that only the message names, without the resource, is for a person."""
    if finding.cause not in DRAFTERS:
        return ""
    try:
        return DRAFTERS[finding.cause](finding, about)
    except BadParamsError:
        return f"{row(finding.cause).title}: what exactly is to be changed could not be read."


def _hindrance(about: Circumstances) -> str | None:
    if about.findings and about.findings[0].cause in NORMAL_LIFE:
        return "There is nothing to repair."
    shared = [
        f"{vpc} belongs to account {owner}, and is never changed from here." for vpc, owner in _shared(about.facts)
    ]
    if not about.findings:
        shared.insert(0, "No cause is established, and nothing is changed on a guess.")
    return " ".join(shared) or None


def _only_advised(finding: Finding) -> str:
    return f"{row(finding.cause).title}: this is never changed automatically. {finding.fix.summary}"


def _shared(facts: Facts) -> Iterable[tuple[str, str]]:
    """(VPC, owner) of each VPC that another account shares: nothing in it is ours to change."""
    for fact in (facts.task_interface, facts.host_interface):
        if not isinstance(fact, Known):
            continue
        network = facts.network_of(fact.value)
        subnet = network.subnets.value.get(fact.value.subnet_id) if isinstance(network.subnets, Known) else None
        owner = subnet.owner_id if subnet else None
        if owner is None and isinstance(network.vpc, Known):
            owner = network.vpc.value.owner_id
        if owner is not None and owner != facts.account:
            yield network.vpc_id, owner


def _distinct(drafts: Iterable[Draft]) -> list[Draft]:
    """Each change once, in the order in which changes are made."""
    found: list[Draft] = []
    for one in drafts:
        if not any((other.action, other.params) == (one.action, one.params) for other in found):
            found.append(one)
    return sorted(found, key=lambda one: ORDER.index(one.action))


def _blocked(drafts: Sequence[Draft], about: Circumstances) -> tuple[Way, ...]:
    return _still_blocked(tuple(map(Same, drafts)), Same(about))


@lru_cache(maxsize=32)
def _still_blocked(drafts: tuple[Same[Draft], ...], about: Same[Circumstances]) -> tuple[Way, ...]:
    """Worked out once: the same drafts are looked at from several sides."""
    found = ways(about.value.incident, about.value.facts, [one.value.change for one in drafts])
    return tuple(one for one in found if one.blocked)


def _beside(findings: Iterable[Finding], about: Circumstances) -> Iterable[Draft]:
    """What the message does not speak of, because the task never came so far: it may be in the way all the same."""
    for finding in findings:
        drafted = DRAFTERS[finding.cause](finding, about)
        if not isinstance(drafted, str):
            yield from (replace(one, certain=False) for one in drafted)


def _and_what_shows_then(drafts: list[Draft], about: Circumstances, judged: Judged) -> list[Draft]:
    """With what repairs the causes that nobody can see before these changes are made, as behind a name without answer.

    They are foreseen, not seen.
    """
    for _ in range(_MOST_LOOKS_AHEAD):
        if not _blocked(drafts, about):
            break
        changes = [one.change for one in drafts]
        networks = {name: foreseen(changes, network) for name, network in about.facts.networks.items()}
        facts = replace(about.facts, networks=networks)
        then = replace(about, facts=facts, findings=tuple(one for one in judged(facts) if one.cause in _IN_THE_WAY))
        more = _distinct([*drafts, *(_after_vpc_dns(one, drafts) for one in _beside(then.findings, then))])
        if len(more) == len(drafts):
            break
        drafts = more
    return drafts


def _after_vpc_dns(draft: Draft, drafts: Iterable[Draft]) -> Draft:
    """Whoever looks for obstacles has to know that private names will be possible by then."""
    before = any(one.action is Action.MODIFY_VPC_DNS and one.vpc_id == draft.vpc_id for one in drafts)
    if not before or draft.params.get("endpoint_type") != INTERFACE:
        return draft
    return replace(draft, params={**draft.params, "after_vpc_dns": True})


def _needed(named: list[Draft], drafts: list[Draft], about: Circumstances) -> list[Draft]:
    """Without the changes of the network that open no way; where no way is known to be blocked, what was named."""
    if not _blocked((), about):
        return named
    with_all = len(_blocked(drafts, about))
    while (fewer := _one_less(drafts, with_all, about)) is not None:
        drafts = fewer
    return drafts


def _one_less(drafts: Sequence[Draft], blocked: int, about: Circumstances) -> list[Draft] | None:
    """Without the first change that is not needed: once it is left out, another may not be needed any more either."""
    for one in drafts:
        fewer = [other for other in drafts if other is not one]
        if one.action in _OF_WAYS and not _more_blocked(fewer, about, than=blocked):
            return fewer
    return None


def _more_blocked(drafts: Sequence[Draft], about: Circumstances, *, than: int) -> bool:
    """Whether these changes leave more ways blocked; looks no further than to the first one too many."""
    found = each_way(about.incident, about.facts, [one.change for one in drafts])
    return next(islice((one for one in found if one.blocked), than, None), None) is not None


def _not_enough(drafts: Sequence[Draft], about: Circumstances) -> str | None:
    """What stays in the way of the task when all is done: then nothing is done."""
    pending = any(one.action is Action.RECHECK_LATER for one in drafts)
    left = () if pending else _blocked(drafts, about)
    if not left:
        return None
    reasons = dict.fromkeys(
        f"{one.need.destination.host} would stay out of reach: {hop.resource} {hop.evidence.observed}"
        for one in left
        if (hop := one.path.broken_at) is not None
    )
    return "No change of this system's is enough. " + "; ".join(list(reasons)[:3]) + "."


def _with_deployment(drafts: list[Draft], about: Circumstances) -> list[Draft]:
    """Then the service's tasks are started anew; a standalone task is for its owner to run again."""
    from_exec = any(one.cause is Id.EXEC_NOT_ENABLED for one in about.findings)
    begins = any(one.action in _START_ANEW for one in drafts) or (from_exec and not drafts)
    by_itself = any(one.action is Action.ENABLE_PUBLIC_IP for one in drafts)
    if about.service is None or not begins or by_itself:
        return drafts
    found = about.facts.service
    count = found.value.desired_count if isinstance(found, Known) else None
    tasks = "the service's tasks" if count is None else f"{count} task{'' if count == 1 else 's'} of the service"
    beside = f"Replaces {tasks}, within the limits of its deployment configuration."
    certain = all(one.certain for one in drafts)
    deployment = Draft(Action.FORCE_NEW_DEPLOYMENT, service_params(about), beside=beside, certain=certain)
    return [*(one for one in drafts if one.action is not Action.REPLACE_TASK), deployment]


def _priced(drafts: Sequence[Draft], about: Circumstances) -> Plan:
    owned = [(one, of_all(one.touches, about.policy)) for one in drafts]
    by_code = [found for _, found in owned if found.owner is Owner.CODE]
    if by_code:
        words = "; ".join(dict.fromkeys(one.words for one in by_code))
        return Plan(
            reason_if_empty=f"{words[0].upper()}{words[1:]}: the change belongs there, as the patch shows.",
            patches=_patches(drafts),
        )
    changes: list[Change] = []
    networks: dict[str, Network] = {}
    for draft, found in owned:
        radius = _radius(draft, networks, about)
        if radius is not None and not radius.safe:
            return Plan(
                reason_if_empty=f"{draft.action.value} is not safe. {in_words(radius, ())}", patches=_patches(drafts)
            )
        changes.append(_change(draft, found, radius, about))
    if not changes:
        return Plan(reason_if_empty="Nothing is left to change.")
    perhaps = [one for one in drafts if one.action is Action.CREATE_LOG_GROUP and _service_is_codes(about)]
    return Plan(tuple(changes), patches=_patches(perhaps))


def _radius(draft: Draft, networks: dict[str, Network], about: Circumstances) -> BlastRadius | None:
    """Whom it touches, after the changes that are made before it; None where it changes no way of anybody.

    `networks` are the VPCs as the changes so far leave them.
    """
    if draft.vpc_id is None or draft.action not in _OF_WAYS:
        return None
    present = networks.get(draft.vpc_id) or about.network(draft.vpc_id)
    after = networks[draft.vpc_id] = foreseen((draft.change,), present)
    destinations = destinations_in((present, after), about.facts.account, about.facts.region)
    return blast_radius(present, after, about.survey.clients_of(draft.vpc_id), destinations, about.facts.account)


def _change(draft: Draft, found: Ownership, radius: BlastRadius | None, about: Circumstances) -> Change:
    own = _own_interfaces(about.facts)
    words = [draft.beside, in_words(radius, own) if radius else ""]
    if found.owner is Owner.UNKNOWN and draft.touches:
        words.append(f"{found.words[0].upper()}{found.words[1:]}.")
    return Change(
        action=draft.action,
        params=draft.params,
        safety=_safety(draft, found, radius, about, own),
        monthly_cost_usd=_cost(draft, about),
        blast_radius=" ".join(filter(None, words)),
    )


def _safety(
    draft: Draft, found: Ownership, radius: BlastRadius | None, about: Circumstances, own: Sequence[str]
) -> Safety:
    allowed = draft.unattended or draft.action in about.policy.auto_actions
    alone = radius is None or (radius.unread is None and radius.harmless and not radius.others(own))
    unclear = _service_is_codes(about) if draft.action is Action.CREATE_LOG_GROUP else found.owner is not Owner.NOBODY
    return Safety.AUTO if allowed and draft.certain and alone and not unclear else Safety.ASK


def _service_is_codes(about: Circumstances) -> bool:
    """Then its log group may be code's too, though nobody can see that before it is there."""
    service = about.service_tags()
    return service is not None and of_all((service,), about.policy).owner is Owner.CODE


def _cost(draft: Draft, about: Circumstances) -> float | None:
    prices = about.policy.prices
    if draft.action is Action.CREATE_VPC_ENDPOINT:
        return prices.interface_endpoint(about.facts.region, draft.zones) if draft.zones else 0.0
    if draft.action is Action.MODIFY_VPC_ENDPOINT and draft.zones:
        return prices.interface_endpoint(about.facts.region, draft.zones)
    if draft.action is Action.ENABLE_PUBLIC_IP:
        found = about.facts.service
        return prices.public_addresses(found.value.desired_count) if isinstance(found, Known) else None
    return 0.0


def _own_interfaces(facts: Facts) -> tuple[str, ...]:
    found = (facts.task_interface, facts.host_interface)
    return tuple(one.value.id for one in found if isinstance(one, Known) and one.value.id is not None)


def _patches(drafts: Iterable[Draft]) -> tuple[Patch, ...]:
    found = (patch_for(one.action, one.params) for one in drafts)
    return tuple(one for one in found if one is not None)
