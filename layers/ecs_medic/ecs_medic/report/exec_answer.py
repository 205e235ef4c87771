"""What the person whose ECS Exec session failed can do this minute: which containers take a session, and the command.

Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec-run.html
"""

import shlex

from ecs_medic.facts import Facts
from ecs_medic.facts.ecs import Task
from ecs_medic.facts.fact import Known
from ecs_medic.incident import Incident, Kind
from ecs_medic.report import model

_RUNNING = "RUNNING"


def exec_answer(incident: Incident, facts: Facts) -> model.ExecAnswer | None:
    """The answer to the caller; None where nobody tried to open a session, or nothing is known of the task.

    A container takes a session where its agent runs, by the read of the task; that the way to it is open is what the
    findings say.
    """
    if incident.kind is not Kind.EXEC_ERROR or not isinstance(facts.task, Known):
        return None
    task = facts.task.value
    ready = tuple(
        one.name for one in task.containers if one.exec_agent is not None and one.exec_agent.last_status == _RUNNING
    )
    wanted = incident.exec_attempt.container if incident.exec_attempt else None
    chosen = wanted if wanted in ready else ready[0] if ready else None
    return model.ExecAnswer(
        containers=ready,
        asked_for=wanted,
        command=_command(incident, task, chosen) if chosen else None,
    )


def _command(incident: Incident, task: Task, container: str) -> str:
    shell = "/bin/sh"
    return (
        f"aws ecs execute-command --region {shlex.quote(incident.region)} --cluster {shlex.quote(incident.cluster)} "
        f"--task {shlex.quote(task.id)} --container {shlex.quote(container)} --interactive --command {shell}"
    )
