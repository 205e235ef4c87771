"""Tasks that start and then end by themselves."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sandbox.gallery import network as net
from sandbox.gallery.application import CLUSTER, Application, deploy
from sandbox.gallery.observe import stopped
from sandbox.gallery.scenario import Builder, Scenario
from sandbox.gallery.workbench import Workbench
from sandbox.json_types import Json


def app_exited(bench: Workbench) -> Scenario:
    """The application ends with code 1 after two lines of log."""
    log = "starting with 4 workers\ncannot connect to the database: connection refused"
    end = End("workers", "app_exited", {"exit_code": 1})
    return _ended(bench, "app_exited", "The application ends with code 1", end, _exits(1, log))


def app_crashed(bench: Workbench) -> Scenario:
    """The application crashes with a segmentation fault."""
    end = End("encoder", "app_crashed", {"exit_code": 139, "signal": 11})
    return _ended(bench, "app_crashed", "The application crashes", end, _exits(139, "encoding frame 211"))


def service_container_finished(bench: Workbench) -> Scenario:
    """A batch job, run as a service, ends with code 0: ECS will start it for ever."""
    end = End("nightly-report", "app_exited", {"exit_code": 0})
    title = "The only container of a service ends with code 0"
    return _ended(bench, "service_container_finished", title, end, _exits(0, "report written, 214 rows"))


def entrypoint_not_found(bench: Workbench) -> Scenario:
    """The shell does not find the command: exit code 127."""
    log = "/bin/sh: 1: /app/start-server: not found"
    end = End("price-list", "entrypoint_not_found", {"exit_code": 127}, confidence="likely")
    return _ended(bench, "entrypoint_not_found", "The container's command is not in the image", end, _exits(127, log))


def exec_format_error(bench: Workbench) -> Scenario:
    """The image was built for another processor, which only the container's own words say."""
    log = "exec /usr/local/bin/server: exec format error"
    end = End("search-index", "image_platform_mismatch", confidence="likely", also=("app_exited",))
    return _ended(bench, "exec_format_error", "The image is for another processor", end, _exits(255, log))


def out_of_memory(bench: Workbench) -> Scenario:
    """The container is killed because it needs more memory than it has."""
    end = End("thumbnails", "container_out_of_memory")
    title = "The container is killed for want of memory"
    return _ended(bench, "out_of_memory", title, end, {"SANDBOX_OOM": "1"})


def killed_without_memory_pressure(bench: Workbench) -> Scenario:
    """Exit code 137, and nothing says that memory was the reason: nobody may say so."""
    end = End("importer", "unknown", confidence="unknown")
    title = "The container is killed, and nothing says why"
    return _ended(bench, "killed_without_memory_pressure", title, end, _exits(137, "importing batch 7"))


@dataclass(frozen=True, slots=True)
class End:
    """The service that ends, and what a diagnosis ought to find."""

    service: str
    cause: str
    params: Mapping[str, Json] = field(default_factory=dict)
    confidence: str = "confirmed"
    also: tuple[str, ...] = ()


def _exits(code: int, log: str) -> dict[str, str]:
    return {"SANDBOX_EXIT_CODE": str(code), "SANDBOX_LOG": log}


def _ended(bench: Workbench, name: str, title: str, end: End, environment: Mapping[str, str]) -> Scenario:
    network = net.with_endpoints(bench, end.service)
    deploy(bench, Application(end.service, network, environment=environment))
    return Scenario(
        name=name,
        title=title,
        trigger="the service starts a task, which ends by itself",
        event=stopped(bench, end.service),
        cause=end.cause,
        params=end.params,
        also=end.also,
        confidence=end.confidence,
        cluster=CLUSTER,
        service=end.service,
        resources=network.ids(),
    )


BUILDERS: tuple[Builder, ...] = (
    app_exited,
    app_crashed,
    service_container_finished,
    entrypoint_not_found,
    exec_format_error,
    out_of_memory,
    killed_without_memory_pressure,
)
