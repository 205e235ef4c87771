"""The agent in the container has not started yet: a session can be opened some seconds after it has."""

from collections.abc import Iterable
from datetime import timedelta

from ecs_medic.catalogue.fix import fix_for
from ecs_medic.facts import Facts
from ecs_medic.facts.fact import Known, Unknown
from ecs_medic.finding import Confidence, Evidence, Finding, Outcome, Phase, RuledOut
from ecs_medic.incident import Incident
from ecs_medic.needs.derive import is_about_exec
from ecs_medic.rules.exec.agents import agents, agents_not_read
from ecs_medic.rules.exec.target import exec_params, subject_of
from ecs_medic.vocabulary import Id

_PATIENCE = timedelta(minutes=5)
"""An agent that is pending for longer is no longer merely starting."""


def exec_agent_pending(incident: Incident, facts: Facts) -> Iterable[Outcome]:
    """Certain while the task is young; in an old task something else keeps the agent from starting."""
    if not is_about_exec(incident):
        return
    found = agents(incident, facts)
    if isinstance(found, Unknown):
        yield from agents_not_read(Id.EXEC_AGENT_PENDING, found)
        return
    for container, agent in found or ():
        seen = Evidence(facts.task.source, container.name, f"ExecuteCommandAgent is {agent.last_status}")
        if agent.last_status != "PENDING":
            yield RuledOut(Id.EXEC_AGENT_PENDING, (seen,))
            continue
        params = exec_params(incident, facts, container.name)
        young = _is_young(facts)
        yield Finding(
            cause=Id.EXEC_AGENT_PENDING,
            confidence=Confidence.CONFIRMED if young else Confidence.LIKELY,
            summary=f"The ECS Exec agent of container {container.name} has not started yet"
            + ("." if young else ", although the task has been running for a while: something keeps it from starting."),
            subject=subject_of(incident, facts),
            phase=Phase.EXEC,
            fix=fix_for(Id.EXEC_AGENT_PENDING, params),
            params=params,
            evidence=(seen,),
        )


def _is_young(facts: Facts) -> bool:
    if not isinstance(facts.task, Known):
        return False
    began = facts.task.value.started_at or facts.task.value.created_at
    return began is not None and facts.read_at - began < _PATIENCE
