"""The repairing role may do what the remedies declare, on what they declare, and nothing else."""

import re
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any

import pytest

from ecs_medic.remedies.registry import REMEDIES
from ecs_medic.remedies.remedy import Grant
from tests.template.intrinsics import Given, resolved
from tests.template.operations import operations_named_in
from tests.template.stack import ROOT, deployed, listed, statements, statements_of

RESOURCES = deployed()
ROLE = RESOURCES["RemedyRole"]["Properties"]
GIVEN = Given(
    {
        "AWS::Partition": "aws",
        "AWS::Region": "eu-west-1",
        "AWS::AccountId": "123456789012",
        "RepairCluster": "shop-*",
        "ExecPolicy": "arn:aws:iam::123456789012:policy/exec",
    },
    {"RepairsAreWanted": True},
)
PLACES = {
    "partition": "aws",
    "region": "eu-west-1",
    "account": "123456789012",
    "cluster": "shop-*",
    "exec_policy_arn": "arn:aws:iam::123456789012:policy/exec",
}
WRITES = re.compile(r":(Create|Modify|Delete|Authorize|Revoke|Update|Stop|Attach|Detach|Associate|Put|Tag)")
# What is no remedy's: the run's own log and its hold on what it works on.
OF_THE_RUN = {"TakeSubjects", "WriteLogsOfRepairs"}

type Permission = tuple[str, str, frozenset[tuple[str, str, str]]]
"""An action on a resource, under all of these conditions; each value of a condition is one by itself."""


def permissions(actions: Iterable[str], resources: Iterable[str], conditions: Mapping[str, Any]) -> set[Permission]:
    several: list[frozenset[tuple[str, str, str]]] = [frozenset()]
    for operator, keys in conditions.items():
        for key, values in keys.items():
            one_of = [values] if isinstance(values, str) else values
            several = [conditions | {(operator, key, value)} for conditions in several for value in one_of]
    return {(action, resource, one) for action in actions for resource in resources for one in several}


def weakest(every: set[Permission]) -> set[Permission]:
    """Without those that another one covers, because it asks for less."""
    return {one for one in every if not any(o[:2] == one[:2] and o[2] < one[2] for o in every)}


def declared() -> Iterable[tuple[Grant, set[Permission]]]:
    for remedy in REMEDIES.values():
        for grant in remedy.grants:
            conditions = {
                operator: {
                    key: [value.format(**PLACES) for value in ([values] if isinstance(values, str) else values)]
                    for key, values in keys.items()
                }
                for operator, keys in grant.conditions.items()
            }
            resources = [resource.format(**PLACES) for resource in grant.resources]
            yield grant, permissions(grant.actions, resources, conditions)


def allowed() -> set[Permission]:
    found: set[Permission] = set()
    for statement in statements(ROLE):
        if statement["Sid"] not in OF_THE_RUN:
            one = resolved(statement, GIVEN)
            found |= permissions(listed(one["Action"]), listed(one["Resource"]), one.get("Condition", {}))
    return found


def writes(every: Iterable[Permission]) -> set[Permission]:
    return {one for one in every if WRITES.search(one[0])}


DECLARED = weakest({one for _, every in declared() for one in every})


def test_every_change_that_a_remedy_declares_is_allowed_as_it_is_declared_and_no_other():
    assert writes(allowed()) == writes(DECLARED)


def test_nothing_is_allowed_twice():
    assert weakest(allowed()) == allowed()


def test_every_read_that_a_remedy_declares_is_allowed():
    may = {action for s in statements_of("RemedyRole", RESOURCES) for action in listed(s["Action"])}
    assert {action for action, _, _ in DECLARED} <= may


def test_the_role_reads_nothing_that_neither_a_diagnosis_nor_a_remedy_needs():
    reads = {action for action, _, _ in allowed() if not WRITES.search(action)}
    assert reads <= {action for action, _, _ in DECLARED}


def test_what_the_remedies_do_is_what_they_declare():
    """By the names in their files, which no test run has to come by."""
    modules = (ROOT / "layers" / "ecs_medic" / "ecs_medic" / "remedies").glob("*.py")
    named = {action for module in modules if module.name != "survey.py" for action in operations_named_in(module)}
    # Two that come with others: tags with what they are put on, hosted zones with an endpoint's private names.
    beside = {"ec2:CreateTags", "logs:TagResource", "route53:AssociateVPCWithHostedZone"}
    assert {action for action, _, _ in DECLARED} == named | beside


def test_endpoints_are_made_for_aws_services_of_this_region_only_and_marked():
    made = [one for one in allowed() if one[0] == "ec2:CreateVpcEndpoint" and "vpc-endpoint/" in one[1]]
    for _, _, conditions in made:
        [name] = [value for operator, key, value in conditions if key == "ec2:VpceServiceName"]
        assert name in {"com.amazonaws.eu-west-1.*", "cn.com.amazonaws.eu-west-1.*"}
        marks = {(operator, key, value) for operator, key, value in conditions if key.startswith("aws:RequestTag")}
        assert marks == {("Null", f"aws:RequestTag/ecs-medic:{mark}", "false") for mark in ("run", "incident")}
    # Everything else that the call touches is asked for by itself.
    kinds = {one[1].rsplit(":", 1)[-1].split("/")[0] for one in allowed() if one[0] == "ec2:CreateVpcEndpoint"}
    assert kinds == {"vpc-endpoint", "vpc", "subnet", "security-group", "route-table"}


def test_services_keep_their_task_definition_and_their_subnets_but_for_a_public_address():
    several = [one for one in allowed() if one[0] == "ecs:UpdateService"]
    assert {resource for _, resource, _ in several} == {"arn:aws:ecs:eu-west-1:123456789012:service/shop-*/*"}
    assert all(("Null", "ecs:task-definition", "true") in conditions for _, _, conditions in several)
    with_subnets = [one for one in several if ("Null", "ecs:subnet", "true") not in one[2]]
    assert len(with_subnets) == 1
    assert ("Null", "ecs:auto-assign-public-ip", "false") in with_subnets[0][2]


def test_only_the_stacks_own_policy_is_ever_attached_and_it_opens_exec_sessions_and_nothing_else():
    of_iam = {one for one in writes(allowed()) if one[0].startswith("iam:")}
    assert {action for action, _, _ in of_iam} == {"iam:AttachRolePolicy", "iam:DetachRolePolicy"}
    assert {c for _, _, c in of_iam} == {frozenset({("ArnEquals", "iam:PolicyARN", PLACES["exec_policy_arn"])})}
    [statement] = statements(RESOURCES["ExecPolicy"]["Properties"])
    channels = {f"{verb}{channel}Channel" for verb in ("Create", "Open") for channel in ("Control", "Data")}
    assert set(statement["Action"]) == {f"ssmmessages:{channel}" for channel in channels}


@pytest.mark.parametrize("action", ["iam:PassRole", "ecs:ExecuteCommand", "ecs:RunTask", "ec2:CreateRoute"])
def test_some_things_are_never_allowed(action):
    assert action not in {a for s in statements_of("RemedyRole", RESOURCES) for a in listed(s["Action"])}


def test_nothing_is_deleted_that_a_run_has_not_made():
    for action, _, conditions in allowed():
        if ":Delete" in action:
            assert conditions == {("Null", "aws:ResourceTag/ecs-medic:run", "false")}


EC2 = "arn:aws:ec2:eu-west-1:123456789012:"
SERVICE = "arn:aws:ecs:eu-west-1:123456789012:service/shop-1/orders"
MARKED = {"aws:RequestTag/ecs-medic:run": "run-1", "aws:RequestTag/ecs-medic:incident": "inc-1"}
ECR = {"ec2:VpceServiceName": "com.amazonaws.eu-west-1.ecr.api"}
WITH_SUBNETS = {"ecs:subnet": "subnet-1"}
ADDRESS = {**WITH_SUBNETS, "ecs:auto-assign-public-ip": "true"}
ANOTHER_DEFINITION = {"ecs:task-definition": "orders:8"}
ROLE_ARN = "arn:aws:iam::123456789012:role/orders-task"


@pytest.mark.parametrize(
    ("action", "resource", "request_keys", "may"),
    [
        ("ec2:CreateVpcEndpoint", f"{EC2}vpc-endpoint/vpce-1", {**ECR, **MARKED}, True),
        ("ec2:CreateVpcEndpoint", f"{EC2}vpc-endpoint/vpce-1", ECR, False),
        ("ec2:CreateVpcEndpoint", f"{EC2}vpc-endpoint/vpce-1", MARKED, False),
        (
            "ec2:CreateVpcEndpoint",
            f"{EC2}vpc-endpoint/vpce-1",
            {**MARKED, "ec2:VpceServiceName": "com.amazonaws.vpce.eu-west-1.vpce-svc-1"},
            False,
        ),
        ("ec2:CreateVpcEndpoint", f"{EC2}subnet/subnet-1", {}, True),
        ("ec2:CreateVpcEndpoint", "arn:aws:ec2:us-east-1:123456789012:subnet/subnet-1", {}, False),
        ("ec2:DeleteVpcEndpoints", f"{EC2}vpc-endpoint/vpce-1", {"aws:ResourceTag/ecs-medic:run": "run-1"}, True),
        ("ec2:DeleteVpcEndpoints", f"{EC2}vpc-endpoint/vpce-1", {}, False),
        ("ec2:DeleteSecurityGroup", f"{EC2}security-group/sg-1", {}, False),
        ("ec2:CreateTags", f"{EC2}security-group/sg-1", {"ec2:CreateAction": "CreateSecurityGroup"}, True),
        ("ec2:CreateTags", f"{EC2}security-group/sg-1", {}, False),
        ("ec2:CreateTags", f"{EC2}subnet/subnet-1", {"ec2:CreateAction": "CreateSubnet"}, False),
        ("ecs:UpdateService", SERVICE, {}, True),
        ("ecs:UpdateService", SERVICE, ANOTHER_DEFINITION, False),
        ("ecs:UpdateService", SERVICE, WITH_SUBNETS, False),
        ("ecs:UpdateService", SERVICE, ADDRESS, True),
        ("ecs:UpdateService", SERVICE, {**ADDRESS, **ANOTHER_DEFINITION}, False),
        ("ecs:UpdateService", "arn:aws:ecs:eu-west-1:123456789012:service/bank/orders", {}, False),
        ("ecs:StopTask", "arn:aws:ecs:eu-west-1:123456789012:task/bank/0123", {}, False),
        ("iam:AttachRolePolicy", ROLE_ARN, {"iam:PolicyARN": PLACES["exec_policy_arn"]}, True),
        ("iam:AttachRolePolicy", ROLE_ARN, {"iam:PolicyARN": "arn:aws:iam::aws:policy/AdministratorAccess"}, False),
        ("logs:DeleteLogGroup", "arn:aws:logs:eu-west-1:123456789012:log-group:/shop/orders:*", {}, False),
    ],
)
def test_what_the_role_may_ask_for(action, resource, request_keys, may):
    """As IAM judges: one permission that fits is enough, and a key that the request lacks is absent."""
    fitting = [one for one in allowed() if one[0] == action and fnmatchcase(resource, one[1])]
    assert any(all(_holds(*condition, request_keys) for condition in one[2]) for one in fitting) is may


def _holds(operator: str, key: str, value: str, request_keys: Mapping[str, str]) -> bool:
    if operator == "Null":
        return (key not in request_keys) is (value == "true")
    return key in request_keys and fnmatchcase(request_keys[key], value)
