"""Simulations of calls that only came to light on the way: a secret's key, a pull-through cache."""

from collections.abc import Mapping
from dataclasses import replace

from ecs_medic.collect.iam import simulation_from_answer
from ecs_medic.collect.question import Answers
from ecs_medic.facts.fact import Fact, Known
from ecs_medic.facts.iam import Role


def with_more_simulations(roles: Mapping[str, Fact[Role]], answers: Answers) -> dict[str, Fact[Role]]:
    """The roles, with these verdicts of AWS's among the rest of its verdicts on them."""
    found = dict(roles)
    for key in [key for key in answers if key[0] == "more_simulation"]:
        simulation = simulation_from_answer(answers[key])
        role = found.get(key[1], Known(Role(key[1]), simulation.source))
        if not isinstance(simulation, Known) or not isinstance(role, Known):
            continue
        merged = dict(role.value.simulation.value) if isinstance(role.value.simulation, Known) else {}
        for action, result in simulation.value.items():
            earlier = merged.get(action)
            by_resource = {**(earlier.by_resource if earlier else {}), **result.by_resource}
            merged[action] = replace(result, by_resource=by_resource)
        found[key[1]] = Known(replace(role.value, simulation=Known(merged, simulation.source)), role.source)
    return found
