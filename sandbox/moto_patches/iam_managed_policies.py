"""AWS's managed policies, parsed once per process instead of once per account and reset."""

import functools
import json
from typing import Any

from moto.iam.aws_managed_policies import aws_managed_policies_data
from moto.iam.models import AWSManagedPolicy, IAMBackend

from sandbox.moto_patches.patching import replace


@functools.cache
def _policies(account_id: str, region_name: str) -> tuple[AWSManagedPolicy, ...]:
    return tuple(
        AWSManagedPolicy.from_data(name, account_id, region_name, data)
        for name, data in json.loads(aws_managed_policies_data).items()
    )


def install() -> None:
    """IAM backends share AWS's policies, which nobody can change; only their attachments are counted anew."""

    @replace(IAMBackend)
    def _init_aws_policies(self: Any) -> list[AWSManagedPolicy]:
        policies = _policies(self.account_id, self.region_name)
        for policy in policies:
            policy.attachment_count = 0
        return list(policies)
