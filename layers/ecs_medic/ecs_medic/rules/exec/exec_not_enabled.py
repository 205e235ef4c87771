"""The task was started without `enableExecuteCommand`: the agent was never put into its containers.

Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html
"""

import shlex
from collections.abc import Iterable

from ecs_medic.catalogue.fix import fix_for
from ecs_medic.facts import Facts
from ecs_medic.facts.ecs import Task
from ecs_medic.facts.fact import Known
from ecs_medic.finding import Confidence, Finding, Outcome, Phase, RuledOut
from ecs_medic.incident import Incident
from ecs_medic.needs.derive import is_about_exec
from ecs_medic.rules.exec.target import evidence, exec_params, not_checked, unread
from ecs_medic.vocabulary import Id


def exec_not_enabled(incident: Incident, facts: Facts) -> Iterable[Outcome]:
    """Certain where the task's own flag was read; the service's flag says only what its next task will have."""
    if not is_about_exec(incident):
        return
    if not isinstance(facts.task, Known):
        yield from not_checked(Id.EXEC_NOT_ENABLED, "the task's enableExecuteCommand", facts.task)
        return
    task = facts.task.value
    if task.enable_execute_command is None:
        why = unread(facts, "ecs:DescribeTasks", "the event does not say whether ECS Exec is enabled")
        yield from not_checked(Id.EXEC_NOT_ENABLED, "the task's enableExecuteCommand", why)
    elif task.enable_execute_command:
        yield RuledOut(Id.EXEC_NOT_ENABLED, evidence(facts.task, task.arn, "enableExecuteCommand is true"))
    else:
        yield _finding(incident, facts, facts.task, task)


def _finding(incident: Incident, facts: Facts, fact: Known[Task], task: Task) -> Finding:
    params = exec_params(incident, facts)
    service = facts.service.value if isinstance(facts.service, Known) else None
    seen = evidence(fact, task.arn, "enableExecuteCommand is false")
    if service is not None and isinstance(facts.service, Known):
        state = "true" if service.enable_execute_command else "false"
        seen += evidence(facts.service, service.arn, f"enableExecuteCommand is {state} for the tasks it starts next")
    return Finding(
        cause=Id.EXEC_NOT_ENABLED,
        confidence=Confidence.CONFIRMED,
        summary="The task was started without ECS Exec; it cannot be switched on for a running task.",
        subject=task.arn,
        phase=Phase.EXEC,
        fix=fix_for(Id.EXEC_NOT_ENABLED, params, cli=_commands(incident, params.get("service"), task)),
        params=params,
        evidence=seen,
    )


def _commands(incident: Incident, service: object, task: Task) -> list[str]:
    where = f"--cluster {shlex.quote(incident.cluster)} --region {incident.region}"
    if service:
        flags = "--enable-execute-command --force-new-deployment"
        return [f"aws ecs update-service {where} --service {shlex.quote(str(service))} {flags}"]
    definition = (task.task_definition_arn or "TASK_DEFINITION").rsplit("/", 1)[-1]
    flags = "--enable-execute-command # and the network configuration and overrides of the first run"
    return [f"aws ecs run-task {where} --task-definition {shlex.quote(definition)} {flags}"]
