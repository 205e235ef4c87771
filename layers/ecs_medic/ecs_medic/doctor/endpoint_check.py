"""From what was seen of a target to the check that says whether it works, by which way, and why not."""

from collections.abc import Iterable
from dataclasses import replace

from ecs_medic.doctor.addresses import Scope, is_ipv6
from ecs_medic.doctor.attempt_verdict import failed, intercepted, interception
from ecs_medic.doctor.check import Check, Status
from ecs_medic.doctor.connect import Connected
from ecs_medic.doctor.horizon import Horizon
from ecs_medic.doctor.name_verdict import unresolved
from ecs_medic.doctor.probe import Attempt, Probe
from ecs_medic.doctor.proxy_verdict import through_proxy
from ecs_medic.doctor.resolve import Resolved
from ecs_medic.doctor.target import Needed, Target
from ecs_medic.doctor.verdict import Verdict, broken, ok, unknown
from ecs_medic.finding import JsonValue
from ecs_medic.vocabulary import Id

ENDPOINT = "endpoint"
_AT_ONCE = frozenset({Connected.NO_ROUTE, Connected.REFUSED})
"""Failures after which a client tries the next address without having waited."""


def endpoint_check(probe: Probe, horizon: Horizon, *, in_vpc: bool) -> Check:
    """The check on one target; `in_vpc` where this machine is known to be in one."""
    target = probe.target
    verdict = _direct(probe, horizon, in_vpc=in_vpc)
    if probe.proxy is not None and target.secure and not target.by_platform:
        by_proxy = through_proxy(probe.proxy, probe.proxied, target, in_vpc=in_vpc)
        verdict = replace(by_proxy, reason=f"{by_proxy.reason}; past the proxy, {verdict.reason}")
    reason = verdict.reason
    advisory = verdict.advisory
    if verdict.status is Status.BROKEN and target.needed is Needed.PERHAPS:
        advisory, reason = True, f"{reason}. It matters only {target.why}" if target.why else reason
    if target.by_host:
        advisory = advisory or verdict.status is Status.BROKEN
        reason = f"{reason}. That is seen by the task's interface; ECS itself goes there by the instance's"
    return Check(
        ENDPOINT,
        target.name,
        verdict.status,
        reason,
        verdict.fix,
        advisory=advisory,
        candidates=verdict.candidates,
        evidence=_evidence(probe, horizon),
    )


def _direct(probe: Probe, horizon: Horizon, *, in_vpc: bool) -> Verdict:
    target, resolution = probe.target, probe.resolution
    if resolution.outcome is not Resolved.ANSWERED:
        return unresolved(resolution, horizon, in_vpc=in_vpc)
    verdict = _connections(probe, in_vpc=in_vpc)
    servers = ", ".join(horizon.name_servers) or "this machine's resolver"
    if target.is_aws and horizon.passes_endpoint_by(resolution.addresses):
        there = ", ".join(horizon.vpc_addresses or ())
        return broken(
            f"split horizon: Amazon's resolver answers {there}, which is an endpoint's; {servers} answers "
            f"{', '.join(resolution.addresses[:3])}, which passes it by. There, {verdict.reason}",
            f"Forward {target.host} from {servers} to Amazon's resolver of this VPC, or use that one.",
            Id.CUSTOM_DNS_RESOLVER,
            advisory=verdict.status is Status.OK,
        )
    if verdict.status is Status.BROKEN and target.is_aws and horizon.leads_elsewhere(resolution.addresses):
        there = ", ".join(horizon.vpc_addresses or ())
        verdict = replace(
            verdict,
            reason=f"{verdict.reason}. Split horizon: Amazon's resolver answers {there}; the private address is what "
            f"{servers} answers",
            candidates=(Id.CUSTOM_DNS_RESOLVER, *verdict.candidates),
        )
    if horizon.in_hosts_file and target.override is None:
        verdict = replace(verdict, reason=f"{verdict.reason} (the address is from /etc/hosts)")
    return verdict


def _connections(probe: Probe, *, in_vpc: bool) -> Verdict:
    target, attempts = probe.target, probe.attempts
    working = [attempt for attempt in attempts if attempt.works]
    failing = [attempt for attempt in attempts if not attempt.works]
    if not attempts:
        return unknown("the name resolves, and there was no time left to connect", "Give more time with --timeout.")
    if not working:
        return failed(_telling(failing), target, in_vpc=in_vpc)
    for attempt in working:
        if intercepted(attempt, target):
            return interception(attempt, target)
    if failing:
        return _partly(working, failing, target, in_vpc=in_vpc)
    if _is_mixed(attempts):
        return broken(
            f"the name has private and public addresses at once ({_listed(attempts)}): some connections pass the "
            "endpoint by",
            "Look for a private hosted zone, a hosts file or a resolver that adds addresses of its own.",
            Id.CUSTOM_DNS_RESOLVER,
            advisory=True,
        )
    return ok(_spoken_way(working, target))


def _telling(failing: list[Attempt]) -> Attempt:
    """The failure that says most: one past the connection first, then IPv4's, which every client here can use."""
    return min(failing, key=lambda one: (one.outcome is not Connected.OPEN, is_ipv6(one.address)))


def _partly(working: list[Attempt], failing: list[Attempt], target: Target, *, in_vpc: bool) -> Verdict:
    older_serves = all(is_ipv6(one.address) for one in failing) and not any(is_ipv6(one.address) for one in working)
    if older_serves and all(attempt.outcome in _AT_ONCE for attempt in failing):
        return ok(f"{_spoken_way(working, target)}; not by IPv6, which fails at once, so that nobody waits for it")
    if older_serves and all(attempt.outcome is Connected.TIMED_OUT for attempt in failing):
        return broken(
            f"{_spoken_way(working, target)}; not by IPv6 ({failing[0].address}: {failing[0].detail}), so that "
            "programs which try that first wait",
            "Mend this machine's IPv6 route, or take the route away.",
            advisory=True,
        )
    mixed = ", and it has private and public ones at once" if _is_mixed((*working, *failing)) else ""
    verdict = failed(_telling(failing), target, in_vpc=in_vpc)
    return replace(
        verdict,
        reason=f"it works at {_listed(working)} and not at {_listed(failing)}{mixed}: every other connection fails. "
        f"At the latter, {verdict.reason}",
    )


def _is_mixed(attempts: Iterable[Attempt]) -> bool:
    scopes = {attempt.scope for attempt in attempts}
    return Scope.PRIVATE in scopes and Scope.PUBLIC in scopes


def _listed(attempts: Iterable[Attempt]) -> str:
    return ", ".join(attempt.address for attempt in attempts)


def _spoken_way(working: list[Attempt], target: Target) -> str:
    scopes, at = {attempt.scope for attempt in working}, _listed(working[:2])
    if target.override is not None:
        return f"it answers at {at}, where {target.override.partition('=')[0]} leads"
    if Scope.PRIVATE in scopes:
        return f"it answers at {at}, a private address: an interface endpoint's, or another private network's"
    if target.is_s3:
        return f"it answers at {at}, a public address: by a gateway endpoint or over the internet, both look alike"
    if scopes & {Scope.LOOPBACK, Scope.LINK_LOCAL}:
        return f"it answers at {at}, which is this very machine"
    if scopes == {Scope.IPV6}:
        return f"it answers at {at}; an endpoint's IPv6 address and the internet's look alike"
    return f"it answers at {at}, a public address: over the internet"


def _evidence(probe: Probe, horizon: Horizon) -> dict[str, JsonValue]:
    target = probe.target
    shown: dict[str, JsonValue] = {
        "host": target.host,
        "port": target.port,
        "tls": target.secure,
        "needed": target.needed.value,
        "why": target.why,
        "endpoint_service": target.service,
        "override": target.override,
        "instead_of": target.instead_of,
        "resolution": {
            "outcome": probe.resolution.outcome.value,
            "addresses": list(probe.resolution.addresses),
            "seconds": probe.resolution.seconds,
            "detail": probe.resolution.detail,
            "vpc_resolver": None if horizon.vpc_addresses is None else list(horizon.vpc_addresses),
            "in_hosts_file": horizon.in_hosts_file,
        },
        "connections": [_shown(attempt) for attempt in probe.attempts],
    }
    if probe.proxy is not None:
        shown["proxy"] = {
            "variable": probe.proxy.variable,
            "address": probe.proxy.shown,
            "counts": not target.by_platform,
            "connection": None if probe.proxied is None else _shown(probe.proxied),
        }
    return shown


def _shown(attempt: Attempt) -> JsonValue:
    return {
        "address": attempt.address,
        "scope": None if attempt.scope is None else attempt.scope.value,
        "outcome": attempt.outcome.value,
        "tls": None if attempt.handshake is None else attempt.handshake.value,
        "issuer": attempt.issuer,
        "source_address": attempt.source_address,
        "seconds": attempt.seconds,
        "detail": attempt.detail,
    }
