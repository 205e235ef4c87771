"""What works is not blamed: every rule says why it stays quiet, and precedence names one cause for one fault."""

from dataclasses import replace

import pytest

from ecs_medic.facts import Facts
from ecs_medic.facts.fact import Known
from ecs_medic.facts.network import Permission, Route
from ecs_medic.finding import Confidence, Finding, NotChecked, Phase, RuledOut
from ecs_medic.incident import Incident
from ecs_medic.rules.network import RULES
from ecs_medic.vocabulary import Id
from tests.rules.network import worlds as w

SERVER_SIDE_ELSEWHERE = {Id.AWSVPC_TASK_CANNOT_HAVE_PUBLIC_IP, Id.MANAGED_INSTANCE_NETWORK_BLOCKED}


def outcomes(incident: Incident, facts: Facts):
    return [outcome for rule in RULES for outcome in rule(incident, facts)]


@pytest.mark.parametrize(
    ("name", "where"),
    [
        ("endpoints", w.network()),
        ("NAT", w.network(endpoints=(), routes=(w.LOCAL, w.BY_NAT))),
        ("by reference", w.network(ingress=(Permission("tcp", (443, 443), (), ("sg-task",)),))),
        ("S3 by prefix list", w.network(egress=(w.HTTPS_FROM_VPC, Permission("tcp", (443, 443), (), (), ("pl-s3",))))),
    ],
)
def test_what_works_rules_every_cause_out(name, where):
    found = outcomes(w.incident(), w.facts(where))
    assert all(isinstance(one, RuledOut) for one in found), name
    assert {one.cause for one in found} == {Id(rule.__name__) for rule in RULES} - SERVER_SIDE_ELSEWHERE
    assert all(one.evidence for one in found)


def test_with_nat_missing_endpoints_are_not_blamed_and_the_way_is_told():
    found = outcomes(w.incident(), w.facts(w.network(endpoints=(), routes=(w.LOCAL, w.BY_NAT))))
    (excluded,) = [one for one in found if isinstance(one, RuledOut) and one.cause is Id.VPC_ENDPOINT_MISSING]
    assert any("nat-1" in one.observed or one.resource == "nat-1" for one in excluded.evidence)


def test_a_public_address_makes_a_public_subnet_work():
    interface = replace(w.INTERFACE, public_ip=w.known("198.51.100.4"))
    where = w.network(endpoints=(), routes=(w.LOCAL, w.BY_INTERNET_GATEWAY))
    assert not [one for one in outcomes(w.incident(), w.facts(where, interface=interface)) if isinstance(one, Finding)]


def test_another_resolver_that_makes_no_difference_is_not_blamed():
    where = w.network(endpoints=(), routes=(w.LOCAL, w.BY_NAT), dns_servers=w.known(("10.9.0.53",)))
    found = outcomes(w.incident(), w.facts(where))
    assert not [one for one in found if isinstance(one, Finding)]


def test_ec2_pulls_go_by_the_host_and_the_tasks_own_interface_is_not_asked():
    where = w.network(endpoints=(), routes=(w.LOCAL, w.BY_NAT))
    lonely = replace(w.INTERFACE, subnet_id=w.SECOND, private_ip="10.0.2.17")
    found = outcomes(w.incident(), w.facts(where, launch_type="EC2", interface=lonely, host=w.HOST))
    assert not [one for one in found if isinstance(one, Finding)]
    blamed = outcomes(w.incident(), w.facts(where, launch_type="EC2", host=replace(w.HOST, subnet_id=w.SECOND)))
    assert [one.cause for one in blamed if isinstance(one, Finding)] == [Id.VPC_ENDPOINT_MISSING]


def test_what_is_missing_for_other_purposes_is_a_finding_of_its_own():
    where = w.network(endpoints=w.isolated_endpoints("ecr.api", "ecr.dkr"))
    found = [
        one
        for one in outcomes(w.incident(Id.IMAGE_PULL_FAILED), w.facts(where, exec_enabled=True))
        if isinstance(one, Finding)
    ]
    assert [(one.confidence, one.params["services"], one.phase) for one in found] == [
        (Confidence.CONFIRMED, [w.service_name("logs")], Phase.LOGS),
        (Confidence.POSSIBLE, [w.service_name("ssmmessages")], Phase.EXEC),
    ]


def test_docker_hub_comes_before_the_endpoints_that_would_not_do():
    container = replace(w.WITH_SECRET, image="nginx")
    where = w.network(endpoints=(), routes=(w.LOCAL,))
    found = [one for one in outcomes(w.incident(), w.facts(where, container=container)) if isinstance(one, Finding)]
    ranked = sorted(found, key=lambda one: one.phase)
    assert [one.cause for one in ranked] == [Id.NO_ROUTE_TO_INTERNET, Id.VPC_ENDPOINT_MISSING]


def test_a_blackhole_is_not_a_missing_endpoint():
    where = w.network(endpoints=(), routes=(w.LOCAL, Route("0.0.0.0/0", "tgw-1", "blackhole")))
    found = [one.cause for one in outcomes(w.incident(), w.facts(where)) if isinstance(one, Finding)]
    assert found == [Id.ROUTE_BLACKHOLE]


def test_two_faults_are_both_told():
    where = w.network(endpoints=(w.S3_GATEWAY,), egress=())
    found = {one.cause for one in outcomes(w.incident(), w.facts(where)) if isinstance(one, Finding)}
    assert found == {Id.TASK_SECURITY_GROUP_BLOCKS_EGRESS, Id.VPC_ENDPOINT_MISSING}


def test_a_shared_vpc_hides_its_owners_endpoints_so_none_is_missing():
    subnets = {one: replace(subnet, owner_id="111122223333") for one, subnet in w.network().subnets.value.items()}
    found = outcomes(w.incident(), w.facts(w.network(endpoints=(), routes=(w.LOCAL,), subnets=w.known(subnets))))
    assert not [one for one in found if isinstance(one, Finding)]
    assert Id.VPC_ENDPOINT_MISSING in {one.check for one in found if isinstance(one, NotChecked)}


def test_free_addresses_by_now_do_not_make_the_message_a_lie():
    incident = w.incident(Id.SUBNET_OUT_OF_ADDRESSES)
    found = [one for one in outcomes(incident, w.facts(w.network())) if getattr(one, "check", None) == incident.symptom]
    assert [type(one) for one in found] == [NotChecked]


def test_a_task_without_network_needs_says_nothing_of_the_network():
    container = replace(w.CONTAINER, image="Not A Reference", log_configuration=None)
    found = outcomes(w.incident(), w.facts(w.network(), container=container))
    assert {getattr(one, "cause", None) for one in found} == {Id.SUBNET_OUT_OF_ADDRESSES}
    assert isinstance(w.facts(w.network()).task_definition, Known)
