"""What the instance metadata service says of the EC2 instance that this is, and of its role's credentials.

Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ecs_medic.doctor.local_http import Answer, ask_locally

ADDRESS = "http://169.254.169.254"


@dataclass(frozen=True, slots=True)
class InstanceHere:
    """The instance; `role` is that of its instance profile, `expires` when its credentials do, in AWS's words.

    `problem` is what the service said instead of credentials.
    """

    instance_id: str | None = None
    region: str | None = None
    account: str | None = None
    role: str | None = None
    expires: str | None = None
    problem: str | None = None


def instance_here(environment: Mapping[str, str], seconds: float) -> InstanceHere | None:
    """The instance; None where no metadata service answers, or asking it is forbidden."""
    if environment.get("AWS_EC2_METADATA_DISABLED", "").lower() == "true":
        return None
    base = (environment.get("AWS_EC2_METADATA_SERVICE_ENDPOINT") or ADDRESS).rstrip("/")
    headers = {"X-aws-ec2-metadata-token-ttl-seconds": "60"}
    token = ask_locally(f"{base}/latest/api/token", seconds, method="PUT", headers=headers)
    if token.status is None or token.status >= 500:
        return None
    # The first version of the service knows no tokens, and needs none.
    with_token = {"X-aws-ec2-metadata-token": token.body.strip()} if token.status == 200 else {}

    def ask(path: str) -> Answer:
        return ask_locally(f"{base}/latest/{path}", seconds, headers=with_token)

    identity = ask("dynamic/instance-identity/document").document
    if identity is None:
        return None
    return _with_role(identity, ask("meta-data/iam/security-credentials/"), ask)


def _with_role(identity: Mapping[str, Any], listed: Answer, ask: Any) -> InstanceHere:
    found = {
        name: str(identity[name]) if identity.get(name) else None for name in ("instanceId", "region", "accountId")
    }
    role = listed.body.split()[0] if listed.status == 200 and listed.body.split() else None
    expires = problem = None
    if role is not None:
        document = ask(f"meta-data/iam/security-credentials/{role}").document or {}
        expires = str(document["Expiration"]) if document.get("Expiration") else None
        code = str(document.get("Code") or "no answer")
        problem = None if code == "Success" and expires else f"the service answers {code[:60]!r} for the role {role}"
    return InstanceHere(found["instanceId"], found["region"], found["accountId"], role, expires, problem)
