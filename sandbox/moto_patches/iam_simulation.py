"""SimulatePrincipalPolicy and SimulateCustomPolicy over the account's real policies."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult
from moto.iam.responses import IamResponse

from sandbox.behaviour import Behaviour
from sandbox.moto_patches.iam_evaluation import Decision, Policy, Verdict, evaluate
from sandbox.moto_patches.patching import replace

type Get = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Layers:
    """The policies that must all allow; a layer that does not apply is None."""

    identity: list[Policy]
    boundary: list[Policy] | None = None
    organisation: list[Policy] | None = None


def install(behaviour: Behaviour) -> None:
    """Adds both operations to moto's IAM."""

    @replace(IamResponse)
    def simulate_principal_policy(self: Any) -> ActionResult:
        identity, boundary = _of_principal(self.backend, self._get_param("PolicySourceArn"))
        identity += _given(self._get_param("PolicyInputList", []), "PolicyInputList")
        if replaced := self._get_param("PermissionsBoundaryPolicyInputList", []):
            boundary = _given(replaced, "PermissionsBoundaryPolicyInputList")
        organisation = [Policy(f"SCP.{n}", d) for n, d in enumerate(behaviour.service_control_policies, 1)]
        return _answer(self._get_param, Layers(identity, boundary, organisation or None))

    @replace(IamResponse)
    def simulate_custom_policy(self: Any) -> ActionResult:
        boundary = _given(self._get_param("PermissionsBoundaryPolicyInputList", []), "PermissionsBoundary")
        identity = _given(self._get_param("PolicyInputList", []), "PolicyInputList")
        return _answer(self._get_param, Layers(identity, boundary or None))


def _answer(get: Get, layers: Layers) -> ActionResult:
    actions = get("ActionNames", [])
    for action in actions:
        if ":" not in action:
            raise ServiceException("InvalidInput", f"Invalid action: {action} does not match the expected pattern")
    context = {e["ContextKeyName"]: list(e.get("ContextKeyValues", [])) for e in get("ContextEntries", [])}
    resources = get("ResourceArns", []) or ["*"]
    results = [_result(layers, action, resource, context) for action in actions for resource in resources]
    return ActionResult({"EvaluationResults": results, "IsTruncated": False})


def _result(layers: Layers, action: str, resource: str, context: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    own = evaluate(layers.identity, action, resource, context)
    verdicts = [own]
    details: dict[str, Any] = {}
    for member, flag, policies in (
        ("PermissionsBoundaryDecisionDetail", "AllowedByPermissionsBoundary", layers.boundary),
        ("OrganizationsDecisionDetail", "AllowedByOrganizations", layers.organisation),
    ):
        if policies is not None:
            verdict = evaluate(policies, action, resource, context)
            verdicts.append(verdict)
            details[member] = {flag: verdict.decision is Decision.ALLOWED}
    decision = _together(verdicts)
    # What denies explicitly is shown wherever it stands; what allows is shown of the principal's own policies.
    deciding = [v for v in verdicts if v.decision is Decision.EXPLICIT_DENY] or [own]
    return {
        "EvalActionName": action,
        "EvalResourceName": resource,
        "EvalDecision": decision.value,
        "MatchedStatements": [
            {"SourcePolicyId": policy.name, "SourcePolicyType": policy.kind} for v in deciding for policy in v.matched
        ],
        "MissingContextValues": list(dict.fromkeys(key for v in verdicts for key in v.missing)),
        **details,
    }


def _together(verdicts: Iterable[Verdict]) -> Decision:
    decisions = {verdict.decision for verdict in verdicts}
    if Decision.EXPLICIT_DENY in decisions:
        return Decision.EXPLICIT_DENY
    return Decision.ALLOWED if decisions == {Decision.ALLOWED} else Decision.IMPLICIT_DENY


def _given(documents: Iterable[str], name: str) -> list[Policy]:
    policies = []
    for number, text in enumerate(documents, 1):
        try:
            policies.append(Policy(f"{name}.{number}", json.loads(text)))
        except ValueError:
            raise ServiceException("MalformedPolicyDocument", "Syntax errors in policy.") from None
    return policies


def _of_principal(backend: Any, arn: str) -> tuple[list[Policy], list[Policy] | None]:
    """Identity policies (attached, inline, of a user's groups too) and the boundary's; NoSuchEntity when unknown."""
    kind, _, path = str(arn).rpartition(":")[-1].partition("/")
    name = path.rsplit("/", 1)[-1]
    if kind == "role":
        entity = backend.get_role(name)
    elif kind == "user":
        entity = backend.get_user(name)
    elif kind == "group":
        entity = backend.get_group(name)
    else:
        raise ServiceException(
            "InvalidInput", f"Invalid Entity Arn: {arn} does not clearly define entity type and name."
        )
    policies = _policies_of(entity)
    if kind == "user":
        for group in backend.get_groups_for_user(name):
            policies += _policies_of(group)
    boundary_arn = getattr(entity, "permissions_boundary_arn", None) or _boundary_arn(entity)
    if not boundary_arn:
        return policies, None
    return policies, [_managed(backend.get_policy(boundary_arn))]


def _boundary_arn(entity: Any) -> str | None:
    boundary = getattr(entity, "permissions_boundary", None)
    return boundary.get("PermissionsBoundaryArn") if isinstance(boundary, dict) else None


def _policies_of(entity: Any) -> list[Policy]:
    inline = entity.policies.items() if isinstance(entity.policies, dict) else ()
    return [Policy(name, _document(text)) for name, text in inline] + [
        _managed(policy) for policy in entity.managed_policies.values()
    ]


def _managed(policy: Any) -> Policy:
    version = next(v for v in policy.versions if v.version_id == policy.default_version_id)
    return Policy(policy.name, _document(version.document))


def _document(text: Any) -> Mapping[str, Any]:
    if isinstance(text, Mapping):
        return text
    plain = str(text)
    parsed: Mapping[str, Any] = json.loads(plain if plain.lstrip().startswith("{") else unquote(plain))
    return parsed
