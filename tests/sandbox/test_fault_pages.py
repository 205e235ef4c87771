"""Lists without items, and lists of thousands: as each service really sends them."""

import json

import pytest

from sandbox.client import Sandbox
from sandbox.fault_pages import ITEMS_A_PAGE, PAGES

ALLOWED = {"Effect": "Allow", "Action": "logs:PutLogEvents", "Resource": "*"}
POLICY = {"Version": "2012-10-17", "Statement": [ALLOWED]}


def subnets(account: Sandbox) -> str:
    ec2 = account.client("ec2")
    vpc: str = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    for number in range(2):
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{number}.0/24")
    return vpc


def of_vpc(vpc: str) -> dict[str, object]:
    return {"Filters": [{"Name": "vpc-id", "Values": [vpc]}]}


def test_an_empty_list_is_there_and_empty(account):
    vpc = subnets(account)
    account.client("ecs").create_cluster(clusterName="shop")
    account.fault("*", "*", "empty")
    assert account.client("ec2").describe_subnets(**of_vpc(vpc))["Subnets"] == []
    assert account.client("ecs").list_clusters()["clusterArns"] == []
    assert account.client("iam").list_roles()["Roles"] == []
    assert account.client("ecs").describe_clusters(clusters=["shop"])["clusters"] == []


def test_an_error_stays_what_it_is(account):
    account.fault("*", "*", "pages")
    with pytest.raises(account.client("iam").exceptions.NoSuchEntityException):
        account.client("iam").list_role_policies(RoleName="nobody")


def paged(account: Sandbox, service: str, method: str, items: str, **asked: object) -> tuple[list[list[object]], int]:
    """The list's pages, and how many items there really are."""
    paginator = account.client(service).get_paginator(method)
    own = sum(len(page[items]) for page in paginator.paginate(**asked))
    account.fault(service, "*", "pages")
    return [page[items] for page in paginator.paginate(**asked)], own


def holds_both(pages: list[list[object]], own: int, *, first: bool = False) -> None:
    counts = [len(page) for page in pages]
    others = [ITEMS_A_PAGE] * PAGES
    assert counts == ([own, *others] if first else [*others, own])
    everything = [str(item) for page in pages for item in page]
    assert len(set(everything)) == len(everything)


def test_thousands_of_subnets_come_before_the_true_ones(account):
    vpc = subnets(account)
    pages, own = paged(account, "ec2", "describe_subnets", "Subnets", **of_vpc(vpc))
    assert own == 2
    holds_both(pages, own)


def test_a_list_that_is_asked_for_by_id_has_no_pages(account):
    vpc = subnets(account)
    account.fault("ec2", "*", "pages")
    assert [one["VpcId"] for one in account.client("ec2").describe_vpcs(VpcIds=[vpc])["Vpcs"]] == [vpc]


def test_iam_truncates_and_marks(account):
    iam = account.client("iam")
    iam.create_role(RoleName="shop", AssumeRolePolicyDocument="{}")
    iam.put_role_policy(RoleName="shop", PolicyName="logs", PolicyDocument=json.dumps(POLICY))
    pages, own = paged(account, "iam", "list_role_policies", "PolicyNames", RoleName="shop")
    holds_both(pages, own)
    assert iam.list_role_policies(RoleName="shop")["IsTruncated"] is True


def test_clusters_have_a_next_token(account):
    account.client("ecs").create_cluster(clusterName="shop")
    pages, own = paged(account, "ecs", "list_clusters", "clusterArns")
    holds_both(pages, own)


def test_log_groups_are_sorted_so_that_the_one_asked_for_comes_first(account):
    account.client("logs").create_log_group(logGroupName="/shop/orders")
    pages, own = paged(account, "logs", "describe_log_groups", "logGroups", logGroupNamePrefix="/shop/orders")
    holds_both(pages, own, first=True)


def test_file_systems_page_by_their_address(account):
    efs = account.client("efs")
    efs.create_file_system(CreationToken="shop")
    pages, own = paged(account, "efs", "describe_file_systems", "FileSystems")
    holds_both(pages, own)


def test_a_list_of_nothing_comes_in_empty_pages(account):
    paginator = account.client("ec2").get_paginator("describe_nat_gateways")
    account.fault("ec2", "*", "pages")
    assert [page["NatGateways"] for page in paginator.paginate()] == [[]] * (PAGES + 1)


def test_the_refusal_of_a_head_request_has_no_body(account):
    s3 = account.client("s3")
    account.fault("s3", "HeadBucket", "access_denied")
    with pytest.raises(s3.exceptions.ClientError) as refused:
        s3.head_bucket(Bucket="shop")
    assert refused.value.response["Error"] == {"Code": "403", "Message": "Forbidden"}
