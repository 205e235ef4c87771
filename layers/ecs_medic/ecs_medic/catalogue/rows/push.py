"""Rows of the areas *image push (ECR)* and *caller's permissions*."""

from ecs_medic.catalogue import documents as doc
from ecs_medic.catalogue.row import Grant, Remedy, Row
from ecs_medic.vocabulary import Id

_LOGIN = (
    "aws ecr get-login-password --region {region} | docker login --username AWS --password-stdin "
    "{registry_id}.dkr.ecr.{region}.amazonaws.com"
)
_REPOSITORY = "arn:{partition}:ecr:{region}:{registry_id}:repository/{repository}"

ROWS = (
    Row(
        id=Id.PUSH_NOT_AUTHENTICATED,
        title="docker has no login for this registry",
        meaning=(
            "docker keeps a login for each registry host and each user of the machine. There is none for this one: no "
            "login step, a login for another account or Region, or `docker login` as one user and `sudo docker "
            "push` as "
            "another."
        ),
        fix="Log in to exactly this registry host, as the user who pushes, and push again.",
        remedy=Remedy.ADVISE,
        steps=("Use sudo for both commands or for neither.",),
        commands=(_LOGIN,),
        candidates=(Id.PUSH_TOKEN_EXPIRED, Id.PUSH_DENIED),
        documentation=(doc.ECR_AUTH, doc.ECR_PUSH_TROUBLE),
    ),
    Row(
        id=Id.PUSH_TOKEN_EXPIRED,
        title="The registry login has expired",
        meaning=(
            "A login to ECR holds for twelve hours; after that the registry refuses the push until docker has logged "
            "in again. Long builds and self-hosted runners meet this most."
        ),
        fix="Log in again and repeat the push.",
        remedy=Remedy.ADVISE,
        commands=(_LOGIN,),
        documentation=(doc.ECR_AUTH,),
    ),
    Row(
        id=Id.PUSH_DENIED,
        title="The pusher lacks ECR permissions for this repository",
        meaning=(
            "A push needs a token and five actions on the repository. The caller lacks one of them, or the repository "
            "policy of another account does not admit the caller."
        ),
        fix="Grant the push actions on exactly this repository, and ecr:GetAuthorizationToken.",
        remedy=Remedy.ADVISE,
        grants=(
            Grant(("ecr:GetAuthorizationToken",)),
            Grant(
                (
                    "ecr:BatchCheckLayerAvailability",
                    "ecr:InitiateLayerUpload",
                    "ecr:UploadLayerPart",
                    "ecr:CompleteLayerUpload",
                    "ecr:PutImage",
                ),
                _REPOSITORY,
            ),
        ),
        candidates=(Id.PUSH_NOT_AUTHENTICATED, Id.PUSH_REPOSITORY_MISSING, Id.ECR_REPOSITORY_POLICY_DENIES),
        documentation=(doc.ECR_PUSH_POLICY, doc.ECR_POLICIES),
    ),
    Row(
        id=Id.PUSH_REPOSITORY_MISSING,
        title="The repository does not exist",
        meaning=(
            "ECR creates no repository by a push. This one is not in the account and Region of the image's host name."
        ),
        fix="Create the repository, or correct the image's name.",
        remedy=Remedy.ADVISE,
        commands=("aws ecr create-repository --region {region} --repository-name {repository}",),
        documentation=(doc.ECR_CREATE, doc.ECR_PUSH),
    ),
    Row(
        id=Id.PUSH_REJECTED,
        title="The registry refused what was pushed",
        meaning=(
            "The login and the permissions were good; the registry does not accept the image: its tag exists "
            "already in "
            "a repository with immutable tags, the manifest is not valid, or a limit is reached."
        ),
        fix="Push under a new tag, or correct what the message names.",
        remedy=Remedy.ADVISE,
        commands=(
            (
                "aws ecr describe-repositories --region {region} --repository-names {repository} "
                "--query 'repositories[0].imageTagMutability'"
            ),
        ),
        documentation=(doc.ECR_TAGS, doc.ECR_PUSH_TROUBLE),
    ),
    Row(
        id=Id.CALLER_DENIED,
        title="The caller may not make this call on ECS",
        meaning=(
            "IAM refused the call for the person or program that made it. Registering task definitions and running "
            "tasks "
            "needs iam:PassRole for the roles in them as well. A permissions boundary or a service control policy "
            "can be "
            "what denies."
        ),
        fix="Allow exactly the refused action on exactly this resource; not AmazonECS_FullAccess.",
        remedy=Remedy.ADVISE,
        steps=(
            "The message names the action and the resource.",
            "For iam:PassRole limit iam:PassedToService to ecs-tasks.amazonaws.com.",
        ),
        grants=(
            Grant(
                ("ecs:UpdateService", "ecs:DescribeServices"),
                "arn:{partition}:ecs:{region}:{account}:service/{cluster}/{service}",
            ),
            Grant(("iam:PassRole",), "{role_arn}"),
        ),
        candidates=(Id.EXEC_CALLER_DENIED,),
        documentation=(doc.IAM_TROUBLE, doc.PASS_ROLE, doc.POLICY_LOGIC),
    ),
)
