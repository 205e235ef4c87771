"""The services that offer VPC endpoints: their names, types and private DNS names."""

import itertools

from moto.ec2.models.vpcs import AWS_ENDPOINT_SERVICES, COVERED_ENDPOINT_SERVICES

GATEWAY_SERVICES = frozenset({"s3", "dynamodb"})
# Backends that moto names differently from the endpoint services that they stand for.
NO_SERVICES = frozenset({"ecr", "iot", "kinesis", "firehose", "redshiftdata", "route53resolver", "sagemaker"})
# Private names that are not simply <service>.<region>.<suffix>.
PRIVATE_NAMES = {
    "ecr.api": ("api.ecr.{domain}",),
    "ecr.dkr": ("*.dkr.ecr.{domain}", "dkr.ecr.{domain}"),
    "s3": ("s3.{domain}", "*.s3.{domain}"),
}


def service_of(service_name: str, region: str) -> str | None:
    """`ecr.api` of com.amazonaws.eu-west-1.ecr.api; None when this Region has no such service."""
    for prefix in (f"com.amazonaws.{region}.", f"cn.com.amazonaws.{region}."):
        service = service_name.removeprefix(prefix)
        if service != service_name and service in _known():
            return service
    return None


def private_names(service: str, region: str) -> tuple[str, ...]:
    """The names that an interface endpoint of the service takes over in its VPC when private DNS is on."""
    domain = f"{region}.{dns_suffix(region)}"
    return tuple(name.format(domain=domain) for name in PRIVATE_NAMES.get(service, (service + ".{domain}",)))


def dns_suffix(region: str) -> str:
    """The domain of AWS's services in the Region's partition."""
    return "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"


def _known() -> frozenset[str]:
    return frozenset(itertools.chain(AWS_ENDPOINT_SERVICES, COVERED_ENDPOINT_SERVICES)) - NO_SERVICES
