"""The container's root file system is read-only, and the agent cannot write its files.

Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html
"""

from collections.abc import Iterable

from ecs_medic.catalogue.fix import fix_for
from ecs_medic.facts import Facts
from ecs_medic.facts.fact import Known
from ecs_medic.finding import Confidence, Finding, Outcome, Phase, RuledOut
from ecs_medic.incident import Incident
from ecs_medic.needs.derive import is_about_exec
from ecs_medic.rules.exec.target import RUNNING, agent_status, definitions_meant, evidence, exec_params, not_checked
from ecs_medic.vocabulary import Id


def exec_readonly_root_filesystem(incident: Incident, facts: Facts) -> Iterable[Outcome]:
    """Certain, except where the agent runs all the same: a volume may give it the directories that it writes to."""
    if not is_about_exec(incident):
        return
    if not isinstance(facts.task_definition, Known):
        what = "the containers' readonlyRootFilesystem"
        yield from not_checked(Id.EXEC_READONLY_ROOT_FILESYSTEM, what, facts.task_definition)
        return
    definition = facts.task_definition.value
    meant = definitions_meant(incident, facts, definition)
    readonly = [one for one in meant if one.readonly_root_filesystem]
    if not readonly:
        seen = evidence(facts.task_definition, definition.arn, "readonlyRootFilesystem is not set")
        yield RuledOut(Id.EXEC_READONLY_ROOT_FILESYSTEM, seen)
    for container in readonly:
        status = agent_status(facts, container.name)
        params = {**exec_params(incident, facts, container.name), "task_definition": definition.name}
        yield Finding(
            cause=Id.EXEC_READONLY_ROOT_FILESYSTEM,
            confidence=Confidence.POSSIBLE if status == RUNNING else Confidence.CONFIRMED,
            summary=f"Container {container.name} has a read-only root file system, which the ECS Exec agent "
            + ("seems to cope with: it is running." if status == RUNNING else "cannot write its files to."),
            subject=definition.arn,
            phase=Phase.EXEC,
            fix=fix_for(Id.EXEC_READONLY_ROOT_FILESYSTEM, params),
            params=params,
            evidence=evidence(
                facts.task_definition, definition.arn, f"readonlyRootFilesystem is true for container {container.name}"
            ),
        )
