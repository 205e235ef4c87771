"""Which partition of AWS a Region is in.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
"""

BY_REGION_PREFIX = (
    ("cn-", "aws-cn"),
    ("us-gov-", "aws-us-gov"),
    ("us-isob-", "aws-iso-b"),
    ("us-isof-", "aws-iso-f"),
    ("us-iso-", "aws-iso"),
    ("eu-isoe-", "aws-iso-e"),
    ("eusc-", "aws-eusc"),
)


def partition_of(region: str, arn: str | None = None) -> str:
    """The partition that `arn` names, where one is given; that of the Region otherwise."""
    fields = (arn or "").split(":", 2)
    if len(fields) == 3 and fields[0] == "arn" and fields[1]:
        return fields[1]
    return next((name for prefix, name in BY_REGION_PREFIX if region.startswith(prefix)), "aws")
