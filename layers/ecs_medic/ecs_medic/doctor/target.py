"""One address that something here has to reach."""

from dataclasses import dataclass
from enum import StrEnum


class Needed(StrEnum):
    """Whether it is known that this machine needs it."""

    YES = "yes"
    PERHAPS = "perhaps"


@dataclass(frozen=True, slots=True)
class Target:
    """A host and what for.

    `name` is the service ("ecr.dkr") or, for a host that is none of AWS's, the host itself. `service` is the full name
    of the VPC endpoint service that can stand in for it. `why` ends the sentence "it is needed …". `by_platform`: ECS
    itself goes there, outside of the container and of its environment, so that no proxy variable counts. `by_host`: it
    goes there by the instance's interface, which is another one than this container's.
    `instead_of` is the host that an override has replaced, `override` is what replaced it.
    """

    name: str
    host: str
    port: int = 443
    secure: bool = True
    service: str | None = None
    needed: Needed = Needed.YES
    why: str = ""
    by_platform: bool = False
    by_host: bool = False
    override: str | None = None
    instead_of: str | None = None

    @property
    def is_s3(self) -> bool:
        """Whether a gateway endpoint can serve it, which leaves the name's public addresses as they are."""
        return self.service is not None and self.service.endswith(".s3")

    @property
    def is_aws(self) -> bool:
        """Whether it is AWS's own host, not a stand-in and not somebody else's."""
        return self.service is not None and self.override is None
