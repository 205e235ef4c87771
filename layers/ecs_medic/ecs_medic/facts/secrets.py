"""What is known of a task's secrets, parameters, keys and environment files: that they are there, never what they hold.

Sources: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DescribeSecret.html,
https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_ParameterMetadata.html and
https://docs.aws.amazon.com/kms/latest/APIReference/API_KeyMetadata.html.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

UNKNOWN_SUFFIX = "-??????"
"""What stands at the end of a secret's ARN for the hyphen and six characters that nobody here knows.

In a policy it covers the secret whatever they are.
Source: https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_examples.html
"""

_SUFFIX = re.compile(r"-([A-Za-z0-9]{6})$")
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|[0-9]+")
"""What a person ends a name with; of the suffixes that Secrets Manager draws, three in two hundred look so."""


def may_be_whole(arn: str) -> bool:
    """Whether the ARN, or the name, can end with the six characters that Secrets Manager adds."""
    return _SUFFIX.search(arn) is not None


def is_whole(arn: str) -> bool:
    """Whether it does, to all appearances: a word of six letters is as likely the end of the secret's own name.

    Secrets Manager itself takes it for the suffix, and does not find the secret.
    Source: https://docs.aws.amazon.com/secretsmanager/latest/userguide/troubleshoot.html
    """
    found = _SUFFIX.search(arn)
    return found is not None and _WORD.fullmatch(found[1]) is None


CURRENT = "AWSCURRENT"
"""The stage of the version that is meant where a reference names none."""


@dataclass(frozen=True, slots=True)
class StoredSecret:
    """A secret of AWS Secrets Manager, without its value.

    `versions` are the stages of each version that has any: one without a stage is not listed, and may still exist.
    `kms_key_id` is None where the key is AWS's own for Secrets Manager. `deleted_at` marks one that is scheduled for
    deletion.
    """

    arn: str
    name: str
    versions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    kms_key_id: str | None = None
    owning_service: str | None = None
    deleted_at: datetime | None = None
    last_changed_at: datetime | None = None

    def has_stage(self, stage: str) -> bool:
        """Whether a version carries this stage."""
        return any(stage in stages for stages in self.versions.values())


@dataclass(frozen=True, slots=True)
class StoredParameter:
    """A parameter of Systems Manager Parameter Store, without its value."""

    name: str
    type: str | None = None
    kms_key_id: str | None = None


@dataclass(frozen=True, slots=True)
class EncryptionKey:
    """A key of AWS KMS; only in the state `Enabled` does it decrypt."""

    arn: str
    state: str
    managed_by_aws: bool = False

    @property
    def usable(self) -> bool:
        """Whether KMS decrypts with it."""
        return self.state.lower() == "enabled"
