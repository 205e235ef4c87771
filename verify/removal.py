"""Removes everything that a verification has made, from any state that it was broken off in; may be run again.

Nothing is remembered of what was made: every kind of thing is looked for by name and tag, and deleted until none is
found. Deletions that have to wait for others fail, and are tried again.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from verify.names import LOG_GROUP, NAME, QUEUE, ROLES, RULES, SECRET, TAG, bucket
from verify.place import Place

MINUTES = 30.0
PAUSE = 15.0
_TAGGED = [{"Name": "tag-key", "Values": [TAG]}]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of thing: how those that are there are found, and how one is deleted."""

    name: str
    find: Callable[[Place], Iterable[str]]
    delete: Callable[[Place, str], object]


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
    return [f"{kind.name}: {one}" for kind in KINDS for one in kind.find(place)]


def _sweep(place: Place) -> list[str]:
    """Deletes once what can be deleted; what was there, or could not be looked for."""
    found = []
    for kind in KINDS:
        try:
            there = list(kind.find(place))
        except ClientError as error:
            found.append(f"{kind.name}: {_words(error)}")
            continue
        for one in there:
            trouble = ""
            try:
                kind.delete(place, one)
            except ClientError as error:
                trouble = f" ({_words(error)})"
            found.append(f"{kind.name}: {one}{trouble}")
    return found


def _words(error: ClientError) -> str:
    told = error.response["Error"]
    return f"{told['Code']}: {told.get('Message', '')}"


# ---------------------------------------------------------------- ECS


def _services(place: Place) -> Iterable[str]:
    if list(_clusters(place)):
        yield from place.client("ecs").list_services(cluster=NAME)["serviceArns"]


def _clusters(place: Place) -> Iterable[str]:
    found = place.client("ecs").describe_clusters(clusters=[NAME])["clusters"]
    return [one["clusterName"] for one in found if one["status"] != "INACTIVE"]


def _tasks(place: Place) -> Iterable[str]:
    if list(_clusters(place)):
        yield from place.client("ecs").list_tasks(cluster=NAME)["taskArns"]


def _task_definitions(status: str) -> Callable[[Place], Iterable[str]]:
    def find(place: Place) -> Iterable[str]:
        ecs = place.client("ecs")
        for family in ecs.list_task_definition_families(familyPrefix=NAME, status=status)["families"]:
            yield from ecs.list_task_definitions(familyPrefix=family, status=status)["taskDefinitionArns"]

    return find


# ---------------------------------------------------------------- the stack and what it leaves


def _stacks(place: Place) -> Iterable[str]:
    pages = place.client("cloudformation").get_paginator("describe_stacks").paginate()
    return [
        stack["StackName"]
        for page in pages
        for stack in page["Stacks"]
        if stack["StackName"] == NAME and stack["StackStatus"] != "DELETE_COMPLETE"
    ]


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


def _policies(place: Place) -> Iterable[str]:
    pages = place.client("iam").get_paginator("list_policies").paginate(Scope="Local")
    return [one["Arn"] for page in pages for one in page["Policies"] if one["PolicyName"].startswith(f"{NAME}-")]


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


def _log_groups(place: Place) -> Iterable[str]:
    """The tasks', and what a function wrote after its log group was deleted with the stack."""
    logs = place.client("logs")
    for prefix in (LOG_GROUP, f"/aws/lambda/{NAME}-"):
        for page in logs.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=prefix):
            yield from (one["logGroupName"] for one in page["logGroups"])


def _roles(place: Place) -> Iterable[str]:
    """Ours; the stack's go with the stack."""
    pages = place.client("iam").get_paginator("list_roles").paginate()
    return [one["RoleName"] for page in pages for one in page["Roles"] if one["RoleName"] in ROLES]


def _delete_role(place: Place, name: str) -> None:
    iam = place.client("iam")
    for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]:
        iam.delete_role_policy(RoleName=name, PolicyName=policy)
    for attached in iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]:
        iam.detach_role_policy(RoleName=name, PolicyArn=attached["PolicyArn"])
    iam.delete_role(RoleName=name)


def _secrets(place: Place) -> Iterable[str]:
    filters = [{"Key": "name", "Values": [SECRET]}]
    return [one["Name"] for one in place.client("secretsmanager").list_secrets(Filters=filters)["SecretList"]]


def _rules(place: Place) -> Iterable[str]:
    found = place.client("events").list_rules(NamePrefix=f"{NAME}-")["Rules"]
    return [one["Name"] for one in found if one["Name"] in RULES]


def _delete_rule(place: Place, name: str) -> None:
    events = place.client("events")
    if targets := [one["Id"] for one in events.list_targets_by_rule(Rule=name)["Targets"]]:
        events.remove_targets(Rule=name, Ids=targets)
    events.delete_rule(Name=name)


def _queues(place: Place) -> Iterable[str]:
    return place.client("sqs").list_queues(QueueNamePrefix=QUEUE).get("QueueUrls", [])  # type: ignore[no-any-return]


def _trails(place: Place) -> Iterable[str]:
    found = place.client("cloudtrail").describe_trails(includeShadowTrails=False)["trailList"]
    return [one["Name"] for one in found if one["Name"] == NAME]


def _buckets(place: Place) -> Iterable[str]:
    wanted = bucket(place.account, place.region)
    return [one["Name"] for one in place.client("s3").list_buckets()["Buckets"] if one["Name"] == wanted]


def _delete_bucket(place: Place, name: str) -> None:
    s3 = place.client("s3")
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=name):
        if keys := [{"Key": one["Key"]} for one in page.get("Contents", ())]:
            s3.delete_objects(Bucket=name, Delete={"Objects": keys, "Quiet": True})
    s3.delete_bucket(Bucket=name)


KINDS: Sequence[Kind] = (
    Kind("service", _services, lambda p, one: p.client("ecs").delete_service(cluster=NAME, service=one, force=True)),
    Kind("task", _tasks, lambda p, one: p.client("ecs").stop_task(cluster=NAME, task=one)),
    Kind("cluster", _clusters, lambda p, one: p.client("ecs").delete_cluster(cluster=one)),
    Kind(
        "task definition",
        _task_definitions("ACTIVE"),
        lambda p, one: p.client("ecs").deregister_task_definition(taskDefinition=one),
    ),
    Kind(
        "deregistered task definition",
        _task_definitions("INACTIVE"),
        lambda p, one: p.client("ecs").delete_task_definitions(taskDefinitions=[one]),
    ),
    Kind("stack", _stacks, _delete_stack),
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
    Kind("repository", _repositories, lambda p, one: p.client("ecr").delete_repository(repositoryName=one, force=True)),
    Kind("log group", _log_groups, lambda p, one: p.client("logs").delete_log_group(logGroupName=one)),
    Kind("role", _roles, _delete_role),
    Kind("rule", _rules, _delete_rule),
    Kind("queue", _queues, lambda p, one: p.client("sqs").delete_queue(QueueUrl=one)),
    Kind("trail", _trails, lambda p, one: p.client("cloudtrail").delete_trail(Name=one)),
    Kind("bucket", _buckets, _delete_bucket),
    Kind(
        "secret",
        _secrets,
        lambda p, one: p.client("secretsmanager").delete_secret(SecretId=one, ForceDeleteWithoutRecovery=True),
    ),
    Kind("table", _after_the_stack(_tables), lambda p, one: p.client("dynamodb").delete_table(TableName=one)),
    Kind("policy", _after_the_stack(_policies), _delete_policy),
    Kind(
        "key",
        _after_the_stack(_keys),
        lambda p, one: p.client("kms").schedule_key_deletion(KeyId=one, PendingWindowInDays=7),
    ),
)
"""In the order in which they go best. What the stack retains comes after it."""
