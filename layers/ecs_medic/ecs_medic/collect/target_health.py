"""The service's target groups, what they say of their targets, and the load balancers before them.

Sources: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeTargetGroups.html,
API_DescribeTargetHealth.html and API_DescribeLoadBalancers.html.
"""

from collections.abc import Iterable

from ecs_medic.aws.call import Call
from ecs_medic.collect.network import items_of, only_item
from ecs_medic.collect.question import Answers, Questions, answer_to
from ecs_medic.facts import Facts
from ecs_medic.facts.fact import Fact, Known
from ecs_medic.facts.health import LoadBalancer, Target, TargetGroup
from ecs_medic.facts.reading import Json, mapping, mappings, number, text, texts

_MOST_GROUPS = 3
"""Target groups of one service that are read: ECS allows five, and hardly any service has more than two."""


def questions(facts: Facts) -> Questions:
    """Each group by itself, since one that is gone would hide the others; then the load balancers that they name."""
    asked: Questions = {}
    for arn in group_arns(facts):
        asked["target_group", arn] = Call("elbv2", "DescribeTargetGroups", {"TargetGroupArns": [arn]})
        asked["target_health", arn] = Call("elbv2", "DescribeTargetHealth", {"TargetGroupArn": arn})
    balancers = load_balancer_arns(facts.target_groups.values())
    if balancers:
        asked["load_balancers", *balancers] = Call(
            "elbv2", "DescribeLoadBalancers", {"LoadBalancerArns": list(balancers)}
        )
    return asked


def group_arns(facts: Facts) -> tuple[str, ...]:
    """The target groups that the service registers its tasks with."""
    return facts.service.value.target_group_arns[:_MOST_GROUPS] if isinstance(facts.service, Known) else ()


def load_balancer_arns(groups: Iterable[Fact[TargetGroup]]) -> tuple[str, ...]:
    """The load balancers of the groups that were read."""
    return tuple(
        dict.fromkeys(arn for group in groups if isinstance(group, Known) for arn in group.value.load_balancer_arns)
    )


def vpc_ids(facts: Facts) -> tuple[str, ...]:
    """The VPCs of the groups: load balancer and tasks are in the same one."""
    groups = (group.value for group in facts.target_groups.values() if isinstance(group, Known))
    return tuple(dict.fromkeys(group.vpc_id for group in groups if group.vpc_id))


def target_groups_from(answers: Answers) -> dict[str, Fact[TargetGroup]]:
    """Each group that was asked for; absent where AWS says that there is none."""
    return {
        key[1]: only_item(answer, "TargetGroups", f"target group {key[1]}", _target_group)
        for key, answer in answers.items()
        if key[0] == "target_group"
    }


def targets_from(answers: Answers) -> dict[str, Fact[tuple[Target, ...]]]:
    """The targets of each group that was asked for."""
    return {
        key[1]: items_of(answer, "TargetHealthDescriptions", _target)
        for key, answer in answers.items()
        if key[0] == "target_health"
    }


def load_balancers_from(groups: Iterable[Fact[TargetGroup]], answers: Answers) -> dict[str, Fact[LoadBalancer]]:
    """Each load balancer that the groups name."""
    arns = load_balancer_arns(groups)
    if ("load_balancers", *arns) not in answers:
        return {}
    found = items_of(answer_to(answers, "load_balancers", *arns), "LoadBalancers", _load_balancer)
    if not isinstance(found, Known):
        return dict.fromkeys(arns, found)
    return {one.arn: Known(one, found.source) for one in found.value}


def _target_group(item: Json) -> TargetGroup:
    return TargetGroup(
        arn=text(item, "TargetGroupArn") or "",
        name=text(item, "TargetGroupName") or "",
        target_type=text(item, "TargetType"),
        protocol=text(item, "Protocol"),
        port=number(item, "Port"),
        vpc_id=text(item, "VpcId"),
        load_balancer_arns=texts(item, "LoadBalancerArns"),
        check_protocol=text(item, "HealthCheckProtocol"),
        check_port=text(item, "HealthCheckPort"),
        check_path=text(item, "HealthCheckPath"),
        check_interval=number(item, "HealthCheckIntervalSeconds"),
        check_timeout=number(item, "HealthCheckTimeoutSeconds"),
        unhealthy_threshold=number(item, "UnhealthyThresholdCount"),
        expected_codes=text(mapping(item, "Matcher"), "HttpCode", "GrpcCode"),
    )


def _target(item: Json) -> Target:
    target, health = mapping(item, "Target"), mapping(item, "TargetHealth")
    return Target(
        id=text(target, "Id") or "",
        port=number(target, "Port"),
        zone=text(target, "AvailabilityZone"),
        state=text(health, "State"),
        reason=text(health, "Reason"),
        description=text(health, "Description"),
    )


def _load_balancer(item: Json) -> LoadBalancer:
    return LoadBalancer(
        arn=text(item, "LoadBalancerArn") or "",
        name=text(item, "LoadBalancerName") or "",
        type=text(item, "Type"),
        vpc_id=text(item, "VpcId"),
        security_group_ids=texts(item, "SecurityGroups"),
        subnets={
            zone: text(one, "SubnetId") or ""
            for one in mappings(item, "AvailabilityZones")
            if (zone := text(one, "ZoneName")) is not None
        },
    )
