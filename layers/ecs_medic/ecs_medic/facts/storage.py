"""What Amazon EFS says of file systems, mount targets and access points.

Source: https://docs.aws.amazon.com/efs/latest/ug/API_Types.html
"""

from dataclasses import dataclass

from ecs_medic.facts.fact import NOT_READ, Fact
from ecs_medic.facts.iam import PolicyDocument


@dataclass(frozen=True, slots=True)
class MountTarget:
    """Where a file system is reached in one zone; its security groups are those of its network interface."""

    id: str
    subnet_id: str
    vpc_id: str | None = None
    zone: str | None = None
    address: str | None = None
    interface_id: str | None = None
    state: str | None = None
    security_group_ids: Fact[tuple[str, ...]] = NOT_READ

    @property
    def available(self) -> bool:
        """Whether it takes connections."""
        return (self.state or "").lower() == "available"


@dataclass(frozen=True, slots=True)
class AccessPoint:
    """An access point; without `creates_path`, its root directory has to exist already."""

    id: str
    file_system_id: str
    root_directory: str = "/"
    creates_path: bool = False


@dataclass(frozen=True, slots=True)
class FileSystem:
    """One file system as the task would use it; `policy` is absent where it has none of its own."""

    id: str
    mount_targets: Fact[tuple[MountTarget, ...]] = NOT_READ
    policy: Fact[PolicyDocument] = NOT_READ
