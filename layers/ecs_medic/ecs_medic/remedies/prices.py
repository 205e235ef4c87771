"""What a change costs a month, in US dollars. Prices are data: an operator may replace any of them.

Sources: https://aws.amazon.com/privatelink/pricing/ (each interface endpoint, for each hour and zone; traffic is billed
on top of it, at 0.01 a GB for the first petabyte), https://aws.amazon.com/vpc/pricing/ (public IPv4 addresses).
As of 2026-10. A Region that is not listed has a price that nobody here knows, which is not nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

HOURS_A_MONTH = 730

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


@dataclass(frozen=True, slots=True)
class Prices:
    """US dollars an hour."""

    endpoint_hour: Mapping[str, float] = field(default_factory=lambda: ENDPOINT_HOUR)
    public_address_hour: float = PUBLIC_ADDRESS_HOUR

    def interface_endpoint(self, region: str, zones: int) -> float | None:
        """A month of one interface endpoint in so many zones, without its traffic; None where nobody knows."""
        hour = self.endpoint_hour.get(region)
        return None if hour is None else round(hour * HOURS_A_MONTH * zones, 2)

    def public_addresses(self, count: int) -> float:
        """A month of so many public addresses."""
        return round(self.public_address_hour * HOURS_A_MONTH * count, 2)
