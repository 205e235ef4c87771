"""What Elastic Load Balancing says of a service's target groups, their targets and their load balancers.

Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_Types.html
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Target:
    """One target of a target group; `id` is an address, an instance or a function, as the group's type says.

    `reason` is AWS's reason code ("Target.Timeout"), None for a healthy target.
    """

    id: str
    port: int | None = None
    zone: str | None = None
    state: str | None = None
    reason: str | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True)
class TargetGroup:
    """A target group and how it asks its targets; times in seconds."""

    arn: str
    name: str
    target_type: str | None = None
    protocol: str | None = None
    port: int | None = None
    vpc_id: str | None = None
    load_balancer_arns: tuple[str, ...] = ()
    check_protocol: str | None = None
    check_port: str | None = None
    """A number, or "traffic-port": the port on which each target is registered."""
    check_path: str | None = None
    check_interval: int | None = None
    check_timeout: int | None = None
    unhealthy_threshold: int | None = None
    expected_codes: str | None = None


@dataclass(frozen=True, slots=True)
class LoadBalancer:
    """A load balancer; `subnets` are its own, by zone."""

    arn: str
    name: str
    type: str | None = None
    vpc_id: str | None = None
    security_group_ids: tuple[str, ...] = ()
    subnets: Mapping[str, str] = field(default_factory=dict)
    """Subnet id by zone name."""
