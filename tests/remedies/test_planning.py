"""The plan as a pure function: nothing on a guess, nothing that is not needed, nothing that would not be enough."""

from dataclasses import replace

import pytest

from ecs_medic.catalogue.lookup import row
from ecs_medic.catalogue.row import Remedy
from ecs_medic.facts.ecs import Container, ManagedAgent
from ecs_medic.facts.fact import Absent, Known, Unknown
from ecs_medic.facts.network import Interface, Permission, SecurityGroup, Vpc
from ecs_medic.finding import Confidence
from ecs_medic.plan import Action, Plan, Safety
from ecs_medic.remedies.planning import DRAFTERS, plan_for
from ecs_medic.remedies.policy import RepairPolicy
from ecs_medic.remedies.prices import Prices
from ecs_medic.remedies.registry import foreseen
from ecs_medic.remedies.survey import Survey
from ecs_medic.rules.judge import judge
from ecs_medic.vocabulary import Id, may_be_cause
from tests.rules.network import worlds
from tests.rules.network.worlds import (
    ALL,
    BY_INTERNET_GATEWAY,
    BY_NAT,
    EXEC,
    FOR_START,
    INTERFACE,
    LOCAL,
    S3_GATEWAY,
    TO_S3,
    facts,
    incident,
    interface_endpoint,
    isolated_endpoints,
    known,
    network,
    service_name,
)

ONLY_PUBLIC = Permission("tcp", (443, 443), ("52.0.0.0/8", "3.0.0.0/8"))
NEIGHBOUR = Interface(
    worlds.SECOND, "vpc-1", "eni-neighbour", "10.0.2.44", INTERFACE.public_ip, known(("sg-neighbour",))
)
WITHOUT_S3 = network(routes=(LOCAL,), endpoints=tuple(map(interface_endpoint, FOR_START)))
ISOLATED = network(endpoints=isolated_endpoints("ecr.api", "logs"))
EVERYTHING = network(endpoints=isolated_endpoints("ecr.api", "ecr.dkr", "logs", "ssmmessages"))


def nobody_else(**zones: frozenset[str]) -> Survey:
    return Survey(clients={"vpc-1": known(())}, offered_zones={key: known(value) for key, value in zones.items()})


def planned(
    where,
    survey: Survey | None = None,
    policy: RepairPolicy | None = None,
    symptom: Id = Id.ECR_UNREACHABLE,
    **changes,
) -> Plan:
    seen, what = facts(where, **changes), incident(symptom)
    return plan_for(
        what,
        judge(what, seen).findings,
        seen,
        survey or nobody_else(),
        policy or RepairPolicy(),
        judged=lambda then: judge(what, then).findings,
    )


def actions(plan: Plan) -> list[Action]:
    return [one.action for one in plan.changes]


def test_an_endpoint_is_made_in_each_zone_where_tasks_run():
    plan = planned(ISOLATED)
    assert actions(plan) == [Action.CREATE_VPC_ENDPOINT, Action.FORCE_NEW_DEPLOYMENT]
    change = plan.changes[0]
    assert change.params["service_name"] == service_name("ecr.dkr")
    assert change.params["subnet_ids"] == [worlds.SUBNET, worlds.SECOND]
    assert change.params["cidrs"] == ["10.0.0.0/16"]
    assert change.monthly_cost_usd == round(0.011 * 730 * 2, 2)
    assert "every client of vpc-1" in change.blast_radius


def test_only_zones_that_the_service_offers():
    offered = Survey(
        clients={"vpc-1": known(())},
        offered_zones={service_name("ecr.dkr"): known(frozenset({"eu-west-1b"}))},
    )
    assert planned(ISOLATED, offered).changes[0].params["subnet_ids"] == [worlds.SECOND]
    nowhere = replace(offered, offered_zones={service_name("ecr.dkr"): known(frozenset({"eu-west-1f"}))})
    plan = planned(ISOLATED, nowhere)
    assert plan.changes == ()
    assert "None of the tasks' zones" in (plan.reason_if_empty or "")


def test_the_roomier_of_two_subnets_of_a_zone():
    subnets = dict(ISOLATED.subnets.value)
    subnets[worlds.SECOND] = replace(subnets[worlds.SECOND], availability_zone="eu-west-1a", available_addresses=240)
    plan = planned(replace(ISOLATED, subnets=known(subnets)))
    assert plan.changes[0].params["subnet_ids"] == [worlds.SECOND]


def test_a_price_nobody_knows_is_not_nothing():
    plan = planned(ISOLATED, policy=RepairPolicy(prices=Prices(endpoint_hour={})))
    assert plan.changes[0].monthly_cost_usd is None


def test_the_gateway_goes_on_the_tables_that_lack_it_alone():
    plan = planned(WITHOUT_S3, symptom=Id.IMAGE_LAYERS_UNREACHABLE)
    change = plan.changes[0]
    assert (change.params["endpoint_type"], change.params["service_name"]) == ("Gateway", service_name("s3"))
    # The second subnet has the main table, which leads nowhere either.
    assert change.params["route_table_ids"] == ["rtb-a", "rtb-main"]
    assert change.monthly_cost_usd == 0
    assert "may be interrupted" in change.blast_radius


def test_private_names_need_the_attributes_of_the_vpc_first():
    off = replace(ISOLATED, dns_hostnames=known(False))
    plan = planned(off)
    assert actions(plan)[0] is Action.MODIFY_VPC_DNS
    assert plan.changes[0].params["attributes"] == ["enableDnsHostnames"]
    assert Action.CREATE_VPC_ENDPOINT in actions(plan)


def test_what_shows_only_once_names_are_answered_is_repaired_with_it():
    """Where no name is answered, nobody can see what is missing, switched off or closed behind it."""
    endpoints = (interface_endpoint("ecr.api", private_dns_enabled=False), interface_endpoint("logs"), S3_GATEWAY)
    where = network(endpoints=endpoints)
    groups = {**where.security_groups.value}
    groups["sg-endpoints"] = replace(groups["sg-endpoints"], ingress=())
    plan = planned(replace(where, dns_support=known(False), security_groups=known(groups)))
    assert actions(plan) == [
        Action.MODIFY_VPC_DNS,
        Action.AUTHORIZE_ENDPOINT_INGRESS,
        Action.MODIFY_VPC_ENDPOINT,
        Action.CREATE_VPC_ENDPOINT,
        Action.FORCE_NEW_DEPLOYMENT,
    ]
    (made,) = [one for one in plan.changes if one.action is Action.CREATE_VPC_ENDPOINT]
    assert made.params["service_name"] == service_name("ecr.dkr")
    assert made.params["after_vpc_dns"] is True


@pytest.mark.parametrize(
    "where",
    [
        network(endpoints=isolated_endpoints("ecr.api", "logs"), network_acls=known((worlds.acl(),))),
        network(
            endpoints=(
                interface_endpoint(
                    "ecr.api", policy={"Statement": [{"Effect": "Deny", "Principal": "*", "Action": "*"}]}
                ),
                interface_endpoint("logs"),
                S3_GATEWAY,
            )
        ),
        network(routes=(LOCAL, replace(BY_NAT, state="blackhole")), endpoints=()),
    ],
    ids=["network ACL", "endpoint policy", "blackhole"],
)
def test_what_would_not_be_enough_is_not_begun(where):
    plan = planned(where)
    assert plan.changes == ()
    assert plan.reason_if_empty


def test_nothing_is_changed_on_a_guess():
    seen = facts(ISOLATED)
    findings = [replace(one, confidence=Confidence.POSSIBLE) for one in judge(incident(), seen).findings]
    plan = plan_for(incident(), findings, seen, nobody_else(), RepairPolicy())
    assert plan.changes == ()
    assert "guess" in (plan.reason_if_empty or "")


def test_what_is_only_likely_is_always_asked_about():
    seen = facts(ISOLATED)
    everything = RepairPolicy(auto_actions=frozenset(Action), untagged_is_free=True)
    certain = judge(incident(), seen).findings
    likely = [replace(one, confidence=Confidence.LIKELY) for one in certain]
    assert {one.safety for one in plan_for(incident(), certain, seen, nobody_else(), everything).changes} == {
        Safety.AUTO
    }
    assert {one.safety for one in plan_for(incident(), likely, seen, nobody_else(), everything).changes} == {Safety.ASK}


def test_a_vpc_that_another_account_shares_is_never_changed():
    subnets = {name: replace(one, owner_id="111122223333") for name, one in ISOLATED.subnets.value.items()}
    plan = planned(replace(ISOLATED, subnets=known(subnets)))
    assert plan.changes == ()


# Who owns it


def test_what_code_owns_gets_a_patch_instead():
    stack = {"aws:cloudformation:stack-name": "shop-network"}
    owned = replace(ISOLATED, vpc=known(Vpc("vpc-1", ("10.0.0.0/16",), owner_id=worlds.ACCOUNT, tags=stack)))
    plan = planned(owned)
    assert plan.changes == ()
    assert "shop-network" in (plan.reason_if_empty or "")
    (patch,) = plan.patches
    assert service_name("ecr.dkr") in patch.cloudformation
    assert service_name("ecr.dkr") in patch.terraform


def test_terraform_is_known_by_the_tag_that_the_operator_names():
    tags = {"managed-by": "terraform"}
    owned = replace(ISOLATED, vpc=known(Vpc("vpc-1", ("10.0.0.0/16",), owner_id=worlds.ACCOUNT, tags=tags)))
    assert planned(owned).changes
    assert planned(owned, policy=RepairPolicy(owner_tag_keys=("managed-by",))).changes == ()


def test_an_unknown_owner_means_ask():
    listed = RepairPolicy(auto_actions=frozenset({Action.CREATE_VPC_ENDPOINT}))
    assert planned(ISOLATED, policy=listed).changes[0].safety is Safety.ASK
    assert planned(ISOLATED, policy=replace(listed, untagged_is_free=True)).changes[0].safety is Safety.AUTO


def test_a_log_group_of_a_service_that_code_owns_is_asked_about_and_comes_with_its_patch():
    """Code may be about to create it itself, and would then find it there."""
    where = network()
    seen = facts(where)
    stack = {"aws:cloudformation:stack-name": "shop"}
    missing = {(worlds.REGION, "/shop/orders"): Absent("logs:DescribeLogGroups", "no such group")}
    for tags, safety, patches in (({}, Safety.AUTO, 0), (stack, Safety.ASK, 1)):
        service = known(replace(seen.service.value, tags=tags))
        plan = planned(where, symptom=Id.LOG_GROUP_MISSING, log_groups=missing, service=service)
        assert (plan.changes[0].action, plan.changes[0].safety) == (Action.CREATE_LOG_GROUP, safety)
        assert len(plan.patches) == patches


# Who else is affected


def crowded(egress: Permission, neighbours_routes=(LOCAL, BY_NAT)):
    """A neighbour in the second subnet, which has a way out by the NAT gateway."""
    groups = {**ISOLATED.security_groups.value}
    groups["sg-neighbour"] = SecurityGroup("sg-neighbour", "neighbour", "vpc-1", (), (egress,))
    tables = tuple(replace(one, routes=neighbours_routes) if one.main else one for one in ISOLATED.route_tables.value)
    where = replace(ISOLATED, security_groups=known(groups), route_tables=known(tables))
    return where, Survey(clients={"vpc-1": known((NEIGHBOUR,))})


def test_a_change_that_would_cut_off_a_neighbour_is_not_made():
    """It may reach public addresses only, and private names would lead it to private ones."""
    where, survey = crowded(ONLY_PUBLIC)
    assert planned(where, Survey(clients={"vpc-1": known(())})).changes
    perhaps = planned(where, survey)
    assert perhaps.changes == ()
    assert "Whether eni-neighbour keeps its way cannot be told" in (perhaps.reason_if_empty or "")
    host = Permission("tcp", (443, 443), ("0.0.0.0/1", "128.0.0.0/1"))
    open_to_all, _ = crowded(host)
    assert planned(open_to_all, survey).changes
    narrow = Permission("tcp", (443, 443), ("11.0.0.0/8", *(f"{one}.0.0.0/8" for one in range(12, 224) if one != 10)))
    narrow = replace(narrow, cidrs=(*narrow.cidrs, *(f"{one}.0.0.0/8" for one in (*range(10), *range(224, 256)))))
    cut_off, _ = crowded(narrow)
    plan = planned(cut_off, survey)
    assert plan.changes == ()
    assert "eni-neighbour" in (plan.reason_if_empty or "")
    assert plan.patches


def test_a_neighbour_that_goes_another_way_is_named_and_asked_about():
    where, survey = crowded(ALL)
    everything = RepairPolicy(auto_actions=frozenset(Action), untagged_is_free=True)
    change = planned(where, survey, everything).changes[0]
    assert change.safety is Safety.ASK
    assert "eni-neighbour" in change.blast_radius
    assert "instead of the nat gateway" in change.blast_radius


def test_interfaces_that_could_not_be_read_mean_ask():
    unread = Survey(clients={"vpc-1": Unknown("ec2:DescribeNetworkInterfaces", "denied")})
    everything = RepairPolicy(auto_actions=frozenset(Action), untagged_is_free=True)
    change = planned(ISOLATED, unread, everything).changes[0]
    assert change.safety is Safety.ASK
    assert "not known" in change.blast_radius


def test_private_dns_is_not_switched_on_where_it_would_cut_off_whoever_uses_nat():
    """The endpoint's group admits the task alone."""
    endpoints = (
        interface_endpoint("ecr.api", private_dns_enabled=False),
        interface_endpoint("ecr.dkr"),
        interface_endpoint("logs"),
        S3_GATEWAY,
    )
    only_task = Permission("tcp", (443, 443), group_ids=("sg-task",))
    where, survey = crowded(ALL)
    groups = {**where.security_groups.value}
    groups["sg-endpoints"] = replace(groups["sg-endpoints"], ingress=(only_task,))
    where = replace(where, security_groups=known(groups))
    made = network(endpoints=endpoints)
    where = replace(where, endpoints=made.endpoints, endpoint_interfaces=made.endpoint_interfaces)
    alone = planned(where, Survey(clients={"vpc-1": known(())}))
    assert actions(alone)[0] is Action.MODIFY_VPC_ENDPOINT
    plan = planned(where, survey)
    assert plan.changes == ()
    assert "cut off eni-neighbour" in (plan.reason_if_empty or "")


# Only what is needed


def test_a_group_is_opened_to_where_the_traffic_goes_and_no_further():
    closed = network(egress=())
    plan = planned(closed)
    change = plan.changes[0]
    assert change.action is Action.AUTHORIZE_TASK_EGRESS
    assert change.params["cidrs"] == ["10.0.0.0/16"]
    assert change.params["prefix_list_ids"] == ["pl-s3"]
    by_nat = planned(network(egress=(), routes=(LOCAL, BY_NAT), endpoints=()))
    assert by_nat.changes[0].params["cidrs"] == ["0.0.0.0/0"]


def test_an_endpoint_is_opened_to_the_group_that_is_kept_out():
    change = planned(network(ingress=())).changes[0]
    assert change.action is Action.AUTHORIZE_ENDPOINT_INGRESS
    assert (change.params["security_group_id"], change.params["source_security_group_ids"]) == (
        "sg-endpoints",
        ["sg-task"],
    )
    nameless = planned(network(ingress=()), interface=replace(INTERFACE, security_group_ids=Unknown("event", "gone")))
    assert all("source_security_group_ids" not in one.params for one in nameless.changes)


def test_a_public_address_is_for_the_service():
    public = replace(INTERFACE, subnet_id=worlds.PUBLIC, private_ip="10.0.9.20")
    where = network(routes=(LOCAL, TO_S3), endpoints=())
    plan = planned(where, interface=public)
    assert actions(plan) == [Action.ENABLE_PUBLIC_IP]
    assert BY_INTERNET_GATEWAY in where.route_tables.value[2].routes
    assert (
        planned(where, interface=public, service=Unknown("ecs:DescribeServices", "denied")).changes[0].monthly_cost_usd
        is None
    )


def test_a_task_outside_of_a_service_is_left_for_its_owner_to_run_again():
    seen = facts(ISOLATED)
    alone = replace(incident(), service=None)
    plan = plan_for(alone, judge(alone, seen).findings, seen, nobody_else(), RepairPolicy())
    assert actions(plan) == [Action.CREATE_VPC_ENDPOINT]


def test_a_task_that_has_stopped_is_not_replaced():
    """Its service has started another one by then; the agent of a stopped task is stopped too."""
    agents = (ManagedAgent("ExecuteCommandAgent", "STOPPED"),)
    seen = facts(EVERYTHING, exec_enabled=True)
    for status, expected in (("RUNNING", [Action.REPLACE_TASK]), ("STOPPED", [])):
        task = replace(seen.task.value, last_status=status, containers=(Container("app", managed_agents=agents),))
        then = replace(seen, task=known(task))
        findings = judge(EXEC, then).findings
        assert Id.EXEC_AGENT_STOPPED in {one.cause for one in findings}
        assert actions(plan_for(EXEC, findings, then, nobody_else(), RepairPolicy())) == expected


def test_what_another_change_makes_needless_is_left_out():
    """With a public address, the endpoint whose name is off need neither be switched on nor opened."""
    endpoints = (interface_endpoint("ecr.dkr", private_dns_enabled=False),)
    where = network(routes=(LOCAL, BY_INTERNET_GATEWAY), endpoints=endpoints)
    groups = {**where.security_groups.value}
    groups["sg-endpoints"] = replace(groups["sg-endpoints"], ingress=())
    plan = planned(replace(where, security_groups=known(groups)))
    assert actions(plan) == [Action.ENABLE_PUBLIC_IP]


def test_a_public_address_that_the_message_does_not_speak_of_is_given_where_it_is_in_the_way():
    where = network(routes=(LOCAL, BY_INTERNET_GATEWAY), endpoints=isolated_endpoints("ecr.api", "ecr.dkr"))
    groups = {**where.security_groups.value}
    groups["sg-endpoints"] = replace(groups["sg-endpoints"], ingress=())
    plan = planned(replace(where, security_groups=known(groups)))
    assert set(actions(plan)) == {Action.AUTHORIZE_ENDPOINT_INGRESS, Action.ENABLE_PUBLIC_IP}


def test_a_session_that_the_next_task_will_take_needs_no_deployment():
    seen = facts(EVERYTHING)
    service = replace(seen.service.value, enable_execute_command=True)
    for status, expected in (("RUNNING", [Action.FORCE_NEW_DEPLOYMENT]), ("STOPPED", [])):
        then = replace(seen, service=known(service), task=known(replace(seen.task.value, last_status=status)))
        findings = judge(EXEC, then).findings
        assert findings[0].cause is Id.EXEC_NOT_ENABLED
        assert actions(plan_for(EXEC, findings, then, nobody_else(), RepairPolicy())) == expected


def test_the_endpoint_of_another_purpose_is_not_made():
    """What exec would need is no part of a failed start."""
    plan = planned(ISOLATED, exec_enabled=True)
    services = [one.params["service_name"] for one in plan.changes if one.action is Action.CREATE_VPC_ENDPOINT]
    assert services == [service_name("ecr.dkr")]


def test_every_cause_that_may_be_repaired_has_a_drafter():
    repaired = {one for one in Id if may_be_cause(one) and row(one).remedy in {Remedy.AUTO, Remedy.ASK}}
    only_told = {
        Id.ENI_PROVISIONING_TIMEOUT,
        Id.REGISTRY_SERVER_ERROR,
        Id.STORAGE_PROVISIONING_TIMEOUT,
        Id.AWS_INTERNAL_ERROR,
    }
    assert repaired - only_told == set(DRAFTERS)


def test_a_gateway_is_foreseen_with_its_route():
    plan = planned(WITHOUT_S3, symptom=Id.IMAGE_LAYERS_UNREACHABLE)
    after = foreseen(plan.changes, WITHOUT_S3)
    tables = {one.id: {route.destination for route in one.routes} for one in after.route_tables.value}
    assert tables["rtb-a"] == {"10.0.0.0/16", "pl-s3"}
    assert "pl-s3" not in tables["rtb-p"]
    assert isinstance(after.endpoints, Known)
    assert any(one.type == "Gateway" for one in after.endpoints.value)


def test_what_the_message_does_not_speak_of_is_repaired_with_it_where_it_is_in_the_way():
    """The task never came as far as S3: it would fail there next."""
    closed = network(routes=(LOCAL,), endpoints=tuple(map(interface_endpoint, FOR_START)), ingress=())
    plan = planned(closed)
    assert actions(plan) == [
        Action.AUTHORIZE_ENDPOINT_INGRESS,
        Action.CREATE_VPC_ENDPOINT,
        Action.FORCE_NEW_DEPLOYMENT,
    ]
