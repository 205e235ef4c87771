"""Where ways are broken, and what can be said where they are not."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from ecs_medic.facts import Facts
from ecs_medic.facts.fact import Known, Unknown
from ecs_medic.finding import Confidence, Evidence, NotChecked, Phase, RuledOut
from ecs_medic.reachability.path import Hop, HopKind, NoEndpointBecause, Path, Verdict, Via
from ecs_medic.rules.network.paths import NeedPath
from ecs_medic.vocabulary import Id

_MOST_EVIDENCE = 12
_SUREST_FIRST = tuple(Confidence)
_WAY_OUT = frozenset({HopKind.ROUTE, HopKind.NAT_GATEWAY, HopKind.PUBLIC_ADDRESS, HopKind.INTERNET_GATEWAY})
WAY_OUT_KINDS = _WAY_OUT | {HopKind.NAME_RESOLUTION}
"""What has to be known before a missing way out can be blamed, or excluded."""


@dataclass(frozen=True, slots=True)
class Broken:
    """A way that is known to break at `hop`; `confidence` is less where only some of the possible ways break there."""

    needed: NeedPath
    way: Path
    hop: Hop
    confidence: Confidence


def broken(needed: Iterable[NeedPath], test: Callable[[NeedPath, Path], Hop | None]) -> tuple[Broken, ...]:
    """The blocked ways for which `test` names the guilty hop."""
    return tuple(found for one in needed if (found := _broken(one, test)) is not None)


def _broken(needed: NeedPath, test: Callable[[NeedPath, Path], Hop | None]) -> Broken | None:
    if needed.path.verdict is not Verdict.BLOCKED:
        return None
    hits = [(way, test(needed, way)) for way in needed.path.ways]
    guilty = [(way, hop) for way, hop in hits if hop is not None]
    if not guilty:
        return None
    way, hop = guilty[0]
    everywhere = Confidence.CONFIRMED if len(guilty) == len(hits) else Confidence.LIKELY
    return Broken(needed, way, hop, weaker(everywhere, needed.at_most))


def blocked_at(kind: HopKind) -> Callable[[NeedPath, Path], Hop | None]:
    """The first hop of that kind that is known to be closed."""
    return lambda _, way: next((hop for hop in way.hops if hop.kind is kind and hop.verdict is Verdict.BLOCKED), None)


def blocked_way_out(way: Path) -> Hop | None:
    """The hop at which a connection to a public address cannot leave the VPC."""
    if way.via in {Via.INTERFACE_ENDPOINT, Via.GATEWAY_ENDPOINT, Via.INSIDE}:
        return None
    return next((hop for hop in way.hops if hop.kind in _WAY_OUT and hop.verdict is Verdict.BLOCKED), None)


def surest(found: Sequence[Broken]) -> Confidence:
    """Several ways are as sure as the surest of them."""
    return min((one.confidence for one in found), key=_SUREST_FIRST.index)


def weaker(*confidences: Confidence) -> Confidence:
    """The least sure of them."""
    return max(confidences, key=_SUREST_FIRST.index)


def first_phase(found: Iterable[Broken]) -> Phase:
    """The phase of what blocks first."""
    return min(one.needed.need.phase for one in found)


def evidence(found: Iterable[Broken]) -> tuple[Evidence, ...]:
    """The hops that led there and the one where it breaks, each once."""
    hops: dict[Evidence, None] = {}
    for one in found:
        for hop in one.way.hops:
            if hop is one.hop or hop.kind in {HopKind.NAME_RESOLUTION, HopKind.ROUTE, HopKind.INTERNET_GATEWAY}:
                hops.setdefault(hop.evidence)
    return tuple(hops)[:_MOST_EVIDENCE]


def hosts(found: Iterable[Broken]) -> list[str]:
    """The destinations that are cut off, each once."""
    return list(dict.fromkeys(one.needed.need.destination.host for one in found))


def quiet(
    cause: Id, facts: Facts, needed: Sequence[NeedPath], kinds: frozenset[HopKind]
) -> Iterator[RuledOut | NotChecked]:
    """What to say of a cause that was not found: excluded by open hops, or not checked and why."""
    if not isinstance(facts.task_definition, Known):
        fact = facts.task_definition
        missing = fact.missing_permission if isinstance(fact, Unknown) else None
        yield NotChecked(cause, f"without the task definition its needs are unknown ({fact.source})", missing)
        return
    if not needed:
        return
    relevant = kinds | {HopKind.INTERFACE}
    doubts = {
        (hop.evidence.observed, hop.missing_permission): hop
        for one in needed
        for hop in one.path.unknown_hops
        if hop.kind in relevant
    }
    if doubts:
        by_permission: dict[str | None, Hop] = {}
        for hop in doubts.values():
            by_permission.setdefault(hop.missing_permission, hop)
        for hop in by_permission.values():
            yield _in_doubt(cause, hop)
        return
    sometimes = [hop for one in needed for way in one.path.ways for hop in way.sometimes_blocked if hop.kind in kinds]
    if sometimes:
        resource, observed = sometimes[0].evidence.resource, sometimes[0].evidence.observed
        reason = f"some of an endpoint's interfaces are open, others not, so connections fail now and then: {resource} "
        yield NotChecked(cause, reason + observed)
        return
    if gaps := dict.fromkeys(gap for one in needed if (gap := _unjudged(cause, one, kinds)) is not None):
        yield next(iter(gaps))
        return
    yield RuledOut(cause, _proof(needed, kinds, names_last=cause is not Id.ENDPOINT_PRIVATE_DNS_OFF))


def _unjudged(cause: Id, needed: NeedPath, kinds: frozenset[HopKind]) -> NotChecked | None:
    """Why a way that shows no doubt at these hops excludes nothing all the same; None where it does exclude.

    The name may lead where nobody can look any further, an endpoint may stand beside the way that would be on it if
    it could, or one of several possible ways may be closed at such a hop.
    """
    for way in needed.path.ways:
        lost = next((h for h in way.hops if h.kind is HopKind.NAME_RESOLUTION and h.verdict is not Verdict.OPEN), None)
        beyond = any(hop.kind in kinds for hop in way.hops if hop is not lost)
        if lost is not None and not beyond:
            if lost.verdict is Verdict.UNKNOWN:
                return _in_doubt(cause, lost)
            # Said once for all causes: it is the same gap.
            reason = f"{lost.evidence.resource}: {lost.evidence.observed}, so no further hop was judged"
            return NotChecked("what lies beyond name resolution", reason)
        if way.verdict is Verdict.BLOCKED and _stands_beside(way, kinds):
            reason = f"{way.endpoint_id} could serve {needed.need.destination.host}, but is not on the way as it is now"
            return NotChecked(cause, reason)
        route = next((h for h in way.hops if h.kind is HopKind.ROUTE and h.verdict is Verdict.UNKNOWN), None)
        if route is not None and HopKind.ENDPOINT_POLICY in kinds:
            # It may lead to a gateway endpoint, which has a policy.
            return _in_doubt(cause, route)
        closed = any(hop.kind in kinds and hop.verdict is Verdict.BLOCKED for hop in way.hops)
        if closed and needed.path.verdict is Verdict.UNKNOWN and needed.path.unknown_hops:
            return _in_doubt(cause, needed.path.unknown_hops[0])
    return None


def _stands_beside(way: Path, kinds: frozenset[HopKind]) -> bool:
    """Whether the way would have such a hop at an endpoint that it now misses; a gateway has no security group."""
    of_a_gateway = way.no_endpoint is NoEndpointBecause.NOT_ON_ROUTE_TABLE
    there = {HopKind.ENDPOINT_POLICY} if of_a_gateway else {HopKind.ENDPOINT_POLICY, HopKind.ENDPOINT_SECURITY_GROUP}
    return way.no_endpoint is not None and way.endpoint_id is not None and bool(kinds & there)


def _in_doubt(cause: Id, hop: Hop) -> NotChecked:
    return NotChecked(cause, f"{hop.evidence.resource}: {hop.evidence.observed}", hop.missing_permission)


def _proof(needed: Iterable[NeedPath], kinds: frozenset[HopKind], *, names_last: bool) -> tuple[Evidence, ...]:
    """The open hops of these kinds, the most telling first; where no way has one, where the ways lead instead."""
    ways = [way for one in needed for way in one.path.ways]
    hops = [hop for way in ways for hop in way.hops if hop.kind in kinds and hop.verdict is Verdict.OPEN]
    if HopKind.ROUTE in kinds and all(hop.kind is HopKind.NAME_RESOLUTION for hop in hops):
        # A closed route shows better than a name that this is not how it is closed.
        hops = [hop for way in ways for hop in way.hops if hop.kind is HopKind.ROUTE] + hops
    shown = [hop.evidence for hop in sorted(hops, key=lambda hop: (hop.kind is HopKind.NAME_RESOLUTION) is names_last)]
    if not shown:
        shown = [hop.evidence for way in ways for hop in way.hops if hop.kind is HopKind.ROUTE] or [
            hop.evidence for way in ways for hop in way.hops[:1]
        ]
    return tuple(dict.fromkeys(shown))[:_MOST_EVIDENCE]
