"""What looks like a failure and is none."""

from sandbox.client import REGION
from sandbox.gallery import network as net
from sandbox.gallery.application import ACCOUNT, CLUSTER, Application, deploy
from sandbox.gallery.observe import running_task, stopped
from sandbox.gallery.scenario import Builder, Scenario
from sandbox.gallery.workbench import Workbench


def scale_in(bench: Workbench) -> Scenario:
    """The desired count goes from two to one: the scheduler stops a task."""
    network = net.with_endpoints(bench, "sessions")
    deploy(bench, Application("sessions", network, desired_count=2))
    bench.client("ecs").update_service(cluster=CLUSTER, service="sessions", desiredCount=1)
    return Scenario(
        name="scale_in",
        title="The service is scaled in",
        trigger="the desired count is lowered from two to one",
        event=stopped(bench, "sessions"),
        cause="service_scale_in",
        confidence="likely",
        action="ignore",
        cluster=CLUSTER,
        service="sessions",
        resources=network.ids(),
    )


def stopped_by_user(bench: Workbench) -> Scenario:
    """Somebody stops a task; the service replaces it."""
    network = net.with_endpoints(bench, "newsletter")
    deploy(bench, Application("newsletter", network))
    task = running_task(bench, "newsletter")
    bench.client("ecs").stop_task(cluster=CLUSTER, task=task, reason="Replaced by hand")
    return Scenario(
        name="stopped_by_user",
        title="Somebody stops a task",
        trigger="aws ecs stop-task",
        event=stopped(bench, "newsletter"),
        cause="stopped_by_user",
        confidence="likely",
        action="ignore",
        cluster=CLUSTER,
        service="newsletter",
        resources=network.ids(),
    )


def spot_interruption(bench: Workbench) -> Scenario:
    """AWS wants its Spot capacity back; the service replaces the task."""
    return _taken_away(bench, "previews", "spot_interruption", "spot", "AWS takes Spot capacity back", "FARGATE_SPOT")


def task_retirement(bench: Workbench) -> Scenario:
    """AWS maintains the host under a task; the service replaces the task."""
    return _taken_away(bench, "webhooks", "task_retirement", "maintenance", "AWS maintains the host of a task")


def _taken_away(  # noqa: PLR0917 - a row of a table
    bench: Workbench, service: str, name: str, why: str, title: str, provider: str | None = None
) -> Scenario:
    network = net.with_endpoints(bench, service)
    deploy(bench, Application(service, network, capacity_provider=provider))
    bench.sandbox.ecs("take_away", account=ACCOUNT, region=REGION, cluster=CLUSTER, service=service, why=why)
    return Scenario(
        name=name,
        title=title,
        trigger="AWS stops the task by itself",
        event=stopped(bench, service),
        cause=name,
        confidence="likely",
        action="ignore",
        cluster=CLUSTER,
        service=service,
        resources=network.ids(),
    )


BUILDERS: tuple[Builder, ...] = (scale_in, stopped_by_user, spot_interruption, task_retirement)
