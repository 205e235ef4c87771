import ipaddress
import json
import time
from typing import Any

import pytest

from sandbox.client import Sandbox
from tests.sandbox import small_network
from tests.sandbox.refusals import refusal
from tests.sandbox.small_network import ECR_API, LOGS, S3, Network


@pytest.fixture
def network(account: Sandbox) -> Network:
    return small_network.build(account)


def test_a_dry_run_creates_nothing(network):
    asked = {"VpcId": network.vpc, "ServiceName": LOGS, "VpcEndpointType": "Interface", "SubnetIds": [network.subnet_a]}
    assert refusal(network.ec2.create_vpc_endpoint, DryRun=True, **asked)[:2] == ("DryRunOperation", 412)
    assert network.endpoints() == []
    assert network.interfaces() == []


def test_the_same_token_yields_the_same_endpoint_and_another_request_is_refused(network):
    first = network.endpoint(ClientToken="once")
    assert network.endpoint(ClientToken="once")["VpcEndpointId"] == first["VpcEndpointId"]
    assert len(network.endpoints()) == 1
    asked = {"VpcId": network.vpc, "ServiceName": LOGS, "VpcEndpointType": "Interface", "ClientToken": "once"}
    refused = refusal(network.ec2.create_vpc_endpoint, SubnetIds=[network.subnet_b], **asked)
    assert refused.code == "IdempotentParameterMismatch"


def test_two_subnets_of_one_zone_are_refused(network):
    refused = refusal(network.endpoint, SubnetIds=[network.subnet_a, network.second_in_a])
    assert refused.code == "DuplicateSubnetsInSameZone"
    assert network.second_in_a in refused.message
    assert network.interfaces() == []


def test_a_second_private_dns_name_is_refused_but_an_endpoint_without_one_is_fine(network):
    network.endpoint()
    refused = refusal(network.endpoint, SubnetIds=[network.subnet_b])
    assert refused[:2] == ("InvalidParameter", 400)
    assert refused.message == (
        "private-dns-enabled cannot be set because there is already a conflicting DNS domain for "
        f"logs.eu-west-1.amazonaws.com in the VPC {network.vpc}"
    )
    assert network.endpoint(PrivateDnsEnabled=False)["PrivateDnsEnabled"] is False
    network.endpoint(ECR_API)


def test_a_private_hosted_zone_of_the_vpc_conflicts_too(account, network):
    account.client("route53").create_hosted_zone(
        Name="logs.eu-west-1.amazonaws.com",
        CallerReference="1",
        HostedZoneConfig={"PrivateZone": True},
        VPC={"VPCRegion": "eu-west-1", "VPCId": network.vpc},
    )
    assert "conflicting DNS domain" in refusal(network.endpoint).message


def test_an_unknown_service_is_refused(network):
    refused = refusal(network.endpoint, "com.amazonaws.eu-west-1.nonsense")
    assert refused.code == "InvalidServiceName"
    # Another Region's service is not one of this Region's.
    assert refusal(network.endpoint, "com.amazonaws.us-east-1.logs").code == "InvalidServiceName"


@pytest.mark.parametrize("attribute", ["EnableDnsSupport", "EnableDnsHostnames"])
def test_private_dns_needs_both_attributes_of_the_vpc(network, attribute):
    network.ec2.modify_vpc_attribute(VpcId=network.vpc, **{attribute: {"Value": False}})
    refused = refusal(network.endpoint)
    assert refused.message == (
        "Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC attributes set to true for "
        f"{network.vpc}"
    )
    assert network.endpoint(PrivateDnsEnabled=False)["State"] == "available"


def test_the_type_defaults_to_gateway_and_a_gateway_has_no_private_dns(network):
    endpoint = network.ec2.create_vpc_endpoint(VpcId=network.vpc, ServiceName=S3)["VpcEndpoint"]
    assert (endpoint["VpcEndpointType"], endpoint["PrivateDnsEnabled"]) == ("Gateway", False)
    refused = refusal(network.ec2.create_vpc_endpoint, VpcId=network.vpc, ServiceName=LOGS)
    assert refused.message == "Endpoint type (Gateway) does not match available service types ([Interface])."


def test_an_interface_endpoint_has_real_interfaces_in_its_subnets(network):
    endpoint = network.endpoint(SubnetIds=[network.subnet_a, network.subnet_b], SecurityGroupIds=[network.group])
    interfaces = {i["NetworkInterfaceId"]: i for i in network.interfaces()}
    assert set(interfaces) == set(endpoint["NetworkInterfaceIds"])
    assert {i["SubnetId"] for i in interfaces.values()} == {network.subnet_a, network.subnet_b}
    for interface in interfaces.values():
        block = "10.0.1.0/24" if interface["SubnetId"] == network.subnet_a else "10.0.2.0/24"
        assert ipaddress.ip_address(interface["PrivateIpAddress"]) in ipaddress.ip_network(block)
        assert [g["GroupId"] for g in interface["Groups"]] == [network.group]
        assert interface["InterfaceType"] == "vpc_endpoint"
        assert interface["RequesterManaged"] is True


def test_without_security_groups_the_vpc_s_default_group_is_used(network):
    default = network.ec2.describe_security_groups(
        Filters=[{"Name": "vpc-id", "Values": [network.vpc]}, {"Name": "group-name", "Values": ["default"]}]
    )["SecurityGroups"][0]["GroupId"]
    assert [g["GroupId"] for g in network.endpoint()["Groups"]] == [default]


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"SecurityGroupIds": ["sg-0123456789abcdef0"]}, "InvalidGroup.NotFound"),
        ({"SubnetIds": ["subnet-0123456789abcdef0"]}, "InvalidSubnetID.NotFound"),
        ({"PolicyDocument": "no policy"}, "InvalidPolicyDocument"),
    ],
)
def test_what_does_not_exist_or_makes_no_sense_is_refused_and_leaves_nothing(network, settings, code):
    assert refusal(network.endpoint, **settings).code == code
    assert network.endpoints() == []
    assert network.interfaces() == []


def test_dns_names_show_the_private_name_only_while_private_dns_is_on(network):
    endpoint = network.endpoint(SubnetIds=[network.subnet_a, network.subnet_b])
    names = [entry["DnsName"] for entry in endpoint["DnsEntries"]]
    assert names[-1] == "logs.eu-west-1.amazonaws.com"
    assert [name.endswith(".logs.eu-west-1.vpce.amazonaws.com") for name in names[:-1]] == [True] * 3
    assert "-eu-west-1b." in names[2]
    network.ec2.modify_vpc_endpoint(VpcEndpointId=endpoint["VpcEndpointId"], PrivateDnsEnabled=False)
    (changed,) = network.endpoints()
    assert changed["PrivateDnsEnabled"] is False
    assert [entry["DnsName"] for entry in changed["DnsEntries"]] == names[:-1]


def test_private_dns_of_s3_needs_the_gateway_first(network):
    assert "must have a Gateway endpoint" in refusal(network.endpoint, S3).message
    network.ec2.create_vpc_endpoint(VpcId=network.vpc, ServiceName=S3)
    endpoint = network.endpoint(S3)
    assert endpoint["PrivateDnsEnabled"] is True
    assert endpoint["DnsOptions"]["PrivateDnsOnlyForInboundResolverEndpoint"] is True


def test_private_dns_of_s3_for_everybody_needs_no_gateway(network):
    for_everybody = {"PrivateDnsOnlyForInboundResolverEndpoint": False}
    identifier = network.endpoint(S3, DnsOptions=for_everybody)["VpcEndpointId"]
    assert network.endpoints()[0]["DnsOptions"] == {"DnsRecordIpType": "ipv4", **for_everybody}
    only_inbound = {"PrivateDnsOnlyForInboundResolverEndpoint": True}
    network.ec2.modify_vpc_endpoint(VpcEndpointId=identifier, DnsOptions=only_inbound)
    assert network.endpoints()[0]["DnsOptions"] == {"DnsRecordIpType": "ipv4", **only_inbound}


def test_a_new_endpoint_is_pending_as_often_as_the_account_is_told(account, network):
    account.behave(endpoint_pending_describes=2)
    endpoint = network.endpoint()
    assert endpoint["State"] == "pending"
    assert [network.endpoints()[0]["State"] for _ in range(3)] == ["pending", "pending", "available"]
    network.ec2.modify_vpc_endpoint(VpcEndpointId=endpoint["VpcEndpointId"], PrivateDnsEnabled=False)
    assert [network.endpoints()[0]["State"] for _ in range(3)] == ["pending", "pending", "available"]


def test_a_new_endpoint_is_pending_as_long_as_the_account_is_told(account, network):
    account.behave(endpoint_pending_seconds=0.5)
    assert network.endpoint()["State"] == "pending"
    time.sleep(0.6)
    assert network.endpoints()[0]["State"] == "available"


def test_subnets_and_groups_can_be_changed(network):
    endpoint = network.endpoint()
    network.ec2.modify_vpc_endpoint(
        VpcEndpointId=endpoint["VpcEndpointId"],
        AddSubnetIds=[network.subnet_b],
        RemoveSubnetIds=[network.subnet_a],
        AddSecurityGroupIds=[network.group],
        RemoveSecurityGroupIds=[endpoint["Groups"][0]["GroupId"]],
    )
    (changed,) = network.endpoints()
    (interface,) = network.interfaces()
    assert changed["SubnetIds"] == [network.subnet_b]
    assert changed["NetworkInterfaceIds"] == [interface["NetworkInterfaceId"]]
    assert interface["SubnetId"] == network.subnet_b
    assert [g["GroupId"] for g in interface["Groups"]] == [g["GroupId"] for g in changed["Groups"]] == [network.group]


def test_a_refused_change_changes_nothing(network):
    endpoint = network.endpoint()
    refused = refusal(
        network.ec2.modify_vpc_endpoint,
        VpcEndpointId=endpoint["VpcEndpointId"],
        AddSubnetIds=[network.second_in_a],
        AddSecurityGroupIds=[network.group],
    )
    assert refused.code == "DuplicateSubnetsInSameZone"
    (unchanged,) = network.endpoints()
    assert (unchanged["SubnetIds"], unchanged["Groups"]) == (endpoint["SubnetIds"], endpoint["Groups"])


def test_switching_private_dns_on_meets_the_same_conflict(network):
    network.endpoint()
    second = network.endpoint(SubnetIds=[network.subnet_b], PrivateDnsEnabled=False)
    refused = refusal(network.ec2.modify_vpc_endpoint, VpcEndpointId=second["VpcEndpointId"], PrivateDnsEnabled=True)
    assert "conflicting DNS domain" in refused.message


def test_associating_a_gateway_adds_its_route_and_dissociating_removes_it(network):
    gateway = network.ec2.create_vpc_endpoint(VpcId=network.vpc, ServiceName=S3)["VpcEndpoint"]["VpcEndpointId"]
    network.ec2.modify_vpc_endpoint(VpcEndpointId=gateway, AddRouteTableIds=[network.route_table])
    (route,) = [r for r in network.routes() if r.get("GatewayId") == gateway]
    assert route["DestinationPrefixListId"] == "pl-6da54004"
    assert route["State"] == "active"
    assert network.endpoints()[0]["RouteTableIds"] == [network.route_table]
    network.ec2.modify_vpc_endpoint(VpcEndpointId=gateway, RemoveRouteTableIds=[network.route_table])
    assert [r["GatewayId"] for r in network.routes()] == ["local"]
    assert network.endpoints()[0]["RouteTableIds"] == []


def test_a_route_table_takes_one_gateway_per_service(network):
    asked = {"VpcId": network.vpc, "ServiceName": S3, "RouteTableIds": [network.route_table]}
    network.ec2.create_vpc_endpoint(**asked)
    assert refusal(network.ec2.create_vpc_endpoint, **asked).code == "RouteAlreadyExists"
    assert len(network.endpoints()) == 1


def test_the_policy_can_be_changed_and_reset(network):
    endpoint = network.endpoint()
    policy = json.dumps({"Version": "2012-10-17", "Statement": []})
    network.ec2.modify_vpc_endpoint(VpcEndpointId=endpoint["VpcEndpointId"], PolicyDocument=policy)
    assert network.endpoints()[0]["PolicyDocument"] == policy
    network.ec2.modify_vpc_endpoint(VpcEndpointId=endpoint["VpcEndpointId"], ResetPolicy=True)
    assert network.endpoints()[0]["PolicyDocument"] == endpoint["PolicyDocument"]


def test_deleting_takes_interfaces_and_routes_along_and_names_what_is_unknown(network):
    interface = network.endpoint()["VpcEndpointId"]
    gateway = network.ec2.create_vpc_endpoint(VpcId=network.vpc, ServiceName=S3, RouteTableIds=[network.route_table])[
        "VpcEndpoint"
    ]["VpcEndpointId"]
    unknown = "vpce-0123456789abcdef0"
    answer = network.ec2.delete_vpc_endpoints(VpcEndpointIds=[interface, gateway, unknown])
    assert [(u["ResourceId"], u["Error"]["Code"]) for u in answer["Unsuccessful"]] == [
        (unknown, "InvalidVpcEndpointId.NotFound")
    ]
    assert network.endpoints() == []
    assert network.interfaces() == []
    assert [r["GatewayId"] for r in network.routes()] == ["local"]
    assert refusal(network.ec2.describe_vpc_endpoints, VpcEndpointIds=[interface]).code == (
        "InvalidVpcEndpointId.NotFound"
    )


def test_filters_and_pages(network):
    services = ["logs", "ecr.api", "ecr.dkr", "ssmmessages", "kms", "sqs"]
    ids = [network.endpoint(f"com.amazonaws.eu-west-1.{service}")["VpcEndpointId"] for service in services]

    def found(**asked: Any) -> list[str]:
        return [e["VpcEndpointId"] for e in network.ec2.describe_vpc_endpoints(**asked)["VpcEndpoints"]]

    assert found(Filters=[{"Name": "vpc-endpoint-id", "Values": ids[:2]}]) == ids[:2]
    assert found(Filters=[{"Name": "service-name", "Values": [ECR_API]}]) == [ids[1]]
    assert found(Filters=[{"Name": "vpc-endpoint-state", "Values": ["pending"]}]) == []
    assert refusal(found, Filters=[{"Name": "nonsense", "Values": ["x"]}]).code == "InvalidParameterValue"
    pages = list(network.ec2.get_paginator("describe_vpc_endpoints").paginate(PaginationConfig={"PageSize": 5}))
    assert [e["VpcEndpointId"] for page in pages for e in page["VpcEndpoints"]] == ids
    assert [len(page["VpcEndpoints"]) for page in pages] == [5, 1]
    assert refusal(found, NextToken="nonsense").code == "InvalidNextToken"
