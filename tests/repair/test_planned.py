"""A plan rests on everything that was to be read: part of it may ask for what the rest forbids."""

import math
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ecs_medic.aws.reader import Reader
from ecs_medic.collect.identify import identify
from ecs_medic.diagnosis import examine
from ecs_medic.events.parse import parse
from ecs_medic.incident import Incident
from ecs_medic.repair.controls import Controls, Mode
from ecs_medic.repair.planned import Planned, asked_for_a_plan, diagnosed_and_planned, planned
from ecs_medic.repair.proposal import Consent
from sandbox.client import REGION, Sandbox
from sandbox.gallery import Workbench, build
from sandbox.gallery import network as net

AUTO = Controls(mode=Mode.AUTO)
LATER = "Time ran out before everything was read; the plan is made when it has been."


def planned_in(calls: float, incident: Incident, reader: Reader) -> Planned:
    """What the incident leads to where time is over once so many calls have been made."""
    again = reader.again(lambda: math.inf if len(reader.trace) < calls else 0.0)
    return diagnosed_and_planned(incident, again, datetime.now(UTC), AUTO)


@pytest.mark.parametrize("name", ["exec_task_role_missing", "ecr_dkr_endpoint_missing"])
def test_a_partial_report_proposes_nothing(aws: Sandbox, name: str):
    incident, reader = parse(build(aws, name).event), Reader(REGION, account="123456789012")
    whole = planned_in(math.inf, incident, reader)
    assert not whole.report.partial
    assert bool(whole.proposal.changes) is (name == "ecr_dkr_endpoint_missing")
    found = [planned_in(calls, incident, reader) for calls in range(0, 24, 2)]
    partial = [one for one in found if one.report.partial]
    assert len(partial) > 4
    for one in partial:
        assert not one.proposal.changes
        assert not one.proposal.patches
        assert not one.report.plan.changes
        assert (one.proposal.words, one.report.plan.reason_if_empty) == (LATER, LATER)


def test_time_that_runs_out_while_planning_proposes_nothing_either(aws: Sandbox):
    """Whoever did not ask along with the diagnosis asks now: here, when no time is left."""
    now = datetime.now(UTC)
    left = [math.inf]
    reader = Reader(REGION, account="123456789012", seconds_left=lambda: left[0])
    examination = examine(parse(build(aws, "ecr_dkr_endpoint_missing").event), reader, now)
    assert not examination.report.partial
    left[0] = 0.0
    found = planned(examination, reader, AUTO)
    assert found.report.partial
    assert (found.proposal.changes, found.proposal.words) == ((), LATER)
    assert found.report.not_checked[len(examination.report.not_checked) :], "what was not read is told"


def test_what_another_reader_left_partial_is_not_planned_either(aws: Sandbox):
    reader = Reader(REGION, account="123456789012")
    identified = identify(parse(build(aws, "ecr_dkr_endpoint_missing").event), reader)
    examination = examine(identified, reader, datetime.now(UTC), along=asked_for_a_plan)
    cut = replace(examination, report=examination.report.model_copy(update={"partial": True}))
    found = planned(cut, reader.again(), AUTO)
    assert found.report.partial
    assert (found.proposal.changes, found.proposal.consent) == ((), Consent.OFF)
    assert reader.calls == (), "nothing is read for a plan that is not made"


def neighbour_behind_lists(aws: Sandbox, vpc: str, blocks: tuple[str, ...]) -> str:
    """An interface behind a NAT gateway, which may open connections to a prefix list's addresses alone."""
    bench, ec2 = Workbench(aws), aws.client("ec2")
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    network = net.Network(vpc, "", table, "", "", "")
    nat = net.add_nat_gateway(bench, network, net.add_internet_gateway(bench, network, table))
    subnet = net.add_subnet(bench, network, "10.0.7.0/24", way_out=nat)
    entries = [{"Cidr": one} for one in blocks]
    made = ec2.create_managed_prefix_list(PrefixListName="p", Entries=entries, MaxEntries=9, AddressFamily="IPv4")
    group = ec2.create_security_group(VpcId=vpc, GroupName="narrow", Description="narrow")["GroupId"]
    ec2.revoke_security_group_egress(
        GroupId=group, IpPermissions=[{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
    )
    to_list = [{"PrefixListId": made["PrefixList"]["PrefixListId"]}]
    ec2.authorize_security_group_egress(
        GroupId=group, IpPermissions=[{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "PrefixListIds": to_list}]
    )
    made = ec2.create_network_interface(SubnetId=subnet, Groups=[group])
    return str(made["NetworkInterface"]["NetworkInterfaceId"])


PUBLIC_ALONE = ("32.0.0.0/3", "64.0.0.0/2", "128.0.0.0/1")
EVERYWHERE = ("0.0.0.0/1", "128.0.0.0/1")
LISTS = "ec2:GetManagedPrefixListEntries"
along_or_not = pytest.mark.parametrize("along", [True, False], ids=["asked along", "asked by the plan"])


def looked_at_the_neighbour(aws: Sandbox, blocks: tuple[str, ...], *, along: bool) -> tuple[Planned, Reader, str]:
    """The plan, who read for it, and all that it says; the neighbour is called so."""
    scenario = build(aws, "ecr_dkr_endpoint_missing")
    place = [{"Name": "cidr-block", "Values": [net.TASK_CIDR]}]
    (subnet,) = aws.client("ec2").describe_subnets(Filters=place)["Subnets"]
    neighbour = neighbour_behind_lists(aws, subnet["VpcId"], blocks)
    reader, now = Reader(REGION), datetime.now(UTC)
    if along:
        found = diagnosed_and_planned(parse(scenario.event), reader, now, AUTO)
    else:
        found = planned(examine(parse(scenario.event), reader, now), reader, AUTO)
    plan = found.report.plan
    words = " ".join([plan.reason_if_empty or "", *(change.blast_radius for change in plan.changes)])
    return found, reader, words.replace(neighbour, "the neighbour")


@along_or_not
def test_whom_a_prefix_list_keeps_from_the_new_endpoint_is_not_cut_off(aws: Sandbox, along: bool):
    found, reader, words = looked_at_the_neighbour(aws, PUBLIC_ALONE, along=along)
    assert found.report.plan.changes == ()
    assert "Whether the neighbour keeps its way cannot be told" in words
    assert reader.calls.count(LISTS) == 1


@along_or_not
def test_whom_a_prefix_list_lets_in_goes_by_the_new_endpoint(aws: Sandbox, along: bool):
    found, reader, words = looked_at_the_neighbour(aws, EVERYWHERE, along=along)
    assert found.proposal.consent is Consent.ASK
    assert "Traffic of the neighbour goes by the interface endpoint instead of the nat gateway" in words
    assert "Nothing loses its way" in words
    assert reader.calls.count(LISTS) == 1


@along_or_not
def test_a_list_that_could_not_be_read_is_no_promise_to_whom_it_binds(aws: Sandbox, along: bool):
    aws.fault("ec2", "GetManagedPrefixListEntries", "access_denied")
    found, reader, words = looked_at_the_neighbour(aws, EVERYWHERE, along=along)
    aws.clear_faults()
    assert found.proposal.consent is Consent.ASK
    assert "Whether the neighbour keeps its way cannot be told" in words
    assert "Nothing loses its way" not in words
    assert LISTS in {gap.missing_permission for gap in found.report.not_checked}
    assert reader.calls.count(LISTS) == 1
