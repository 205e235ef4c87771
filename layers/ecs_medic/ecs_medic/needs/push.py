"""What whoever pushes an image to Amazon ECR must be allowed.

Source: https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-push-iam.html
"""

from ecs_medic.facts.images import RepositoryId
from ecs_medic.incident import Incident, Kind

TOKEN = "ecr:GetAuthorizationToken"
"""Of the login; IAM knows no resource for it."""
REPOSITORY_ACTIONS = (
    "ecr:BatchCheckLayerAvailability",
    "ecr:InitiateLayerUpload",
    "ecr:UploadLayerPart",
    "ecr:CompleteLayerUpload",
    "ecr:PutImage",
)
"""In the order in which a push calls them."""


def pushed_to(incident: Incident) -> RepositoryId | None:
    """The repository that a push was for; the registry is the account's own where nothing names another."""
    call = incident.refused_call
    if incident.kind is not Kind.ECR_PUSH or call is None or call.repository is None:
        return None
    return RepositoryId(call.registry or incident.account, incident.region, call.repository)


def push_calls(incident: Incident) -> tuple[tuple[str, str], ...]:
    """(action, resource) of a whole push; of one that got no further than its login, the login alone."""
    repository = pushed_to(incident)
    if repository is None:
        return ((TOKEN, "*"),)
    arn = repository.arn(incident.partition)
    return ((TOKEN, "*"), *((action, arn) for action in REPOSITORY_ACTIONS))
