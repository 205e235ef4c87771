"""A VPC endpoint with a life: pending before it is available, with network interfaces that really exist."""

import contextlib
import json
import time
from collections.abc import Mapping
from typing import Any

from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models.vpcs import VPCEndPoint
from moto.ec2.utils import random_resource_id

from sandbox.behaviour import Behaviour
from sandbox.moto_patches import endpoint_services

INTERFACE = "Interface"
GATEWAY = "Gateway"


class Endpoint(VPCEndPoint):
    """moto's endpoint, whose `state` is `pending` until it has been described and has waited often and long enough."""

    service: str
    request: Mapping[str, Any]
    subnet_ids: list[str]
    requester_managed = False
    ip_address_type = "ipv4"
    private_dns_only_for_inbound = True
    """Of a service that has gateway endpoints too: whether its private names serve inbound resolvers alone."""
    behaviour = Behaviour()

    @property
    def dns_options(self) -> dict[str, str | bool]:
        """The record type that the private names have, and whom they serve."""
        if self.vpc_endpoint_type != INTERFACE:
            return {}
        options: dict[str, str | bool] = {"DnsRecordIpType": "ipv4"}
        if self.private_dns_enabled and self.service in endpoint_services.GATEWAY_SERVICES:
            options["PrivateDnsOnlyForInboundResolverEndpoint"] = self.private_dns_only_for_inbound
        return options

    @property
    def state(self) -> str:
        """`pending` or `available`."""
        waiting = self._described <= self._pending_describes if self._pending_describes else False
        return "pending" if waiting or time.monotonic() < self._pending_until else "available"

    @state.setter
    def state(self, _value: str) -> None:
        # moto's constructor sets a state: it is the start of this endpoint's life.
        self.start_over()

    def start_over(self) -> None:
        """Becomes pending again, if the account is set so."""
        self._described = 0
        self._pending_describes = self.behaviour.endpoint_pending_describes
        self._pending_until = time.monotonic() + self.behaviour.endpoint_pending_seconds

    def note_described(self) -> None:
        """Counts a DescribeVpcEndpoints that shows this endpoint."""
        self._described += 1

    def get_filter_value(self, filter_name: str, method_name: str | None = None) -> Any:
        """Also by id and owner."""
        if filter_name == "vpc-endpoint-id":
            return self.id
        return super().get_filter_value(filter_name, method_name)

    def open_interface(self, subnet_id: str) -> None:
        """Puts an interface of this endpoint into the subnet."""
        eni = self.ec2_backend.create_network_interface(
            subnet_id, None, group_ids=list(self.security_group_ids), description=f"VPC Endpoint Interface {self.id}"
        )
        eni.interface_type = "vpc_endpoint"
        eni.requester_managed = True
        eni.requester_id = "727180483921"
        eni.status = "in-use"
        self.network_interface_ids.append(eni.id)
        self.subnet_ids.append(subnet_id)

    def close_interface(self, subnet_id: str) -> None:
        """Takes the endpoint's interface out of the subnet."""
        for eni_id in list(self.network_interface_ids):
            eni = self.ec2_backend.enis.get(eni_id)
            if eni is None or eni.subnet.id == subnet_id:
                self.network_interface_ids.remove(eni_id)
                if eni is not None:
                    self.ec2_backend.delete_network_interface(eni_id)
        self.subnet_ids.remove(subnet_id)

    def apply_groups(self) -> None:
        """Gives the endpoint's security groups to its interfaces."""
        groups = [self.ec2_backend.get_security_group_from_id(group_id) for group_id in self.security_group_ids]
        for eni_id in self.network_interface_ids:
            self.ec2_backend.enis[eni_id]._group_set = list(groups)  # noqa: SLF001 - moto's own place for them

    def add_route_table(self, route_table_id: str) -> None:
        """Associates a gateway endpoint: the route table gets the route to the service's prefix list."""
        route_table = self.ec2_backend.get_route_table(route_table_id)
        if any(r.destination_prefix_list_id == self.destination_prefix_list_id for r in route_table.routes):
            raise EC2ClientError(
                "RouteAlreadyExists",
                f"route table {route_table_id} already has a route with destination-prefix-list-id "
                f"{self.destination_prefix_list_id}",
            )
        self.ec2_backend.create_route(
            route_table_id, None, gateway_id=self.id, destination_prefix_list_id=self.destination_prefix_list_id
        )
        self.route_table_ids.append(route_table_id)

    def remove_route_table(self, route_table_id: str) -> None:
        """Takes the association and its route away."""
        with contextlib.suppress(EC2ClientError):
            self.ec2_backend.delete_route(
                route_table_id, None, destination_prefix_list_id=self.destination_prefix_list_id
            )
        self.route_table_ids.remove(route_table_id)

    def name(self) -> None:
        """Draws the DNS names; the private ones are shown only while private DNS is on."""
        self._label = f"{self.id}-{random_resource_id(8)}"
        self._zone = "Z" + random_resource_id(13).upper()

    @property
    def dns_entries(self) -> list[dict[str, str]]:
        """Regional name, one name per zone, and the private names while private DNS is on."""
        if self.vpc_endpoint_type != INTERFACE:
            return []
        region = self.ec2_backend.region_name
        domain = f"{self.service}.{region}.vpce.{endpoint_services.dns_suffix(region)}"
        zones = [self.ec2_backend.get_subnet(subnet_id).availability_zone for subnet_id in self.subnet_ids]
        names = [f"{self._label}.{domain}", *(f"{self._label}-{zone}.{domain}" for zone in zones)]
        if self.private_dns_enabled:
            names += endpoint_services.private_names(self.service, region)
        return [{"DnsName": name, "HostedZoneId": self._zone} for name in names]

    @dns_entries.setter
    def dns_entries(self, _value: Any) -> None:
        # moto's constructor sets them; here they follow from the endpoint's state.
        pass


def check_policy(document: str | None) -> None:
    """Refuses what is no policy document."""
    if document is None:
        return
    try:
        parsed = json.loads(document)
    except ValueError:
        parsed = None
    if not isinstance(parsed, dict) or "Statement" not in parsed:
        raise EC2ClientError("InvalidPolicyDocument", "The policy document is not valid.")
