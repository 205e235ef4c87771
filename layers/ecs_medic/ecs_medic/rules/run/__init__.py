"""Rules on how containers start, run and end."""

from ecs_medic.rules.rule import Rule
from ecs_medic.rules.run.app_crashed import app_crashed
from ecs_medic.rules.run.app_exited import app_exited
from ecs_medic.rules.run.container_memory_limit_too_low import container_memory_limit_too_low
from ecs_medic.rules.run.container_out_of_memory import container_out_of_memory
from ecs_medic.rules.run.container_runtime_timeout import container_runtime_timeout
from ecs_medic.rules.run.dependency_failed import dependency_failed
from ecs_medic.rules.run.device_missing import device_missing
from ecs_medic.rules.run.disk_full import disk_full
from ecs_medic.rules.run.entrypoint_not_found import entrypoint_not_found
from ecs_medic.rules.run.exec_format_error import exec_format_error
from ecs_medic.rules.run.firelens_config_failed import firelens_config_failed
from ecs_medic.rules.run.log_driver_credentials_failed import log_driver_credentials_failed
from ecs_medic.rules.run.service_connect_failed import service_connect_failed
from ecs_medic.rules.run.stop_timeout_too_short import stop_timeout_too_short
from ecs_medic.rules.run.volume_failed import volume_failed

RULES: tuple[Rule, ...] = (
    disk_full,
    volume_failed,
    firelens_config_failed,
    log_driver_credentials_failed,
    dependency_failed,
    exec_format_error,
    entrypoint_not_found,
    container_memory_limit_too_low,
    device_missing,
    container_runtime_timeout,
    container_out_of_memory,
    stop_timeout_too_short,
    app_crashed,
    app_exited,
    service_connect_failed,
)
