"""What the caller of the command asks for."""

from collections.abc import Mapping
from dataclasses import dataclass, field

SERVICES = ("ecr.api", "ecr.dkr", "s3", "logs", "ssmmessages", "secretsmanager", "ssm", "sts", "ecs", "kms")
"""What can be asked for by name: as VPC endpoints are called, `s3` the bucket of ECR's layers."""


@dataclass(frozen=True, slots=True)
class Wish:
    """None, or none of them: what the machine itself tells.

    `endpoints` are addresses by service, in place of AWS's own. `seconds` is what each step of a connection may take.
    """

    region: str | None = None
    account: str | None = None
    services: tuple[str, ...] = ()
    endpoints: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 3.0
