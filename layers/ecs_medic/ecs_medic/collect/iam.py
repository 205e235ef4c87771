"""What AWS IAM answers, as facts.

Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_Operations.html
"""

import json
from collections.abc import Mapping, Sequence
from urllib.parse import unquote

from ecs_medic.facts.fact import Fact, Known, Unknown
from ecs_medic.facts.iam import PolicyDocument, SimulatedAction
from ecs_medic.facts.reading import Json, flag, mapping, mappings, text, texts


def document_from(value: object) -> PolicyDocument | None:
    """A policy document as an object; IAM sends it as URL-encoded JSON, which boto3 mostly decodes already."""
    if isinstance(value, Mapping):
        return value
    if not isinstance(value, str):
        return None
    for candidate in (value, unquote(value)):
        try:
            document = json.loads(candidate)
        except ValueError:
            continue
        return document if isinstance(document, dict) else None
    return None


def trust_from_answer(answer: Fact[Json]) -> Fact[PolicyDocument]:
    """The trust policy in an answer of GetRole."""
    if not isinstance(answer, Known):
        return answer
    document = document_from(mapping(answer.value, "Role").get("AssumeRolePolicyDocument"))
    return Unknown(answer.source, "unreadable trust policy") if document is None else Known(document, answer.source)


def boundary_from_answer(answer: Fact[Json]) -> str | None:
    """The ARN of the permissions boundary in an answer of GetRole, where it names one."""
    if not isinstance(answer, Known):
        return None
    return text(mapping(mapping(answer.value, "Role"), "PermissionsBoundary"), "PermissionsBoundaryArn")


def simulation_from_answer(answer: Fact[Json]) -> Fact[Mapping[str, SimulatedAction]]:
    """By lower-case action, in an answer of SimulatePrincipalPolicy.

    AWS gives one result an action, or one an action and resource; with several resources a result may also hold a list
    of results of its own. All of them come together here, the worst in front.
    """
    if not isinstance(answer, Known):
        return answer
    results: dict[str, list[Json]] = {}
    for item in mappings(answer.value, "EvaluationResults"):
        if action := text(item, "EvalActionName"):
            results.setdefault(action.lower(), []).append(item)
    return Known({action: _simulated(items) for action, items in results.items()}, answer.source)


_WORST_FIRST = ("explicitdeny", "implicitdeny", "allowed")


def _simulated(items: Sequence[Json]) -> SimulatedAction:
    by_resource: dict[str, str] = {}
    details = [
        *items,
        *(specific for item in items for specific in mappings(item, "ResourceSpecificResults")),
    ]
    for detail in details:
        resource = text(detail, "EvalResourceName")
        decision = text(detail, "EvalResourceDecision", "EvalDecision")
        if resource and decision:
            by_resource[resource] = decision
    decisions = sorted((text(item, "EvalDecision") or "" for item in items), key=_badness)
    return SimulatedAction(
        action=text(items[0], "EvalActionName") or "",
        decision=decisions[0],
        allowed_by_boundary=_all(details, "PermissionsBoundaryDecisionDetail", "AllowedByPermissionsBoundary"),
        allowed_by_organizations=_all(details, "OrganizationsDecisionDetail", "AllowedByOrganizations"),
        missing_context=tuple(dict.fromkeys(key for one in details for key in texts(one, "MissingContextValues"))),
        by_resource=by_resource,
    )


def _badness(decision: str) -> int:
    return _WORST_FIRST.index(decision.lower()) if decision.lower() in _WORST_FIRST else 0


def _all(details: Sequence[Json], name: str, member: str) -> bool | None:
    """False where any of the details says so, None where none speaks of it."""
    said = [value for detail in details if (value := flag(mapping(detail, name), member)) is not None]
    return all(said) if said else None
