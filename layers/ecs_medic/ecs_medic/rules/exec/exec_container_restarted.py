"""A restart policy started the container again, and the agent did not come back with it.

ECS does not say how often a container was restarted, so this is never more than likely.
"""

from collections.abc import Iterable

from ecs_medic.catalogue.fix import fix_for
from ecs_medic.facts import Facts
from ecs_medic.facts.fact import Known
from ecs_medic.finding import Confidence, Evidence, Finding, Outcome, Phase, RuledOut
from ecs_medic.incident import Incident
from ecs_medic.needs.derive import is_about_exec
from ecs_medic.rules.exec.target import (
    agent_status,
    definitions_meant,
    evidence,
    exec_params,
    not_checked,
    replace_task_commands,
    subject_of,
    unread,
)
from ecs_medic.vocabulary import Id


def exec_container_restarted(incident: Incident, facts: Facts) -> Iterable[Outcome]:
    """Likely where the policy is on, the container runs and its agent has stopped."""
    if not is_about_exec(incident):
        return
    if not isinstance(facts.task_definition, Known):
        what = "the containers' restart policies"
        yield from not_checked(Id.EXEC_CONTAINER_RESTARTED, what, facts.task_definition)
        return
    definition = facts.task_definition.value
    restarting = [one for one in definitions_meant(incident, facts, definition) if one.restart_policy_enabled]
    if not restarting:
        seen = evidence(facts.task_definition, definition.arn, "no restart policy")
        yield RuledOut(Id.EXEC_CONTAINER_RESTARTED, seen)
    for container in restarting:
        status = agent_status(facts, container.name)
        seen_agent = Evidence(facts.task.source, container.name, f"ExecuteCommandAgent is {status}")
        if status is None:
            why = unread(facts, "ecs:DescribeTasks", "nothing that was read shows the container's agent")
            yield from not_checked(Id.EXEC_CONTAINER_RESTARTED, f"the agent of container {container.name}", why)
        elif status != "STOPPED":
            yield RuledOut(Id.EXEC_CONTAINER_RESTARTED, (seen_agent,))
        else:
            params = exec_params(incident, facts, container.name)
            commands = replace_task_commands(incident, facts) or None
            yield Finding(
                cause=Id.EXEC_CONTAINER_RESTARTED,
                confidence=Confidence.LIKELY,
                summary=f"Container {container.name} has a restart policy and its agent has stopped: "
                "after a restart the agent does not come back.",
                subject=subject_of(incident, facts),
                phase=Phase.EXEC,
                fix=fix_for(Id.EXEC_CONTAINER_RESTARTED, params, cli=commands),
                params=params,
                evidence=(
                    *evidence(facts.task_definition, definition.arn, f"container {container.name}: restart policy on"),
                    seen_agent,
                ),
            )
