"""The pulling role may not pull an image from Amazon ECR.

A repository's own policy may allow the pull in the role's stead; GetAuthorizationToken is the role's alone.
Source: https://docs.aws.amazon.com/AmazonECR/latest/userguide/ECR_on_ECS.html
"""

from collections.abc import Iterable

from ecs_medic.facts import Facts
from ecs_medic.finding import Outcome
from ecs_medic.incident import Incident
from ecs_medic.needs.need import Need, Purpose
from ecs_medic.rules.roles.by_need import needs_with_role
from ecs_medic.rules.roles.ruling import Case, ruling
from ecs_medic.vocabulary import Id


def execution_role_cannot_pull(incident: Incident, facts: Facts) -> Iterable[Outcome]:
    """The registry's token first, then each image."""
    for need in needs_with_role(incident, facts, Purpose.REGISTRY_AUTH, Purpose.IMAGE_MANIFEST):
        if any(action.startswith("ecr:") for action, _ in need.calls):
            yield from ruling(facts, _case(incident, need))


def _case(incident: Incident, need: Need) -> Case:
    token = need.purpose is Purpose.REGISTRY_AUTH
    return Case(
        cause=Id.EXECUTION_ROLE_CANNOT_PULL,
        phase=need.phase,
        role_arn=need.role_arn or "",
        calls=need.calls,
        params={"container": need.container, **({"registry": need.subject} if token else _image(need))},
        what=f"log in to {need.subject}" if token else f"pull {need.subject}",
        shares_decision=not token,
        reported=incident.symptom is Id.EXECUTION_ROLE_CANNOT_PULL,
    )


def _image(need: Need) -> dict[str, str]:
    return {"image": need.subject, "repository_arn": need.resources[0]}
