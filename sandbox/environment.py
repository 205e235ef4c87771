"""The process environment that moto needs; set before moto is imported."""

import os
from collections.abc import MutableMapping

SETTINGS = {
    "MOTO_IAM_LOAD_MANAGED_POLICIES": "true",
    "MOTO_EC2_LOAD_DEFAULT_AMIS": "false",
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": "eu-west-1",
    "AWS_EC2_METADATA_DISABLED": "true",
}
# A developer's own account must never be reached from here.
FOREIGN = ("AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_SESSION_TOKEN", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE")


def prepare(environ: MutableMapping[str, str] = os.environ) -> None:
    """Sets what moto reads, and removes what would make boto3 look at real credentials."""
    for name in FOREIGN:
        environ.pop(name, None)
    environ.update(SETTINGS)
