"""Fargate's platform version, or the container instance's ECS agent, is older than ECS Exec.

Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html
"""

import shlex
from collections.abc import Iterable, Mapping

from ecs_medic.catalogue.fix import fix_for
from ecs_medic.facts import Facts
from ecs_medic.facts.fact import Fact, Known, Unknown
from ecs_medic.finding import Confidence, Finding, JsonValue, Outcome, Phase, RuledOut
from ecs_medic.incident import Incident
from ecs_medic.needs.carriers import EC2, EXTERNAL, FARGATE, launch_type
from ecs_medic.needs.derive import is_about_exec
from ecs_medic.rules.exec.target import evidence, exec_params, not_checked, subject_of
from ecs_medic.rules.exec.versions import version
from ecs_medic.vocabulary import Id

_OLDEST_PLATFORM = {"linux": (1, 4, 0), "windows": (1, 0, 0)}
_OLDEST_AGENT = {"linux": (1, 50, 2), "windows": (1, 56, 0)}


def exec_platform_too_old(incident: Incident, facts: Facts) -> Iterable[Outcome]:
    """Certain where the version was read."""
    if not is_about_exec(incident) or not isinstance(facts.task, Known):
        return
    launch = launch_type(facts)
    found: Fact[str | None]
    if launch == FARGATE:
        found, what, oldest = Known(facts.task.value.platform_version, facts.task.source), "platform", _OLDEST_PLATFORM
    elif launch in {EC2, EXTERNAL}:
        instance = facts.container_instance
        found = Known(instance.value.agent_version, instance.source) if isinstance(instance, Known) else instance
        what, oldest = "ECS agent", _OLDEST_AGENT
    else:
        return
    system = _system(facts)
    wanted = ".".join(map(str, oldest[system]))
    number = version(found.value) if isinstance(found, Known) else None
    if not isinstance(found, Known) or number is None:
        why = found if isinstance(found, Unknown) else Unknown(found.source, f"the {what} version was not told")
        yield from not_checked(Id.EXEC_PLATFORM_TOO_OLD, f"the {what} version", why)
        return
    seen = evidence(found, subject_of(incident, facts), f"{what} version {found.value}, ECS Exec needs {wanted}")
    if number >= oldest[system]:
        yield RuledOut(Id.EXEC_PLATFORM_TOO_OLD, seen)
        return
    params = {**exec_params(incident, facts), "version": found.value, "needed_version": wanted, "what": what}
    yield Finding(
        cause=Id.EXEC_PLATFORM_TOO_OLD,
        confidence=Confidence.CONFIRMED,
        summary=f"The task runs on {what} version {found.value}; ECS Exec needs {wanted} or newer.",
        subject=subject_of(incident, facts),
        phase=Phase.EXEC,
        fix=fix_for(Id.EXEC_PLATFORM_TOO_OLD, params, cli=_commands(incident, facts, params)),
        params=params,
        evidence=seen,
    )


def _commands(incident: Incident, facts: Facts, params: Mapping[str, JsonValue]) -> list[str]:
    """What brings the newer version: another platform for the service's tasks, or another agent on the instance."""
    where = f"--region {incident.region} --cluster {shlex.quote(incident.cluster)}"
    if isinstance(facts.container_instance, Known):
        instance = shlex.quote(facts.container_instance.value.arn)
        return [f"aws ecs update-container-agent {where} --container-instance {instance}"]
    if launch_type(facts) != FARGATE:
        return []
    if service := params.get("service"):
        flags = "--platform-version LATEST --force-new-deployment"
        return [f"aws ecs update-service {where} --service {shlex.quote(str(service))} {flags}"]
    arn = facts.task.value.task_definition_arn if isinstance(facts.task, Known) else None
    name = shlex.quote((arn or "<TASK_DEFINITION>").rsplit("/", 1)[-1])
    flags = "--platform-version LATEST --enable-execute-command # and the network configuration of the first run"
    return [f"aws ecs run-task {where} --task-definition {name} {flags}"]


def _system(facts: Facts) -> str:
    task = facts.task.value if isinstance(facts.task, Known) else None
    definition = facts.task_definition.value if isinstance(facts.task_definition, Known) else None
    named = (task.platform_family if task else None) or (definition.operating_system if definition else None) or ""
    return "windows" if named.lower().startswith("windows") else "linux"
