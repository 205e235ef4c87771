"""Many questions put as one: each gets the answer that it would have had by itself."""

from collections.abc import Callable, Mapping
from typing import Any, cast

import pytest

from ecs_medic.aws.call import Call
from ecs_medic.aws.reader import Reader
from ecs_medic.collect.merging import asked_together, identity_of
from ecs_medic.facts.fact import Absent, Fact, Known, Unknown

type Answering = Callable[[Call], Fact[dict[str, Any]]]


class Account:
    """Answers as AWS would, and counts how often it is asked."""

    def __init__(self, answering: Answering) -> None:
        self.answering = answering
        self.asked: list[Call] = []

    def together[K](self, calls: Mapping[K, Call]) -> dict[K, Fact[dict[str, Any]]]:
        self.asked.extend(calls.values())
        return {key: self.answering(call) for key, call in calls.items()}


def put(account: Account, *calls: Call) -> list[Fact[dict[str, Any]]]:
    answers = asked_together(cast("Reader", account), calls)
    return [answers[identity_of(call)] for call in calls]


def in_vpc(vpc: str) -> Call:
    return Call("ec2", "DescribeSubnets", {"Filters": [{"Name": "vpc-id", "Values": [vpc]}]}, items="Subnets")


def by_id(*subnets: str) -> Call:
    return Call("ec2", "DescribeSubnets", {"SubnetIds": list(subnets)})


SUBNETS = [{"SubnetId": f"subnet-{vpc}{n}", "VpcId": f"vpc-{vpc}"} for vpc in "abc" for n in range(3)]


def ec2(call: Call) -> Fact[dict[str, Any]]:
    if wanted := call.params.get("SubnetIds"):
        found = [one for one in SUBNETS if one["SubnetId"] in wanted]
        if len(found) < len(wanted):
            return Absent(call.name, "InvalidSubnetID.NotFound")
        return Known({"Subnets": found}, call.name)
    (rule,) = call.params["Filters"]
    member = {"vpc-id": "VpcId", "subnet-id": "SubnetId"}[rule["Name"]]
    return Known({"Subnets": [one for one in SUBNETS if one[member] in rule["Values"]]}, call.name)


def test_the_parts_are_what_each_would_have_got():
    calls = [in_vpc("vpc-a"), in_vpc("vpc-c"), in_vpc("vpc-z"), by_id("subnet-a1"), by_id("subnet-a1", "subnet-b2")]
    account = Account(ec2)
    assert [getattr(one, "value", None) for one in put(account, *calls)] == [
        getattr(ec2(call), "value", None) for call in calls
    ]
    assert len(account.asked) == 2


def test_what_does_not_exist_spoils_nothing_for_the_others():
    there, gone = put(Account(ec2), by_id("subnet-a1"), by_id("subnet-a2", "subnet-gone"))
    assert isinstance(there, Known)
    assert isinstance(gone, Absent)


def test_the_same_question_is_put_once_and_a_lone_one_as_it_is():
    account = Account(ec2)
    put(account, by_id("subnet-a1"), by_id("subnet-a1"))
    assert account.asked == [by_id("subnet-a1")]


def test_a_refusal_is_everybodys():
    denied = Unknown("ec2:DescribeSubnets", "denied", "ec2:DescribeSubnets")
    account = Account(lambda _: denied)
    assert put(account, in_vpc("vpc-a"), in_vpc("vpc-b")) == [denied, denied]
    assert len(account.asked) == 1


def test_an_answer_that_is_too_long_for_all_is_asked_for_one_by_one():
    def short_of_breath(call: Call) -> Fact[dict[str, Any]]:
        if len(call.params["Filters"][0]["Values"]) > 1:
            return Unknown(call.name, "more than 5000 Subnets: not all were read")
        return ec2(call)

    account = Account(short_of_breath)
    answers = put(account, in_vpc("vpc-a"), in_vpc("vpc-b"))
    assert all(isinstance(one, Known) and len(one.value["Subnets"]) == 3 for one in answers)


def test_no_call_asks_for_more_than_aws_takes():
    account = Account(ec2)
    put(account, *(by_id(f"subnet-{number}", f"subnet-{number + 1}") for number in range(0, 500, 2)))
    batches = [call for call in account.asked if "Filters" in call.params]
    assert max(len(call.params["Filters"][0]["Values"]) for call in batches) == 100
    assert len(batches) == 5


def simulation(actions: list[str], resources: list[str], role: str = "arn:aws:iam::1:role/orders") -> Call:
    params = {"PolicySourceArn": role, "ActionNames": actions, "ResourceArns": resources}
    return Call("iam", "SimulatePrincipalPolicy", params, items="EvaluationResults")


def iam(call: Call) -> Fact[dict[str, Any]]:
    """May read what is called good."""
    results = [
        {
            "EvalActionName": action,
            "EvalResourceName": resource,
            "EvalDecision": "allowed" if "good" in resource else "implicitDeny",
        }
        for action in call.params["ActionNames"]
        for resource in call.params["ResourceArns"]
    ]
    return Known({"EvaluationResults": results}, call.name)


def test_a_role_is_asked_once_and_nobody_hears_of_anothers_resources():
    calls = [simulation(["a:Read"], ["good/1"]), simulation(["a:Read", "a:Write"], ["*", "bad/2"])]
    account = Account(iam)
    assert put(account, *calls) == [iam(call) for call in calls]
    assert len(account.asked) == 1
    other = simulation(["a:Read"], ["good/1"], "arn:aws:iam::1:role/billing")
    put(account, calls[0], other)
    assert len(account.asked) == 3


def test_a_question_with_a_context_is_put_by_itself():
    in_context = simulation(["kms:Decrypt"], ["good/key"])
    in_context = Call(
        "iam", in_context.operation, {**in_context.params, "ContextEntries": [{"ContextKeyName": "kms:ViaService"}]}
    )
    account = Account(iam)
    put(account, in_context, simulation(["a:Read"], ["good/1"]), simulation(["a:Read"], ["good/2"]))
    assert in_context in account.asked
    assert len(account.asked) == 2


def image(tag: str) -> Call:
    where = {"registryId": "1", "repositoryName": "orders"}
    return Call("ecr", "BatchGetImage", {**where, "imageIds": [{"imageTag": tag}], "acceptedMediaTypes": ["x"]})


def ecr(call: Call) -> Fact[dict[str, Any]]:
    ids = call.params["imageIds"]
    return Known(
        {
            "images": [{"imageId": one} for one in ids if "good" in one["imageTag"]],
            "failures": [{"imageId": one, "failureCode": "ImageNotFound"} for one in ids if "bad" in one["imageTag"]],
        },
        call.name,
    )


def test_a_tag_that_is_missing_is_missing_for_those_that_ask_for_it():
    calls = [image("good-1"), image("bad-1"), image("good-2")]
    account = Account(ecr)
    assert put(account, *calls) == [ecr(call) for call in calls]
    assert len(account.asked) == 1


def log_group(name: str) -> Call:
    return Call("logs", "DescribeLogGroups", {"logGroupNamePrefix": name, "limit": 50}, region="eu-west-1")


@pytest.mark.parametrize(("many", "calls"), [(9, 9), (10, 1), (200, 1)])
def test_log_groups_below_one_path_are_listed_where_there_are_many(many: int, calls: int):
    names = [f"/shop/orders-{number}" for number in range(many)]

    def logs(call: Call) -> Fact[dict[str, Any]]:
        prefix = call.params["logGroupNamePrefix"]
        return Known({"logGroups": [{"logGroupName": one} for one in names[1:] if one.startswith(prefix)]}, call.name)

    account = Account(logs)
    answers = put(account, *(log_group(name) for name in names), log_group("apart"))
    assert len(account.asked) == calls + 1
    held = [
        [one["logGroupName"] for one in answer.value["logGroups"]] for answer in answers if isinstance(answer, Known)
    ]
    assert names[0] not in held[0]
    assert all(name in some for name, some in zip(names[1:], held[1:], strict=False))
