"""What a change costs a month, in US dollars. Prices are data: an operator may replace any of them.

Sources: https://aws.amazon.com/privatelink/pricing/ (each interface endpoint, for each hour and zone; traffic is billed
on top of it, at 0.01 a GB for the first petabyte), https://aws.amazon.com/vpc/pricing/ (public IPv4 addresses, NAT
gateways), https://aws.amazon.com/ec2/pricing/on-demand/ (instances).
As of 2026-10. A Region that is not listed has a price that nobody here knows, which is not nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from ecs_medic.way_out import WayPrices

HOURS_A_MONTH = 730
EVERY_REGION = "*"

ENDPOINT_HOUR: Mapping[str, float] = MappingProxyType(
    {
        "us-east-1": 0.01,
        "us-east-2": 0.01,
        "us-west-2": 0.01,
        "eu-west-1": 0.011,
        "eu-central-1": 0.012,
        "ap-northeast-1": 0.014,
    }
)
"""Of an interface endpoint in one zone, by Region."""

PUBLIC_ADDRESS_HOUR = 0.005
"""Of a public IPv4 address in use, the same in all commercial Regions."""


NAT_GATEWAY_HOUR: Mapping[str, float] = MappingProxyType(
    {
        "us-east-1": 0.045,
        "us-east-2": 0.045,
        "us-west-2": 0.045,
        "eu-west-1": 0.048,
        "eu-central-1": 0.052,
        "ap-northeast-1": 0.062,
    }
)
"""Of a NAT gateway, by Region; each GB that it processes costs as much as an hour of it."""

NAT_INSTANCE_HOUR: Mapping[str, float] = MappingProxyType(
    {
        "us-east-1": 0.0042,
        "us-east-2": 0.0042,
        "us-west-2": 0.0042,
        "eu-west-1": 0.0046,
        "eu-central-1": 0.0048,
        "ap-northeast-1": 0.0054,
    }
)
"""Of a t4g.nano instance, which is enough to forward for a small service, by Region and without its disk."""

ENDPOINT_GB = 0.01
"""Of the first petabyte a month through interface endpoints."""


@dataclass(frozen=True, slots=True)
class Prices:
    """US dollars an hour, and for a GB."""

    endpoint_hour: Mapping[str, float] = field(default_factory=lambda: ENDPOINT_HOUR)
    public_address_hour: float = PUBLIC_ADDRESS_HOUR
    nat_gateway_hour: Mapping[str, float] = field(default_factory=lambda: NAT_GATEWAY_HOUR)
    nat_gateway_gb: Mapping[str, float] = field(default_factory=lambda: NAT_GATEWAY_HOUR)
    nat_instance_hour: Mapping[str, float] = field(default_factory=lambda: NAT_INSTANCE_HOUR)
    endpoint_gb: float = ENDPOINT_GB

    def ways_out(self, region: str) -> WayPrices:
        """What the ways out of a VPC cost in this Region."""
        return WayPrices(
            nat_gateway_month=_month(_in(region, self.nat_gateway_hour)),
            nat_gateway_gb=_in(region, self.nat_gateway_gb),
            nat_instance_month=_month(_in(region, self.nat_instance_hour)),
            endpoint_month=_month(self.endpoint_hour.get(region)),
            endpoint_gb=self.endpoint_gb if region in self.endpoint_hour else None,
            public_address_month=_month(self.public_address_hour),
        )

    def interface_endpoint(self, region: str, zones: int) -> float | None:
        """A month of one interface endpoint in so many zones, without its traffic; None where nobody knows."""
        hour = self.endpoint_hour.get(region)
        return None if hour is None else round(hour * HOURS_A_MONTH * zones, 2)

    def public_addresses(self, count: int) -> float:
        """A month of so many public addresses."""
        return round(self.public_address_hour * HOURS_A_MONTH * count, 2)


def _in(region: str, prices: Mapping[str, float]) -> float | None:
    """The Region's price; an operator's own is that of every Region."""
    return prices.get(EVERY_REGION, prices.get(region))


def _month(hour: float | None) -> float | None:
    return None if hour is None else round(hour * HOURS_A_MONTH, 2)
