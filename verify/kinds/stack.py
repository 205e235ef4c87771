"""The stack, and what it retains when it is deleted: its table, its key, and the policy of its repairs."""

import re
from collections.abc import Callable, Iterable

from verify.kinds.kind import Kind, tag_map
from verify.names import NAME, TAG
from verify.place import Place

_EXEC_POLICY = re.compile(rf"{NAME}-ExecPolicy-[A-Za-z0-9]+")


def _stacks(place: Place) -> Iterable[str]:
    pages = place.client("cloudformation").get_paginator("describe_stacks").paginate()
    return [
        stack["StackName"]
        for page in pages
        for stack in page["Stacks"]
        if stack["StackName"] == NAME and stack["StackStatus"] != "DELETE_COMPLETE"
    ]


def _stack_is_ours(place: Place, name: str) -> bool:
    """A change set that was never carried out has made a stack without tags, and with nothing in it."""
    (stack,) = place.client("cloudformation").describe_stacks(StackName=name)["Stacks"]
    return TAG in tag_map(stack.get("Tags", ())) or stack["StackStatus"] == "REVIEW_IN_PROGRESS"


def _delete_stack(place: Place, name: str) -> None:
    """Begins it; a deletion that is under way is left alone."""
    cloudformation = place.client("cloudformation")
    (stack,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
    if stack["StackStatus"] != "DELETE_IN_PROGRESS":
        cloudformation.delete_stack(StackName=name)


def _after_the_stack(find: Callable[[Place], Iterable[str]]) -> Callable[[Place], Iterable[str]]:
    """Nothing as long as there is a stack, which may still need it."""
    return lambda place: [] if _stacks(place) else find(place)


def _tables(place: Place) -> Iterable[str]:
    pages = place.client("dynamodb").get_paginator("list_tables").paginate()
    return [name for page in pages for name in page["TableNames"] if name.startswith(f"{NAME}-")]


def _table_is_ours(place: Place, name: str) -> bool:
    dynamodb = place.client("dynamodb")
    arn = dynamodb.describe_table(TableName=name)["Table"]["TableArn"]
    return TAG in tag_map(dynamodb.list_tags_of_resource(ResourceArn=arn)["Tags"])


def _policies(place: Place) -> Iterable[str]:
    pages = place.client("iam").get_paginator("list_policies").paginate(Scope="Local")
    return [one["Arn"] for page in pages for one in page["Policies"] if _EXEC_POLICY.fullmatch(one["PolicyName"])]


def _policy_is_ours(place: Place, arn: str) -> bool:
    """By its tag; or by its description, since CloudFormation has not always handed a stack's tags on to policies."""
    policy = place.client("iam").get_policy(PolicyArn=arn)["Policy"]
    said = str(policy.get("Description", ""))
    return TAG in tag_map(policy.get("Tags", ())) or said.endswith(f"repairs of the stack {NAME}.")


def _delete_policy(place: Place, arn: str) -> None:
    iam = place.client("iam")
    for role in iam.list_entities_for_policy(PolicyArn=arn, EntityFilter="Role")["PolicyRoles"]:
        iam.detach_role_policy(RoleName=role["RoleName"], PolicyArn=arn)
    iam.delete_policy(PolicyArn=arn)


def _keys(place: Place) -> Iterable[str]:
    """The stack's key, unless its deletion is appointed."""
    tagging, kms = place.client("resourcegroupstaggingapi"), place.client("kms")
    pages = tagging.get_paginator("get_resources").paginate(TagFilters=[{"Key": TAG}], ResourceTypeFilters=["kms:key"])
    arns = [one["ResourceARN"] for page in pages for one in page["ResourceTagMappingList"]]
    return [arn for arn in arns if kms.describe_key(KeyId=arn)["KeyMetadata"]["KeyState"] != "PendingDeletion"]


STACK = Kind("stack", _stacks, _delete_stack, _stack_is_ours)
TABLE = Kind(
    "table",
    _after_the_stack(_tables),
    lambda p, one: p.client("dynamodb").delete_table(TableName=one),
    _table_is_ours,
)
POLICY = Kind("policy", _after_the_stack(_policies), _delete_policy, _policy_is_ours)
KEY = Kind(
    "key",
    _after_the_stack(_keys),
    lambda p, one: p.client("kms").schedule_key_deletion(KeyId=one, PendingWindowInDays=7),
)
