"""EC2's DryRun: says whether the caller may, and never does anything."""

from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.exceptions import DryRunClientError
from moto.ec2.responses import EC2Response

from sandbox.moto_patches.patching import replace, truthy

PRECONDITION_FAILED = 412


def install() -> None:
    """Every EC2 operation answers DryRunOperation when DryRun is set; missing permissions are faults of the wire."""
    original = EC2Response.call_action

    @replace(EC2Response)
    def call_action(self: Any) -> Any:
        if not truthy(self._get_param("DryRun", False)):
            return original(self)
        _, headers, body = self.serialized(ActionResult(DryRunClientError()))
        return PRECONDITION_FAILED, headers, body
