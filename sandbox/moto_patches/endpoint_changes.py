"""ModifyVpcEndpoint and DeleteVpcEndpoints: everything that they change in AWS changes here."""

import json
from dataclasses import dataclass
from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models.vpcs import VPCBackend, VPCEndPoint
from moto.ec2.responses.vpcs import VPCs

from sandbox.moto_patches.endpoint import GATEWAY, INTERFACE, Endpoint, check_policy
from sandbox.moto_patches.endpoint_creation import check_groups, check_private_dns, check_route_table, check_subnets
from sandbox.moto_patches.patching import replace, truthy

LISTS = {
    "add_subnets": "AddSubnetIds",
    "remove_subnets": "RemoveSubnetIds",
    "add_groups": "AddSecurityGroupIds",
    "remove_groups": "RemoveSecurityGroupIds",
    "add_route_tables": "AddRouteTableIds",
    "remove_route_tables": "RemoveRouteTableIds",
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a ModifyVpcEndpoint asks for."""

    add_subnets: tuple[str, ...]
    remove_subnets: tuple[str, ...]
    add_groups: tuple[str, ...]
    remove_groups: tuple[str, ...]
    add_route_tables: tuple[str, ...]
    remove_route_tables: tuple[str, ...]
    private_dns: bool | None
    private_dns_only_for_inbound: bool | None


def install() -> None:
    """Replaces both operations."""

    @replace(VPCs)
    def modify_vpc_endpoint(self: Any) -> ActionResult:
        endpoint = existing(self.ec2_backend, self._get_param("VpcEndpointId"))
        policy = self._get_param("PolicyDocument")
        check_policy(policy)
        lists = {field: tuple(self._get_param(name, [])) for field, name in LISTS.items()}
        wanted = Wanted(
            private_dns=self._get_bool_param("PrivateDnsEnabled"),
            private_dns_only_for_inbound=self._get_bool_param("DnsOptions.PrivateDnsOnlyForInboundResolverEndpoint"),
            **lists,
        )
        if endpoint.vpc_endpoint_type == INTERFACE:
            _modify_interface(self.ec2_backend, endpoint, wanted)
        else:
            _modify_gateway(self.ec2_backend, endpoint, wanted)
        if policy:
            endpoint.policy_document = policy
        if truthy(self._get_param("ResetPolicy", False)):
            endpoint.policy_document = json.dumps(VPCEndPoint.DEFAULT_POLICY)
        return ActionResult({"Return": True})

    @replace(VPCs)
    def delete_vpc_endpoints(self: Any) -> ActionResult:
        unsuccessful = []
        for endpoint_id in self._get_param("VpcEndpointIds", []):
            try:
                _delete(self.ec2_backend, existing(self.ec2_backend, endpoint_id))
            except EC2ClientError as error:
                failure = {"Code": error.code, "Message": error.message}
                unsuccessful.append({"ResourceId": endpoint_id, "Error": failure})
        return ActionResult({"Unsuccessful": unsuccessful})

    @replace(VPCBackend, "delete_vpc_endpoints")
    def delete_from_backend(self: Any, vpce_ids: list[str] | None = None) -> None:
        for endpoint_id in vpce_ids or ():
            _delete(self, existing(self, endpoint_id))


def existing(backend: Any, endpoint_id: str) -> Endpoint:
    """The endpoint, or AWS's refusal."""
    endpoint: Endpoint | None = backend.vpc_end_points.get(endpoint_id)
    if endpoint is None:
        raise EC2ClientError("InvalidVpcEndpointId.NotFound", f"The Vpc Endpoint Id '{endpoint_id}' does not exist")
    return endpoint


def _modify_interface(backend: Any, endpoint: Endpoint, wanted: Wanted) -> None:
    # All checks come first: a refused call changes nothing.
    if wanted.add_route_tables or wanted.remove_route_tables:
        raise EC2ClientError("InvalidParameter", "Route table IDs are only supported for Gateway endpoints.")
    for subnet_id in wanted.remove_subnets:
        if subnet_id not in endpoint.subnet_ids:
            raise EC2ClientError("InvalidParameter", f"Subnet {subnet_id} is not associated with {endpoint.id}")
    added = [s for s in wanted.add_subnets if s not in endpoint.subnet_ids]
    check_subnets(backend, endpoint.vpc_id, added, [s for s in endpoint.subnet_ids if s not in wanted.remove_subnets])
    groups = [g for g in endpoint.security_group_ids if g not in wanted.remove_groups]
    groups += [g for g in wanted.add_groups if g not in groups]
    check_groups(backend, endpoint.vpc_id, groups)
    if not groups:
        raise EC2ClientError("InvalidParameter", "An interface endpoint needs at least one security group.")
    if wanted.private_dns and not endpoint.private_dns_enabled:
        check_private_dns(backend, backend.get_vpc(endpoint.vpc_id), endpoint.service, endpoint.id)
    endpoint.security_group_ids = groups
    endpoint.apply_groups()
    for subnet_id in wanted.remove_subnets:
        endpoint.close_interface(subnet_id)
    for subnet_id in added:
        endpoint.open_interface(subnet_id)
    toggled = wanted.private_dns is not None and wanted.private_dns != endpoint.private_dns_enabled
    if toggled:
        endpoint.private_dns_enabled = wanted.private_dns
    if wanted.private_dns_only_for_inbound is not None:
        endpoint.private_dns_only_for_inbound = wanted.private_dns_only_for_inbound
    if toggled or added or wanted.remove_subnets:
        endpoint.start_over()


def _modify_gateway(backend: Any, endpoint: Endpoint, wanted: Wanted) -> None:
    if wanted.add_subnets or wanted.remove_subnets or wanted.add_groups or wanted.remove_groups:
        raise EC2ClientError("InvalidParameter", "Gateway endpoints have neither subnets nor security groups.")
    if wanted.private_dns:
        raise EC2ClientError("InvalidParameter", "Private DNS cannot be enabled for Gateway endpoints.")
    added = [t for t in wanted.add_route_tables if t not in endpoint.route_table_ids]
    for route_table_id in added:
        check_route_table(backend, endpoint.vpc_id, route_table_id)
    for route_table_id in wanted.remove_route_tables:
        if route_table_id in endpoint.route_table_ids:
            endpoint.remove_route_table(route_table_id)
    for route_table_id in added:
        endpoint.add_route_table(route_table_id)


def _delete(backend: Any, endpoint: Endpoint) -> None:
    if endpoint.vpc_endpoint_type == GATEWAY:
        for route_table_id in list(endpoint.route_table_ids):
            endpoint.remove_route_table(route_table_id)
    for subnet_id in list(endpoint.subnet_ids):
        endpoint.close_interface(subnet_id)
    del backend.vpc_end_points[endpoint.id]
