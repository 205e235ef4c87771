"""Reading the task metadata endpoint, version 4 or a version 3 in its place."""

from __future__ import annotations

import json
import os
import time
import urllib.request
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from ecs_medic_notify.errors import MetadataError
from ecs_medic_notify.request import Answer, Unreachable, ask, is_http
from ecs_medic_notify.task import Container, Task, container_of, task_of

V4 = "ECS_CONTAINER_METADATA_URI_V4"
V3 = "ECS_CONTAINER_METADATA_URI"
OUTSIDE = (
    f"not inside an ECS task: {V4} is not set; ECS sets it in every container on Fargate from platform version 1.4.0 "
    "and on EC2 from agent 1.39.0; on a laptop, `ecs-medic metadata serve` stands in for it"
)
REQUEST_SECONDS = 2.0
WHOLE_SECONDS = 6.0
LARGEST_ANSWER = 1024 * 1024
"""Bytes; a task of ten containers with many labels has some 30 kB."""
_PAUSES = (0.1, 0.4, 1.0)
"""Between attempts, in seconds: the endpoint may be busy (429, 500) in a container's first moments."""


@dataclass(frozen=True)
class Metadata:
    """The task, and which of its containers is asking: None where the endpoint does not tell."""

    task: Task
    container: Container | None


def metadata(environment: Mapping[str, str] | None = None) -> Metadata:
    """Which task and container this is, as the endpoint says that the environment names; waits 6 s at most.

    Raises:
        MetadataError: outside of ECS; or no usable answer came.
    """
    environment = os.environ if environment is None else environment
    named = {name: environment.get(name, "").strip() for name in (V4, V3)}
    urls = {name: url for name, url in named.items() if url}
    if not urls:
        raise MetadataError(OUTSIDE)
    until = time.monotonic() + WHOLE_SECONDS
    (name, url), *others = urls.items()
    try:
        return _read(name, url.rstrip("/"), until)
    except MetadataError:
        if not others:
            raise
        with suppress(MetadataError):
            # An old stand-in for the endpoint may know version 3 only.
            return _read(others[0][0], others[0][1].rstrip("/"), until)
        raise


def _read(name: str, url: str, until: float) -> Metadata:
    if not is_http(url):
        raise MetadataError(f"{name}: expected an http address, got {url[:80]!r}")
    answer = _json(name, f"{url}/task", until)
    task = task_of(answer)
    if task.family is None and task.task_arn is None and not task.containers:
        raise MetadataError(f"{name}: {url}/task answers, but not with a task's metadata")
    try:
        container: Container | None = container_of(_json(name, url, until))
    except MetadataError:
        container = None
    if container is None or container.name is None:
        container = _only(task)
    return Metadata(task, container)


def _only(task: Task) -> Container | None:
    """The container of a task that has just one: the agent's own, such as the pause container, aside."""
    own = [one for one in task.containers if one.type in {None, "NORMAL"}]
    return own[0] if len(own) == 1 else None


def _json(name: str, url: str, until: float) -> Mapping[str, Any]:
    answer = _patiently(name, url, until)
    if answer.status != 200:
        raise MetadataError(f"{name}: {url} answers with HTTP {answer.status}")
    if len(answer.body) > LARGEST_ANSWER:
        raise MetadataError(f"{name}: {url} answers with more than {LARGEST_ANSWER} bytes")
    try:
        value = json.loads(answer.body)
    except (ValueError, RecursionError):
        raise MetadataError(f"{name}: {url} answers with something else than JSON") from None
    if not isinstance(value, dict):
        raise MetadataError(f"{name}: {url} answers with something else than a JSON object")
    return value


def _patiently(name: str, url: str, until: float) -> Answer:
    """The last answer; another attempt where the endpoint is busy or cannot be reached, as long as there is time."""
    request = urllib.request.Request(url, headers={"Accept": "application/json"})  # noqa: S310 - http, checked
    for pause in (*_PAUSES, None):
        left = until - time.monotonic()
        again = pause is not None and left > pause
        if left <= 0:
            raise MetadataError(f"{name}: {url} gave no answer within {WHOLE_SECONDS:g} s")
        try:
            answer = ask(request, seconds=min(REQUEST_SECONDS, left), most=LARGEST_ANSWER + 1, direct=True)
        except Unreachable as error:
            if not again:
                raise MetadataError(f"{name}: {url} cannot be read: {error}") from None
        else:
            if not again or (answer.status < 500 and answer.status != 429):
                return answer
        time.sleep(pause or 0)
    raise AssertionError("the last attempt answers or raises")
