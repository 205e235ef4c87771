"""Who called, as CloudTrail names callers."""

import re
from typing import Any

from moto.iam.models import iam_backends
from moto.sts.models import sts_backends
from moto.utilities.utils import get_partition

from sandbox.ecs import roles
from sandbox.ecs.world import World

_ACCESS_KEY = re.compile(r"Credential=([^/,\s]+)/")


def of_request(world: World, headers: Any) -> dict[str, Any]:
    """The IAM user or role session whose access key signed the request, else one of the on-call people."""
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
    sessions = sts_backends[world.account][get_partition(world.region)]
    session = sessions.get_assumed_role_from_access_key(access_key)
    if session is not None and (role := roles.find(world.account, world.region, session.role_arn)) is not None:
        return _role_session(world, role.arn, role.id, session.session_name, "ASIAEXAMPLESESSION01")
    on_call = world.arn("iam", "role/on-call", region="")
    return _role_session(world, on_call, "AROAEXAMPLEONCALL0001", "alex", "ASIAEXAMPLEONCALL001")


def role_of(identity: dict[str, Any]) -> str | None:
    """ARN of the role that the caller's session is of."""
    issuer = identity.get("sessionContext", {}).get("sessionIssuer", {})
    arn: str | None = issuer.get("arn")
    return arn


def _role_session(world: World, role_arn: str, role_id: str, session: str, access_key: str) -> dict[str, Any]:
    """A session of a role; its own ARN leaves the role's path out."""
    name = role_arn.rsplit("/", 1)[-1]
    return {
        "type": "AssumedRole",
        "principalId": f"{role_id}:{session}",
        "arn": world.arn("sts", f"assumed-role/{name}/{session}", region=""),
        "accountId": world.account,
        "accessKeyId": access_key,
        "sessionContext": {
            "sessionIssuer": {
                "type": "Role",
                "principalId": role_id,
                "arn": role_arn,
                "accountId": world.account,
                "userName": name,
            },
            "attributes": {"mfaAuthenticated": "true"},
        },
    }
