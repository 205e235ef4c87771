"""Compares the ways out for the one service whose tasks cannot have a public address.

Sources: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/managed-instances-awsvpc-mode.html and
task-networking-awsvpc.html of the same guide (on instances the interface of an awsvpc task has private addresses only).
"""

from collections.abc import Sequence

from ecs_medic.facts import Facts
from ecs_medic.facts.fact import Known
from ecs_medic.finding import Confidence, Finding
from ecs_medic.incident import Incident
from ecs_medic.needs.carriers import EC2, MANAGED_INSTANCES, launch_type
from ecs_medic.rules.ways_out.host_mode import host_mode, instance_address
from ecs_medic.rules.ways_out.plight import Plight, plight_of
from ecs_medic.vocabulary import Id
from ecs_medic.way_out import Density, Way, WayOut, WayPrices

_CAUSES = frozenset(
    {
        Id.AWSVPC_TASK_CANNOT_HAVE_PUBLIC_IP,
        Id.MANAGED_INSTANCE_NETWORK_BLOCKED,
        Id.NO_ROUTE_TO_INTERNET,
        Id.ROUTE_BLACKHOLE,
        Id.VPC_ENDPOINT_MISSING,
    }
)


def ways_out(incident: Incident, facts: Facts, findings: Sequence[Finding], prices: WayPrices) -> tuple[WayOut, ...]:
    """Nothing where a task could have a public address, or where a way out is not what is missing."""
    definition = facts.task_definition.value if isinstance(facts.task_definition, Known) else None
    if definition is None or definition.network_mode != "awsvpc" or launch_type(facts) not in {EC2, MANAGED_INSTANCES}:
        return ()
    causes = {one.cause for one in findings if one.confidence in {Confidence.CONFIRMED, Confidence.LIKELY}}
    if not causes & _CAUSES:
        return ()
    plight = plight_of(incident, facts)
    ways = [_nat_gateway(plight, prices), _nat_instance(plight, prices), _endpoints(plight, prices)]
    if plight.by_host:
        ways.append(instance_address(plight, facts, prices))
    return (*ways, host_mode(plight, facts, prices))


def _nat_gateway(plight: Plight, prices: WayPrices) -> WayOut:
    if plight.nat_gateways:
        month: float | None = 0.0
        why = f"{', '.join(plight.nat_gateways)} is there already: route {plight.subnet} to it."
    else:
        month = _sum(prices.nat_gateway_month, prices.public_address_month)
        why = f"Create one in a public subnet and route {plight.subnet} to it; one for each zone survives a zone."
    return WayOut(
        way=Way.NAT_GATEWAY,
        applies=not plight.shut,
        why=plight.shut or why,
        fixed_address=True,
        tasks_per_instance=Density.SEVERAL,
        monthly_cost_usd=month,
        per_gb_usd=prices.nat_gateway_gb,
    )


def _nat_instance(plight: Plight, prices: WayPrices) -> WayOut:
    return WayOut(
        way=Way.NAT_INSTANCE,
        applies=not plight.shut,
        why=plight.shut
        or (
            "An instance with an Elastic IP address and without source/destination check, priced as a t4g.nano: yours "
            "to patch and to replace, and a single point of failure."
        ),
        fixed_address=True,
        tasks_per_instance=Density.SEVERAL,
        monthly_cost_usd=_sum(prices.nat_instance_month, prices.public_address_month),
        per_gb_usd=0.0,
    )


def _endpoints(plight: Plight, prices: WayPrices) -> WayOut:
    """They lead to AWS services alone, and give no address that anybody outside would see."""
    against = []
    if plight.elsewhere:
        against.append(f"no endpoint leads to {', '.join(plight.elsewhere)}")
    if plight.needs_internet:
        against.append("its tag says that it needs the internet, and endpoints lead to AWS services only")
    if plight.needs_fixed_address:
        against.append("its tag asks for a fixed address, and endpoints give no public one at all")
    named = ", ".join(plight.services) or "AWS services"
    why = f"They serve what is out of reach here: {named}."
    if plight.needs_internet is None:
        why += " They lead to AWS services only: what else the application calls is not known here."
    interfaces = [one for one in plight.services if not one.endswith(".s3")]
    month = None if prices.endpoint_month is None else round(prices.endpoint_month * len(interfaces) * plight.zones, 2)
    return WayOut(
        way=Way.ENDPOINTS,
        applies=not against,
        why=_sentence("; ".join(against)) if against else why,
        fixed_address=None,
        tasks_per_instance=Density.SEVERAL,
        monthly_cost_usd=month,
        per_gb_usd=prices.endpoint_gb if interfaces else 0.0,
    )


def _sum(*dollars: float | None) -> float | None:
    known = [one for one in dollars if one is not None]
    return round(sum(known), 2) if len(known) == len(dollars) else None


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}."
