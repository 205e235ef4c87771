"""Removes everything that a verification has made, from any state that it was broken off in; may be run again.

Nothing is remembered of what was made: every kind of thing is looked for by name and tag, and deleted until none is
found. What bears such a name and not the tag is somebody else's, and stays. Deletions that have to wait for others
fail, and are tried again.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from verify.names import (
    EXECUTION_ROLE,
    FAMILIES,
    LOG_GROUP,
    NAME,
    QUEUE,
    REGION_TAG,
    ROLES,
    RULES,
    SECRET,
    TAG,
    bucket,
)
from verify.place import Place

MINUTES = 30.0
PAUSE = 15.0
_TAGGED = [{"Name": "tag-key", "Values": [TAG]}]
_EXEC_POLICY = re.compile(rf"{NAME}-ExecPolicy-[A-Za-z0-9]+")


def _surely(_: Place, __: str) -> bool:
    """Of what is found by the tag, or in what is ours."""
    return True


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of thing: how those that are named so are found, and how one is deleted if it is `ours`.

    What is `last` is deleted when nothing else was found any more.
    """

    name: str
    find: Callable[[Place], Iterable[str]]
    delete: Callable[[Place, str], object]
    ours: Callable[[Place, str], bool] = _surely
    last: bool = False


def remove(place: Place) -> list[str]:
    """Removes all of it; what is still there afterwards, with the reason."""
    end = place.clock() + MINUTES * 60
    while True:
        left = _sweep(place)
        if not left or place.clock() >= end:
            return left
        place.say(f"still there: {', '.join(sorted({one.split(':')[0] for one in left}))}")
        place.sleep(PAUSE)


def leftovers(place: Place) -> list[str]:
    """What is there, without touching it."""
    return [f"{kind.name}: {one}" for kind in KINDS for one in kind.find(place) if kind.ours(place, one)]


def not_ours(place: Place) -> list[str]:
    """What is named as a verification names it, and does not bear its tag."""
    found: list[str] = []
    for kind in KINDS:
        # What may not be looked at is told by whoever removes it, or looks for what is ours.
        with suppress(ClientError, BotoCoreError):
            found += [f"{kind.name}: {one}" for one in kind.find(place) if not kind.ours(place, one)]
    return found


def elsewhere(place: Place) -> str | None:
    """The other Region that a run has left things in: roles are in no Region, so that they are seen from each."""
    for name in _roles(place):
        tags = _role_tags(place, name)
        region = tags.get(REGION_TAG, place.region)
        if TAG in tags and region != place.region:
            return region
    return None


def _sweep(place: Place) -> list[str]:
    """Deletes once what can be deleted; what was there, or could not be looked for."""
    found: list[str] = []
    for kind in KINDS:
        try:
            there = [one for one in kind.find(place) if kind.ours(place, one)]
        except (ClientError, BotoCoreError) as error:
            found.append(f"{kind.name}: {_words(error)}")
            continue
        waits = kind.last and bool(found)
        for one in there:
            trouble = ""
            try:
                if not waits:
                    kind.delete(place, one)
            except (ClientError, BotoCoreError) as error:
                trouble = f" ({_words(error)})"
            found.append(f"{kind.name}: {one}{trouble}")
    return found


def _words(error: Exception) -> str:
    if not isinstance(error, ClientError):
        return f"{type(error).__name__}: {error}"
    told = error.response["Error"]
    return f"{told['Code']}: {told.get('Message', '')}"


def _map(tags: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """Tags as most services list them."""
    return {one["Key"]: one["Value"] for one in tags}


# ---------------------------------------------------------------- ECS


def _services(place: Place) -> Iterable[str]:
    if _our_cluster(place):
        yield from place.client("ecs").list_services(cluster=NAME)["serviceArns"]


def _clusters(place: Place) -> Iterable[str]:
    found = place.client("ecs").describe_clusters(clusters=[NAME])["clusters"]
    return [one["clusterName"] for one in found if one["status"] != "INACTIVE"]


def _cluster_is_ours(place: Place, name: str) -> bool:
    found = place.client("ecs").describe_clusters(clusters=[name], include=["TAGS"])["clusters"]
    return any(tag["key"] == TAG for one in found for tag in one.get("tags", ()))


def _our_cluster(place: Place) -> bool:
    return any(_cluster_is_ours(place, one) for one in _clusters(place))


def _tasks(place: Place) -> Iterable[str]:
    if _our_cluster(place):
        yield from place.client("ecs").list_tasks(cluster=NAME)["taskArns"]


def _task_definitions(status: str) -> Callable[[Place], Iterable[str]]:
    def find(place: Place) -> Iterable[str]:
        pages = place.client("ecs").get_paginator("list_task_definitions")
        for family in FAMILIES:
            for page in pages.paginate(familyPrefix=family, status=status):
                # The API's prefix is the family's whole name; should it not be, nobody else's is touched.
                yield from (arn for arn in page["taskDefinitionArns"] if _family(arn) == family)

    return find


def _family(arn: str) -> str:
    return arn.rsplit("/", 1)[-1].partition(":")[0]


def _definition_is_ours(place: Place, arn: str) -> bool:
    """By its tag; or by the role that it names, as a revision that a repair has made or that has lost its tags."""
    answer = place.client("ecs").describe_task_definition(taskDefinition=arn, include=["TAGS"])
    tagged = any(one["key"] == TAG for one in answer.get("tags", ()))
    return tagged or str(answer["taskDefinition"].get("executionRoleArn")).endswith(f":role/{EXECUTION_ROLE}")


# ---------------------------------------------------------------- the stack and what it leaves


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
    return TAG in _map(stack.get("Tags", ())) or stack["StackStatus"] == "REVIEW_IN_PROGRESS"


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
    return TAG in _map(dynamodb.list_tags_of_resource(ResourceArn=arn)["Tags"])


def _policies(place: Place) -> Iterable[str]:
    pages = place.client("iam").get_paginator("list_policies").paginate(Scope="Local")
    return [one["Arn"] for page in pages for one in page["Policies"] if _EXEC_POLICY.fullmatch(one["PolicyName"])]


def _policy_is_ours(place: Place, arn: str) -> bool:
    """By its tag; or by its description, since CloudFormation has not always handed a stack's tags on to policies."""
    policy = place.client("iam").get_policy(PolicyArn=arn)["Policy"]
    said = str(policy.get("Description", ""))
    return TAG in _map(policy.get("Tags", ())) or said.endswith(f"repairs of the stack {NAME}.")


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


# ---------------------------------------------------------------- the network, with what repairs have put into it


def _vpcs(place: Place) -> list[str]:
    return [one["VpcId"] for one in place.client("ec2").describe_vpcs(Filters=_TAGGED)["Vpcs"]]


def _in_vpcs(operation: str, key: str, identifier: str) -> Callable[[Place], Iterable[str]]:
    def find(place: Place) -> Iterable[str]:
        if vpcs := _vpcs(place):
            answer = getattr(place.client("ec2"), operation)(Filters=[{"Name": "vpc-id", "Values": vpcs}])
            yield from (one[identifier] for one in answer[key] if not _stays(one))

    return find


def _stays(one: dict[str, Any]) -> bool:
    """What goes with its VPC: the default group and the main route table; and an endpoint that is on its way out."""
    main = any(association.get("Main") for association in one.get("Associations", ()))
    return main or one.get("GroupName") == "default" or str(one.get("State", "")).lower() in {"deleting", "deleted"}


def _delete_group(place: Place, group: str) -> None:
    """Groups may name one another: without their rules they do not."""
    ec2 = place.client("ec2")
    (found,) = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"]
    if found["IpPermissions"]:
        ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=found["IpPermissions"])
    ec2.delete_security_group(GroupId=group)


def _delete_route_table(place: Place, table: str) -> None:
    ec2 = place.client("ec2")
    (found,) = ec2.describe_route_tables(RouteTableIds=[table])["RouteTables"]
    for association in found["Associations"]:
        ec2.disassociate_route_table(AssociationId=association["RouteTableAssociationId"])
    ec2.delete_route_table(RouteTableId=table)


# ---------------------------------------------------------------- the rest


def _repositories(place: Place) -> Iterable[str]:
    pages = place.client("ecr").get_paginator("describe_repositories").paginate()
    return [one["repositoryName"] for page in pages for one in page["repositories"] if one["repositoryName"] == NAME]


def _repository_is_ours(place: Place, name: str) -> bool:
    ecr = place.client("ecr")
    (found,) = ecr.describe_repositories(repositoryNames=[name])["repositories"]
    return TAG in _map(ecr.list_tags_for_resource(resourceArn=found["repositoryArn"])["tags"])


def _log_groups(place: Place) -> Iterable[str]:
    """The tasks', and those of the stack's functions where they have outlived it."""
    logs = place.client("logs")
    functions = f"/aws/lambda/{NAME}-"
    for prefix in (LOG_GROUP, functions):
        for page in logs.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=prefix):
            names = [one["logGroupName"] for one in page["logGroups"]]
            yield from (name for name in names if name == LOG_GROUP or name.startswith(functions))


def _log_group_is_ours(place: Place, name: str) -> bool:
    partition = place.client("sts").get_caller_identity()["Arn"].split(":")[1]
    arn = f"arn:{partition}:logs:{place.region}:{place.account}:log-group:{name}"
    return TAG in place.client("logs").list_tags_for_resource(resourceArn=arn)["tags"]


def _roles(place: Place) -> Iterable[str]:
    """Ours; the stack's go with the stack."""
    pages = place.client("iam").get_paginator("list_roles").paginate()
    return [one["RoleName"] for page in pages for one in page["Roles"] if one["RoleName"] in ROLES]


def _role_tags(place: Place, name: str) -> dict[str, str]:
    return _map(place.client("iam").list_role_tags(RoleName=name)["Tags"])


def _delete_role(place: Place, name: str) -> None:
    iam = place.client("iam")
    for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]:
        iam.delete_role_policy(RoleName=name, PolicyName=policy)
    for attached in iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]:
        iam.detach_role_policy(RoleName=name, PolicyArn=attached["PolicyArn"])
    iam.delete_role(RoleName=name)


def _secrets(place: Place) -> Iterable[str]:
    """The API's filter finds whatever begins so."""
    filters = [{"Key": "name", "Values": [SECRET]}]
    pages = place.client("secretsmanager").get_paginator("list_secrets").paginate(Filters=filters)
    return [one["Name"] for page in pages for one in page["SecretList"] if one["Name"] == SECRET]


def _secret_is_ours(place: Place, name: str) -> bool:
    return TAG in _map(place.client("secretsmanager").describe_secret(SecretId=name).get("Tags", ()))


def _rules(place: Place) -> Iterable[str]:
    found = place.client("events").list_rules(NamePrefix=f"{NAME}-")["Rules"]
    return [one["Name"] for one in found if one["Name"] in RULES]


def _rule_is_ours(place: Place, name: str) -> bool:
    events = place.client("events")
    arn = events.describe_rule(Name=name)["Arn"]
    return TAG in _map(events.list_tags_for_resource(ResourceARN=arn)["Tags"])


def _delete_rule(place: Place, name: str) -> None:
    events = place.client("events")
    if targets := [one["Id"] for one in events.list_targets_by_rule(Rule=name)["Targets"]]:
        events.remove_targets(Rule=name, Ids=targets)
    events.delete_rule(Name=name)


def _queues(place: Place) -> Iterable[str]:
    urls = place.client("sqs").list_queues(QueueNamePrefix=QUEUE).get("QueueUrls", [])
    return [url for url in urls if url.rsplit("/", 1)[-1] == QUEUE]


def _queue_is_ours(place: Place, url: str) -> bool:
    return TAG in place.client("sqs").list_queue_tags(QueueUrl=url).get("Tags", {})


def _trails(place: Place) -> Iterable[str]:
    found = place.client("cloudtrail").describe_trails(includeShadowTrails=False)["trailList"]
    return [one["Name"] for one in found if one["Name"] == NAME]


def _trail_is_ours(place: Place, name: str) -> bool:
    cloudtrail = place.client("cloudtrail")
    arn = cloudtrail.get_trail(Name=name)["Trail"]["TrailARN"]
    listed = cloudtrail.list_tags(ResourceIdList=[arn])["ResourceTagList"]
    return any(TAG in _map(one.get("TagsList", ())) for one in listed)


def _buckets(place: Place) -> Iterable[str]:
    wanted = bucket(place.account, place.region)
    return [one["Name"] for one in place.client("s3").list_buckets()["Buckets"] if one["Name"] == wanted]


def _bucket_is_ours(place: Place, name: str) -> bool:
    """By its tag; one that was broken off before it had any is still empty."""
    s3 = place.client("s3")
    try:
        return TAG in _map(s3.get_bucket_tagging(Bucket=name)["TagSet"])
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchTagSet":
            raise
    return not s3.list_objects_v2(Bucket=name, MaxKeys=1).get("Contents")


def _delete_bucket(place: Place, name: str) -> None:
    s3 = place.client("s3")
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=name):
        if keys := [{"Key": one["Key"]} for one in page.get("Contents", ())]:
            s3.delete_objects(Bucket=name, Delete={"Objects": keys, "Quiet": True})
    s3.delete_bucket(Bucket=name)


KINDS: Sequence[Kind] = (
    Kind("service", _services, lambda p, one: p.client("ecs").delete_service(cluster=NAME, service=one, force=True)),
    Kind("task", _tasks, lambda p, one: p.client("ecs").stop_task(cluster=NAME, task=one)),
    Kind("cluster", _clusters, lambda p, one: p.client("ecs").delete_cluster(cluster=one), _cluster_is_ours),
    Kind(
        "task definition",
        _task_definitions("ACTIVE"),
        lambda p, one: p.client("ecs").deregister_task_definition(taskDefinition=one),
        _definition_is_ours,
    ),
    Kind(
        "deregistered task definition",
        _task_definitions("INACTIVE"),
        lambda p, one: p.client("ecs").delete_task_definitions(taskDefinitions=[one]),
        _definition_is_ours,
    ),
    Kind("stack", _stacks, _delete_stack, _stack_is_ours),
    Kind(
        "endpoint",
        _in_vpcs("describe_vpc_endpoints", "VpcEndpoints", "VpcEndpointId"),
        lambda p, one: p.client("ec2").delete_vpc_endpoints(VpcEndpointIds=[one]),
    ),
    Kind("security group", _in_vpcs("describe_security_groups", "SecurityGroups", "GroupId"), _delete_group),
    Kind(
        "subnet",
        _in_vpcs("describe_subnets", "Subnets", "SubnetId"),
        lambda p, one: p.client("ec2").delete_subnet(SubnetId=one),
    ),
    Kind("route table", _in_vpcs("describe_route_tables", "RouteTables", "RouteTableId"), _delete_route_table),
    Kind("VPC", _vpcs, lambda p, one: p.client("ec2").delete_vpc(VpcId=one)),
    Kind(
        "repository",
        _repositories,
        lambda p, one: p.client("ecr").delete_repository(repositoryName=one, force=True),
        _repository_is_ours,
    ),
    Kind(
        "log group",
        _log_groups,
        lambda p, one: p.client("logs").delete_log_group(logGroupName=one),
        _log_group_is_ours,
    ),
    Kind("rule", _rules, _delete_rule, _rule_is_ours),
    Kind("queue", _queues, lambda p, one: p.client("sqs").delete_queue(QueueUrl=one), _queue_is_ours),
    Kind("trail", _trails, lambda p, one: p.client("cloudtrail").delete_trail(Name=one), _trail_is_ours),
    Kind("bucket", _buckets, _delete_bucket, _bucket_is_ours),
    Kind(
        "secret",
        _secrets,
        lambda p, one: p.client("secretsmanager").delete_secret(SecretId=one, ForceDeleteWithoutRecovery=True),
        _secret_is_ours,
    ),
    Kind(
        "table",
        _after_the_stack(_tables),
        lambda p, one: p.client("dynamodb").delete_table(TableName=one),
        _table_is_ours,
    ),
    Kind("policy", _after_the_stack(_policies), _delete_policy, _policy_is_ours),
    Kind(
        "key",
        _after_the_stack(_keys),
        lambda p, one: p.client("kms").schedule_key_deletion(KeyId=one, PendingWindowInDays=7),
    ),
    # As long as anything is left, they tell from every Region in which one it is.
    Kind("role", _roles, _delete_role, lambda p, one: TAG in _role_tags(p, one), last=True),
)
"""In the order in which they go best. What the stack retains comes after it."""
