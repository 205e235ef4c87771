"""Why the network does not carry what the task needs: each cause asks the one reachability model."""

from ecs_medic.rules.network.awsvpc_task_cannot_have_public_ip import awsvpc_task_cannot_have_public_ip
from ecs_medic.rules.network.custom_dns_resolver import custom_dns_resolver
from ecs_medic.rules.network.endpoint_not_available import endpoint_not_available
from ecs_medic.rules.network.endpoint_policy_denies import endpoint_policy_denies
from ecs_medic.rules.network.endpoint_private_dns_off import endpoint_private_dns_off
from ecs_medic.rules.network.endpoint_security_group_blocks import endpoint_security_group_blocks
from ecs_medic.rules.network.managed_instance_network_blocked import managed_instance_network_blocked
from ecs_medic.rules.network.network_acl_blocks import network_acl_blocks
from ecs_medic.rules.network.no_route_to_internet import no_route_to_internet
from ecs_medic.rules.network.public_subnet_without_public_ip import public_subnet_without_public_ip
from ecs_medic.rules.network.route_blackhole import route_blackhole
from ecs_medic.rules.network.s3_gateway_not_on_route_table import s3_gateway_not_on_route_table
from ecs_medic.rules.network.subnet_out_of_addresses import subnet_out_of_addresses
from ecs_medic.rules.network.task_security_group_blocks_egress import task_security_group_blocks_egress
from ecs_medic.rules.network.vpc_dns_disabled import vpc_dns_disabled
from ecs_medic.rules.network.vpc_endpoint_missing import vpc_endpoint_missing
from ecs_medic.rules.rule import Rule

RULES: tuple[Rule, ...] = (
    subnet_out_of_addresses,
    vpc_dns_disabled,
    custom_dns_resolver,
    task_security_group_blocks_egress,
    network_acl_blocks,
    route_blackhole,
    public_subnet_without_public_ip,
    awsvpc_task_cannot_have_public_ip,
    managed_instance_network_blocked,
    no_route_to_internet,
    vpc_endpoint_missing,
    s3_gateway_not_on_route_table,
    endpoint_private_dns_off,
    endpoint_not_available,
    endpoint_security_group_blocks,
    endpoint_policy_denies,
)
"""In the order in which a packet meets them."""
