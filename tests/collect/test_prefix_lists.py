"""Prefix lists that the account keeps: those on the way are read, others never at a diagnosis's cost."""

from datetime import UTC, datetime

import pytest

from ecs_medic.aws.reader import Reader
from ecs_medic.collect import prefix_lists
from ecs_medic.collect.question import Answers
from ecs_medic.diagnosis import examine
from ecs_medic.events.parse import parse
from ecs_medic.facts.fact import Absent, Known, Unknown
from ecs_medic.facts.health import LoadBalancer
from ecs_medic.facts.network import (
    Endpoint,
    Interface,
    NatGateway,
    Network,
    Permission,
    Route,
    RouteTable,
    SecurityGroup,
)
from ecs_medic.facts.storage import FileSystem, MountTarget
from sandbox.client import REGION
from sandbox.gallery import build
from tests.builders import facts, known

READ = "GetManagedPrefixListEntries"


def group(name: str, **inwards: str) -> SecurityGroup:
    """Its rules lead to lists of its name."""
    into = tuple(Permission("-1", prefix_list_ids=(one,)) for one in (f"pl-into-{name}", *inwards.values()))
    return SecurityGroup(f"sg-{name}", name, "vpc-1", into, (Permission("-1", prefix_list_ids=(f"pl-from-{name}",)),))


def table(name: str, *subnets: str, to: str = "tgw-1") -> RouteTable:
    return RouteTable(f"rtb-{name}", (Route(f"pl-route-{name}", "tgw-1"), Route("0.0.0.0/0", to)), subnets)


NETWORK = Network(
    "vpc-1",
    route_tables=known(
        (
            table("task", "subnet-task", to="nat-1"),
            table("nat", "subnet-nat"),
            table("balancer", "subnet-balancer"),
            table("other", "subnet-other"),
        )
    ),
    security_groups=known(
        {one.id: one for one in map(group, ("task", "endpoint", "balancer", "mount", "other", "more"))}
    ),
    endpoints=known((Endpoint("vpce-1", "s", "Interface", "available", security_group_ids=("sg-endpoint",)),)),
    nat_gateways=known({"nat-1": NatGateway("nat-1", "available", "subnet-nat")}),
    prefix_lists=known({"pl-into-endpoint": ("10.0.0.0/8",)}),
)
TASK = known(Interface("subnet-task", "vpc-1", security_group_ids=known(("sg-task",))))
ON_THE_WAY = {"pl-from-task", "pl-route-task", "pl-route-nat"}


def asked(**read) -> set[str]:
    return {key[1] for key in prefix_lists.questions_on_the_way(facts(networks={"vpc-1": NETWORK}, **read))}


def test_the_way_of_a_task_is_decided_by_its_own_groups_and_tables():
    """What an endpoint admits is on the way as well; of that list AWS has told already."""
    assert asked(task_interface=TASK) == ON_THE_WAY
    assert asked(host_interface=TASK) == ON_THE_WAY


def test_a_load_balancer_comes_in():
    balancer = LoadBalancer("arn", "b", "application", "vpc-1", ("sg-balancer",), {"eu-west-1a": "subnet-balancer"})
    found = asked(task_interface=TASK, load_balancers={"arn": known(balancer)})
    assert found == ON_THE_WAY | {"pl-into-task", "pl-from-balancer", "pl-route-balancer"}


def test_a_file_system_lets_in():
    system = FileSystem(
        "fs-1", known((MountTarget("fsmt-1", "subnet-other", security_group_ids=known(("sg-mount",))),))
    )
    assert asked(task_interface=TASK, file_systems={"fs-1": known(system)}) == ON_THE_WAY | {"pl-into-mount"}


@pytest.mark.parametrize("interface", [Absent("ec2:X"), Unknown("ec2:X", "denied")])
def test_where_nobodys_way_is_looked_at_no_list_is(interface):
    assert asked(task_interface=interface) == set()
    elsewhere = known(Interface("subnet-2", "vpc-2", security_group_ids=known(("sg-task",))))
    assert asked(task_interface=elsewhere) == set()


def test_groups_and_tables_that_were_not_read_refer_to_nothing():
    unread = Unknown("ec2:X", "denied")
    bare = Network("vpc-1", security_groups=unread, route_tables=unread, endpoints=unread)
    read = facts(networks={"vpc-1": bare}, task_interface=TASK)
    assert prefix_lists.questions_on_the_way(read) == {}
    assert prefix_lists.questions_in_the_vpc(read) == {}


def test_everybodys_ways_are_decided_by_all_of_them_as_far_as_they_go():
    names = ("task", "endpoint", "balancer", "mount", "other", "more")
    every = {f"pl-{way}-{name}" for name in names for way in ("from", "into")}
    every |= {f"pl-route-{name}" for name in ("task", "nat", "balancer", "other")}
    read = facts(networks={"vpc-1": NETWORK}, task_interface=TASK)
    assert {key[1] for key in prefix_lists.questions_in_the_vpc(read)} == every - {"pl-into-endpoint"}
    crowd = {f"sg-{number}": group(str(number)) for number in range(40)}
    crowded = facts(networks={"vpc-1": Network("vpc-1", security_groups=known(crowd))})
    assert len(prefix_lists.questions_in_the_vpc(crowded)) == 25


def test_entries_that_were_read_are_facts_and_others_stay_unknown():
    read = facts(networks={"vpc-1": NETWORK, "vpc-2": Network("vpc-2")}, task_interface=TASK)
    answers: Answers = {
        ("prefix_list", "pl-from-task"): known({"Entries": [{"Cidr": "10.9.0.0/16"}, {"Description": "no block"}]}),
        ("prefix_list", "pl-route-nat"): Unknown(f"ec2:{READ}", "denied", f"ec2:{READ}"),
    }
    told = prefix_lists.with_entries(read, answers)
    lists = told.networks["vpc-1"].prefix_lists
    assert isinstance(lists, Known)
    assert lists.value == {"pl-into-endpoint": ("10.0.0.0/8",), "pl-from-task": ("10.9.0.0/16",)}
    assert told.networks["vpc-2"].prefix_lists == Known({"pl-from-task": ("10.9.0.0/16",)}, f"ec2:{READ}")
    assert {key[1] for key in prefix_lists.questions_on_the_way(told)} == {"pl-route-task", "pl-route-nat"}
    assert prefix_lists.with_entries(read, {}) is read


# Over the wire


def others_lists(account, many: int) -> None:
    """Groups of others in every VPC of the account, each of which lets in whoever is in a list of its own."""
    ec2 = account.client("ec2")
    for vpc in ec2.describe_vpcs()["Vpcs"]:
        for number in range(many):
            name = f"{vpc['VpcId']}-{number}"
            entries = [{"Cidr": f"10.{number}.0.0/16"}]
            made = ec2.create_managed_prefix_list(
                PrefixListName=name, Entries=entries, MaxEntries=5, AddressFamily="IPv4"
            )["PrefixList"]["PrefixListId"]
            other = ec2.create_security_group(VpcId=vpc["VpcId"], GroupName=name, Description=name)["GroupId"]
            rule = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "PrefixListIds": [{"PrefixListId": made}]}
            ec2.authorize_security_group_ingress(GroupId=other, IpPermissions=[rule])


CROWDED = [
    "secretsmanager_endpoint_missing",
    "ecr_dkr_endpoint_missing",
    "elb_cannot_reach_task",
    "instance_subnet_isolated",
]


@pytest.mark.parametrize("name", CROWDED)
def test_a_crowded_vpc_is_diagnosed_like_an_empty_one(account, name):
    """Twenty lists of others' would take the calls that the task's own secrets need."""
    scenario = build(account, name)
    now = datetime.now(UTC)
    alone = examine(parse(scenario.event), Reader(REGION), now).report
    others_lists(account, 20)
    account.clear_calls()
    crowded = examine(parse(scenario.event), Reader(REGION), now).report
    assert READ not in {call["operation"] for call in account.calls("ec2")}
    assert crowded.findings == alone.findings
    assert crowded.not_checked == alone.not_checked
