"""The agent stopped in this container; ECS does not start it again."""

from collections.abc import Iterable

from ecs_medic.catalogue.fix import fix_for
from ecs_medic.facts import Facts
from ecs_medic.facts.fact import Unknown
from ecs_medic.finding import Confidence, Evidence, Finding, Outcome, Phase, RuledOut
from ecs_medic.incident import Incident
from ecs_medic.needs.derive import is_about_exec
from ecs_medic.rules.exec.agent_reasons import cannot_be_installed
from ecs_medic.rules.exec.agents import agents, agents_not_read
from ecs_medic.rules.exec.target import exec_params, replace_task_commands, subject_of
from ecs_medic.vocabulary import Id


def exec_agent_stopped(incident: Incident, facts: Facts) -> Iterable[Outcome]:
    """Certain where DescribeTasks shows it; an agent that could never be installed is another cause."""
    if not is_about_exec(incident):
        return
    found = agents(incident, facts)
    if isinstance(found, Unknown):
        yield from agents_not_read(Id.EXEC_AGENT_STOPPED, found)
        return
    for container, agent in found or ():
        observed = f"ExecuteCommandAgent is {agent.last_status}" + (f": {agent.reason}" if agent.reason else "")
        seen = Evidence(facts.task.source, container.name, observed)
        if agent.last_status != "STOPPED":
            yield RuledOut(Id.EXEC_AGENT_STOPPED, (seen,))
            continue
        if cannot_be_installed(agent.reason):
            continue
        params = exec_params(incident, facts, container.name)
        if agent.reason:
            params["reason"] = agent.reason
        yield Finding(
            cause=Id.EXEC_AGENT_STOPPED,
            confidence=Confidence.CONFIRMED,
            summary=f"The ECS Exec agent of container {container.name} has stopped, and ECS does not start it again.",
            subject=subject_of(incident, facts),
            phase=Phase.EXEC,
            fix=fix_for(Id.EXEC_AGENT_STOPPED, params, cli=replace_task_commands(incident, facts) or None),
            params=params,
            evidence=(seen,),
        )
