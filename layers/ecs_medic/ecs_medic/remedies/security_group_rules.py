"""One rule of a security group: TCP to one port, from or to one source. Each is marked with the run that added it.

Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AuthorizeSecurityGroupIngress.html
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ecs_medic.aws.reader import Reader
from ecs_medic.facts.fact import Unknown
from ecs_medic.facts.network import Permission
from ecs_medic.facts.reading import Json, flag, mapping, mappings, number, tags, text
from ecs_medic.finding import JsonValue
from ecs_medic.remedies.journal import Seen, TakingBack, Write
from ecs_medic.remedies.looking import listed
from ecs_medic.remedies.params import Params, texts
from ecs_medic.remedies.receipt import Receipt
from ecs_medic.remedies.run import Run, made_by

_MOST_DESCRIPTION = 255


@dataclass(frozen=True, slots=True)
class Rule:
    """TCP `port` of `group_id`, in or out; `side` is a CIDR block, a security group or a prefix list."""

    group_id: str
    side: str
    port: int
    egress: bool

    @property
    def step(self) -> str:
        """The name of the step that adds it."""
        return f"{'egress' if self.egress else 'ingress'} {self.side}"


def sides(params: Params) -> tuple[str, ...]:
    """Everything that is to be admitted: blocks, groups, prefix lists."""
    return (*texts(params, "cidrs"), *texts(params, "source_security_group_ids"), *texts(params, "prefix_list_ids"))


def permission_of(rules: Iterable[str], port: int) -> Permission:
    """The rules as the reachability model reads them."""
    given = tuple(rules)
    return Permission(
        "tcp",
        (port, port),
        cidrs=tuple(one for one in given if not one.startswith(("sg-", "pl-"))),
        group_ids=tuple(one for one in given if one.startswith("sg-")),
        prefix_list_ids=tuple(one for one in given if one.startswith("pl-")),
    )


def admitting(rule: Rule, run: Run) -> Write:
    """The write that adds the rule."""
    return Write(
        name=rule.step,
        service="ec2",
        operation="AuthorizeSecurityGroupEgress" if rule.egress else "AuthorizeSecurityGroupIngress",
        params=request(rule, run),
        resource=rule.group_id,
        look=lambda: _seen(rule, run.reader),
        made=_made,
    )


def request(rule: Rule, run: Run) -> dict[str, Any]:
    """The parameters of the call that adds the rule."""
    why = f"Added by ecs-medic for {run.incident_id}"[:_MOST_DESCRIPTION]
    return {
        "GroupId": rule.group_id,
        "IpPermissions": [{"IpProtocol": "tcp", "FromPort": rule.port, "ToPort": rule.port, **_side(rule.side, why)}],
        "TagSpecifications": [{"ResourceType": "security-group-rule", "Tags": tag_list(run.tags())}],
    }


def removing(rule: Rule, receipt: Receipt, run: Run) -> TakingBack:
    """Taking back exactly the rule that this run has added."""
    step = receipt.step(rule.step)
    known = texts(step.made, "rule_ids") if step else ()

    def look() -> Seen | Unknown:
        found = _rules(rule, run.reader)
        if isinstance(found, Unknown):
            return found
        return Seen(any(_is_ours(one, known, run) for one in found))

    found = _rules(rule, run.reader)
    ids = known or tuple(
        text(one, "SecurityGroupRuleId") or ""
        for one in (() if isinstance(found, Unknown) else found)
        if _is_ours(one, known, run)
    )
    return TakingBack(
        step=rule.step,
        service="ec2",
        operation="RevokeSecurityGroupEgress" if rule.egress else "RevokeSecurityGroupIngress",
        params={"GroupId": rule.group_id, "SecurityGroupRuleIds": list(ids)},
        look=look,
    )


def tag_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Tags as EC2 and IAM take them."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def _side(side: str, why: str) -> dict[str, Any]:
    if side.startswith("sg-"):
        return {"UserIdGroupPairs": [{"GroupId": side, "Description": why}]}
    if side.startswith("pl-"):
        return {"PrefixListIds": [{"PrefixListId": side, "Description": why}]}
    if ":" in side:
        return {"Ipv6Ranges": [{"CidrIpv6": side, "Description": why}]}
    return {"IpRanges": [{"CidrIp": side, "Description": why}]}


def _made(answer: Mapping[str, Any]) -> dict[str, JsonValue]:
    ids = [text(one, "SecurityGroupRuleId") for one in mappings(answer, "SecurityGroupRules")]
    return {"rule_ids": [*filter(None, ids)] or None}


def _seen(rule: Rule, reader: Reader) -> Seen | Unknown:
    found = _rules(rule, reader)
    if isinstance(found, Unknown):
        return found
    if not found:
        return Seen(so=False)
    ids: list[JsonValue] = [text(one, "SecurityGroupRuleId") or "" for one in found]
    return Seen(so=True, made={"rule_ids": ids}, run_id=made_by(tags(found[0], "Tags")))


def _rules(rule: Rule, reader: Reader) -> tuple[Json, ...] | Unknown:
    """The rules of the group that say exactly this."""
    filters = [{"Name": "group-id", "Values": [rule.group_id]}]
    found = listed(reader, "ec2", "DescribeSecurityGroupRules", {"Filters": filters}, "SecurityGroupRules")
    return found if isinstance(found, Unknown) else tuple(one for one in found if _is(one, rule))


def _is(item: Json, rule: Rule) -> bool:
    sides = {
        text(item, "CidrIpv4"),
        text(item, "CidrIpv6"),
        text(item, "PrefixListId"),
        text(mapping(item, "ReferencedGroupInfo"), "GroupId"),
    }
    return (
        flag(item, "IsEgress") is rule.egress
        and text(item, "IpProtocol") == "tcp"
        and (number(item, "FromPort"), number(item, "ToPort")) == (rule.port, rule.port)
        and rule.side in sides
    )


def _is_ours(item: Json, known: tuple[str, ...], run: Run) -> bool:
    return text(item, "SecurityGroupRuleId") in known or made_by(tags(item, "Tags")) == run.id
