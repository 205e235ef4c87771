"""DescribeVpcEndpoints: unknown ids are refused, filters work, pages are real."""

import base64
import binascii
from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models.vpcs import VPCBackend
from moto.ec2.responses.vpcs import VPCs
from moto.ec2.utils import generic_filter

from sandbox.moto_patches.endpoint import Endpoint
from sandbox.moto_patches.endpoint_changes import existing
from sandbox.moto_patches.patching import replace

MOST = 1000
FILTERS = frozenset(
    {
        "ip-address-type",
        "service-name",
        "tag-key",
        "vpc-endpoint-id",
        "vpc-endpoint-state",
        "vpc-endpoint-type",
        "vpc-id",
    }
)


def install() -> None:
    """Replaces the operation over the wire and inside the backend."""

    @replace(VPCs)
    def describe_vpc_endpoints(self: Any) -> ActionResult:
        ids = self._get_param("VpcEndpointIds", [])
        found = self.ec2_backend.describe_vpc_endpoints(ids, filters=self._filters_from_querystring())
        start = _start(self._get_param("NextToken"))
        size = min(self._get_int_param("MaxResults") or MOST, MOST)
        page, rest = found[start : start + size], found[start + size :]
        for endpoint in page:
            endpoint.note_described()
        return ActionResult({"VpcEndpoints": page, "NextToken": _token(start + size) if rest else None})

    @replace(VPCBackend, "describe_vpc_endpoints")
    def find(self: Any, vpc_end_point_ids: list[str] | None = None, filters: Any = None) -> list[Endpoint]:
        for name in filters or {}:
            if name not in FILTERS and not name.startswith("tag:"):
                raise EC2ClientError("InvalidParameterValue", f"The filter '{name}' is invalid")
        named = [existing(self, endpoint_id) for endpoint_id in vpc_end_point_ids or ()]
        candidates = named or list(self.vpc_end_points.values())
        return generic_filter(filters, candidates)


def _token(start: int) -> str:
    return base64.urlsafe_b64encode(f"endpoint:{start}".encode()).decode()


def _start(token: str | None) -> int:
    if token is None:
        return 0
    try:
        word, number = base64.urlsafe_b64decode(token.encode()).decode().split(":")
        if word == "endpoint":
            return int(number)
    except (binascii.Error, ValueError):
        pass
    raise EC2ClientError("InvalidNextToken", f"The token '{token}' is invalid")
