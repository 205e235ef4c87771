"""What looks like a failure and is none."""

from sandbox.gallery import network as net
from sandbox.gallery.application import CLUSTER, Application, deploy
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


BUILDERS: tuple[Builder, ...] = (scale_in, stopped_by_user)
