"""What all endpoints together show: where none works for the same reason, it is not the endpoints'."""

from collections.abc import Iterator, Sequence

from ecs_medic.doctor.addresses import Scope
from ecs_medic.doctor.check import Check, Status
from ecs_medic.doctor.connect import Connected
from ecs_medic.doctor.probe import Probe
from ecs_medic.doctor.resolve import Resolved
from ecs_medic.vocabulary import Id

NETWORK = "network"
_ENOUGH = 2
"""Endpoints that must agree."""
_NO_WAY = frozenset({Connected.TIMED_OUT, Connected.NO_ROUTE})


def network_checks(probes: Sequence[Probe], *, in_vpc: bool) -> Iterator[Check]:
    """What is wrong for all of AWS's hosts at once; nothing where they differ."""
    # A proxy resolves names and goes out by itself.
    ours = [one for one in probes if one.target.is_aws and (one.proxy is None or one.target.by_platform)]
    unresolved = [probe for probe in ours if probe.resolution.outcome is not Resolved.ANSWERED]
    if len(ours) >= _ENOUGH and len(unresolved) == len(ours):
        yield Check(
            NETWORK,
            "names",
            Status.BROKEN,
            f"not one of {len(ours)} names of AWS resolves here: that is the resolver's doing, or this network's, and "
            "no single endpoint's",
            "Mend the resolver first; what is said of each endpoint below follows from it.",
            candidates=(Id.CUSTOM_DNS_RESOLVER, Id.VPC_DNS_DISABLED) if in_vpc else (),
        )
    public = [probe for probe in ours if {one.scope for one in probe.attempts} == {Scope.PUBLIC}]
    stuck = [probe for probe in public if all(one.outcome in _NO_WAY for one in probe.attempts)]
    if len(public) >= _ENOUGH and len(stuck) == len(public):
        yield Check(
            NETWORK,
            "internet",
            Status.BROKEN,
            f"not one of {len(public)} hosts with public addresses answers: nothing leads from here to the internet",
            "Give this subnet a NAT gateway, or create the endpoints that are named below."
            if in_vpc
            else "Look at this machine's network and its firewall.",
            advisory=any(probe.attempts and probe not in public for probe in ours),
            candidates=(
                Id.NO_ROUTE_TO_INTERNET,
                Id.PUBLIC_SUBNET_WITHOUT_PUBLIC_IP,
                Id.TASK_SECURITY_GROUP_BLOCKS_EGRESS,
                Id.NETWORK_ACL_BLOCKS,
            )
            if in_vpc
            else (),
        )
