"""Whether VPC Block Public Access lets a subnet's traffic pass an internet gateway.

Each subnet tells its own mode. That exclusions are taken into account there AWS does not say, and they are not read:
a mode that blocks is a doubt, never a verdict.
Sources: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_BlockPublicAccessStates.html and
https://docs.aws.amazon.com/vpc/latest/userguide/security-vpc-bpa-basics.html
"""

from ecs_medic.facts.fact import Known
from ecs_medic.facts.network import Network
from ecs_medic.reachability.near import subnet_of
from ecs_medic.reachability.path import Verdict
from ecs_medic.reachability.unread import missing_permission

_OFF = "off"
_ONLY_WHAT_STARTS_INSIDE = "block-ingress"
"""NAT gateways and egress-only internet gateways, which let nothing else pass, go on working."""


def gateway_verdict(subnet_id: str, network: Network, *, only_outwards: bool) -> tuple[Verdict, str, str | None]:
    """The verdict, what was seen, and the missing permission, for a gateway that the subnet's traffic leaves by.

    `only_outwards`: nothing but connections from inside can pass the gateway or what stands before it.
    """
    subnet = subnet_of(subnet_id, network)
    vpc = network.vpc.value if isinstance(network.vpc, Known) else None
    if subnet is None and vpc is None:
        missing = missing_permission(network.subnets) or missing_permission(network.vpc)
        return Verdict.UNKNOWN, "whether VPC Block Public Access is on was not read", missing
    mode = subnet.internet_gateway_block_mode if subnet else vpc.internet_gateway_block_mode if vpc else None
    if mode in {None, _OFF} or (mode == _ONLY_WHAT_STARTS_INSIDE and only_outwards):
        return Verdict.OPEN, "VPC Block Public Access is off" if mode == _OFF else "", None
    observed = (
        f"VPC Block Public Access is {mode} for {subnet_id if subnet else network.vpc_id}, "
        "and whether an exclusion exempts it (ec2:DescribeVpcBlockPublicAccessExclusions) was not read"
    )
    return Verdict.UNKNOWN, observed, None
