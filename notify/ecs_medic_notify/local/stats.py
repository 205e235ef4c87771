"""The stand-in's `/stats`: Docker's form, with the limits of the pretended container and counters that stand still.

Source: "Example container stats response" of the ECS developer guide; Docker's API describes the fields.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from ecs_medic_notify.local.answers import LocalTask, docker_name
from ecs_medic_notify.local.definition import LocalContainer

_MIB = 1024 * 1024
_IDLE_CPU = {
    "cpu_usage": {"total_usage": 0, "percpu_usage": [0], "usage_in_kernelmode": 0, "usage_in_usermode": 0},
    "system_cpu_usage": 0,
    "online_cpus": 1,
    "throttling_data": {"periods": 0, "throttled_periods": 0, "throttled_time": 0},
}
_BLOCK_IO = (
    "io_service_bytes_recursive",
    "io_serviced_recursive",
    "io_queue_recursive",
    "io_service_time_recursive",
    "io_wait_time_recursive",
    "io_merged_recursive",
    "io_time_recursive",
    "sectors_recursive",
)
_TRAFFIC = ("rx_bytes", "rx_packets", "rx_errors", "rx_dropped", "tx_bytes", "tx_packets", "tx_errors", "tx_dropped")


def container_stats(task: LocalTask, container: LocalContainer, now: datetime) -> dict[str, Any]:
    """What the container's `/stats` answers at `now`: nothing is measured, only the memory limit means something."""
    memory = container.memory or task.definition.memory or 0
    answer: dict[str, Any] = {
        "read": _moment(now),
        "preread": _moment(now - timedelta(seconds=1)),
        "pids_stats": {"current": 1},
        "blkio_stats": {name: [] for name in _BLOCK_IO},
        "num_procs": 0,
        "storage_stats": {},
        "cpu_stats": _IDLE_CPU,
        "precpu_stats": _IDLE_CPU,
        "memory_stats": {
            "usage": 0,
            "max_usage": 0,
            "stats": {"cache": 0, "rss": 0, "hierarchical_memory_limit": memory * _MIB},
            "limit": memory * _MIB,
        },
        "name": f"/{docker_name(task, container)}",
        "id": task.docker_id(container),
    }
    if task.definition.network_mode in {"awsvpc", "bridge"}:
        answer["networks"] = {"eth0": dict.fromkeys(_TRAFFIC, 0)}
        answer["network_rate_stats"] = {"rx_bytes_per_sec": 0, "tx_bytes_per_sec": 0}
    return answer


def task_stats(task: LocalTask, now: datetime) -> dict[str, Any]:
    """What `/task/stats` answers: by container id."""
    return {task.docker_id(one): container_stats(task, one, now) for one in task.definition.containers}


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S.%f}000Z"
