"""What whoever made a refused call may do, and, of a push, the repository that it was for."""

from collections.abc import Mapping

from ecs_medic.aws.call import Call
from ecs_medic.aws.reader import Answer
from ecs_medic.collect import resource_policies, roles
from ecs_medic.collect.question import Answers, Key, Questions, answer_to
from ecs_medic.collect.task import service_question
from ecs_medic.facts import Facts
from ecs_medic.facts.fact import Absent, Fact, Known, Unknown
from ecs_medic.facts.images import Repository, RepositoryId
from ecs_medic.facts.reading import mappings, text
from ecs_medic.incident import Incident
from ecs_medic.needs.push import pushed_to
from ecs_medic.needs.refused_call import (
    calls_in_question,
    context_of,
    is_refused_call,
    passed_role,
    simulations,
)

_PAGE = 1000


def questions(incident: Incident, facts: Facts, answers: Answers) -> Questions:
    """The caller's policies where IAM has refused; the repository whatever was said of it.

    A user's policies hang on the user's groups as well, and are left to the simulation, which knows them.
    """
    asked: Questions = _about_the_repository(incident, facts, answers)
    if incident.service and incident.cluster:
        # Its tags say who is told.
        asked["service",] = service_question(incident.cluster, incident.service)
    principal = incident.refused_call.principal_arn if incident.refused_call else None
    if not is_refused_call(incident) or principal is None:
        return asked
    calls = calls_in_question(incident)
    # A repository's own policy is read with the credentials of its account, whoever called.
    asked |= resource_policies.questions(f"arn:{incident.partition}:iam::{facts.account}:role/any", calls)
    if principal.split(":")[4:5] != [facts.account]:
        return asked
    for group in simulations(calls):
        asked["more_simulation", principal, group[0][0]] = _simulation(principal, group, context_of(incident))
    if ":role/" in principal:
        asked |= roles.policy_questions(principal, answers)
    if (role := passed_role(incident)) is not None:
        asked |= roles.trust_questions([role], facts.account)
    return asked


def repositories_from(incident: Incident, answers: Answers) -> dict[RepositoryId, Repository]:
    """The repository that the push was for, as far as it was read."""
    identifier = pushed_to(incident)
    if identifier is None or _key(identifier) not in answers:
        return {}
    answer = answer_to(answers, *_key(identifier))
    siblings = answer_to(answers, "repositories", identifier.account, identifier.region)
    return {
        identifier: Repository(
            id=identifier,
            found=Known(identifier, answer.source) if isinstance(answer, Known) else answer,
            siblings=Known(tuple(_names(siblings.value)), siblings.source) if isinstance(siblings, Known) else siblings,
            tag_mutability=_mutability(answer),
        )
    }


def _about_the_repository(incident: Incident, facts: Facts, answers: Answers) -> Questions:
    """Another account's registry is not asked: it answers strangers as if nothing were there."""
    identifier = pushed_to(incident)
    if identifier is None or identifier.account != facts.account:
        return {}
    where = {"registryId": identifier.account}
    asked: Questions = {
        _key(identifier): Call("ecr", "DescribeRepositories", {**where, "repositoryNames": [identifier.name]})
    }
    if isinstance(answer_to(answers, *_key(identifier)), Absent):
        asked["repositories", identifier.account, identifier.region] = Call(
            "ecr", "DescribeRepositories", {**where, "maxResults": _PAGE}
        )
    return asked


def _key(identifier: RepositoryId) -> Key:
    return ("push_repository", identifier.account, identifier.region, identifier.name)


def _names(answer: Answer) -> list[str]:
    return [name for one in mappings(answer, "repositories") if (name := text(one, "repositoryName")) is not None]


def _mutability(answer: Fact[Answer]) -> Fact[str]:
    if not isinstance(answer, Known):
        return answer
    found = next((text(one, "imageTagMutability") for one in mappings(answer.value, "repositories")), None)
    return Known(found, answer.source) if found else Unknown(answer.source, "the answer does not say")


def _simulation(principal: str, calls: tuple[tuple[str, str], ...], context: Mapping[str, str]) -> Call:
    return Call(
        "iam",
        "SimulatePrincipalPolicy",
        {
            "PolicySourceArn": principal,
            "ActionNames": sorted({action for action, _ in calls}),
            "ResourceArns": sorted({resource for _, resource in calls}),
            "ContextEntries": [
                {"ContextKeyName": name, "ContextKeyValues": [value], "ContextKeyType": "string"}
                for name, value in sorted(context.items())
            ],
        },
        items="EvaluationResults",
    )
