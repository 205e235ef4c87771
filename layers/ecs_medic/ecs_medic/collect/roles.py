"""What a role may do: AWS's own simulation first, and every policy where that does not say yes."""

from collections.abc import Iterable, Mapping

from ecs_medic.aws.call import Call
from ecs_medic.aws.reader import Answer
from ecs_medic.collect import iam, resource_policies
from ecs_medic.collect.question import Answers, Questions, answer_to
from ecs_medic.facts.fact import NOT_READ, Absent, Fact, Known, Unknown
from ecs_medic.facts.iam import Policy, Role
from ecs_medic.facts.reading import flag, mapping, mappings, tags, text, texts
from ecs_medic.needs.need import Need

_FIRST_VERSION = "v1"

type Requests = Mapping[str, tuple[tuple[str, str], ...]]
"""By role ARN: the calls (action, resource) that it has to be allowed."""


def requests_of(needs: Iterable[Need], account: str) -> Requests:
    """What each role of the account that is named by a need has to be allowed."""
    requests: dict[str, dict[tuple[str, str], None]] = {}
    for need in needs:
        if need.role_arn and need.actions and _is_of(need.role_arn, account):
            requests.setdefault(need.role_arn, {}).update(dict.fromkeys(need.calls))
    return {arn: tuple(calls) for arn, calls in requests.items()}


def questions(requests: Requests, answers: Answers, *, refused: bool = False, lists_first: bool = True) -> Questions:
    """All actions of a role in one simulation; the policies themselves only where that does not allow everything.

    Where AWS has `refused` one of them, the simulation does not have the last word. With `lists_first` the names of the
    policies are asked for together with the simulation: two calls that may turn out needless, against a wave.
    """
    asked: Questions = {}
    for arn, calls in requests.items():
        asked["simulation", arn] = Call(
            "iam",
            "SimulatePrincipalPolicy",
            {
                "PolicySourceArn": arn,
                "ActionNames": sorted({action for action, _ in calls}),
                "ResourceArns": sorted({resource for _, resource in calls}),
            },
            items="EvaluationResults",
        )
        if lists_first:
            asked |= list_questions([arn])
        if refused or (("simulation", arn) in answers and not _all_allowed(arn, calls, answers)):
            asked |= policy_questions(arn, answers)
            asked.update(resource_policies.questions(arn, calls))
    return asked


def list_questions(arns: Iterable[str]) -> Questions:
    """The names of all policies of each role."""
    asked: Questions = {}
    for arn in arns:
        name = {"RoleName": Role(arn).name}
        asked["attached", arn] = Call("iam", "ListAttachedRolePolicies", name, items="AttachedPolicies")
        asked["inline", arn] = Call("iam", "ListRolePolicies", name, items="PolicyNames")
    return asked


def explain_it(requests: Requests, answers: Answers) -> bool:
    """Whether a role's lack of permissions is the explanation, by AWS's own simulation; or may be, before it answers.

    A simulation that failed explains nothing.
    """
    asked = [(arn, calls, answer_to(answers, "simulation", arn)) for arn, calls in requests.items()]
    return any(
        answer is NOT_READ or (isinstance(answer, Known) and not _all_allowed(arn, calls, answers))
        for arn, calls, answer in asked
    )


def policy_questions(arn: str, answers: Answers) -> Questions:
    """Everything that the role's own policies say, whatever a simulation makes of it."""
    return list_questions([arn]) | _policy_questions(arn, answers)


def trust_questions(arns: Iterable[str], account: str) -> Questions:
    """The roles themselves, with their trust policies."""
    return {("role", arn): Call("iam", "GetRole", {"RoleName": Role(arn).name}) for arn in arns if _is_of(arn, account)}


def role_from(arn: str, answers: Answers) -> Fact[Role]:
    """The role as far as it was read; absent where IAM says that there is none."""
    asked = {kind: answer_to(answers, kind, arn) for kind in ("role", "simulation", "attached", "inline")}
    absent = next((answer for answer in asked.values() if isinstance(answer, Absent)), None)
    if absent is not None:
        return absent
    if not any(isinstance(answer, Known) for answer in asked.values()):
        return next(
            (answer for answer in asked.values() if isinstance(answer, Unknown) and answer is not NOT_READ), NOT_READ
        )
    described = asked["role"]
    if isinstance(described, Known) and (own := text(mapping(described.value, "Role"), "Arn")) not in {arn, None}:
        return Absent(described.source, f"the role of that name is {own}")
    return Known(
        Role(
            arn=arn,
            trust=iam.trust_from_answer(described),
            boundary_arn=iam.boundary_from_answer(described),
            policies=_policies(arn, answers),
            simulation=iam.simulation_from_answer(asked["simulation"]),
            tags=tags(mapping(described.value, "Role"), "Tags") if isinstance(described, Known) else {},
        ),
        next(answer.source for answer in asked.values() if isinstance(answer, Known)),
    )


def _is_of(arn: str, account: str) -> bool:
    """Whether the role is the account's: IAM takes a name, and would answer for a namesake of another account's."""
    return arn.split(":")[4:5] in ([account], [])


def _all_allowed(arn: str, calls: Iterable[tuple[str, str]], answers: Answers) -> bool:
    simulation = iam.simulation_from_answer(answer_to(answers, "simulation", arn))
    if not isinstance(simulation, Known):
        return False
    results = simulation.value
    return all(action.lower() in results and results[action.lower()].allows(resource) for action, resource in calls)


def _policy_questions(arn: str, answers: Answers) -> Questions:
    asked: Questions = {}
    for name in _inline_names(arn, answers):
        asked["inline_policy", arn, name] = Call(
            "iam", "GetRolePolicy", {"RoleName": Role(arn).name, "PolicyName": name}
        )
    for policy in _attached_arns(arn, answers):
        asked["policy", policy] = Call("iam", "GetPolicy", {"PolicyArn": policy})
        # Most policies have one version only: not to wait for which one is the default saves a wave.
        for version in dict.fromkeys((_FIRST_VERSION, _default_version(policy, answers) or _FIRST_VERSION)):
            asked["policy_version", policy, version] = Call(
                "iam", "GetPolicyVersion", {"PolicyArn": policy, "VersionId": version}
            )
    return asked


def _inline_names(arn: str, answers: Answers) -> tuple[str, ...]:
    listed = answer_to(answers, "inline", arn)
    return texts(listed.value, "PolicyNames") if isinstance(listed, Known) else ()


def _attached_arns(arn: str, answers: Answers) -> tuple[str, ...]:
    listed = answer_to(answers, "attached", arn)
    if not isinstance(listed, Known):
        return ()
    return tuple(
        found for one in mappings(listed.value, "AttachedPolicies") if (found := text(one, "PolicyArn")) is not None
    )


def _default_version(policy: str, answers: Answers) -> str | None:
    described = answer_to(answers, "policy", policy)
    return text(mapping(described.value, "Policy"), "DefaultVersionId") if isinstance(described, Known) else None


def _policies(arn: str, answers: Answers) -> Fact[tuple[Policy, ...]]:
    """All policies of the role, or why not all of them could be read."""
    for listed in (answer_to(answers, "attached", arn), answer_to(answers, "inline", arn)):
        if isinstance(listed, Unknown):
            return listed
        if isinstance(listed, Absent):
            return Unknown(listed.source, listed.detail)
    found: list[Policy] = []
    for name in _inline_names(arn, answers):
        answer = answer_to(answers, "inline_policy", arn, name)
        document = iam.document_from(answer.value.get("PolicyDocument")) if isinstance(answer, Known) else None
        if document is None:
            return _unreadable(name, answer)
        found.append(Policy(name, document, inline=True))
    for policy in _attached_arns(arn, answers):
        answer = _default_document(policy, answers)
        version = mapping(answer.value, "PolicyVersion") if isinstance(answer, Known) else {}
        document = iam.document_from(version.get("Document"))
        if document is None or flag(version, "IsDefaultVersion") is False:
            return _unreadable(policy, answer)
        found.append(Policy(policy, document))
    return Known(tuple(found), "iam:GetRolePolicy" if all(one.inline for one in found) else "iam:GetPolicyVersion")


def _default_document(policy: str, answers: Answers) -> Fact[Answer]:
    """The answer that holds the default version, or why there is none; the first version itself says if it is that."""
    version = _default_version(policy, answers)
    if version is not None:
        return answer_to(answers, "policy_version", policy, version)
    first = answer_to(answers, "policy_version", policy, _FIRST_VERSION)
    if isinstance(first, Known) and flag(mapping(first.value, "PolicyVersion"), "IsDefaultVersion") is True:
        return first
    return answer_to(answers, "policy", policy)


def _unreadable(policy: str, answer: Fact[dict[str, object]]) -> Unknown:
    if isinstance(answer, Unknown):
        return answer
    return Unknown(answer.source, f"the policy {policy} could not be read")
