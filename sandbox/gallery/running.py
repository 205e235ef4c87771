"""Tasks that start and then end by themselves."""

from collections.abc import Mapping

from sandbox.gallery import network as net
from sandbox.gallery.application import CLUSTER, Application, deploy
from sandbox.gallery.observe import stopped
from sandbox.gallery.scenario import Builder, Scenario
from sandbox.gallery.workbench import Workbench


def app_exited(bench: Workbench) -> Scenario:
    """The application ends with code 1 after two lines of log."""
    log = "starting with 4 workers\ncannot connect to the database: connection refused"
    environment = {"SANDBOX_EXIT_CODE": "1", "SANDBOX_LOG": log}
    return _ended(bench, "app_exited", "workers", "The application ends with code 1", environment, "app_exited")


def out_of_memory(bench: Workbench) -> Scenario:
    """The container is killed because it needs more memory than it has."""
    title = "The container is killed for want of memory"
    return _ended(bench, "out_of_memory", "thumbnails", title, {"SANDBOX_OOM": "1"}, "container_out_of_memory")


def _ended(  # noqa: PLR0917 - a row of a table
    bench: Workbench, name: str, service: str, title: str, environment: Mapping[str, str], cause: str
) -> Scenario:
    network = net.with_endpoints(bench, service)
    deploy(bench, Application(service, network, environment=environment))
    return Scenario(
        name=name,
        title=title,
        trigger="the service starts a task, which ends by itself",
        event=stopped(bench, service),
        cause=cause,
        confidence="likely",
        cluster=CLUSTER,
        service=service,
        resources=network.ids(),
    )


BUILDERS: tuple[Builder, ...] = (app_exited, out_of_memory)
