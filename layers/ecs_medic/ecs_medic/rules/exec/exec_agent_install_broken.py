"""The agent could never be set up: the host or the container lacks what it needs."""

from collections.abc import Iterable

from ecs_medic.catalogue.fix import fix_for
from ecs_medic.facts import Facts
from ecs_medic.facts.fact import Unknown
from ecs_medic.finding import Confidence, Evidence, Finding, Outcome, Phase
from ecs_medic.incident import Incident
from ecs_medic.needs.derive import is_about_exec
from ecs_medic.rules.exec.agent_reasons import cannot_be_installed
from ecs_medic.rules.exec.agents import agents, agents_not_read
from ecs_medic.rules.exec.target import exec_params, subject_of
from ecs_medic.vocabulary import Id


def exec_agent_install_broken(incident: Incident, facts: Facts) -> Iterable[Outcome]:
    """Told by the agent's own reason, once it has stopped."""
    if not is_about_exec(incident):
        return
    found = agents(incident, facts)
    if isinstance(found, Unknown):
        yield from agents_not_read(Id.EXEC_AGENT_INSTALL_BROKEN, found)
        return
    for container, agent in found or ():
        if agent.last_status == "RUNNING" or agent.reason is None or not cannot_be_installed(agent.reason):
            continue
        params = {**exec_params(incident, facts, container.name), "reason": agent.reason}
        yield Finding(
            cause=Id.EXEC_AGENT_INSTALL_BROKEN,
            confidence=Confidence.CONFIRMED,
            summary=f"The ECS Exec agent could not be set up in container {container.name}: {agent.reason}",
            subject=subject_of(incident, facts),
            phase=Phase.EXEC,
            fix=fix_for(Id.EXEC_AGENT_INSTALL_BROKEN, params),
            params=params,
            evidence=(
                Evidence(facts.task.source, container.name, f"ExecuteCommandAgent {agent.last_status}: {agent.reason}"),
            ),
        )
