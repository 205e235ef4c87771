"""Parameter Store has no parameter of the name that a container asks for.

Source: https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DescribeParameters.html
"""

from collections.abc import Iterable

from ecs_medic.catalogue.fix import fix_for
from ecs_medic.facts import Facts
from ecs_medic.facts.fact import NOT_READ, Absent, Known
from ecs_medic.finding import Confidence, Evidence, Finding, JsonValue, NotChecked, Outcome, RuledOut
from ecs_medic.incident import Incident
from ecs_medic.needs.references import Reference
from ecs_medic.needs.secrets import ParameterReference
from ecs_medic.rules.secrets.stored import asked_parameters
from ecs_medic.vocabulary import Id

_CAUSE = Id.SSM_PARAMETER_NOT_FOUND


def ssm_parameter_not_found(_incident: Incident, facts: Facts) -> Iterable[Outcome]:
    """Each parameter by itself, by the list of names alone."""
    for reference, to, stored in asked_parameters(facts):
        if isinstance(stored, Absent):
            yield _finding(reference, to, stored)
        elif isinstance(stored, Known):
            yield RuledOut(_CAUSE, (Evidence(stored.source, to.name, "exists"),))
        elif stored is not NOT_READ:
            yield NotChecked(f"{_CAUSE}: {to.name} in {to.region}", stored.reason, stored.missing_permission)


def _finding(reference: Reference, to: ParameterReference, absent: Absent) -> Finding:
    params: dict[str, JsonValue] = {
        "parameter": to.name,
        "parameter_arn": to.arn,
        "container": reference.container,
        "name": reference.name,
        "region": to.region,
    }
    return Finding(
        cause=_CAUSE,
        confidence=Confidence.CONFIRMED,
        summary=f"The parameter {to.name} of container {reference.container} does not exist in {to.region}.",
        subject=to.arn,
        phase=reference.phase,
        fix=fix_for(_CAUSE, params),
        params=params,
        evidence=(Evidence(absent.source, to.name, absent.detail),),
    )
