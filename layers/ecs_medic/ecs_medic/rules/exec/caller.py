"""Whoever tried to open the session, as the rules on the caller see them."""

from ecs_medic.facts import Facts
from ecs_medic.finding import JsonValue
from ecs_medic.incident import Incident
from ecs_medic.rules.exec.target import exec_params


def caller_params(incident: Incident, facts: Facts) -> dict[str, JsonValue]:
    """Where the session was to go, and who called."""
    attempt = incident.exec_attempt
    params: dict[str, JsonValue] = {
        **exec_params(incident, facts),
        "account": incident.account,
        "partition": incident.partition,
    }
    if attempt and attempt.caller_arn:
        params["caller"] = attempt.caller_arn
    return params
