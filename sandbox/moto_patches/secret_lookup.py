"""Secrets Manager tells one secret's ARN from another's: by the account, and by the six characters at the end.

Source: https://docs.aws.amazon.com/secretsmanager/latest/userguide/troubleshoot.html
"""

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
        if secret_id.startswith("arn:") and secret_id not in {secret.arn, secret.arn.rpartition("-")[0]}:
            raise SecretNotFoundException
        return secret

    @replace(SecretsManagerResponse)
    def get_resource_policy(self: Any) -> Any:
        _check(self._get_param("SecretId"), self.current_account, "secretsmanager:GetResourcePolicy")
        return policy(self)


def _check(secret_id: str, account: str, action: str) -> None:
    fields = secret_id.split(":")
    if len(fields) > 4 and fields[4] != account:
        raise JsonRESTError(
            "AccessDeniedException",
            f"User: arn:aws:iam::{account}:root is not authorized to perform: {action} on resource: {secret_id} "
            f"because no resource-based policy allows the {action} action",
        )
