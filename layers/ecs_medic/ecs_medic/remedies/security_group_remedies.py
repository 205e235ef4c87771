"""Open a security group by one rule for each source: an endpoint's for its clients, a task's to where it must go."""

from collections.abc import Iterable
from dataclasses import replace

from ecs_medic.facts.fact import Known
from ecs_medic.facts.network import Network
from ecs_medic.plan import Action, Change
from ecs_medic.remedies.journal import carry_out, take_back
from ecs_medic.remedies.params import number, text
from ecs_medic.remedies.receipt import Receipt
from ecs_medic.remedies.remedy import Grant, Obstacle, Remedy
from ecs_medic.remedies.run import RUN_TAG, Run
from ecs_medic.remedies.security_group_rules import Rule, admitting, permission_of, removing, request, sides

HTTPS = 443


def rules_of(change: Change) -> tuple[Rule, ...]:
    """The rules that the change adds."""
    group, port = text(change.params, "security_group_id"), number(change.params, "port", HTTPS)
    egress = change.action is Action.AUTHORIZE_TASK_EGRESS
    return tuple(Rule(group, side, port, egress) for side in sides(change.params))


def apply(change: Change, run: Run, receipt: Receipt) -> Receipt:
    """One step for each rule."""
    for rule in rules_of(change):
        receipt = carry_out(admitting(rule, run), receipt, run)
        if not receipt.finished(rule.step):
            return receipt
    return receipt


def obstacles(change: Change, run: Run) -> tuple[Obstacle, ...]:
    """Whether AWS would let us."""
    found = []
    for rule in rules_of(change):
        operation = "AuthorizeSecurityGroupEgress" if rule.egress else "AuthorizeSecurityGroupIngress"
        refused = run.writer.try_out(operation, request(rule, run))
        if refused is not None:
            found.append(Obstacle(f"dry run of {refused.source}", refused.words, refused.missing_permission))
    return tuple(found)


def undo(receipt: Receipt, run: Run) -> Receipt:
    """The rules that this run has added, and no others."""
    for rule in reversed(rules_of(receipt.change)):
        if receipt.step(rule.step) is not None:
            receipt = take_back(removing(rule, receipt, run), receipt, run)
    return receipt


def foreseen(change: Change, network: Network) -> Network:
    """The network with the group opened."""
    groups = network.security_groups
    group_id = text(change.params, "security_group_id")
    if not isinstance(groups, Known) or group_id not in groups.value:
        return network
    group = groups.value[group_id]
    added = permission_of(sides(change.params), number(change.params, "port", HTTPS))
    if change.action is Action.AUTHORIZE_TASK_EGRESS:
        opened = replace(group, egress=(*group.egress, added))
    else:
        opened = replace(group, ingress=(*group.ingress, added))
    return replace(network, security_groups=Known({**groups.value, group_id: opened}, groups.source))


def _grants(direction: str) -> Iterable[Grant]:
    group = "arn:{partition}:ec2:{region}:{account}:security-group/*"
    rule = "arn:{partition}:ec2:{region}:{account}:security-group-rule/*"
    marked = {"Null": {f"aws:RequestTag/{RUN_TAG}": "false"}}
    yield Grant((f"ec2:AuthorizeSecurityGroup{direction}",), (group,))
    yield Grant((f"ec2:AuthorizeSecurityGroup{direction}",), (rule,), marked)
    yield Grant((f"ec2:RevokeSecurityGroup{direction}",), (group,))
    yield Grant(
        ("ec2:CreateTags",),
        (rule,),
        {"StringEquals": {"ec2:CreateAction": f"AuthorizeSecurityGroup{direction}"}},
    )
    yield Grant(("ec2:DescribeSecurityGroupRules",))


ENDPOINT_INGRESS = Remedy(
    action=Action.AUTHORIZE_ENDPOINT_INGRESS,
    grants=tuple(_grants("Ingress")),
    apply=apply,
    obstacles=obstacles,
    undo=undo,
    foreseen=foreseen,
)
TASK_EGRESS = Remedy(
    action=Action.AUTHORIZE_TASK_EGRESS,
    grants=tuple(_grants("Egress")),
    apply=apply,
    obstacles=obstacles,
    undo=undo,
    foreseen=foreseen,
)
