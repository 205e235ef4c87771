import pytest

from sandbox.client import REGION
from verify.guard import RefusedError, admit
from verify.names import NAME, TAG
from verify.place import NotSeenError, Place
from verify.removal import leftovers

ACCOUNT = "123456789012"


@pytest.fixture
def place(account, monkeypatch):
    for name, value in account.environment.items():
        monkeypatch.setenv(name, value)
    return Place(ACCOUNT, REGION, lambda _: None, sleep=lambda _: None)


@pytest.mark.parametrize("asked", [{}, {"ACCOUNT": ""}, {"ACCOUNT": "1234"}])
def test_nobody_is_let_in_without_naming_the_account(place, asked):
    with pytest.raises(RefusedError, match="say which account"):
        admit(place, asked)


def test_nobody_is_let_into_another_account(place):
    with pytest.raises(RefusedError, match="another account"):
        admit(place, {"ACCOUNT": "111122223333"})


def test_an_account_where_others_live_is_left_alone(place, account):
    ecs = account.client("ecs")
    ecs.create_cluster(clusterName="shop")
    ecs.register_task_definition(family="orders", containerDefinitions=[{"name": "app", "image": "x", "memory": 64}])
    ecs.create_service(cluster="shop", serviceName="orders", taskDefinition="orders", desiredCount=0)
    with pytest.raises(RefusedError, match="runs services in shop"):
        admit(place, {"ACCOUNT": ACCOUNT})
    account.clear_calls()
    with pytest.raises(RefusedError):
        admit(place, {"ACCOUNT": ACCOUNT})
    assert not [call for call in account.calls() if call["operation"].startswith(("Create", "Put", "Delete"))]


def test_it_says_what_it_will_make_and_what_that_costs(account, monkeypatch):
    for name, value in account.environment.items():
        monkeypatch.setenv(name, value)
    said: list[str] = []
    admit(Place(ACCOUNT, REGION, said.append), {"ACCOUNT": ACCOUNT})
    assert f"in {REGION} of account {ACCOUNT}" in said[0]
    assert "US dollar" in said[0]


def test_an_empty_account_has_nothing_left(place):
    assert leftovers(place) == []


def test_only_what_bears_the_name_is_found(place, account):
    account.client("sqs").create_queue(QueueName="orders")
    account.client("ec2").create_vpc(CidrBlock="10.0.0.0/16")
    account.client("logs").create_log_group(logGroupName="/shop")
    account.client("dynamodb").create_table(
        TableName="orders",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
    )
    assert leftovers(place) == []
    account.client("logs").create_log_group(logGroupName=f"/aws/lambda/{NAME}-diagnose", tags={TAG: "1"})
    assert leftovers(place) == [f"log group: /aws/lambda/{NAME}-diagnose"]


def test_waiting_ends():
    clock = iter(range(0, 1000, 30))
    place = Place(ACCOUNT, REGION, lambda _: None, sleep=lambda _: None, clock=lambda: next(clock))
    with pytest.raises(NotSeenError, match="rain: not within 2 minutes"):
        place.until("rain", lambda: None, minutes=2)
    assert place.until("sun", lambda: "sun", minutes=2) == "sun"
