"""What the broken service uses: the repository of its image, its log group, its roles; and the Slack secret."""

from collections.abc import Iterable

from verify.kinds.kind import Kind, tag_map
from verify.names import LOG_GROUP as LOG_GROUP_NAME
from verify.names import NAME, ROLES, TAG
from verify.names import SECRET as SECRET_NAME
from verify.place import Place


def _repositories(place: Place) -> Iterable[str]:
    pages = place.client("ecr").get_paginator("describe_repositories").paginate()
    return [one["repositoryName"] for page in pages for one in page["repositories"] if one["repositoryName"] == NAME]


def _repository_is_ours(place: Place, name: str) -> bool:
    ecr = place.client("ecr")
    (found,) = ecr.describe_repositories(repositoryNames=[name])["repositories"]
    return TAG in tag_map(ecr.list_tags_for_resource(resourceArn=found["repositoryArn"])["tags"])


def _log_groups(place: Place) -> Iterable[str]:
    """The tasks', and those of the stack's functions where they have outlived it."""
    logs = place.client("logs")
    functions = f"/aws/lambda/{NAME}-"
    for prefix in (LOG_GROUP_NAME, functions):
        for page in logs.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=prefix):
            names = [one["logGroupName"] for one in page["logGroups"]]
            yield from (name for name in names if name == LOG_GROUP_NAME or name.startswith(functions))


def _log_group_is_ours(place: Place, name: str) -> bool:
    partition = place.client("sts").get_caller_identity()["Arn"].split(":")[1]
    arn = f"arn:{partition}:logs:{place.region}:{place.account}:log-group:{name}"
    return TAG in place.client("logs").list_tags_for_resource(resourceArn=arn)["tags"]


def _roles(place: Place) -> Iterable[str]:
    """Ours; the stack's go with the stack."""
    pages = place.client("iam").get_paginator("list_roles").paginate()
    return [one["RoleName"] for page in pages for one in page["Roles"] if one["RoleName"] in ROLES]


def role_tags(place: Place, name: str) -> dict[str, str]:
    """A role's tags, by their key."""
    return tag_map(place.client("iam").list_role_tags(RoleName=name)["Tags"])


def _delete_role(place: Place, name: str) -> None:
    iam = place.client("iam")
    for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]:
        iam.delete_role_policy(RoleName=name, PolicyName=policy)
    for attached in iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]:
        iam.detach_role_policy(RoleName=name, PolicyArn=attached["PolicyArn"])
    iam.delete_role(RoleName=name)


def _secrets(place: Place) -> Iterable[str]:
    """The API's filter finds whatever begins so."""
    filters = [{"Key": "name", "Values": [SECRET_NAME]}]
    pages = place.client("secretsmanager").get_paginator("list_secrets").paginate(Filters=filters)
    return [one["Name"] for page in pages for one in page["SecretList"] if one["Name"] == SECRET_NAME]


def _secret_is_ours(place: Place, name: str) -> bool:
    return TAG in tag_map(place.client("secretsmanager").describe_secret(SecretId=name).get("Tags", ()))


REPOSITORY = Kind(
    "repository",
    _repositories,
    lambda p, one: p.client("ecr").delete_repository(repositoryName=one, force=True),
    _repository_is_ours,
)
LOG_GROUP = Kind(
    "log group",
    _log_groups,
    lambda p, one: p.client("logs").delete_log_group(logGroupName=one),
    _log_group_is_ours,
)
SECRET = Kind(
    "secret",
    _secrets,
    lambda p, one: p.client("secretsmanager").delete_secret(SecretId=one, ForceDeleteWithoutRecovery=True),
    _secret_is_ours,
)
ROLE = Kind("role", _roles, _delete_role, lambda p, one: TAG in role_tags(p, one), last=True)
