"""Only what the verification has made is removed; and what becomes of a removal that is itself disturbed."""

import pytest
from botocore.exceptions import EndpointConnectionError

from sandbox.client import REGION
from verify import removal
from verify.guard import RefusedError
from verify.kinds.kind import Kind
from verify.names import FAMILIES, LOG_GROUP, NAME, QUEUE, SECRET, TAG
from verify.place import Place
from verify.record import Verdict
from verify.run import verify

CONTAINERS = [{"name": "app", "image": "x", "memory": 64}]
NO_NETWORK = EndpointConnectionError(endpoint_url="https://ec2.eu-west-1.amazonaws.com")


@pytest.fixture
def place(account, monkeypatch):
    for name, value in account.environment.items():
        monkeypatch.setenv(name, value)
    return Place("123456789012", REGION, lambda _: None, sleep=lambda _: None)


def everything(account):
    ecs, s3 = account.client("ecs"), account.client("s3")
    return {
        "secrets": [one["Name"] for one in account.client("secretsmanager").list_secrets()["SecretList"]],
        "log groups": [one["logGroupName"] for one in account.client("logs").describe_log_groups()["logGroups"]],
        "queues": account.client("sqs").list_queues()["QueueUrls"],
        "families": ecs.list_task_definition_families(status="ACTIVE")["families"],
        "clusters": ecs.list_clusters()["clusterArns"],
        "repositories": [r["repositoryName"] for r in account.client("ecr").describe_repositories()["repositories"]],
        "rules": [one["Name"] for one in account.client("events").list_rules()["Rules"]],
        "buckets": [one["Name"] for one in s3.list_buckets()["Buckets"]],
        "tables": account.client("dynamodb").list_tables()["TableNames"],
    }


def named_so(account):
    """Somebody else's things, each with the very name of one of ours."""
    account.client("secretsmanager").create_secret(Name=SECRET, SecretString="real")
    account.client("logs").create_log_group(logGroupName=LOG_GROUP)
    account.client("sqs").create_queue(QueueName=QUEUE)
    account.client("ecs").register_task_definition(family=FAMILIES[0], containerDefinitions=CONTAINERS)
    account.client("ecs").create_cluster(clusterName=NAME)
    account.client("ecr").create_repository(repositoryName=NAME)
    account.client("events").put_rule(Name=f"{NAME}-ecs", EventPattern='{"source": ["aws.ecs"]}')
    bucket = f"{NAME}-123456789012-{REGION}"
    account.client("s3").create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    account.client("s3").put_object(Bucket=bucket, Key="theirs", Body=b"")
    account.client("dynamodb").create_table(
        TableName=f"{NAME}-orders",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
    )


def test_what_only_begins_with_the_same_name_is_not_even_found(account, place):
    account.client("secretsmanager").create_secret(Name=f"{SECRET}-production", SecretString="real")
    account.client("logs").create_log_group(logGroupName=f"{LOG_GROUP}-of-another-team")
    account.client("logs").create_log_group(logGroupName=f"{LOG_GROUP}ingthings")
    account.client("sqs").create_queue(QueueName=f"{QUEUE}-else")
    account.client("ecs").register_task_definition(family=f"{NAME}X", containerDefinitions=CONTAINERS)
    before = everything(account)
    assert removal.leftovers(place) == []
    assert removal.not_ours(place) == []
    assert removal.remove(place) == []
    assert everything(account) == before


def test_what_is_named_so_and_not_tagged_stays_and_is_named(account, place):
    named_so(account)
    before = everything(account)
    assert removal.leftovers(place) == []
    assert sorted(one.split(":")[0] for one in removal.not_ours(place)) == sorted(
        ("secret", "log group", "queue", "task definition", "cluster", "repository", "rule", "bucket", "table")
    )
    assert removal.remove(place) == []
    assert everything(account) == before


def test_a_run_begins_not_beside_them_and_advises_no_removal(account, staged, tmp_path):
    account.client("secretsmanager").create_secret(Name=SECRET, SecretString="real")
    with pytest.raises(RefusedError, match=f"not ours: secret: {SECRET}") as refused:
        verify(staged.journey(), tmp_path, ())
    assert "clean" not in str(refused.value)


def test_what_is_tagged_goes(account, place):
    account.client("secretsmanager").create_secret(Name=SECRET, SecretString="x", Tags=[{"Key": TAG, "Value": "1"}])
    account.client("sqs").create_queue(QueueName=QUEUE, tags={TAG: "1"})
    assert [one.split(":")[0] for one in removal.leftovers(place)] == ["queue", "secret"]
    assert removal.remove(place) == []
    assert removal.leftovers(place) == []


def test_a_lost_connection_is_tried_again_and_ends_no_removal(place, monkeypatch):
    fails = [NO_NETWORK, NO_NETWORK]

    def find(_):
        if fails:
            raise fails.pop()
        return []

    monkeypatch.setattr(removal, "KINDS", (Kind("VPC", find, lambda _, __: None),))
    assert removal.remove(place) == []
    assert fails == []


def test_what_could_not_be_looked_for_is_left(staged, tmp_path, monkeypatch):
    def find(_):
        raise NO_NETWORK

    journey = staged.journey()
    monkeypatch.setattr("verify.run._free", lambda _: None)
    monkeypatch.setattr(removal, "MINUTES", 1.0)
    monkeypatch.setattr(removal, "KINDS", (Kind("VPC", find, lambda _, __: None),))
    page = verify(journey, tmp_path, ())
    assert "Left in the account: VPC: EndpointConnectionError" in page.read_text()
    assert not journey.record.succeeded


def test_a_removal_that_is_broken_off_has_not_left_nothing(staged, tmp_path, monkeypatch):
    def again(_):
        raise KeyboardInterrupt

    journey = staged.journey()
    monkeypatch.setattr(removal, "remove", again)
    with pytest.raises(KeyboardInterrupt):
        verify(journey, tmp_path, ())
    (page,) = tmp_path.glob("*.md")
    assert "Left in the account: unknown, the removal did not finish" in page.read_text()
    assert journey.record.left is None
    assert not [one for one in journey.record.observations if one.verdict is Verdict.SEEN]
