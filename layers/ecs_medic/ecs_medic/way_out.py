"""The ways out of a VPC, compared for one service: what each gives, what it costs, and what rules it out."""

from dataclasses import dataclass
from enum import StrEnum


class Way(StrEnum):
    """How tasks whose own interface has no public address can reach what they need."""

    NAT_GATEWAY = "nat_gateway"
    NAT_INSTANCE = "nat_instance"
    ENDPOINTS = "endpoints"
    HOST_MODE = "host_mode"
    """Host networking on instances in a subnet that assigns public addresses."""
    INSTANCE_ADDRESS = "instance_address"
    """Instances in a subnet that assigns public addresses, for what the instances themselves carry."""


class Density(StrEnum):
    """How many tasks of one kind an instance can have."""

    SEVERAL = "several"
    ONE = "one"


@dataclass(frozen=True, slots=True)
class WayOut:
    """One way, for one service.

    `applies` is None where it depends on something that no API shows; `why` says what rules it out, or what it depends
    on. `fixed_address` is whether the outside sees one address that stays; None where it sees none. Prices are US
    dollars: `monthly_cost_usd` what comes on top of what there is, `per_gb_usd` for traffic through it; None where
    nobody here knows. `not_promised`: observed to work, and in no documentation of AWS's.
    """

    way: Way
    applies: bool | None
    why: str
    fixed_address: bool | None
    tasks_per_instance: Density
    monthly_cost_usd: float | None
    per_gb_usd: float | None
    not_promised: bool = False


@dataclass(frozen=True, slots=True)
class WayPrices:
    """US dollars a month, or for a GB, in one Region; None where nobody here knows.

    `endpoint_month` is that of one interface endpoint in one zone.
    """

    nat_gateway_month: float | None = None
    nat_gateway_gb: float | None = None
    nat_instance_month: float | None = None
    endpoint_month: float | None = None
    endpoint_gb: float | None = None
    public_address_month: float | None = None
