import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.request

import pytest

from sandbox.client import Sandbox, SandboxError
from sandbox.server_process import ROOT
from tests.sandbox.refusals import refusal

PATIENCE_SECONDS = 20.0


def _gone(pid: int) -> bool:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False


def test_it_ends_with_the_process_that_started_it():
    child = subprocess.run(
        [
            sys.executable,
            "-c",
            "import os\nfrom sandbox.client import Sandbox\nprint(Sandbox.start().pid, flush=True)\nos._exit(1)",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert _gone(int(child.stdout))


def test_sigterm_ends_it_cleanly_and_the_ready_file_holds_the_addresses(tmp_path):
    ready = tmp_path / "ready.json"
    command = [sys.executable, "-m", "sandbox", "serve", "--ready-file", str(ready), "--seed", "7"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        try:
            assert json.loads(ready.read_text()) == json.loads(line)
            with urllib.request.urlopen(json.loads(line)["control"] + "/health", timeout=5) as answer:
                assert json.loads(answer.read()) == {"ok": True}
        finally:
            process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_SECONDS) == 0


def test_an_account_that_cannot_start_says_so(monkeypatch):
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(SandboxError, match="did not start"):
        Sandbox.start()


def _construct(account: Sandbox) -> list[str]:
    ec2 = account.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]
    eni = ec2.create_network_interface(SubnetId=subnet)["NetworkInterface"]["NetworkInterfaceId"]
    return [vpc, subnet, eni]


def test_the_same_construction_yields_the_same_ids_whatever_was_read_before(account):
    first = _construct(account)
    account.reset()
    account.client("ec2").describe_vpcs()
    account.client("iam").list_roles()
    account.client("logs", region="us-east-1").describe_log_groups()
    account.fault("sqs", "*", "throttled")
    refusal(account.client("sqs").list_queues)
    assert _construct(account) == first
    account.reset(seed=2)
    assert set(_construct(account)).isdisjoint(first)


def test_reset_empties_everything(account):
    _construct(account)
    account.client("logs").create_log_group(logGroupName="/ecs/shop")
    account.fault("ecs", "*", "access_denied")
    account.behave(endpoint_pending_describes=3)
    account._control("POST", "/events", {"id": "1"})
    account.reset()
    assert account.calls() == []
    assert account.events() == []
    assert account.faults() == []
    assert account._control("GET", "/behaviour")["endpoint_pending_describes"] == 0
    assert account.client("logs").describe_log_groups()["logGroups"] == []
    assert [vpc["IsDefault"] for vpc in account.client("ec2").describe_vpcs()["Vpcs"]] == [True]


def test_every_protocol_is_recognised_in_the_list_of_calls(account):
    account.client("ec2").describe_vpcs(VpcIds=[])
    account.client("ecs").list_clusters()
    account.client("iam").list_roles()
    account.client("elbv2").describe_load_balancers()
    account.client("elb").describe_load_balancers()
    account.client("efs").describe_file_systems()
    account.client("lambda").list_functions()
    account.client("s3").list_buckets()
    account.client("sqs", region="us-east-1").list_queues()
    account.client("logs").describe_log_groups(logGroupNamePrefix="/ecs")
    seen = [(c["service"], c["operation"], c["region"], c["status"]) for c in account.calls()]
    assert seen == [
        ("ec2", "DescribeVpcs", "eu-west-1", 200),
        ("ecs", "ListClusters", "eu-west-1", 200),
        ("iam", "ListRoles", "eu-west-1", 200),
        ("elbv2", "DescribeLoadBalancers", "eu-west-1", 200),
        ("elb", "DescribeLoadBalancers", "eu-west-1", 200),
        ("efs", "DescribeFileSystems", "eu-west-1", 200),
        ("lambda", "ListFunctions", "eu-west-1", 200),
        ("s3", "ListBuckets", "eu-west-1", 200),
        ("sqs", "ListQueues", "us-east-1", 200),
        ("logs", "DescribeLogGroups", "eu-west-1", 200),
    ]
    assert account.calls("logs")[0]["parameters"] == {"logGroupNamePrefix": "/ecs"}
    account.clear_calls()
    assert account.calls() == []


def test_events_are_kept_until_they_are_taken(account):
    account._control("POST", "/events", {"id": "1", "detail": {"a": [1]}})
    assert account.events() == [{"id": "1", "detail": {"a": [1]}}]
    assert account.take_events() == [{"id": "1", "detail": {"a": [1]}}]
    assert account.take_events(wait_seconds=0.1) == []


def test_taking_events_waits_for_the_first_one(account):
    taken: list[dict[str, str]] = []
    taker = threading.Thread(target=lambda: taken.extend(account.take_events(wait_seconds=10)))
    taker.start()
    time.sleep(0.2)
    account._control("POST", "/events", {"id": "late"})
    taker.join(PATIENCE_SECONDS)
    assert taken == [{"id": "late"}]


def test_an_operation_that_is_missing_is_refused_in_a_form_that_is_not_retried(account):
    assert refusal(account.client("ecs").list_service_deployments, service="shop")[:2] == (
        "UnknownOperationException",
        400,
    )
    assert refusal(account.client("ec2").describe_instance_topology)[:2] == ("InvalidAction", 400)
    assert refusal(account.client("iam").get_service_last_accessed_details, JobId="x" * 36)[:2] == (
        "InvalidAction",
        400,
    )


def test_another_account_is_separate(account):
    account.client("logs").create_log_group(logGroupName="/ecs/shop")
    assert account.client("logs", account="111122223333").describe_log_groups()["logGroups"] == []


def test_a_conditional_write_has_one_winner_among_many_threads(account):
    table = account.client("dynamodb")
    table.create_table(
        TableName="incidents",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    outcomes: list[str] = []

    def put(number: int) -> None:
        try:
            table.put_item(
                TableName="incidents",
                Item={"id": {"S": "1"}, "by": {"N": str(number)}},
                ConditionExpression="attribute_not_exists(id)",
            )
            outcomes.append("won")
        except table.exceptions.ConditionalCheckFailedException:
            outcomes.append("lost")

    threads = [threading.Thread(target=put, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_SECONDS)
    assert sorted(outcomes) == ["lost"] * 7 + ["won"]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/faults", {"service": "ecs", "operation": "*", "kind": "nonsense"}),
        ("POST", "/faults", {"kind": "error"}),
        ("POST", "/faults", {"kind": "throttled", "times": 0}),
        ("POST", "/faults", {"kind": "throttled", "extra": 1}),
        ("PATCH", "/behaviour", {"nonsense": 1}),
        ("PATCH", "/behaviour", {"endpoint_pending_describes": "many"}),
        ("GET", "/nonsense", None),
        ("POST", "/ecs/nonsense", {}),
    ],
)
def test_control_refuses_what_it_does_not_understand(account, method, path, body):
    with pytest.raises(SandboxError, match="error"):
        account._control(method, path, body)


def test_the_environment_points_sdk_and_slack_at_the_account(account, monkeypatch):
    before = dict(os.environ)
    with account.environ():
        assert os.environ["AWS_ENDPOINT_URL"] == account.aws_url
        assert os.environ["SLACK_API_URL"].startswith(account.control_url)
    assert dict(os.environ) == before
