"""The pulling role may not pull an image from Amazon ECR, or not fill a pull-through cache with it.

A repository's own policy may allow the pull in the role's stead; GetAuthorizationToken is the role's alone.
Source: https://docs.aws.amazon.com/AmazonECR/latest/userguide/ECR_on_ECS.html
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from ecs_medic.facts import Absent, Facts, Known
from ecs_medic.finding import Confidence, Finding, NotChecked, Outcome, Phase
from ecs_medic.incident import Incident
from ecs_medic.needs.carriers import carriers
from ecs_medic.needs.images import IMPORT_ACTIONS
from ecs_medic.needs.need import Need, Purpose
from ecs_medic.needs.pulls import pulls
from ecs_medic.needs.told import words_of
from ecs_medic.policies.permission import DeniedBy
from ecs_medic.policies.refusal import refusal_in
from ecs_medic.rules.roles.by_need import needs_with_role
from ecs_medic.rules.roles.ruling import Case, ruling
from ecs_medic.vocabulary import Id

_CHECK_LAYERS = "ecr:BatchCheckLayerAvailability"


def execution_role_cannot_pull(incident: Incident, facts: Facts) -> Iterable[Outcome]:
    """The registry's token first, then each image."""
    for need in needs_with_role(incident, facts, Purpose.REGISTRY_AUTH, Purpose.IMAGE_MANIFEST):
        if any(action.startswith("ecr:") for action, _ in need.calls):
            for outcome in ruling(facts, _case(incident, facts, need)):
                if isinstance(outcome, Finding):
                    yield from _weighed(outcome, words_of(incident, facts))
                else:
                    yield outcome
    yield from _caches(incident, facts)


def _weighed(finding: Finding, words: str) -> Iterator[Finding]:
    """A repository's own Deny is a cause of its own; the check for layers is one that pushes make.

    Source: https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchCheckLayerAvailability.html
    """
    if finding.params["denied_by"] == DeniedBy.RESOURCE.value:
        return
    if finding.params["actions"] == [_CHECK_LAYERS] and _CHECK_LAYERS not in words:
        finding = replace(finding, confidence=Confidence.POSSIBLE)
    yield finding


def _caches(incident: Incident, facts: Facts) -> Iterator[Outcome]:
    """What a pull-through cache does not have yet, the pulling role itself has to let it fetch.

    The registry's own policy may allow that in the role's stead, so that a denial is at most likely.
    """
    if not isinstance(facts.task_definition, Known):
        return
    role = carriers(facts, facts.task_definition.value).pull_role
    for pull in pulls(incident, facts):
        if role is None or pull.repository is None:
            continue
        repository = facts.repository(pull.repository)
        empty = isinstance(repository.found, Absent) or isinstance(repository.manifest(pull.reference), Absent)
        rules = repository.cache_rules.value if isinstance(repository.cache_rules, Known) else ()
        if not empty or not any(rule.serves(repository.id.name) for rule in rules):
            continue
        case = Case(
            cause=Id.EXECUTION_ROLE_CANNOT_PULL,
            phase=Phase.IMAGE,
            role_arn=role,
            calls=tuple((action, "*") for action in IMPORT_ACTIONS),
            params={"container": pull.container.name, "image": pull.container.image},
            what=f"have the pull-through cache fetch {pull.container.image}",
        )
        for outcome in ruling(facts, case):
            if isinstance(outcome, Finding):
                yield replace(outcome, confidence=Confidence.LIKELY)
            elif isinstance(outcome, NotChecked):
                yield outcome


def _case(incident: Incident, facts: Facts, need: Need) -> Case:
    token = need.purpose is Purpose.REGISTRY_AUTH
    refusal = refusal_in(words_of(incident, facts))
    return Case(
        cause=Id.EXECUTION_ROLE_CANNOT_PULL,
        phase=need.phase,
        role_arn=need.role_arn or "",
        calls=need.calls,
        params={"container": need.container, **({"registry": need.subject} if token else _image(need))},
        what=f"log in to {need.subject}" if token else f"pull {need.subject}",
        shares_decision=not token,
        reported=incident.symptom is Id.EXECUTION_ROLE_CANNOT_PULL,
        refused=refusal.action if refusal else None,
    )


def _image(need: Need) -> dict[str, str]:
    return {"image": need.subject, "repository_arn": need.resources[0]}
