"""The ways out, compared for one service: what applies, what rules a way out, and what nobody here can know."""

from dataclasses import replace
from typing import Any

import pytest

from ecs_medic.facts import Facts
from ecs_medic.facts.ecs import AwsvpcConfiguration, Cluster, ContainerInstance, Resources, Service
from ecs_medic.facts.fact import Known, Unknown
from ecs_medic.facts.network import Subnet, Vpc
from ecs_medic.facts.placement import Placement
from ecs_medic.finding import Confidence, Finding, Fix, Phase
from ecs_medic.remedies.prices import HOURS_A_MONTH, Prices
from ecs_medic.rules.judge import judge
from ecs_medic.rules.network import RULES
from ecs_medic.rules.ways_out.compare import ways_out
from ecs_medic.vocabulary import Id
from ecs_medic.way_out import Density, Way, WayOut, WayPrices
from tests.rules.network import worlds as w

PRICES = Prices().ways_out(w.REGION)
LISTENS = replace(w.CONTAINER, container_ports=(8080,))
ADDRESS_TAG = "ecs-medic:fixed-address"
INTERNET_TAG = "ecs-medic:internet"


def instance(number: int, *, ports: frozenset[int] = frozenset(), subnet: str = w.PUBLIC) -> ContainerInstance:
    used = Resources(ports=ports)
    return ContainerInstance(
        f"arn:instance/{number}", status="ACTIVE", remaining=used, attributes={"ecs.subnet-id": subnet}
    )


def cornered(
    *,
    tags: dict[str, str] | None = None,
    desired: int = 1,
    instances: tuple[ContainerInstance, ...] | None = None,
    launch_type: str = "EC2",
    assigns: bool = True,
    targets: tuple[str, ...] = (),
    vpc: dict[str, Any] | None = None,
    **changes: Any,
) -> Facts:
    """An awsvpc task on EC2 in a public subnet, whose session cannot come about; its instance is in another one."""
    known = w.network().subnets
    assert isinstance(known, Known)
    subnets = {**known.value, w.PUBLIC: Subnet(w.PUBLIC, "vpc-1", None, f"{w.REGION}a", 200, assigns)}
    network = w.network(
        endpoints=(),
        routes=(w.LOCAL, w.BY_INTERNET_GATEWAY),
        **({"subnets": w.known(subnets), "nat_gateways": w.known({})} | (vpc or {})),
    )
    service = Service(
        "arn",
        "orders",
        "ACTIVE",
        desired_count=desired,
        awsvpc=AwsvpcConfiguration((w.SUBNET, w.SECOND), ("sg-task",)),
        tags=tags or {},
        target_group_arns=targets,
    )
    placement = Placement() if instances is None else Placement(container_instances=w.known(instances))
    given: dict[str, Any] = {
        "container": LISTENS,
        "exec_enabled": True,
        "service": w.known(service),
        "container_instance": w.known(instance(1)),
        "placement": placement,
        "cluster": Unknown("ecs:DescribeClusters", "denied", "ecs:DescribeClusters"),
    }
    return w.facts(network, launch_type=launch_type, **(given | changes))


def compared(facts: Facts, prices: WayPrices = PRICES) -> dict[Way, WayOut]:
    findings = judge(w.EXEC, facts, RULES).findings
    assert findings[0].cause is Id.AWSVPC_TASK_CANNOT_HAVE_PUBLIC_IP
    return {one.way: one for one in ways_out(w.EXEC, facts, findings, prices)}


def host_mode(**changes: Any) -> WayOut:
    return compared(cornered(**changes))[Way.HOST_MODE]


FREE = {ADDRESS_TAG: "false"}


def test_all_ways_with_what_each_gives():
    found = compared(cornered())
    assert list(found) == [Way.NAT_GATEWAY, Way.NAT_INSTANCE, Way.ENDPOINTS, Way.HOST_MODE]
    assert [one.fixed_address for one in found.values()] == [True, True, None, False]
    assert [one.not_promised for one in found.values()] == [False, False, False, True]
    assert [one.tasks_per_instance for one in found.values()] == [Density.SEVERAL] * 3 + [Density.ONE]
    # eu-west-1, a public address at 0.005 an hour on top.
    month = HOURS_A_MONTH
    assert found[Way.NAT_GATEWAY].monthly_cost_usd == pytest.approx(month * (0.048 + 0.005))
    assert found[Way.NAT_INSTANCE].monthly_cost_usd == pytest.approx(month * (0.0046 + 0.005), abs=0.01)
    # ssmmessages alone, in the two zones that the service is in.
    assert found[Way.ENDPOINTS].monthly_cost_usd == pytest.approx(month * 0.011 * 2)
    assert (found[Way.NAT_GATEWAY].per_gb_usd, found[Way.ENDPOINTS].per_gb_usd) == (0.048, 0.01)
    assert found[Way.HOST_MODE].monthly_cost_usd == found[Way.HOST_MODE].per_gb_usd == 0.0


def test_a_nat_gateway_that_is_there_costs_no_more():
    found = compared(cornered(vpc={"nat_gateways": w.network().nat_gateways}))[Way.NAT_GATEWAY]
    assert (found.applies, found.monthly_cost_usd) == (True, 0.0)
    assert "nat-1 is there already" in found.why


def test_endpoints_serve_what_is_out_of_reach():
    found = compared(cornered())[Way.ENDPOINTS]
    assert found.applies is True
    assert "ssmmessages" in found.why
    assert "what else the application calls is not known" in found.why


@pytest.mark.parametrize(
    ("tags", "reason"),
    [({INTERNET_TAG: "true"}, "needs the internet"), ({ADDRESS_TAG: "true"}, "no public one at all")],
)
def test_endpoints_are_ruled_out_by_what_leads_outside_of_aws(tags: dict[str, str], reason: str):
    found = compared(cornered(tags=tags))[Way.ENDPOINTS]
    assert found.applies is False
    assert reason in found.why


def test_endpoints_are_ruled_out_by_an_image_from_elsewhere():
    """A managed instance pulls from Docker Hub, in a subnet that leads nowhere."""
    container = replace(LISTENS, image="nginx:1.27")
    facts = w.facts(
        w.network(endpoints=(), routes=(w.LOCAL,)),
        container=container,
        launch_type="MANAGED_INSTANCES",
        host=replace(w.HOST, subnet_id=w.SUBNET),
    )
    told = w.incident(Id.REGISTRY_UNREACHABLE)
    found = {one.way: one for one in ways_out(told, facts, judge(told, facts, RULES).findings, PRICES)}
    assert found[Way.ENDPOINTS].applies is False
    assert "registry-1.docker.io" in found[Way.ENDPOINTS].why
    # It is the instance that cannot get out, and the instance can be given an address.
    assert found[Way.INSTANCE_ADDRESS].applies is True


def test_host_mode_applies_where_nothing_is_against_it():
    found = host_mode(tags=FREE, instances=(instance(1), instance(2)), desired=2)
    assert found.applies is True
    assert "networkMode host" in found.why


def test_host_mode_depends_on_an_address_that_nobody_has_spoken_of():
    found = host_mode(instances=(instance(1),))
    assert found.applies is None
    assert ADDRESS_TAG in found.why


def test_host_mode_is_ruled_out_by_a_fixed_address():
    found = host_mode(tags={ADDRESS_TAG: "yes"}, instances=(instance(1),))
    assert found.applies is False
    assert "changes with the instance" in found.why


def test_host_mode_is_ruled_out_by_more_tasks_than_instances():
    found = host_mode(tags=FREE, desired=3, instances=(instance(1), instance(2)))
    assert found.applies is False
    assert "3 tasks of it need an instance each because of port 8080, and there are 2" in found.why.lower()


def test_host_mode_is_ruled_out_by_ports_that_are_taken():
    busy = tuple(instance(number, ports=frozenset({22, 8080})) for number in (1, 2))
    found = host_mode(tags=FREE, instances=busy)
    assert found.applies is False
    assert "port 8080 of every instance is taken" in found.why.lower()
    half = host_mode(tags=FREE, desired=2, instances=(busy[0], instance(2)))
    assert half.applies is False
    assert "there is 1" in half.why


def test_more_instances_may_come_where_something_starts_them():
    found = host_mode(tags=FREE, desired=3, instances=(instance(1),), launch_type="MANAGED_INSTANCES")
    assert found.applies is None
    assert "start more" in found.why


def test_without_ports_several_tasks_share_an_instance():
    found = host_mode(tags=FREE, desired=9, instances=(instance(1),), container=w.CONTAINER)
    assert (found.applies, found.tasks_per_instance) == (True, Density.SEVERAL)


def test_how_many_instances_there_are_may_be_unknown():
    found = host_mode(tags=FREE, desired=3)
    assert found.applies is None
    assert "was not read" in found.why
    counted = host_mode(tags=FREE, desired=3, cluster=w.known(Cluster("arn", "shop", "ACTIVE")))
    assert counted.applies is False


def test_windows_has_no_host_mode():
    facts = cornered(tags=FREE)
    assert isinstance(facts.task_definition, Known)
    windows = w.known(replace(facts.task_definition.value, operating_system="WINDOWS_SERVER_2022_CORE"))
    assert compared(replace(facts, task_definition=windows))[Way.HOST_MODE].applies is False


def test_a_load_balancer_needs_other_target_groups():
    assert "target groups of type instance" in host_mode(tags=FREE, targets=("arn:tg",)).why


def test_addresses_that_the_instances_do_not_have_are_billed():
    found = host_mode(tags=FREE, assigns=False)
    assert found.monthly_cost_usd == pytest.approx(0.005 * HOURS_A_MONTH)
    unread = host_mode(tags=FREE, container_instance=Unknown("ecs:DescribeContainerInstances", "denied"))
    assert unread.monthly_cost_usd is None
    assert "No extra cost where the instances have public addresses already" in unread.why


def test_block_public_access_shuts_every_way_to_the_internet():
    shut = Vpc("vpc-1", ("10.0.0.0/16",), owner_id=w.ACCOUNT, internet_gateway_block_mode="block-bidirectional")
    facts = cornered(tags=FREE, vpc={"vpc": w.known(shut)})
    cause = Id.AWSVPC_TASK_CANNOT_HAVE_PUBLIC_IP
    known = Finding(cause, Confidence.CONFIRMED, "", w.SUBNET, Phase.EXEC, Fix(""))
    found = {one.way: one.applies for one in ways_out(w.EXEC, facts, (known,), PRICES)}
    assert found == {Way.NAT_GATEWAY: False, Way.NAT_INSTANCE: False, Way.ENDPOINTS: True, Way.HOST_MODE: False}


def test_nothing_is_compared_where_a_task_can_have_an_address_or_nothing_is_shown():
    facts = cornered()
    findings = judge(w.EXEC, facts, RULES).findings
    possible = tuple(replace(one, confidence=Confidence.POSSIBLE) for one in findings)
    assert ways_out(w.EXEC, facts, possible, PRICES) == ()
    assert ways_out(w.EXEC, facts, (), PRICES) == ()
    assert ways_out(w.EXEC, cornered(launch_type="FARGATE"), findings, PRICES) == ()
    assert ways_out(w.EXEC, cornered(network_mode="bridge"), findings, PRICES) == ()


def test_prices_are_data():
    nowhere = compared(cornered(), Prices().ways_out("mx-central-1"))
    assert nowhere[Way.NAT_GATEWAY].monthly_cost_usd is nowhere[Way.ENDPOINTS].monthly_cost_usd is None
    own = Prices(nat_gateway_hour={"*": 0.1}, public_address_hour=0.0).ways_out("mx-central-1")
    assert compared(cornered(), own)[Way.NAT_GATEWAY].monthly_cost_usd == pytest.approx(0.1 * HOURS_A_MONTH)
