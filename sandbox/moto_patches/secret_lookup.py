"""Secrets Manager tells one secret's ARN from another's: by the account, and by the six characters at the end.

Source: https://docs.aws.amazon.com/secretsmanager/latest/userguide/troubleshoot.html
"""

import re
from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.secretsmanager.exceptions import SecretNotFoundException
from moto.secretsmanager.models import SecretsManagerBackend
from moto.secretsmanager.responses import SecretsManagerResponse

from sandbox.moto_patches.patching import replace


def install() -> None:
    """Replaces the reads by ARN."""
    original = SecretsManagerBackend.describe_secret
    policy = SecretsManagerResponse.get_resource_policy

    @replace(SecretsManagerBackend)
    def describe_secret(self: Any, secret_id: str) -> Any:
        _check(secret_id, self.account_id, "secretsmanager:DescribeSecret")
        secret = original(self, secret_id)
        if secret_id.startswith("arn:") and secret_id != secret.arn and not finds_by_part(secret_id, secret.arn):
            raise SecretNotFoundException
        return secret

    @replace(SecretsManagerResponse)
    def get_resource_policy(self: Any) -> Any:
        _check(self._get_param("SecretId"), self.current_account, "secretsmanager:GetResourcePolicy")
        return policy(self)


def finds_by_part(secret_id: str, arn: str) -> bool:
    """Without the suffix; but a name that ends like one is taken for a whole ARN, which is nobody's."""
    return secret_id == arn.rpartition("-")[0] and re.search(r"-[A-Za-z0-9]{6}$", secret_id) is None


def _check(secret_id: str, account: str, action: str) -> None:
    fields = secret_id.split(":")
    if len(fields) > 4 and fields[4] != account:
        raise JsonRESTError(
            "AccessDeniedException",
            f"User: arn:aws:iam::{account}:root is not authorized to perform: {action} on resource: {secret_id} "
            f"because no resource-based policy allows the {action} action",
        )
