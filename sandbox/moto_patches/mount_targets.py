"""A mount target's network interface is of the kind `efs`; moto makes it an ordinary one."""

from typing import Any

from moto.efs.models import EFSBackend, MountTarget

from sandbox.moto_patches.patching import replace


def install() -> None:
    """Completes what CreateMountTarget makes."""
    original = EFSBackend.create_mount_target

    @replace(EFSBackend)
    def create_mount_target(self: Any, *args: Any, **kwargs: Any) -> MountTarget:
        target = original(self, *args, **kwargs)
        eni = self.ec2_backend.enis[target.network_interface_id]
        eni.interface_type = "efs"
        return target
