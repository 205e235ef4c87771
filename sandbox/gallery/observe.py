"""Finding the event that a scenario is about among those that the account emitted."""

import contextlib
from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import ClientError

from sandbox.gallery.application import CLUSTER
from sandbox.gallery.workbench import Workbench

type Event = Mapping[str, Any]


def stopped(bench: Workbench, service: str) -> Event:
    """The newest event of a task of this service that has stopped."""
    return _newest(
        bench,
        lambda e: (
            e["detail-type"] == "ECS Task State Change"
            and e["detail"]["group"] == f"service:{service}"
            and e["detail"]["lastStatus"] == "STOPPED"
        ),
    )


def service_event(bench: Workbench, service: str, name: str, *, cluster: str = CLUSTER) -> Event:
    """The newest Service Action or Deployment State Change of this name."""
    return _newest(
        bench,
        lambda e: e["detail"].get("eventName") == name and e["resources"][0].endswith(f":service/{cluster}/{service}"),
    )


def try_exec(
    bench: Workbench, service: str, command: str = "/bin/sh", *, cluster: str = CLUSTER, ecs: Any = None
) -> Event:
    """Tries ExecuteCommand on the service's running task, as whoever `ecs` is; the CloudTrail event of that call."""
    ecs = ecs or bench.client("ecs")
    task = bench.client("ecs").list_tasks(cluster=cluster, serviceName=service)["taskArns"][0]
    with contextlib.suppress(ClientError):
        ecs.execute_command(cluster=cluster, task=task, container="app", command=command, interactive=True)
    return _newest(bench, lambda e: e["detail"].get("eventName") == "ExecuteCommand" and task in repr(e["detail"]))


def refused_call(bench: Workbench, name: str, call: Callable[[], object]) -> Event:
    """Makes a call that will be refused; its CloudTrail event."""
    with contextlib.suppress(ClientError):
        call()
    return _newest(bench, lambda e: e["detail"].get("eventName") == name and "errorCode" in e["detail"])


def running_task(bench: Workbench, service: str, *, cluster: str = CLUSTER) -> str:
    """ARN of the service's running task."""
    return str(bench.client("ecs").list_tasks(cluster=cluster, serviceName=service)["taskArns"][0])


def _newest(bench: Workbench, wanted: Any) -> Event:
    found = [event for event in bench.events() if wanted(event)]
    if not found:
        raise LookupError("the account emitted no such event")
    return found[-1]
