"""What a name that gives no address means."""

from ecs_medic.doctor.horizon import Horizon
from ecs_medic.doctor.resolve import Resolution, Resolved
from ecs_medic.doctor.verdict import Verdict, broken, unknown
from ecs_medic.vocabulary import Id

_FAIR = 1.0
"""Seconds below which the lack of an answer says nothing about the resolver."""


def unresolved(resolution: Resolution, horizon: Horizon, *, in_vpc: bool) -> Verdict:
    """The verdict on a look-up that gave no address."""
    servers = ", ".join(horizon.name_servers)
    resolver = f"this machine's resolver ({servers})" if servers else "this machine's resolver"
    if resolution.outcome is Resolved.NO_SUCH_NAME:
        causes: tuple[Id, ...] = (Id.CUSTOM_DNS_RESOLVER, Id.WRONG_REGION) if in_vpc else (Id.WRONG_REGION,)
        return broken(
            f"{resolution.host} does not exist, says {resolver}: {resolution.detail}",
            "Check the Region, and let the resolver forward the names of AWS services, or use Amazon's own."
            if in_vpc
            else "Check the Region, and let the resolver know the names of AWS services, as the internet does.",
            *causes,
        )
    if resolution.outcome is Resolved.NO_ADDRESS:
        return broken(
            f"{resolution.host} exists, and has no address, says {resolver}: {resolution.detail}",
            "Look for a private hosted zone or a resolver of your own that knows the name without its addresses.",
        )
    where = "the VPC's DNS attributes (enableDnsSupport) and its DHCP options" if in_vpc else "this machine's network"
    fix = f"Look at {where}."
    causes = (Id.VPC_DNS_DISABLED, Id.CUSTOM_DNS_RESOLVER) if in_vpc else ()
    if resolution.outcome is Resolved.RESOLVER_FAILED:
        return broken(f"{resolver} fails on {resolution.host}: {resolution.detail}", fix, *causes)
    if resolution.seconds < _FAIR:
        return unknown("there was no time left to look the name up", "Give more time with --timeout.")
    return broken(f"{resolver} does not answer for {resolution.host}: {resolution.detail}", fix, *causes)
