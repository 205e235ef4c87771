"""The VPC's DHCP options name another resolver, which may not know the endpoints' private names."""

from collections.abc import Iterator

from ecs_medic.catalogue.fix import fix_for
from ecs_medic.facts import Facts
from ecs_medic.facts.fact import Known
from ecs_medic.finding import Confidence, Evidence, Finding, JsonValue, NotChecked, Outcome, RuledOut
from ecs_medic.incident import Incident
from ecs_medic.reachability.names import Resolver, possible_resolvers
from ecs_medic.reachability.path import Verdict, Via
from ecs_medic.reachability.unread import missing_permission
from ecs_medic.rules.network.paths import NeedPath, networks, paths_of
from ecs_medic.vocabulary import Id


def custom_dns_resolver(incident: Incident, facts: Facts) -> Iterator[Outcome]:
    """Likely at most: what that resolver answers cannot be seen from here.

    It is to blame where the endpoint could be reached, and the public address, which the resolver may give instead,
    cannot.
    """
    needed = paths_of(incident, facts).blocking
    for network in networks(needed, facts):
        here = [one for one in needed if one.interface and one.interface.vpc_id == network.vpc_id]
        resolvers = possible_resolvers(network)
        fact = network.dns_servers
        servers = list(fact.value) if isinstance(fact, Known) else []
        observed = Evidence(fact.source, network.vpc_id, f"its resolvers are {', '.join(servers) or 'not named'}")
        if resolvers == {Resolver.AMAZON}:
            yield RuledOut(Id.CUSTOM_DNS_RESOLVER, (observed,))
        elif not servers:
            reason = "which resolver its DHCP options name is unknown"
            yield NotChecked(Id.CUSTOM_DNS_RESOLVER, f"{network.vpc_id}: {reason}", missing_permission(fact))
        elif misled := [one for one in here if _misled(one)]:
            hosts = list(dict.fromkeys(one.need.destination.host for one in misled))
            params: dict[str, JsonValue] = {
                "vpc_id": network.vpc_id,
                "dhcp_options_id": network.vpc.value.dhcp_options_id if isinstance(network.vpc, Known) else None,
                "dns_servers": list(servers),
                "destinations": list(hosts),
                "region": facts.region,
            }
            yield Finding(
                cause=Id.CUSTOM_DNS_RESOLVER,
                confidence=Confidence.LIKELY,
                summary=f"{network.vpc_id} asks {', '.join(servers)} for names; unless that resolver forwards "
                f"{', '.join(hosts)} to Amazon's, tasks get public addresses, to which there is no way.",
                subject=network.vpc_id,
                phase=min(one.need.phase for one in misled),
                fix=fix_for(Id.CUSTOM_DNS_RESOLVER, params),
                params=params,
                evidence=(observed, *(hop.evidence for hop in misled[0].path.hops)),
            )
        else:
            reason = f"whether {', '.join(servers)} knows the endpoints' private names cannot be seen"
            yield NotChecked(Id.CUSTOM_DNS_RESOLVER, f"{network.vpc_id}: {reason}")


def _misled(needed: NeedPath) -> bool:
    by_endpoint = {way.verdict for way in needed.path.ways if way.via is Via.INTERFACE_ENDPOINT}
    others = {way.verdict for way in needed.path.ways if way.via is not Via.INTERFACE_ENDPOINT}
    return by_endpoint == {Verdict.OPEN} and others == {Verdict.BLOCKED}
