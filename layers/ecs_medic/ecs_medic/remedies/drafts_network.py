"""The changes that repair each cause of the network, before anybody has looked whether they are enough."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from ecs_medic.facts import Facts
from ecs_medic.facts.fact import Known
from ecs_medic.facts.network import Interface, Network, Subnet
from ecs_medic.finding import Finding, JsonValue
from ecs_medic.plan import Action
from ecs_medic.reachability.known_ways import way_to
from ecs_medic.reachability.path import HopKind, NoEndpointBecause, Verdict, Via
from ecs_medic.reachability.routes import table_of
from ecs_medic.remedies.destinations import destination_of
from ecs_medic.remedies.draft import Circumstances, Draft, Drafted, Drafter
from ecs_medic.remedies.endpoints import GATEWAY, INTERFACE
from ecs_medic.remedies.ownership import Owned
from ecs_medic.remedies.params import number, optional_text, text, texts
from ecs_medic.remedies.ways import Way, ways
from ecs_medic.vocabulary import Id

_EVERYWHERE = "0.0.0.0/0"
_S3_BESIDE = (
    "Live connections to S3 from the subnets of {tables} may be interrupted, and bucket policies on source addresses "
    "stop matching for them."
)
_VPC_WIDE = "{name} leads every client of {vpc} to the endpoint from then on."


def vpc_endpoint_missing(finding: Finding, about: Circumstances) -> Drafted:
    """One endpoint for each service, and the VPC's DNS attributes where private names need them."""
    params = finding.params
    network = about.network(text(params, "vpc_id"))
    if not isinstance(network.vpc, Known) or not isinstance(network.subnets, Known):
        return f"{network.vpc_id} and its subnets were not read."
    cidrs = network.vpc.value.cidrs
    owner = Owned(network.vpc_id, network.vpc.value.tags)
    drafts: list[Draft] = []
    for service in texts(params, "services"):
        shared: dict[str, JsonValue] = {"vpc_id": network.vpc_id, "service_name": service, "region": about.facts.region}
        if service.endswith(".s3"):
            tables = _tables_without(service, network, about) or texts(params, "route_table_ids")
            if not tables:
                return f"No route table is known that {service} could be put on."
            drafts.append(_gateway(shared, tables, network, owner))
            continue
        subnets = _subnets(service, network.subnets.value, about)
        if not subnets:
            return f"None of the tasks' zones offers an endpoint for {service}, or has an address left for one."
        given: dict[str, JsonValue] = {"subnet_ids": list(subnets), "cidrs": list(cidrs), "endpoint_type": INTERFACE}
        destination = destination_of(service, about.facts.account, about.facts.region)
        drafts.append(
            Draft(
                Action.CREATE_VPC_ENDPOINT,
                {**shared, **given},
                touches=(owner,),
                beside=_VPC_WIDE.format(name=destination.host if destination else service, vpc=network.vpc_id),
            )
        )
    names = tuple(_dns_attributes(network, owner))
    if not names or all(one.params["endpoint_type"] == GATEWAY for one in drafts):
        return tuple(drafts)
    # Whoever looks for obstacles has to know that private names will be possible by then.
    return (*names, *(replace(one, params={**one.params, "after_vpc_dns": True}) for one in drafts))


def s3_gateway_not_on_route_table(finding: Finding, about: Circumstances) -> Drafted:
    """Associate the route table; it then has a route to S3's prefix list."""
    table, endpoint = text(finding.params, "route_table_id"), text(finding.params, "vpc_endpoint_id")
    network = _network_with(endpoint, about)
    if network is None:
        return f"{endpoint} was not read."
    params: dict[str, JsonValue] = {
        "vpc_id": network.vpc_id,
        "vpc_endpoint_id": endpoint,
        "route_table_ids": [table],
        "service_name": optional_text(finding.params, "service"),
    }
    touches = (_endpoint(endpoint, network), _table(table, network))
    return (Draft(Action.MODIFY_VPC_ENDPOINT, params, touches, _S3_BESIDE.format(tables=table)),)


def endpoint_private_dns_off(finding: Finding, about: Circumstances) -> Drafted:
    """Switch the private names on, and before them the VPC's attributes that they need."""
    endpoint, service = text(finding.params, "vpc_endpoint_id"), optional_text(finding.params, "service") or ""
    network = _network_with(endpoint, about)
    if network is None:
        return f"{endpoint} was not read."
    destination = destination_of(service, about.facts.account, about.facts.region)
    params: dict[str, JsonValue] = {
        "vpc_id": network.vpc_id,
        "vpc_endpoint_id": endpoint,
        "private_dns_enabled": True,
        "service_name": service,
    }
    switch = Draft(
        Action.MODIFY_VPC_ENDPOINT,
        params,
        (_endpoint(endpoint, network),),
        _VPC_WIDE.format(name=destination.host if destination else service, vpc=network.vpc_id),
    )
    return (*_dns_attributes(network, _vpc(network)), switch)


def vpc_dns_disabled(finding: Finding, about: Circumstances) -> Drafted:
    """Switch on what is off."""
    network = about.network(text(finding.params, "vpc_id"))
    drafts = tuple(_dns_attributes(network, _vpc(network)))
    return drafts or f"Which attributes of {network.vpc_id} are off was not read."


def endpoint_security_group_blocks(finding: Finding, about: Circumstances) -> Drafted:
    """One rule in the first of the endpoint's groups: from the group of whoever is kept out, else from the VPC."""
    groups = texts(finding.params, "security_group_ids")
    resource = ",".join(groups)
    kept_out = [
        way.interface
        for way in ways(about.incident, about.facts)
        for hop in way.path.hops
        if hop.kind is HopKind.ENDPOINT_SECURITY_GROUP and hop.resource == resource and hop.verdict is Verdict.BLOCKED
    ]
    network = about.facts.network_of(kept_out[0]) if kept_out else None
    if network is None or not groups:
        return f"Who is kept out by {resource} is not known any more."
    params: dict[str, JsonValue] = {
        "vpc_id": network.vpc_id,
        "security_group_id": groups[0],
        "port": number(finding.params, "port", 443),
        "vpc_endpoint_ids": list(texts(finding.params, "vpc_endpoint_ids")),
    }
    sources = tuple(dict.fromkeys(filter(None, map(_first_group, kept_out))))
    if len(sources) == len({(one.subnet_id, one.id) for one in kept_out}):
        params["source_security_group_ids"] = list(sources)
    elif isinstance(network.vpc, Known):
        params["cidrs"] = list(network.vpc.value.cidrs)
    else:
        return f"The blocks of {network.vpc_id} were not read."
    return (Draft(Action.AUTHORIZE_ENDPOINT_INGRESS, params, (_group(groups[0], network),)),)


def task_security_group_blocks_egress(finding: Finding, about: Circumstances) -> Drafted:
    """Rules to where the traffic must go, and no further: the VPC for endpoints, S3's list, or the internet."""
    groups = texts(finding.params, "security_group_ids")
    resource = ",".join(groups)
    wired = [one.change for one in _others(finding, about)]
    stuck = [
        way
        for way in ways(about.incident, about.facts, wired)
        if any(
            hop.kind is HopKind.SECURITY_GROUP_EGRESS and hop.resource == resource and hop.verdict is Verdict.BLOCKED
            for hop in way.path.hops
        )
    ]
    if not stuck or not groups:
        return f"What {resource} keeps from getting out is not known any more."
    network = about.facts.network_of(stuck[0].interface)
    params: dict[str, JsonValue] = {
        "vpc_id": network.vpc_id,
        "security_group_id": groups[0],
        "port": number(finding.params, "port", 443),
        **_targets(stuck, network),
    }
    return (Draft(Action.AUTHORIZE_TASK_EGRESS, params, (_group(groups[0], network),)),)


DRAFTERS: Mapping[Id, Drafter] = {
    Id.VPC_ENDPOINT_MISSING: vpc_endpoint_missing,
    Id.S3_GATEWAY_NOT_ON_ROUTE_TABLE: s3_gateway_not_on_route_table,
    Id.ENDPOINT_PRIVATE_DNS_OFF: endpoint_private_dns_off,
    Id.VPC_DNS_DISABLED: vpc_dns_disabled,
    Id.ENDPOINT_SECURITY_GROUP_BLOCKS: endpoint_security_group_blocks,
    Id.TASK_SECURITY_GROUP_BLOCKS_EGRESS: task_security_group_blocks_egress,
}


def _others(finding: Finding, about: Circumstances) -> Iterator[Draft]:
    """What repairs the other causes: it decides by which way the traffic will leave."""
    for other in about.findings:
        drafter = DRAFTERS.get(other.cause)
        if drafter is None or other.cause is finding.cause:
            continue
        drafted = drafter(other, about)
        if not isinstance(drafted, str):
            yield from drafted


def _targets(stuck: Iterable[Way], network: Network) -> dict[str, JsonValue]:
    vias = {way.path.via for way in stuck}
    lists = network.prefix_list_names.value if isinstance(network.prefix_list_names, Known) else {}
    of_s3 = [one for one, name in lists.items() if name.endswith(".s3")]
    if not isinstance(network.vpc, Known) or not vias <= {Via.INTERFACE_ENDPOINT, Via.GATEWAY_ENDPOINT}:
        return {"cidrs": [_EVERYWHERE]}
    found: dict[str, JsonValue] = {}
    if Via.INTERFACE_ENDPOINT in vias:
        found["cidrs"] = list(network.vpc.value.cidrs)
    if Via.GATEWAY_ENDPOINT in vias:
        if not of_s3:
            return {"cidrs": [_EVERYWHERE]}
        found["prefix_list_ids"] = list(of_s3)
    return found


def _dns_attributes(network: Network, owner: Owned) -> Iterator[Draft]:
    facts = {"enableDnsSupport": network.dns_support, "enableDnsHostnames": network.dns_hostnames}
    off = [name for name, fact in facts.items() if isinstance(fact, Known) and not fact.value]
    if off:
        yield Draft(
            Action.MODIFY_VPC_DNS,
            {"vpc_id": network.vpc_id, "attributes": list(off)},
            (owner,),
            f"Private names, and those of private hosted zones, answer in all of {network.vpc_id} from then on.",
        )


def _gateway(shared: Mapping[str, JsonValue], tables: tuple[str, ...], network: Network, owner: Owned) -> Draft:
    return Draft(
        Action.CREATE_VPC_ENDPOINT,
        {**shared, "endpoint_type": GATEWAY, "route_table_ids": list(tables)},
        touches=(owner, *(_table(one, network) for one in tables)),
        beside=_S3_BESIDE.format(tables=", ".join(tables)),
    )


def _subnets(service: str, known: Mapping[str, Subnet], about: Circumstances) -> tuple[str, ...]:
    """One subnet for each zone that tasks run in and the service is offered in, the roomiest of each."""
    offered = about.survey.offered_zones.get(service)
    by_zone: dict[str, Subnet] = {}
    for one in _task_subnets(about.facts):
        subnet = known.get(one)
        if subnet is None or (isinstance(offered, Known) and subnet.availability_zone not in offered.value):
            continue
        if subnet.available_addresses == 0:
            continue
        best = by_zone.get(subnet.availability_zone)
        if best is None or (subnet.available_addresses or 0) > (best.available_addresses or 0):
            by_zone[subnet.availability_zone] = subnet
    return tuple(one.id for one in by_zone.values())


def _task_subnets(facts: Facts) -> tuple[str, ...]:
    """Where this task, and those that its service starts, have their interfaces."""
    carriers = [fact.value for fact in (facts.task_interface, facts.host_interface) if isinstance(fact, Known)]
    service = facts.service.value if isinstance(facts.service, Known) else None
    own = service.awsvpc.subnet_ids if service and service.awsvpc else ()
    return tuple(dict.fromkeys((*(one.subnet_id for one in carriers), *own)))


def _tables_without(service: str, network: Network, about: Circumstances) -> tuple[str, ...]:
    """The route tables of the tasks' subnets from which the service cannot be reached."""
    facts = about.facts
    carrier = next((one.value for one in (facts.task_interface, facts.host_interface) if isinstance(one, Known)), None)
    destination = destination_of(service, facts.account, facts.region)
    if carrier is None or destination is None:
        return ()
    found: dict[str, None] = {}
    for subnet in _task_subnets(facts):
        elsewhere = (
            carrier if subnet == carrier.subnet_id else replace(carrier, subnet_id=subnet, id=None, private_ip=None)
        )
        way = way_to(destination, elsewhere, network, account=facts.account)
        table = table_of(subnet, network)
        if table is not None and way.verdict is Verdict.BLOCKED and way.no_endpoint is NoEndpointBecause.MISSING:
            found[table.id] = None
    return tuple(found)


def _network_with(endpoint_id: str, about: Circumstances) -> Network | None:
    for network in about.facts.networks.values():
        if isinstance(network.endpoints, Known) and any(one.id == endpoint_id for one in network.endpoints.value):
            return network
    return None


def _vpc(network: Network) -> Owned:
    return Owned(network.vpc_id, network.vpc.value.tags if isinstance(network.vpc, Known) else None)


def _endpoint(endpoint_id: str, network: Network) -> Owned:
    present = network.endpoints.value if isinstance(network.endpoints, Known) else ()
    return Owned(endpoint_id, next((one.tags for one in present if one.id == endpoint_id), None))


def _table(table_id: str, network: Network) -> Owned:
    present = network.route_tables.value if isinstance(network.route_tables, Known) else ()
    return Owned(table_id, next((one.tags for one in present if one.id == table_id), None))


def _group(group_id: str, network: Network) -> Owned:
    present = network.security_groups.value if isinstance(network.security_groups, Known) else {}
    return Owned(group_id, present[group_id].tags if group_id in present else None)


def _first_group(interface: Interface) -> str | None:
    groups = interface.security_group_ids
    return groups.value[0] if isinstance(groups, Known) and groups.value else None
