"""The services of a cluster, the tasks that run of them, and what they run on: read for all of them together."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from ecs_medic.aws.call import Call
from ecs_medic.aws.reader import Answer, Reader
from ecs_medic.collect.capacity import providers_from
from ecs_medic.collect.ecs import cluster_from_answer, service_from_answer
from ecs_medic.collect.question import Key
from ecs_medic.facts.ecs import Cluster, Service, Task
from ecs_medic.facts.fact import NOT_READ, Absent, Fact, Known
from ecs_medic.facts.from_task import task_from_description
from ecs_medic.facts.placement import CapacityProvider
from ecs_medic.facts.reading import Json, mappings, text, texts
from ecs_medic.finding import NotChecked
from ecs_medic.needs.carriers import EC2, FARGATE, MANAGED_INSTANCES
from ecs_medic.partition import partition_of

_MOST_SERVICES = 10
"""DescribeServices takes no more at once."""
_MOST_TASKS = 100
"""DescribeTasks takes no more at once."""
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Inventory:
    """What a cluster holds.

    `living` is, by service, the one of its running tasks that says most about ECS Exec: one whose agent does not run,
    else the newest. `gaps` are what could not be read of all this, `missing` the service that was asked for and is not
    there, or the cluster.
    """

    cluster: str
    account: str
    region: str
    partition: str
    services: tuple[Service, ...] = ()
    living: Mapping[str, Task] = field(default_factory=dict)
    gaps: tuple[NotChecked, ...] = ()
    missing: str | None = None
    _raw_services: Mapping[str, Json] = field(default_factory=dict)
    _raw_tasks: Mapping[str, Json] = field(default_factory=dict)
    _cluster_answer: Fact[Answer] = NOT_READ

    def answers_about(self, service: Service) -> dict[Key, Fact[Answer]]:
        """What need not be asked again of the service and its cluster; its launch type is what its tasks will have."""
        raw = dict(self._raw_services[service.name])
        if service.launch_type:
            raw["launchType"] = service.launch_type
        return {
            ("service",): Known({"services": [raw]}, "ecs:DescribeServices"),
            ("cluster",): self._cluster_answer,
        }

    def answer_of(self, task: Task) -> Fact[Answer]:
        """What DescribeTasks has said of the task."""
        return Known({"tasks": [self._raw_tasks[task.arn]]}, "ecs:DescribeTasks")


def inventory(reader: Reader, cluster: str, service: str | None = None) -> Inventory:
    """Read it: of the one service, or of all.

    Raises:
        AwsUnavailable: the credentials are missing, expired or refused, or nothing of AWS answers at all.
    """
    name = cluster.rsplit("/", 1)[-1]
    names, first = _first(reader, name, service)
    reader.ensure_reached()
    arns = names.value if isinstance(names, Known) else ()
    tasks = texts(first["tasks"].value, "taskArns") if isinstance(first["tasks"], Known) else ()
    described = reader.together(
        _in_batches("services", "DescribeServices", name, arns, _MOST_SERVICES)
        | _in_batches("tasks", "DescribeTasks", name, tasks, _MOST_TASKS)
    )
    raw_services, gaps = _gathered(described, "services")
    raw_tasks, more_gaps = _gathered(described, "tasks")
    found = cluster_from_answer(first["cluster"], name)
    services = _services(raw_services)
    living = _living(raw_tasks)
    providers = _providers(reader, services, found)
    arn = services[0].arn if services else (found.value.arn if isinstance(found, Known) else "")
    fields = arn.split(":")
    account = reader.account() if len(fields) < 6 else Known(fields[4], "arn")
    failed = [one for one in (names, first["tasks"], first["cluster"]) if not isinstance(one, Known | Absent)]
    return Inventory(
        cluster=name,
        account=account.value if isinstance(account, Known) else "unknown",
        region=reader.region,
        partition=partition_of(reader.region, arn),
        services=tuple(_with_launch_type(one, living.get(one.name), found, providers) for one in services),
        living=living,
        gaps=(*(NotChecked(one.source, one.reason, one.missing_permission) for one in failed), *gaps, *more_gaps),
        missing=_missing(name, None if services or gaps else service, names, found),
        _raw_services={text(one, "serviceName") or "": one for one in raw_services},
        _raw_tasks={text(one, "taskArn") or "": one for one in raw_tasks},
        _cluster_answer=first["cluster"],
    )


def _first(reader: Reader, cluster: str, service: str | None) -> tuple[Fact[tuple[str, ...]], dict[str, Fact[Answer]]]:
    only = {"serviceName": service.rsplit("/", 1)[-1]} if service else {}
    asked = {
        "cluster": Call(
            "ecs", "DescribeClusters", {"clusters": [cluster], "include": ["CONFIGURATIONS", "SETTINGS", "TAGS"]}
        ),
        "tasks": Call("ecs", "ListTasks", {"cluster": cluster, "desiredStatus": "RUNNING", **only}, items="taskArns"),
    }
    if service is None:
        asked["services"] = Call("ecs", "ListServices", {"cluster": cluster, "maxResults": 100}, items="serviceArns")
    answers = reader.together(asked)
    if service is not None:
        return Known((service.rsplit("/", 1)[-1],), "given"), answers
    listed = answers["services"]
    return (Known(texts(listed.value, "serviceArns"), listed.source) if isinstance(listed, Known) else listed), answers


def _in_batches(kind: str, operation: str, cluster: str, arns: Sequence[str], most: int) -> dict[tuple[str, int], Call]:
    return {
        (kind, start): Call(
            "ecs", operation, {"cluster": cluster, kind: list(arns[start : start + most]), "include": ["TAGS"]}
        )
        for start in range(0, len(arns), most)
    }


def _gathered(
    answers: Mapping[tuple[str, int], Fact[Answer]], kind: str
) -> tuple[tuple[Json, ...], tuple[NotChecked, ...]]:
    found: list[Json] = []
    gaps: list[NotChecked] = []
    for (which, _), answer in answers.items():
        if which != kind:
            continue
        if isinstance(answer, Known):
            found.extend(mappings(answer.value, kind))
        elif not isinstance(answer, Absent):
            gaps.append(NotChecked(answer.source, answer.reason, answer.missing_permission))
    return tuple(found), tuple(dict.fromkeys(gaps))


def _services(raw: Iterable[Json]) -> tuple[Service, ...]:
    """Those that ECS keeps running; a deleted one stays to be seen for a while."""
    found = [
        fact.value
        for one in raw
        if (name := text(one, "serviceName"))
        and isinstance(fact := service_from_answer(Known({"services": [one]}, "ecs:DescribeServices"), name), Known)
    ]
    return tuple(sorted((one for one in found if one.status == "ACTIVE"), key=lambda one: one.name))


def _living(raw: Iterable[Json]) -> dict[str, Task]:
    by_service: dict[str, list[Task]] = {}
    for task in map(task_from_description, raw):
        if task.service_name and task.last_status == "RUNNING":
            by_service.setdefault(task.service_name, []).append(task)
    return {name: max(tasks, key=_tells_most) for name, tasks in by_service.items()}


def _tells_most(task: Task) -> tuple[bool, datetime, str]:
    agents = [container.exec_agent for container in task.containers]
    stopped = any(agent is not None and agent.last_status == "STOPPED" for agent in agents)
    return stopped, task.started_at or task.created_at or _LONG_AGO, task.arn


def _providers(reader: Reader, services: Iterable[Service], cluster: Fact[Cluster]) -> Mapping[str, CapacityProvider]:
    """What the capacity providers are, where a service names one instead of a launch type."""
    names = {name for one in services if not one.launch_type for name in _strategy(one, cluster)}
    wanted = sorted(name for name in names if not name.startswith(FARGATE))
    if not wanted:
        return {}
    answer = reader.together(
        {"": Call("ecs", "DescribeCapacityProviders", {"capacityProviders": wanted}, items="capacityProviders")}
    )[""]
    found = providers_from(answer)
    return {one.name: one for one in found.value} if isinstance(found, Known) else {}


def _strategy(service: Service, cluster: Fact[Cluster]) -> tuple[str, ...]:
    if service.capacity_providers or service.launch_type:
        return service.capacity_providers
    return cluster.value.default_capacity_providers if isinstance(cluster, Known) else ()


def _with_launch_type(
    service: Service, living: Task | None, cluster: Fact[Cluster], providers: Mapping[str, CapacityProvider]
) -> Service:
    """The service with the launch type that its tasks will have, as far as one is certain."""
    if service.launch_type:
        return service
    kinds = {_kind(name, providers.get(name)) for name in _strategy(service, cluster)}
    if len(kinds) == 1 and (kind := kinds.pop()):
        return replace(service, launch_type=kind)
    return replace(service, launch_type=living.launch_type) if living and living.launch_type else service


def _kind(name: str, provider: CapacityProvider | None) -> str | None:
    if name.startswith(FARGATE):
        return FARGATE
    if provider is None:
        return None
    return MANAGED_INSTANCES if provider.managed_instances else EC2


def _missing(cluster: str, unseen: str | None, names: Fact[tuple[str, ...]], found: Fact[Cluster]) -> str | None:
    if isinstance(names, Absent) or isinstance(found, Absent):
        return f"cluster {cluster}"
    return f"service {unseen} in cluster {cluster}" if unseen else None
