"""One thing that a task needs from the network and from IAM, and what carries it."""

from dataclasses import dataclass
from enum import StrEnum

from ecs_medic.finding import Phase


class Purpose(StrEnum):
    """What the need is for."""

    REGISTRY_AUTH = "registry_auth"
    IMAGE_MANIFEST = "image_manifest"
    IMAGE_LAYERS = "image_layers"
    SECRET = "secret"
    PARAMETER = "parameter"
    ENVIRONMENT_FILE = "environment_file"
    LOGS = "logs"
    EXEC_CHANNEL = "exec_channel"
    EXEC_KEY = "exec_key"
    FILE_SYSTEM = "file_system"


class Carrier(StrEnum):
    """Whose network interface carries the traffic."""

    TASK = "task"
    HOST = "host"


@dataclass(frozen=True, slots=True)
class Inside:
    """A network interface in this very VPC, as far as it is known: a mount target, or a task behind a load balancer.

    `resource` is its AWS id; `security_group_ids` is None where nobody knows them. `by_private_name`: it is reached by
    a name that only Amazon's resolver inside the VPC knows.
    """

    resource: str
    address: str | None = None
    subnet_id: str | None = None
    security_group_ids: tuple[str, ...] | None = None
    by_private_name: bool = False


@dataclass(frozen=True, slots=True)
class Destination:
    """A host that must be reached on `port`.

    `service` is the full service name of the VPC endpoint that would serve it ("com.amazonaws.eu-west-1.ecr.api"),
    None where no endpoint in this VPC can: another Region, Docker Hub, ECR Public. `may_be_private` marks a name whose
    address nobody here knows: a company's own registry may be in this VPC, behind it, or on the internet. `inside` is
    where it is in this VPC, for what is no service at all: then nothing but the way to that interface is judged.
    """

    host: str
    region: str | None = None
    service: str | None = None
    port: int = 443
    may_be_private: bool = False
    inside: Inside | None = None

    @property
    def is_s3(self) -> bool:
        """Whether a gateway endpoint serves it."""
        return self.service is not None and self.service.endswith(".s3")


@dataclass(frozen=True, slots=True)
class Need:
    """One need: what for, when in the start-up order, over whose interface, with which role, and to where.

    `subject` is what is asked for: an image, a secret's ARN, a parameter's name, a log group. `role_arn` is None where
    the task definition names no such role, AWS needs none, or it is the container instance's, which the task
    definition does not know. `actions` and `resources` are the calls that it takes: one resource serves all actions,
    several go with them pairwise.
    """

    purpose: Purpose
    phase: Phase
    carrier: Carrier
    destination: Destination
    subject: str
    container: str | None = None
    role_arn: str | None = None
    actions: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()

    @property
    def calls(self) -> tuple[tuple[str, str], ...]:
        """(action, resource), each call by itself."""
        if len(self.resources) == 1:
            return tuple((action, self.resources[0]) for action in self.actions)
        return tuple(zip(self.actions, self.resources, strict=True))
