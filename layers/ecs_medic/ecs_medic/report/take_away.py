"""The commands by which a person takes away what a repair has left, the last thing first."""

from collections.abc import Iterator, Mapping, Sequence

from pydantic import JsonValue

from ecs_medic.catalogue.fix import fill
from ecs_medic.report.model import Receipt, ReceiptStep
from ecs_medic.report.repair_words import STANDS

COMMANDS: Mapping[str, str] = {
    "ec2:CreateVpcEndpoint": "aws ec2 delete-vpc-endpoints --region {region} --vpc-endpoint-ids {vpc_endpoint_id}",
    "ec2:CreateSecurityGroup": "aws ec2 delete-security-group --region {region} --group-id {security_group_id}",
    "ec2:AuthorizeSecurityGroupIngress": "aws ec2 revoke-security-group-ingress --region {region} "
    "--group-id {resource} --security-group-rule-ids {rule_ids}",
    "ec2:AuthorizeSecurityGroupEgress": "aws ec2 revoke-security-group-egress --region {region} "
    "--group-id {resource} --security-group-rule-ids {rule_ids}",
    "logs:CreateLogGroup": "aws logs delete-log-group --region {log_region} --log-group-name {resource}",
    "iam:AttachRolePolicy": "aws iam detach-role-policy --role-name {role_name} --policy-arn {policy_arn}",
}
"""By the call that made it. What is missing here changes something that was there before: `undo` says how it was."""


def commands(receipts: Sequence[Receipt], region: str) -> tuple[str, ...]:
    """One for each thing that stands, or may; none where its id is not known."""
    return tuple(dict.fromkeys(_commands(receipts, region)))


def _commands(receipts: Sequence[Receipt], region: str) -> Iterator[str]:
    for receipt in reversed(receipts):
        own = _group_of_its_own(receipt)
        for step in reversed(receipt.steps):
            # The rules of a group go with it.
            template = COMMANDS.get(step.call) if step.stage in STANDS and step.resource not in own else None
            command = fill(template, _params(receipt, step, region), quote=True) if template else "<"
            if "<" not in command:
                yield command


def _group_of_its_own(receipt: Receipt) -> frozenset[str]:
    made = (step.made.get("security_group_id") for step in receipt.steps if step.stage in STANDS)
    return frozenset(one for one in made if isinstance(one, str))


def _params(receipt: Receipt, step: ReceiptStep, region: str) -> dict[str, JsonValue]:
    role = str(receipt.change.params.get("role_arn") or "").rsplit("/", 1)[-1]
    return {**receipt.change.params, "role_name": role, **step.made, "resource": step.resource, "region": region}
