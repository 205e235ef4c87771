"""The Region that the usual AWS environment names."""

from collections.abc import Mapping

from ecs_medic.cli.failure import UnusableInputError


def region_of(environment: Mapping[str, str], subject: str) -> str:
    """The Region of the environment, or of the profile that it names; `subject` is what lies there.

    Raises:
        UnusableInputError: neither names one.
    """
    import boto3

    region = environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION") or boto3.Session().region_name
    if not region:
        raise UnusableInputError(f"AWS_REGION: expected the Region of {subject}, got nothing")
    return region
