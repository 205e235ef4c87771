"""A gallery of failures, each built in the embedded account over the wire: its own VPC, its own service, its event.

Every scenario begins from a seed of its own, so its ids are the same whether it is built alone or with the others.
"""

import zlib
from collections.abc import Iterable, Iterator

from sandbox.client import Sandbox
from sandbox.gallery import (
    blocked_paths,
    exec_failures,
    fetched,
    health,
    instances,
    missing_endpoints,
    normal_life,
    refused_calls,
    roles_and_logs,
    running,
    service_events,
    storage,
)
from sandbox.gallery.scenario import Builder, Scenario
from sandbox.gallery.workbench import Workbench

__all__ = [
    "BUILDERS",
    "CLOCK",
    "Builder",
    "Scenario",
    "Workbench",
    "build",
    "build_all",
    "build_each",
    "names",
]

CLOCK = "2026-01-15T09:00:00+00:00"
"""When the events of `events/` happen."""

BUILDERS: tuple[Builder, ...] = (
    *exec_failures.BUILDERS,
    *missing_endpoints.BUILDERS,
    *roles_and_logs.BUILDERS,
    *fetched.BUILDERS,
    *blocked_paths.BUILDERS,
    *instances.BUILDERS,
    *storage.BUILDERS,
    *running.BUILDERS,
    *health.BUILDERS,
    *service_events.BUILDERS,
    *normal_life.BUILDERS,
    *refused_calls.BUILDERS,
)


def names() -> list[str]:
    """The scenarios' names, in the order in which they are built."""
    return [builder.__name__ for builder in BUILDERS]


def build(sandbox: Sandbox | Workbench, name: str, *, clock: str | None = None) -> Scenario:
    """Builds one scenario, once in an account's life; KeyError for an unknown name.

    With `clock` (ISO 8601) the account's time starts there and ticks a second at every look, so that the event is the
    same to the millisecond every time.
    """
    builder = {b.__name__: b for b in BUILDERS}[name]
    bench = sandbox if isinstance(sandbox, Workbench) else Workbench(sandbox)
    bench.begin(seed=seed_of(name), clock=clock)
    return builder(bench)


def build_each(sandbox: Sandbox, *, only: Iterable[str] | None = None, clock: str | None = None) -> Iterator[Scenario]:
    """Builds the scenarios one after the other, each when it is asked for."""
    bench = Workbench(sandbox)
    for name in names() if only is None else only:
        yield build(bench, name, clock=clock)


def build_all(sandbox: Sandbox) -> list[Scenario]:
    """Builds the whole gallery in order."""
    return list(build_each(sandbox))


def seed_of(name: str) -> int:
    """The seed from which a scenario's ids come."""
    return zlib.crc32(name.encode())
