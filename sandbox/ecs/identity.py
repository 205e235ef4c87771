"""Who called, as CloudTrail names callers."""

import re
from typing import Any

from moto.iam.models import iam_backends
from moto.utilities.utils import get_partition

from sandbox.ecs.world import World

_ACCESS_KEY = re.compile(r"Credential=([^/,\s]+)/")


def of_request(world: World, headers: Any) -> dict[str, Any]:
    """The IAM user whose access key signed the request, else a role session of the account's on-call people."""
    match = _ACCESS_KEY.search(headers.get("Authorization", ""))
    access_key = match[1] if match else ""
    for user in iam_backends[world.account][get_partition(world.region)].users.values():
        if any(key.access_key_id == access_key for key in user.access_keys):
            return {
                "type": "IAMUser",
                "principalId": user.id,
                "arn": user.arn,
                "accountId": world.account,
                "accessKeyId": access_key,
                "userName": user.name,
            }
    role = world.arn("iam", "role/on-call", region="")
    return {
        "type": "AssumedRole",
        "principalId": "AROAEXAMPLEONCALL0001:alex",
        "arn": world.arn("sts", "assumed-role/on-call/alex", region=""),
        "accountId": world.account,
        "accessKeyId": "ASIAEXAMPLEONCALL001",
        "sessionContext": {
            "sessionIssuer": {
                "type": "Role",
                "principalId": "AROAEXAMPLEONCALL0001",
                "arn": role,
                "accountId": world.account,
                "userName": "on-call",
            },
            "attributes": {"mfaAuthenticated": "true"},
        },
    }
