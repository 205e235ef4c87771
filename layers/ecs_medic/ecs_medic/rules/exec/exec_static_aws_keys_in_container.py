"""AWS keys in the container's environment take the place of the task role.

The agent then acts as whomever the keys belong to: that may do, so this is never more than likely.
"""

from collections.abc import Iterable

from ecs_medic.catalogue.fix import fix_for
from ecs_medic.facts import Facts
from ecs_medic.facts.ecs import ContainerDefinition
from ecs_medic.facts.fact import Known
from ecs_medic.finding import Confidence, Finding, NotChecked, Outcome, Phase, RuledOut
from ecs_medic.incident import Incident
from ecs_medic.needs.derive import is_about_exec
from ecs_medic.rules.exec.target import definitions_meant, evidence, exec_params, names, not_checked
from ecs_medic.vocabulary import Id

_KEYS = frozenset({"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY", "AWS_SECRET_KEY"})


def exec_static_aws_keys_in_container(incident: Incident, facts: Facts) -> Iterable[Outcome]:
    """By the names of variables and secrets; what an environment file holds is never read."""
    if not is_about_exec(incident):
        return
    if not isinstance(facts.task_definition, Known):
        what = "the containers' environment"
        yield from not_checked(Id.EXEC_STATIC_AWS_KEYS_IN_CONTAINER, what, facts.task_definition)
        return
    definition = facts.task_definition.value
    meant = definitions_meant(incident, facts, definition)
    fired = [one for one in meant if _keys(one)]
    for container in fired:
        found = names(_keys(container))
        params = exec_params(incident, facts, container.name)
        params["variables"] = [*sorted(_keys(container))]
        yield Finding(
            cause=Id.EXEC_STATIC_AWS_KEYS_IN_CONTAINER,
            confidence=Confidence.LIKELY,
            summary=f"Container {container.name} has {found}, which the ECS Exec agent uses instead of the task role.",
            subject=definition.arn,
            phase=Phase.EXEC,
            fix=fix_for(Id.EXEC_STATIC_AWS_KEYS_IN_CONTAINER, params),
            params=params,
            evidence=evidence(facts.task_definition, definition.arn, f"container {container.name} sets {found}"),
        )
    files = [one.name for one in meant if one.environment_files and one not in fired]
    if files:
        what = f"{Id.EXEC_STATIC_AWS_KEYS_IN_CONTAINER}: the environment files of container {names(files)}"
        yield NotChecked(what, "the contents of environment files are not read")
    if not fired and not files:
        seen = evidence(facts.task_definition, definition.arn, "no AWS keys in environment or secrets")
        yield RuledOut(Id.EXEC_STATIC_AWS_KEYS_IN_CONTAINER, seen)


def _keys(container: ContainerDefinition) -> frozenset[str]:
    return _KEYS & {*container.environment, *(secret.name for secret in container.secrets)}
