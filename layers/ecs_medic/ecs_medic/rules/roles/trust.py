"""Whether a trust policy lets a service of AWS's assume the role in this account's name.

ECS says in whose name it asks: aws:SourceAccount is the account, and aws:SourceArn something of ECS's in the account
and the Region. What it is, AWS does not document, so that a condition on more than that stays open.
Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html
"""

from collections.abc import Iterator, Mapping

from ecs_medic.facts import Facts
from ecs_medic.facts.iam import PolicyDocument
from ecs_medic.policies.evaluate import Decision, evaluate

_ARN_FIELDS = 6
_NOTHING_KNOWN = "-"


def trusts(policy: PolicyDocument, service: str, facts: Facts) -> Decision:
    """The decision that holds whatever in this account and Region ECS names as its source; else undecided."""
    decisions = {
        evaluate((policy,), "sts:AssumeRole", principal=service, context={"aws:SourceAccount": facts.account, **source})
        for source in _sources(policy, facts)
    }
    return decisions.pop() if len(decisions) == 1 else Decision.UNDECIDED


def _sources(policy: PolicyDocument, facts: Facts) -> Iterator[dict[str, str]]:
    """Sources that decide differently: one like each that the policy's conditions name, and one like none of them."""
    tails = {_tail(arn) for arn in _arns_in(_conditions(policy))}
    for tail in sorted({_NOTHING_KNOWN, *filter(None, tails)}):
        yield {"aws:SourceArn": f"arn:{facts.partition}:ecs:{facts.region}:{facts.account}:{tail}"}


def _conditions(policy: PolicyDocument) -> Iterator[object]:
    statements = policy.get("Statement")
    for statement in statements if isinstance(statements, list | tuple) else [statements]:
        if isinstance(statement, Mapping):
            yield statement.get("Condition")


def _arns_in(values: Iterator[object]) -> Iterator[str]:
    for value in values:
        if isinstance(value, str):
            yield value
        elif isinstance(value, Mapping):
            yield from _arns_in(iter(value.values()))
        elif isinstance(value, list | tuple):
            yield from _arns_in(iter(value))


def _tail(arn: str) -> str:
    """The resource that an ARN, or a pattern of one, is about, as one that the pattern covers."""
    return arn.split(":", _ARN_FIELDS - 1)[-1].replace("*", "").replace("?", "x") if arn.startswith("arn:") else ""
