"""A service, its tasks, its cluster and its task definitions: how those of a verification are found, and deleted."""

from collections.abc import Callable, Iterable

from verify.kinds.kind import Kind
from verify.names import EXECUTION_ROLE, FAMILIES, NAME, TAG
from verify.place import Place


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


SERVICE = Kind(
    "service", _services, lambda p, one: p.client("ecs").delete_service(cluster=NAME, service=one, force=True)
)
TASK = Kind("task", _tasks, lambda p, one: p.client("ecs").stop_task(cluster=NAME, task=one))
CLUSTER = Kind("cluster", _clusters, lambda p, one: p.client("ecs").delete_cluster(cluster=one), _cluster_is_ours)
TASK_DEFINITION = Kind(
    "task definition",
    _task_definitions("ACTIVE"),
    lambda p, one: p.client("ecs").deregister_task_definition(taskDefinition=one),
    _definition_is_ours,
)
DEREGISTERED_TASK_DEFINITION = Kind(
    "deregistered task definition",
    _task_definitions("INACTIVE"),
    lambda p, one: p.client("ecs").delete_task_definitions(taskDefinitions=[one]),
    _definition_is_ours,
)
