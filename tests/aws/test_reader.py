"""The reader over the wire: every kind of trouble that AWS can make, in each protocol."""

import socket
import threading
import time

import boto3
import pytest
from botocore.config import Config

from ecs_medic.aws import clients
from ecs_medic.aws import reader as reader_module
from ecs_medic.aws.reader import Answer, AwsUnavailable, Call, Reader
from ecs_medic.facts.fact import Absent, Fact, Known, Unknown
from ecs_medic.partition import partition_of
from sandbox.client import REGION, Sandbox

QUESTIONS = [
    Call("ecs", "DescribeClusters", {}),
    Call("ec2", "DescribeVpcs", {}),
    Call("iam", "ListRoles", {}),
    Call("logs", "DescribeLogGroups", {}),
]
by_protocol = pytest.mark.parametrize("call", QUESTIONS, ids=lambda call: call.service)


@pytest.fixture
def reader(account):
    return Reader(REGION)


@pytest.fixture
def once(monkeypatch: pytest.MonkeyPatch):
    """Every call is made once."""
    monkeypatch.setattr(clients, "_CONFIG", clients._CONFIG.merge(Config(retries={"total_max_attempts": 1})))


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch, once: None):
    """And given up soon."""
    monkeypatch.setattr(clients, "_CONFIG", clients._CONFIG.merge(Config(read_timeout=0.3)))


def ask(reader: Reader, call: Call) -> Fact[Answer]:
    return reader.read(call.service, call.operation, call.params)


def all_roles(reader: Reader) -> Fact[Answer]:
    """Every role, two a page."""
    return reader.together({0: Call("iam", "ListRoles", {"MaxItems": 2}, items="Roles")})[0]


@by_protocol
def test_a_call_is_made_three_times_and_no_more(account, reader, call):
    """README and the deadlines count on it; botocore's `max_attempts` would be one more."""
    account.clear_calls()
    account.fault(call.service, call.operation, "server_error")
    assert isinstance(ask(reader, call), Unknown)
    assert len(account.calls()) == 3


@by_protocol
def test_an_answer_is_known(reader, call):
    fact = ask(reader, call)
    assert isinstance(fact, Known)
    assert fact.source == call.name
    assert "ResponseMetadata" not in fact.value


@by_protocol
def test_a_denial_is_unknown_and_names_the_permission(account, reader, call):
    account.fault(call.service, call.operation, "access_denied")
    fact = ask(reader, call)
    assert isinstance(fact, Unknown)
    assert fact.missing_permission == call.name
    reader.ensure_reached()


@by_protocol
def test_throttling_is_unknown_and_blames_no_permission(account, once, reader, call):
    account.fault(call.service, call.operation, "throttled")
    fact = ask(reader, call)
    assert isinstance(fact, Unknown)
    assert fact.reason.startswith("throttled")
    assert fact.missing_permission is None


def test_throttling_is_tried_again_first(account, reader):
    account.fault("ecs", "DescribeClusters", "throttled", times=1)
    assert isinstance(ask(reader, QUESTIONS[0]), Known)


@by_protocol
def test_the_services_own_trouble_is_unknown(account, once, reader, call):
    account.fault(call.service, call.operation, "server_error")
    assert isinstance(ask(reader, call), Unknown)


@by_protocol
@pytest.mark.parametrize("kind", ["expired_credentials", "invalid_credentials"])
def test_refused_credentials_end_everything(account, reader, call, kind):
    account.fault(call.service, call.operation, kind)
    with pytest.raises(AwsUnavailable):
        ask(reader, call)
    with pytest.raises(AwsUnavailable):
        reader.together({"one": call, "other": Call("ec2", "DescribeSubnets", {})})


@by_protocol
@pytest.mark.parametrize("kind", ["truncated", "disconnect", "timeout"])
def test_a_broken_answer_is_never_an_empty_one(account, impatient, reader, call, kind):
    account.client("ecs").create_cluster(clusterName="shop")
    account.fault(call.service, call.operation, kind)
    assert isinstance(ask(reader, call), Unknown)


@pytest.mark.parametrize("operation", ["GetBucketLocation", "GetBucketEncryption", "GetBucketPolicy"])
def test_what_is_cut_off_is_neither_a_bucket_nor_the_lack_of_one(account, reader, operation):
    """botocore reads the body of the first by hand; of an error without a body it makes one by the HTTP status."""
    account.client("s3").create_bucket(
        Bucket="shop-audit", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    account.fault("s3", operation, "truncated")
    assert isinstance(reader.read("s3", operation, {"Bucket": "shop-audit"}), Unknown)


def test_not_there_is_absent(reader):
    assert isinstance(reader.read("iam", "GetRole", {"RoleName": "nobody"}), Absent)
    assert isinstance(reader.read("ec2", "DescribeVpcs", {"VpcIds": ["vpc-00000000000000000"]}), Absent)
    assert isinstance(reader.read("ecs", "DescribeTaskDefinition", {"taskDefinition": "nothing:1"}), Absent)


def test_wrong_parameters_are_unknown_and_reach_nobody(account, reader):
    account.clear_calls()
    assert isinstance(reader.read("ecs", "DescribeTasks", {"tasks": 7}), Unknown)
    assert account.calls() == []


def test_lists_come_whole_from_all_their_pages_and_every_page_is_traced(account, reader):
    iam = account.client("iam")
    for number in range(5):
        iam.create_role(RoleName=f"role-{number}", AssumeRolePolicyDocument="{}")
    fact = all_roles(reader)
    assert isinstance(fact, Known)
    assert len([role for role in fact.value["Roles"] if role["RoleName"].startswith("role-")]) == 5
    assert reader.calls.count("iam:ListRoles") >= 3


def test_a_list_that_is_too_long_is_unknown_rather_than_cut(account, reader, monkeypatch):
    monkeypatch.setattr(reader_module, "_MOST_ITEMS", 3)
    iam = account.client("iam")
    for number in range(5):
        iam.create_role(RoleName=f"role-{number}", AssumeRolePolicyDocument="{}")
    assert isinstance(all_roles(reader), Unknown)


def test_a_denial_on_the_second_page_makes_the_whole_list_unknown(account, reader):
    iam = account.client("iam")
    for number in range(5):
        iam.create_role(RoleName=f"role-{number}", AssumeRolePolicyDocument="{}")
    refused_after_one = reader._clients.get("iam", REGION)
    seen = []

    def refuse(**_: object) -> None:
        seen.append(1)
        if len(seen) == 2:
            account.fault("iam", "ListRoles", "access_denied")

    refused_after_one.meta.events.register("before-call.iam.ListRoles", refuse)
    fact = all_roles(reader)
    assert isinstance(fact, Unknown)
    assert fact.missing_permission == "iam:ListRoles"


def test_a_wave_keeps_what_it_can(account, reader):
    account.fault("ec2", "DescribeVpcs", "access_denied")
    facts = reader.together(dict(enumerate(QUESTIONS)))
    assert [isinstance(facts[index], Known) for index in range(4)] == [True, False, True, True]
    assert sorted(reader.calls) == sorted(call.name for call in QUESTIONS)
    assert reader.together({}) == {}


def test_a_wave_is_asked_at_the_same_time(account, reader):
    calls = {index: Call("ecs", "DescribeClusters", {"clusters": [f"c{index}"]}) for index in range(8)}
    reader.together({0: calls[0]})
    account.fault("ecs", "DescribeClusters", "delay", seconds=2)
    began = time.monotonic()
    reader.together(calls)
    assert time.monotonic() - began < 8 * 2 / 2


def test_the_threads_of_one_wave_serve_the_next(account, reader):
    before = set(threading.enumerate())
    reader.together(dict(enumerate(QUESTIONS)))
    first = set(threading.enumerate()) - before
    assert first
    reader.together(dict(enumerate(QUESTIONS)))
    assert first <= set(threading.enumerate())


def test_another_region_is_asked_where_the_call_says_so(account, reader):
    account.client("logs", region="us-east-1").create_log_group(logGroupName="/shop/orders")
    fact = reader.read("logs", "DescribeLogGroups", {"logGroupNamePrefix": "/shop"}, region="us-east-1")
    assert isinstance(fact, Known)
    assert fact.value["logGroups"]
    assert not reader.read("logs", "DescribeLogGroups", {"logGroupNamePrefix": "/shop"}).value["logGroups"]


def test_the_account_is_asked_only_where_nobody_told(account):
    assert Reader(REGION, account="111122223333").account() == Known("111122223333", "caller")
    reader = Reader(REGION)
    assert reader.account() == Known("123456789012", "sts:GetCallerIdentity")
    reader.account()
    assert reader.calls == ("sts:GetCallerIdentity",)


@pytest.mark.parametrize("kind", ["server_error", "throttled", "access_denied", "truncated"])
def test_where_nobody_tells_whose_account_it_is_nothing_is_read(account, kind):
    account.fault("sts", "GetCallerIdentity", kind)
    reader = Reader(REGION)
    reader.keep_to("123456789012")
    reader.keep_to("123456789012")
    fact = ask(reader, QUESTIONS[0])
    assert isinstance(fact, Unknown)
    assert fact.reason.startswith("whose account the credentials are of could not be read: ")
    assert fact.reason.count("whose account") == 1
    assert reader.calls == ("sts:GetCallerIdentity",)
    account.clear_faults()
    reader.again().keep_to("123456789012")
    assert isinstance(ask(reader, QUESTIONS[0]), Known)


def test_an_answer_that_names_no_account_is_unknown(account, monkeypatch):
    reader = Reader(REGION)
    monkeypatch.setattr(reader, "read", lambda *_: Known({"UserId": "AIDA"}, "sts:GetCallerIdentity"))
    assert reader.account() == Unknown("sts:GetCallerIdentity", "unreadable answer: it names no account")


def test_the_account_that_was_told_is_proof_of_itself_and_of_no_other(account):
    account.fault("sts", "GetCallerIdentity", "server_error")
    own = Reader(REGION, account="123456789012")
    own.keep_to("123456789012")
    assert isinstance(ask(own, QUESTIONS[0]), Known)
    assert "sts:GetCallerIdentity" not in own.calls
    other = own.again()
    other.keep_to("999999999999")
    assert isinstance(ask(other, QUESTIONS[0]), Unknown)


def test_what_aws_says_goes_before_what_was_told(account):
    """Emulators of Lambda make their account up."""
    reader = Reader(REGION, account="012345678912")
    reader.keep_to("123456789012")
    assert isinstance(ask(reader, QUESTIONS[0]), Known)
    assert reader.account() == Known("123456789012", "sts:GetCallerIdentity")
    again = reader.again()
    again.keep_to("999999999999")
    fact = ask(again, QUESTIONS[0])
    assert isinstance(fact, Unknown)
    assert "the credentials are of account 123456789012, not of 999999999999" in fact.reason
    assert again.calls == (), "AWS was asked once"


def test_no_answer_to_whose_account_it_is_says_what_was_asked(account, once, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", unreachable())
    reader = Reader(REGION)
    reader.keep_to("123456789012")
    assert isinstance(ask(reader, QUESTIONS[0]), Unknown)
    with pytest.raises(AwsUnavailable, match="sts:GetCallerIdentity"):
        reader.ensure_reached()


def unreachable() -> str:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{listener.getsockname()[1]}"


def test_one_service_out_of_reach_is_unknown_and_the_rest_goes_on(account, once, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL_ECS", unreachable())
    reader = Reader(REGION)
    facts = reader.together({"ecs": QUESTIONS[0], "ec2": QUESTIONS[1]})
    assert isinstance(facts["ecs"], Unknown)
    assert isinstance(facts["ec2"], Known)
    reader.ensure_reached()


def test_nothing_that_answers_is_no_aws(account, once, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", unreachable())
    reader = Reader(REGION)
    reader.ensure_reached()
    assert isinstance(ask(reader, QUESTIONS[0]), Unknown)
    with pytest.raises(AwsUnavailable, match="AWS_ENDPOINT_URL"):
        reader.ensure_reached()


def test_no_credentials_are_no_aws(account, monkeypatch, tmp_path):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    with pytest.raises(AwsUnavailable, match="credentials"):
        ask(Reader(REGION), QUESTIONS[0])


def test_a_profile_that_does_not_exist_is_no_aws(account, monkeypatch):
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    with pytest.raises(AwsUnavailable, match="nobody"):
        ask(Reader(REGION), QUESTIONS[0])


def test_a_session_can_be_given(account: Sandbox):
    session = boto3.session.Session(aws_access_key_id="other", aws_secret_access_key="other")
    assert isinstance(Reader(REGION, session=session).read("ecs", "DescribeClusters", {}), Known)


@pytest.mark.parametrize(
    ("region", "partition"),
    [
        ("eu-west-1", "aws"),
        ("cn-north-1", "aws-cn"),
        ("us-gov-west-1", "aws-us-gov"),
        ("nowhere", "aws"),
    ],
)
def test_partitions(region, partition):
    assert partition_of(region) == partition
