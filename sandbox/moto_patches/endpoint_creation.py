"""CreateVpcEndpoint with the checks that AWS makes."""

from collections.abc import Iterable, Mapping
from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.exceptions import EC2ClientError, InvalidServiceName
from moto.ec2.models.vpcs import VPCBackend
from moto.ec2.responses.vpcs import VPCs
from moto.ec2.utils import add_tag_specification, random_vpc_ep_id
from moto.route53.models import route53_backends
from moto.utilities.utils import get_partition

from sandbox.behaviour import Behaviour
from sandbox.moto_patches import endpoint_services
from sandbox.moto_patches.endpoint import GATEWAY, INTERFACE, Endpoint, check_policy
from sandbox.moto_patches.patching import replace, truthy

SAME_REQUEST = (
    "VpcId",
    "ServiceName",
    "VpcEndpointType",
    "PolicyDocument",
    "RouteTableIds",
    "SubnetIds",
    "SecurityGroupIds",
    "PrivateDnsEnabled",
    "TagSpecifications",
)


def install(behaviour: Behaviour) -> None:
    """Replaces creation over the wire and inside the backend."""
    Endpoint.behaviour = behaviour

    @replace(VPCs)
    def create_vpc_endpoint(self: Any) -> ActionResult:
        token = self._get_param("ClientToken")
        request = {name: _plain(self._get_param(name)) for name in SAME_REQUEST}
        if earlier := _created_with(self.ec2_backend, token):
            if earlier.request != request:
                raise EC2ClientError(
                    "IdempotentParameterMismatch",
                    "The client token has already been used with different parameters in a previous request.",
                )
            return ActionResult({"VpcEndpoint": earlier, "ClientToken": token})
        endpoint = self.ec2_backend.create_vpc_endpoint(
            vpc_id=self._get_param("VpcId"),
            service_name=self._get_param("ServiceName"),
            endpoint_type=self._get_param("VpcEndpointType"),
            policy_document=self._get_param("PolicyDocument"),
            route_table_ids=self._get_param("RouteTableIds", []),
            subnet_ids=self._get_param("SubnetIds", []),
            client_token=token,
            security_group_ids=self._get_param("SecurityGroupIds", []),
            tags=add_tag_specification(self._get_param("TagSpecifications", [])),
            private_dns_enabled=self._get_bool_param("PrivateDnsEnabled"),
            private_dns_only_for_inbound=self._get_bool_param("DnsOptions.PrivateDnsOnlyForInboundResolverEndpoint"),
        )
        endpoint.request = request
        return ActionResult({"VpcEndpoint": endpoint, "ClientToken": token})

    @replace(VPCBackend, "create_vpc_endpoint")
    def create(
        self: Any,
        *,
        vpc_id: str,
        service_name: str,
        endpoint_type: str | None,
        policy_document: str | None = None,
        route_table_ids: Iterable[str] = (),
        subnet_ids: Iterable[str] | None = (),
        client_token: str | None = None,
        security_group_ids: Iterable[str] | None = (),
        tags: Mapping[str, str] | None = None,
        private_dns_enabled: bool | None = None,
        private_dns_only_for_inbound: bool | None = None,
    ) -> Endpoint:
        vpc = self.get_vpc(vpc_id)
        check_policy(policy_document)
        kind = _kind(service_name, self.region_name, endpoint_type)
        # moto's resource classes are abstract in CloudFormation's methods only, at type-checking time.
        construct: Any = Endpoint
        new: Endpoint = construct(
            self, random_vpc_ep_id(), vpc_id, service_name, kind, policy_document, [], [], client_token=client_token
        )
        new.service = _service(service_name, self.region_name)
        new.request = {}
        if kind == GATEWAY:
            _fill_gateway(self, new, route_table_ids, private_dns_enabled)
        else:
            groups = list(security_group_ids or ()) or [self.get_default_security_group(vpc_id).id]
            private_dns = True if private_dns_enabled is None else private_dns_enabled
            if list(route_table_ids):
                raise EC2ClientError("InvalidParameter", "Route table IDs are only supported for Gateway endpoints.")
            if private_dns:
                check_private_dns(self, vpc, new.service, None)
            if private_dns and private_dns_only_for_inbound is not False:
                _check_inbound_only(self, vpc, new.service)
            subnets = list(dict.fromkeys(subnet_ids or ()))
            check_subnets(self, vpc_id, subnets, ())
            check_groups(self, vpc_id, groups)
            new.security_group_ids, new.private_dns_enabled = groups, private_dns
            new.private_dns_only_for_inbound = private_dns_only_for_inbound is not False
            new.name()
            for subnet_id in subnets:
                new.open_interface(subnet_id)
        new.add_tags(dict(tags or {}))
        self.vpc_end_points[new.id] = new
        for route_table_id in route_table_ids if kind == GATEWAY else ():
            new.add_route_table(route_table_id)
        return new


def check_private_dns(backend: Any, vpc: Any, service: str, own_id: str | None) -> None:
    """The VPC must resolve names, and no other endpoint or private hosted zone may own the name."""
    if not (truthy(vpc.enable_dns_support) and truthy(vpc.enable_dns_hostnames)):
        raise EC2ClientError(
            "InvalidParameter",
            "Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC attributes set to true for "
            f"{vpc.id}",
        )
    names = endpoint_services.private_names(service, backend.region_name)
    taken = {
        name
        for endpoint in backend.vpc_end_points.values()
        if endpoint.id != own_id and endpoint.vpc_id == vpc.id
        if endpoint.vpc_endpoint_type == INTERFACE and endpoint.private_dns_enabled
        for name in endpoint_services.private_names(endpoint.service, backend.region_name)
    } | set(_hosted_zones(backend, vpc.id))
    for name in names:
        domain = name.removeprefix("*.")
        if name in taken or domain in taken:
            raise EC2ClientError(
                "InvalidParameter",
                "private-dns-enabled cannot be set because there is already a conflicting DNS domain for "
                f"{domain} in the VPC {vpc.id}",
            )


def check_subnets(backend: Any, vpc_id: str, added: Iterable[str], present: Iterable[str]) -> None:
    """At most one subnet per Availability Zone, all of the endpoint's VPC."""
    zones = {backend.get_subnet(subnet_id).availability_zone for subnet_id in present}
    for subnet_id in added:
        subnet = backend.get_subnet(subnet_id)
        if subnet.vpc_id != vpc_id:
            raise EC2ClientError("InvalidParameter", f"Subnet {subnet_id} does not belong to VPC {vpc_id}")
        if subnet.availability_zone in zones:
            raise EC2ClientError(
                "DuplicateSubnetsInSameZone",
                f"Found another VPC endpoint subnet in the availability zone of {subnet_id}. VPC endpoint subnets "
                "should be in different availability zones supported by the VPC endpoint service.",
            )
        zones.add(subnet.availability_zone)


def check_groups(backend: Any, vpc_id: str, group_ids: Iterable[str]) -> None:
    """Security groups must exist in the endpoint's VPC."""
    for group_id in group_ids:
        group = backend.get_security_group_from_id(group_id)
        if group is None:
            raise EC2ClientError("InvalidGroup.NotFound", f"The security group '{group_id}' does not exist")
        if group.vpc_id != vpc_id:
            raise EC2ClientError("InvalidParameter", f"Security group {group_id} does not belong to VPC {vpc_id}")


def check_route_table(backend: Any, vpc_id: str, route_table_id: str) -> None:
    """Route tables must exist in the endpoint's VPC."""
    if backend.get_route_table(route_table_id).vpc_id != vpc_id:
        raise EC2ClientError("InvalidParameter", f"Route table {route_table_id} does not belong to VPC {vpc_id}")


def _fill_gateway(backend: Any, new: Endpoint, route_table_ids: Iterable[str], private_dns: bool | None) -> None:
    if private_dns:
        raise EC2ClientError("InvalidParameter", "Private DNS cannot be enabled for Gateway endpoints.")
    new.private_dns_enabled = False
    new.destination_prefix_list_id = next(
        (p.id for p in backend.managed_prefix_lists.values() if p.prefix_list_name == new.service_name), None
    )
    for route_table_id in route_table_ids:
        check_route_table(backend, new.vpc_id, route_table_id)
        for route in backend.get_route_table(route_table_id).routes:
            if route.destination_prefix_list_id == new.destination_prefix_list_id:
                raise EC2ClientError(
                    "RouteAlreadyExists",
                    f"route table {route_table_id} already has a route with destination-prefix-list-id "
                    f"{new.destination_prefix_list_id}",
                )


def _check_inbound_only(backend: Any, vpc: Any, service: str) -> None:
    """Private DNS of S3 and DynamoDB serves only resolvers from outside, unless asked otherwise."""
    if service not in endpoint_services.GATEWAY_SERVICES:
        return
    of_vpc = (e for e in backend.vpc_end_points.values() if e.vpc_id == vpc.id and e.service == service)
    if not any(e.vpc_endpoint_type == GATEWAY for e in of_vpc):
        raise EC2ClientError(
            "InvalidParameter",
            f"To set PrivateDnsOnlyForInboundResolverEndpoint to true, the VPC {vpc.id} must have a Gateway endpoint "
            "for the service.",
        )


def _service(service_name: str, region: str) -> str:
    service = endpoint_services.service_of(service_name, region)
    if service is None:
        raise InvalidServiceName(service_name)
    return service


def _kind(service_name: str, region: str, wanted: str | None) -> str:
    service = _service(service_name, region)
    kind = wanted or GATEWAY
    offered = [GATEWAY, INTERFACE] if service in endpoint_services.GATEWAY_SERVICES else [INTERFACE]
    if kind not in offered:
        raise EC2ClientError(
            "InvalidParameter",
            f"Endpoint type ({kind}) does not match available service types ([{', '.join(offered)}]).",
        )
    return kind


def _created_with(backend: Any, token: str | None) -> Endpoint | None:
    if not token:
        return None
    return next((e for e in backend.vpc_end_points.values() if e.client_token == token), None)


def _hosted_zones(backend: Any, vpc_id: str) -> Iterable[str]:
    partition = get_partition(backend.region_name)
    for zone in route53_backends[backend.account_id][partition].zones.values():
        if zone.private_zone and any(vpc_id in vpc.values() for vpc in zone.vpcs):
            yield zone.name.removesuffix(".")


def _plain(value: Any) -> Any:
    return [_plain(v) for v in value] if isinstance(value, list) else value
