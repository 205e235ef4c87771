"""Tasks that cannot start although endpoints or gateways exist: something on the way is closed or wired wrongly."""

import json

from sandbox.gallery import network as net
from sandbox.gallery.application import CLUSTER, Application, deploy
from sandbox.gallery.network import Network
from sandbox.gallery.observe import stopped
from sandbox.gallery.scenario import Builder, Scenario
from sandbox.gallery.workbench import Workbench
from sandbox.json_types import Json

TRIGGER = "the service starts a task"
ALWAYS_PENDING = 10**6


def endpoint_security_group_closed(bench: Workbench) -> Scenario:
    """The endpoints' security group admits nobody but an address range elsewhere."""
    network = net.with_endpoints(bench, "checkout")
    ec2 = bench.client("ec2")
    ec2.revoke_security_group_ingress(GroupId=network.endpoint_group, IpPermissions=[net.https_from(net.VPC_CIDR)])
    ec2.authorize_security_group_ingress(GroupId=network.endpoint_group, IpPermissions=[net.https_from("10.9.0.0/16")])
    return _blocked(
        bench,
        network,
        "endpoint_security_group_closed",
        "checkout",
        "The endpoint's security group admits no 443 from the task",
        "endpoint_security_group_blocks",
        {
            "vpc_endpoint_id": network.endpoints["ecr.api"],
            "security_group_ids": [network.endpoint_group],
            "service": net.full_name("ecr.api"),
        },
    )


def task_security_group_closed(bench: Workbench) -> Scenario:
    """The task's security group lets out only DNS."""
    network = net.with_endpoints(bench, "delivery")
    _let_out_only_dns(bench, network)
    return _blocked(
        bench,
        network,
        "task_security_group_closed",
        "delivery",
        "The task's security group lets no 443 out",
        "task_security_group_blocks_egress",
        {"security_group_ids": [network.task_group]},
    )


def network_acl_closed(bench: Workbench) -> Scenario:
    """The task subnet's network ACL lets requests out, but their answers not back in."""
    network = net.with_endpoints(bench, "returns")
    acl = _replace_acl(bench, network)
    for egress, ports in ((True, (443, 443)), (False, (443, 443))):
        bench.client("ec2").create_network_acl_entry(
            NetworkAclId=acl,
            RuleNumber=100,
            Protocol="6",
            RuleAction="allow",
            Egress=egress,
            CidrBlock="0.0.0.0/0",
            PortRange={"From": ports[0], "To": ports[1]},
        )
    return _blocked(
        bench,
        network,
        "network_acl_closed",
        "returns",
        "The task subnet's network ACL lets no answers in",
        "network_acl_blocks",
        {"network_acl_id": acl},
    )


def endpoint_private_dns_off(bench: Workbench) -> Scenario:
    """The endpoint for ecr.api is there, but its names do not lead to it."""
    network = net.isolated(bench, "reviews")
    net.add_endpoints(bench, network, ["ecr.api"], PrivateDnsEnabled=False)
    net.add_endpoints(bench, network, ["ecr.dkr", "logs"])
    net.add_s3_gateway(bench, network, [network.route_table])
    return _blocked(
        bench,
        network,
        "endpoint_private_dns_off",
        "reviews",
        "The endpoint for ecr.api has no private DNS",
        "endpoint_private_dns_off",
        {"vpc_endpoint_id": network.endpoints["ecr.api"], "service": net.full_name("ecr.api")},
    )


def vpc_dns_off(bench: Workbench) -> Scenario:
    """All endpoints are there; then the VPC's DNS was switched off."""
    network = net.with_endpoints(bench, "coupons")
    bench.client("ec2").modify_vpc_attribute(VpcId=network.vpc, EnableDnsSupport={"Value": False})
    return _blocked(bench, network, "vpc_dns_off", "coupons", "The VPC's DNS support is off", "vpc_dns_disabled")


def custom_dns_resolver(bench: Workbench) -> Scenario:
    """The VPC's DHCP options name a resolver that knows public names only."""
    network = net.with_endpoints(bench, "taxes")
    ec2 = bench.client("ec2")
    options = ec2.create_dhcp_options(DhcpConfigurations=[{"Key": "domain-name-servers", "Values": ["10.0.0.53"]}])[
        "DhcpOptions"
    ]["DhcpOptionsId"]
    ec2.associate_dhcp_options(DhcpOptionsId=options, VpcId=network.vpc)
    title = "The VPC's own resolver does not know the endpoints' private names"
    return _blocked(bench, network, "custom_dns_resolver", "taxes", title, "custom_dns_resolver", confidence="likely")


def endpoint_policy_denies(bench: Workbench) -> Scenario:
    """The S3 gateway endpoint's policy admits the shop's own bucket only, not ECR's layers."""
    network = net.isolated(bench, "media")
    net.add_endpoints(bench, network, net.START)
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": ["arn:aws:s3:::shop-media", "arn:aws:s3:::shop-media/*"],
            }
        ],
    }
    net.add_s3_gateway(bench, network, [network.route_table], PolicyDocument=json.dumps(policy))
    title = "The S3 gateway endpoint's policy does not admit ECR's layer bucket"
    return _blocked(bench, network, "endpoint_policy_denies", "media", title, "endpoint_policy_denies")


def endpoint_pending(bench: Workbench) -> Scenario:
    """The endpoint for ecr.api has been asked for and is not available yet."""
    network = net.isolated(bench, "wishlist")
    net.add_endpoints(bench, network, ["ecr.dkr", "logs"])
    net.add_s3_gateway(bench, network, [network.route_table])
    bench.sandbox.behave(endpoint_pending_describes=ALWAYS_PENDING)
    net.add_endpoints(bench, network, ["ecr.api"])
    bench.sandbox.behave(endpoint_pending_describes=0)
    return _blocked(
        bench,
        network,
        "endpoint_pending",
        "wishlist",
        "The endpoint for ecr.api is still pending",
        "endpoint_not_available",
    )


def blackhole_route(bench: Workbench) -> Scenario:
    """The default route points to a NAT gateway that was deleted."""
    network, nat = net.with_nat(bench, "ratings")
    bench.client("ec2").delete_nat_gateway(NatGatewayId=nat)
    return _blocked(
        bench,
        network,
        "blackhole_route",
        "ratings",
        "The default route points to a deleted NAT gateway",
        "route_blackhole",
    )


def public_subnet_without_public_ip(bench: Workbench) -> Scenario:
    """The subnet's default route is an internet gateway, but the task has no public address."""
    network = net.isolated(bench, "frontend")
    net.add_internet_gateway(bench, network, network.route_table)
    return _blocked(
        bench,
        network,
        "public_subnet_without_public_ip",
        "frontend",
        "A public subnet, but assignPublicIp is disabled",
        "public_subnet_without_public_ip",
        {"subnet_id": network.subnet},
    )


def _blocked(  # noqa: PLR0917 - a row of a table
    bench: Workbench,
    network: Network,
    name: str,
    service: str,
    title: str,
    cause: str,
    params: dict[str, Json] | None = None,
    *,
    confidence: str = "confirmed",
) -> Scenario:
    deploy(bench, Application(service, network))
    return Scenario(
        name=name,
        title=title,
        trigger=TRIGGER,
        event=stopped(bench, service),
        cause=cause,
        params=params or {},
        confidence=confidence,
        cluster=CLUSTER,
        service=service,
        resources=network.ids(),
    )


def _let_out_only_dns(bench: Workbench, network: Network) -> None:
    ec2 = bench.client("ec2")
    everything = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    dns = {"IpProtocol": "udp", "FromPort": 53, "ToPort": 53, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    ec2.revoke_security_group_egress(GroupId=network.task_group, IpPermissions=[everything])
    ec2.authorize_security_group_egress(GroupId=network.task_group, IpPermissions=[dns])


def _replace_acl(bench: Workbench, network: Network) -> str:
    ec2 = bench.client("ec2")
    acl = str(ec2.create_network_acl(VpcId=network.vpc)["NetworkAcl"]["NetworkAclId"])
    current = ec2.describe_network_acls(Filters=[{"Name": "association.subnet-id", "Values": [network.subnet]}])
    associations = [a for a in current["NetworkAcls"][0]["Associations"] if a["SubnetId"] == network.subnet]
    ec2.replace_network_acl_association(AssociationId=associations[0]["NetworkAclAssociationId"], NetworkAclId=acl)
    return acl


BUILDERS: tuple[Builder, ...] = (
    endpoint_security_group_closed,
    task_security_group_closed,
    network_acl_closed,
    endpoint_private_dns_off,
    vpc_dns_off,
    custom_dns_resolver,
    endpoint_policy_denies,
    endpoint_pending,
    blackhole_route,
    public_subnet_without_public_ip,
)
