"""Where AWS services are reached: host names, and the VPC endpoint services that stand in for them.

Sources: https://docs.aws.amazon.com/general/latest/gr/aws-service-information.html,
https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html, and, for the prefixes in
China, https://docs.amazonaws.cn/en_us/vpc/latest/privatelink/aws-services-cn-privatelink-support.html.
"""

from ecs_medic.needs.need import Destination
from ecs_medic.partition import partition_of

DNS_SUFFIXES = {
    "aws": "amazonaws.com",
    "aws-cn": "amazonaws.com.cn",
    "aws-us-gov": "amazonaws.com",
    "aws-iso": "c2s.ic.gov",
    "aws-iso-b": "sc2s.sgov.gov",
    "aws-iso-e": "cloud.adc-e.uk",
    "aws-iso-f": "csp.hci.ic.gov",
    "aws-eusc": "amazonaws.eu",
}

HOST_PREFIXES = {
    "ecr.api": "api.ecr",
    "kinesis-streams": "kinesis",
    "kinesis-firehose": "firehose",
}
"""Where the host's name differs from that of the endpoint service."""

PREFIXED_IN_CHINA = frozenset({"ecr.api", "ecr.dkr", "kinesis-streams"})
"""The services whose endpoint is called `cn.com.amazonaws.…` there."""


def dns_suffix(region: str) -> str:
    """What the names of all AWS services in the Region end with."""
    return DNS_SUFFIXES[partition_of(region)]


def endpoint_service(name: str, region: str) -> str:
    """The full name of the VPC endpoint service of `name` ("ecr.dkr") in the Region."""
    in_china = partition_of(region) == "aws-cn" and name in PREFIXED_IN_CHINA
    return f"{'cn.' if in_china else ''}com.amazonaws.{region}.{name}"


def same_service(one: str, other: str) -> bool:
    """Whether two endpoint services are the same, whether or not they carry China's prefix."""
    return one.removeprefix("cn.") == other.removeprefix("cn.")


def destination(name: str, region: str, home: str, *, host: str | None = None) -> Destination:
    """The service `name` in `region`, as seen from a VPC in the Region `home`.

    An endpoint serves its own Region's hosts only, so a destination in another Region has no endpoint service.
    """
    return Destination(
        host=host or f"{HOST_PREFIXES.get(name, name)}.{region}.{dns_suffix(region)}",
        region=region,
        service=endpoint_service(name, region) if region == home else None,
    )


def s3_bucket(bucket: str, region: str, home: str) -> Destination:
    """A bucket under its own host name."""
    return destination("s3", region, home, host=f"{bucket}.s3.{region}.{dns_suffix(region)}")


def layer_bucket(region: str) -> str:
    """The bucket from which Amazon ECR serves the layers of a Region's images.

    Source: https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html
    """
    return f"prod-{region}-starport-layer-bucket"
