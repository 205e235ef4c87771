"""What every derivation of a need has to know of the task's surroundings."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ecs_medic.needs.carriers import Carriers


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where the task runs, and what carries its traffic.

    `bucket_regions` are the Regions of its buckets, as far as they are known: an S3 ARN names none. `secret_arns` are
    the ARNs that Secrets Manager itself gives its secrets, by ARN as the task definition writes it.
    """

    account: str
    region: str
    partition: str
    carriers: Carriers
    bucket_regions: Mapping[str, str] = field(default_factory=dict)
    secret_arns: Mapping[str, str] = field(default_factory=dict)
