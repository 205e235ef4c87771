"""The policies of the resources themselves, where one may allow what a role's own policies do not."""

from collections.abc import Iterable

from ecs_medic.aws.call import Call
from ecs_medic.aws.reader import Answer
from ecs_medic.collect.iam import document_from
from ecs_medic.collect.question import Answers, Questions
from ecs_medic.facts.fact import Absent, Fact, Known, Unknown
from ecs_medic.facts.iam import PolicyDocument
from ecs_medic.facts.secrets import UNKNOWN_SUFFIX

_MEMBERS = ("policyText", "ResourcePolicy", "Policy")
"""What ECR, Secrets Manager and KMS call it."""


def questions(role_arn: str, calls: Iterable[tuple[str, str]]) -> Questions:
    """One for each repository, secret and key of the role's own account."""
    asked: Questions = {}
    for _, resource in calls:
        fields = resource.split(":", 5)
        if len(fields) == 6 and fields[4] == role_arn.split(":")[4]:
            call = _question(fields[2], fields[3], fields[4], fields[5], resource)
            if call is not None:
                asked["resource_policy", resource] = call
    return asked


def resource_policies_from(answers: Answers) -> dict[str, Fact[PolicyDocument]]:
    """By ARN; absent where AWS answers that the resource has no policy."""
    return {key[1]: _policy(answer) for key, answer in answers.items() if key[0] == "resource_policy"}


def _question(service: str, region: str, account: str, rest: str, arn: str) -> Call | None:
    if service == "ecr" and rest.startswith("repository/"):
        name = rest.removeprefix("repository/")
        return Call("ecr", "GetRepositoryPolicy", {"registryId": account, "repositoryName": name}, region)
    if service == "secretsmanager":
        secret = arn.removesuffix(UNKNOWN_SUFFIX)
        return Call("secretsmanager", "GetResourcePolicy", {"SecretId": secret}, region)
    if service == "kms" and rest.startswith("key/"):
        return Call("kms", "GetKeyPolicy", {"KeyId": arn, "PolicyName": "default"}, region)
    return None


def _policy(answer: Fact[Answer]) -> Fact[PolicyDocument]:
    if not isinstance(answer, Known):
        return answer
    text = next((answer.value[name] for name in _MEMBERS if name in answer.value), None)
    if text is None:
        return Absent(answer.source, "it has no policy of its own")
    document = document_from(text)
    return Unknown(answer.source, "unreadable policy") if document is None else Known(document, answer.source)
