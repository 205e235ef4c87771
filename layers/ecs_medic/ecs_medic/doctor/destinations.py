"""Which addresses matter here: what this very task needs, or what somebody needs who works with ECS from a machine.

The task metadata endpoint tells images and log drivers, but no secrets: what it does not tell is tried all the same,
and said to matter only if.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from ecs_medic.doctor.surroundings import Surroundings
from ecs_medic.doctor.target import Needed, Target
from ecs_medic.facts import Facts, Known, ecs
from ecs_medic.finding import Phase
from ecs_medic.needs.derive import needs_of
from ecs_medic.needs.endpoints import destination, layer_bucket, s3_bucket
from ecs_medic.needs.need import Destination, Need, Purpose
from ecs_medic.partition import partition_of
from ecs_medic_notify import Task

_IN_A_TASK = {
    "ecr.api": "if an image of the task comes from Amazon ECR",
    "ecr.dkr": "if an image of the task comes from Amazon ECR",
    "s3": "if an image of the task comes from Amazon ECR, which serves its layers from Amazon S3",
    "logs": "if a container logs to CloudWatch Logs",
    "ssmmessages": "if ECS Exec is to work",
    "secretsmanager": "if the task definition refers to secrets of Secrets Manager",
    "ssm": "if the task definition refers to parameters of Parameter Store",
    "sts": "if the application assumes roles",
}
_BY_PLATFORM = frozenset({"ecr.api", "ecr.dkr", "s3", "logs", "secretsmanager", "ssm"})
"""What ECS itself asks for the task, before and beside its containers."""
_OF_A_CALLER = {
    "ecs": "to call ECS",
    "ssmmessages": "for the sessions of ECS Exec",
    "ecr.api": "to log docker in to Amazon ECR",
    "ecr.dkr": "to push and pull images",
    "s3": "to pull images, whose layers Amazon ECR serves from Amazon S3",
    "sts": "to assume roles, and to tell who calls",
}
_SURELY_OF_A_CALLER = frozenset({"ecs", "ssmmessages"})
_WITH_A_HOST = frozenset({"EC2", "MANAGED_INSTANCES"})
_OF_DOCKER = frozenset({"ecr.api", "ecr.dkr", "s3"})
_WHAT = {
    Purpose.REGISTRY_AUTH: "to log in for the image of",
    Purpose.IMAGE_MANIFEST: "for the image of",
    Purpose.IMAGE_LAYERS: "for the layers of the image of",
    Purpose.LOGS: "for the log of",
}


@dataclass(frozen=True, slots=True)
class Nameless:
    """A service of which no host can be named, and why."""

    name: str
    reason: str


type Wanted = Target | Nameless


def wanted(
    place: Surroundings, region: str, account: str | None, *, asked: Iterable[str] = (), docker: bool = False
) -> tuple[Wanted, ...]:
    """What to try: the services that are asked for, else what the place needs.

    `docker` is whether it is installed: without it, nobody pushes from here.
    """
    if names := tuple(dict.fromkeys(asked)):
        in_task = place.task is not None
        return tuple(_service(name, region, account, by_platform=in_task and name in _BY_PLATFORM) for name in names)
    if place.task is None:
        return tuple(_of_a_caller(region, account, docker))
    derived = tuple(_derived(place.task.task, region, account, place.exec_enabled))
    known = {target.name for target in derived}
    rest = (
        _service(name, region, account, Needed.PERHAPS, why, by_platform=name in _BY_PLATFORM)
        for name, why in _IN_A_TASK.items()
        if name not in known
    )
    return tuple(_by_host(one, place.task.task) for one in (*derived, *rest))


def _of_a_caller(region: str, account: str | None, docker: bool) -> Iterator[Wanted]:
    for name, why in _OF_A_CALLER.items():
        needed = Needed.YES if name in _SURELY_OF_A_CALLER or (docker and name in _OF_DOCKER) else Needed.PERHAPS
        yield _service(name, region, account, needed, why)


def _service(
    name: str,
    region: str,
    account: str | None,
    needed: Needed = Needed.YES,
    why: str = "",
    *,
    by_platform: bool = False,
) -> Wanted:
    if name == "ecr.dkr":
        if account is None:
            reason = "the registry's name begins with the account's number, which nothing here tells"
            return Nameless(name, reason)
        host = f"{account}.dkr.{destination('ecr', region, region).host}"
        where = destination(name, region, region, host=host)
    elif name == "s3":
        where = s3_bucket(layer_bucket(region), region, region)
    else:
        where = destination(name, region, region)
    return Target(name, where.host, where.port, True, where.service, needed, why, by_platform)


def _by_host(one: Wanted, task: Task) -> Wanted:
    """On EC2 and Managed Instances ECS goes out by the instance's interface, which a task of its own has left."""
    apart = task.launch_type in _WITH_A_HOST and _network_mode(task) == "awsvpc"
    return replace(one, by_host=True) if apart and isinstance(one, Target) and one.by_platform else one


def _network_mode(task: Task) -> str | None:
    modes = (network.network_mode for one in task.containers for network in one.networks)
    return next(filter(None, modes), None)


def _derived(task: Task, region: str, account: str | None, exec_enabled: bool) -> Iterator[Target]:
    """One target for each host that the task needs for certain, with everything that it is needed for."""
    needs = needs_of(_facts(task, region, account or ""), for_exec=exec_enabled)
    for where in dict.fromkeys(need.destination for need in needs):
        these = [need for need in needs if need.destination == where]
        yield Target(
            _name(where, region), where.host, where.port, True, where.service, Needed.YES, _why(these),
            all(need.phase <= Phase.LOGS for need in these),
        )  # fmt: skip


def _name(where: Destination, region: str) -> str:
    if where.service is None:
        return where.host
    return where.service.removeprefix("cn.").removeprefix(f"com.amazonaws.{region}.")


def _why(needs: list[Need]) -> str:
    purpose = needs[0].purpose
    if purpose is Purpose.EXEC_CHANNEL:
        return "for ECS Exec, whose agent is in this container"
    containers = ", ".join(dict.fromkeys(need.container for need in needs if need.container))
    return f"{_WHAT.get(purpose, 'for')} {containers}".strip()


def _facts(task: Task, region: str, account: str) -> Facts:
    """The task as the rules know one, with nothing in it but what its own metadata says."""
    containers = tuple(
        ecs.ContainerDefinition(
            one.name or "",
            one.image or "",
            log_configuration=ecs.LogConfiguration(one.log_driver, dict(one.log_options)) if one.log_driver else None,
        )
        for one in task.containers
        if one.type in {None, "NORMAL"}
    )
    revision = int(task.revision) if task.revision and task.revision.isdigit() else 0
    definition = ecs.TaskDefinition("", task.family or "", revision, _network_mode(task))
    return Facts(
        read_at=datetime.now(UTC),
        account=account,
        region=region,
        partition=partition_of(region),
        task=Known(ecs.Task(task.task_arn or "", task.cluster or "", launch_type=task.launch_type), "task metadata"),
        task_definition=Known(replace(definition, containers=containers), "task metadata"),
    )
