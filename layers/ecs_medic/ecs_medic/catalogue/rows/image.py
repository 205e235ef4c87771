"""Rows of the area *image*."""

from ecs_medic.catalogue import documents as doc
from ecs_medic.catalogue.groups import NO_PATH_TO_S3, PULL_FAULTS, PULL_REFUSED, distinct
from ecs_medic.catalogue.row import Grant, Remedy, Row
from ecs_medic.vocabulary import Id

_IMAGES = (
    "aws ecr describe-images --region {region} --registry-id {registry_id} --repository-name {repository} "
    "--query 'sort_by(imageDetails,&imagePushedAt)[-10:].[imageTags,imageDigest,imagePushedAt]'"
)

ROWS = (
    Row(
        id=Id.IMAGE_PULL_FAILED,
        title="The image could not be pulled, and the message does not say why",
        meaning=(
            "ECS tried several times to pull the image and gave up. The message ends before the reason, or the agent "
            "itself broke; both a registry that refuses and a network that leads nowhere end like this."
        ),
        fix="Check that the image exists, that the pulling role may read it, and that the registry and S3 can be "
        "reached.",
        candidates=distinct((Id.IMAGE_NOT_FOUND,), NO_PATH_TO_S3, PULL_FAULTS, (Id.IMAGE_ACCESS_DENIED,)),
        documentation=(doc.PULL_ERRORS, doc.CONNECTIVITY),
    ),
    Row(
        id=Id.IMAGE_PULL_FORBIDDEN,
        title="The registry answered 403: forbidden",
        meaning=(
            "The registry was reached and does not let this caller have the image. ECR answers 403 for a missing "
            "permission of the role, for a repository policy of another account, for an endpoint policy, and also "
            "for an "
            "image that does not exist."
        ),
        fix="Check the pulling role's ECR permissions, the repository policy of another account, and that the tag "
        "exists.",
        candidates=distinct(PULL_REFUSED, (Id.IMAGE_NOT_FOUND,)),
        documentation=(doc.PULL_ERRORS, doc.ECR_POLICIES),
    ),
    Row(
        id=Id.IMAGE_NOT_FOUND,
        title="The image does not exist: repository, tag or digest",
        meaning=(
            "The registry answered that there is no such image. A tag was never pushed, was misspelt, or was "
            "deleted by "
            "a lifecycle rule; a digest that ECS remembered for the deployment can be gone although the tag still "
            "exists."
        ),
        fix="Push the missing tag, or deploy a task definition whose image exists.",
        remedy=Remedy.ADVISE,
        steps=(
            "Compare the image string with what is in the repository; the newest tags are listed below.",
            "When only the digest is gone: force a new deployment, which resolves the tag again.",
        ),
        commands=(
            _IMAGES,
            "aws ecs update-service --region {region} --cluster {cluster} --service {service} --force-new-deployment",
        ),
        candidates=(
            Id.EXECUTION_ROLE_CANNOT_PULL,
            Id.ECR_REPOSITORY_POLICY_DENIES,
            Id.IMAGE_REFERENCE_INVALID,
            Id.REGISTRY_CREDENTIALS_MISSING,
            Id.IMAGE_FORMAT_UNSUPPORTED,
        ),
        documentation=(doc.PULL_ERRORS, doc.ROLLING),
    ),
    Row(
        id=Id.IMAGE_ACCESS_DENIED,
        title="Pull access denied: the repository does not exist, or is private",
        meaning=(
            "The registry does not tell strangers whether a repository is missing or private. Often the registry's "
            "host "
            "is missing from the image string, so that Docker Hub is asked for an image that lives in ECR."
        ),
        fix="Write the whole image string with its registry host, and give credentials where the repository is "
        "private.",
        remedy=Remedy.ADVISE,
        steps=(
            "For ECR: ACCOUNT.dkr.ecr.REGION.amazonaws.com/REPOSITORY:TAG.",
            "For another private registry: repositoryCredentials with a secret.",
        ),
        candidates=distinct((Id.IMAGE_NOT_FOUND, Id.IMAGE_REFERENCE_INVALID), PULL_REFUSED),
        documentation=(doc.PULL_ERRORS, doc.PRIVATE_REGISTRY),
    ),
    Row(
        id=Id.EXECUTION_ROLE_CANNOT_PULL,
        title="The role that pulls the image lacks ECR permissions",
        meaning=(
            "On Fargate and Managed Instances the task's execution role pulls, on EC2 the instance's role. That "
            "role may "
            "not get the registry token, or may not read this repository."
        ),
        fix="Attach AmazonECSTaskExecutionRolePolicy to the pulling role, or grant it what the policy below lists.",
        remedy=Remedy.ADVISE,
        commands=(
            (
                "aws iam attach-role-policy --role-name {role_name} --policy-arn "
                "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
            ),
        ),
        grants=(
            Grant(("ecr:GetAuthorizationToken",)),
            Grant(
                ("ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage"),
                "arn:{partition}:ecr:{region}:{registry_id}:repository/{repository}",
            ),
        ),
        candidates=(
            Id.ECR_REPOSITORY_POLICY_DENIES,
            Id.ENDPOINT_POLICY_DENIES,
            Id.EXECUTION_ROLE_MISSING,
            Id.ROLE_TRUST_POLICY_WRONG,
            Id.ROLE_NOT_FOUND,
            Id.IMAGE_NOT_FOUND,
        ),
        documentation=(doc.PULL_ERRORS, doc.EXECUTION_ROLE, doc.INSTANCE_ROLE),
    ),
    Row(
        id=Id.ECR_REPOSITORY_POLICY_DENIES,
        title="The repository is another account's, and its policy does not admit this one",
        meaning=(
            "For a pull across accounts both sides must agree: the role's own policy, and the policy of the repository "
            "in the other account."
        ),
        fix="Let the owner of the repository add this account to the repository policy.",
        remedy=Remedy.ADVISE,
        commands=(
            (
                "aws ecr get-repository-policy --region {region} --registry-id {registry_id} --repository-name "
                "{repository}"
            ),
        ),
        documentation=(doc.ECR_POLICIES, doc.PULL_ERRORS),
    ),
    Row(
        id=Id.REGISTRY_CREDENTIALS_MISSING,
        title="The registry wants credentials, and the task definition gives none",
        meaning=(
            "The image is in a private registry that is not ECR. ECS logs in only with the secret that the container's "
            "repositoryCredentials name."
        ),
        fix="Keep the registry's user name and password in a secret, and name it in repositoryCredentials.",
        remedy=Remedy.ADVISE,
        steps=(
            "Create a secret with the JSON keys username and password.",
            "Name its ARN in repositoryCredentials.credentialsParameter of the container.",
            "Allow the execution role to read the secret.",
        ),
        commands=(
            "aws secretsmanager create-secret --region {region} --name {secret_name} --secret-string file://login.json",
        ),
        candidates=(Id.REGISTRY_CREDENTIALS_WRONG, Id.EXECUTION_ROLE_CANNOT_PULL, Id.IMAGE_NOT_FOUND),
        documentation=(doc.PRIVATE_REGISTRY,),
    ),
    Row(
        id=Id.REGISTRY_CREDENTIALS_WRONG,
        title="The registry refused the credentials",
        meaning=(
            "The registry was reached and did not accept the user name and password of the secret. They are wrong, "
            "were "
            "changed, or the secret lacks one of the two keys."
        ),
        fix="Put valid credentials (JSON keys username and password) into the secret, and start the task again.",
        remedy=Remedy.ADVISE,
        commands=(
            (
                "aws secretsmanager put-secret-value --region {region} --secret-id {secret} --secret-string "
                "file://login.json"
            ),
        ),
        candidates=(Id.REGISTRY_CREDENTIALS_MISSING, Id.EXECUTION_ROLE_CANNOT_PULL),
        documentation=(doc.PRIVATE_REGISTRY,),
    ),
    Row(
        id=Id.REGISTRY_RATE_LIMITED,
        title="The registry's pull rate limit is reached",
        meaning=(
            "Registries limit how often one may pull; Docker Hub counts by address for those who are not logged in, "
            "and "
            "everybody behind one NAT gateway shares an address."
        ),
        fix="Pull through an ECR pull-through cache, or log in with repositoryCredentials.",
        remedy=Remedy.ADVISE,
        steps=("The first pull through a cache still goes to the registry and needs a way to the internet.",),
        documentation=(doc.PULL_ERRORS, doc.ECR_CACHE, doc.PRIVATE_REGISTRY),
    ),
    Row(
        id=Id.REGISTRY_SERVER_ERROR,
        title="The registry answered with an error of its own (5xx)",
        meaning="The registry was reached and failed. That passes by itself, and is alerted only when it repeats.",
        fix="Wait for the next attempt; when it repeats, look at the registry's status page or copy the image to ECR.",
        remedy=Remedy.AUTO,
        documentation=(doc.PULL_ERRORS, doc.ECR_CACHE),
    ),
    Row(
        id=Id.REGISTRY_BLOB_MISSING,
        title="The registry lacks a part of the image",
        meaning=(
            "The manifest is there, and one of the layers or the configuration that it names is not. The push was "
            "interrupted, or a clean-up removed a part."
        ),
        fix="Push the image again, best under a new tag.",
        remedy=Remedy.ADVISE,
        documentation=(doc.PULL_ERRORS, doc.ECR_PUSH),
    ),
    Row(
        id=Id.IMAGE_PLATFORM_MISMATCH,
        title="The image was built for another processor or operating system",
        meaning=(
            "The image has nothing for the task's CPU architecture or operating system. It is mostly an image built on "
            "an ARM laptop for a task that runs on x86-64, or the other way round."
        ),
        fix="Build the image for the task's platform, or set runtimePlatform to the image's.",
        remedy=Remedy.ADVISE,
        commands=(
            "docker buildx build --platform linux/amd64 -t {image} --push .",
            "docker buildx imagetools inspect {image}",
        ),
        documentation=(doc.ARM64, doc.ECR_MULTI_ARCH, doc.TASK_DEFINITION),
    ),
    Row(
        id=Id.IMAGE_FORMAT_UNSUPPORTED,
        title="The image is in a form that the platform cannot read",
        meaning=(
            "A media type, a layer compression or a VOLUME form of the image is not supported. Typical are build "
            "attestations in place of an image, and layers of mixed compression."
        ),
        fix="Build again without attestations and with one compression for all layers.",
        remedy=Remedy.ADVISE,
        commands=(
            (
                "docker buildx build --provenance=false --sbom=false "
                "--output type=image,name={image},push=true,compression=gzip,force-compression=true ."
            ),
        ),
        documentation=(doc.PULL_ERRORS,),
    ),
    Row(
        id=Id.IMAGE_REFERENCE_INVALID,
        title="The image string is not a valid reference",
        meaning=(
            "The image of the container definition does not have the form HOST/REPOSITORY:TAG. Capitals in the "
            "repository, an unfilled variable or a missing registry host are the usual reasons."
        ),
        fix="Correct the image string in the task definition: HOST/REPOSITORY:TAG, repository in lower case.",
        remedy=Remedy.ADVISE,
        candidates=(Id.IMAGE_NOT_FOUND,),
        documentation=(doc.TASK_DEFINITION, doc.PULL_ERRORS),
    ),
)
