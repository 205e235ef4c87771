"""Which task an event is about, where the event does not show it: a refused ExecuteCommand names it, and no more.

What belongs together (the service, the task definition's family) is then known before anything is diagnosed.
"""

from dataclasses import dataclass, field, replace

from ecs_medic.aws.reader import Reader
from ecs_medic.collect.ecs import task_from_answer
from ecs_medic.collect.question import Answers, answer_to
from ecs_medic.collect.task import named_task, task_question
from ecs_medic.facts.ecs import Task
from ecs_medic.facts.fact import Known
from ecs_medic.incident import Incident, Kind


@dataclass(frozen=True, slots=True)
class Identified:
    """An incident whose task is found, as far as it can be.

    `answers` are what was read on the way, which the diagnosis does not ask again; `calls` is how many calls that
    took, and `waves` how many of the diagnosis's own waves went with them.
    """

    incident: Incident
    answers: Answers = field(default_factory=dict)
    calls: int = 0
    waves: int = 0


def identify(incident: Incident, reader: Reader) -> Identified:
    """The incident with the service, the task definition and the launch type of the task that it names.

    One call, and none where the event shows its task. Where ECS does not tell, the incident stays as it is, and the
    answer says why.

    Raises:
        AwsUnavailable: the credentials are missing, expired or refused.
    """
    named = named_task(incident)
    if incident.kind is not Kind.EXEC_ERROR or incident.task is not None or named is None:
        return Identified(incident)
    reader.keep_to(incident.account)
    answers: Answers = reader.together({("task",): task_question(incident.cluster, named)})
    found = task_from_answer(answer_to(answers, "task"), named)
    known = of_task(incident, found.value) if isinstance(found, Known) else incident
    return Identified(known, answers, calls=len(answers))


def of_task(incident: Incident, task: Task) -> Incident:
    """The incident with what the task tells of its surroundings."""
    return replace(
        incident,
        service=incident.service or task.service_name,
        task_definition_arn=incident.task_definition_arn or task.task_definition_arn,
        launch_type=incident.launch_type or task.launch_type,
    )
