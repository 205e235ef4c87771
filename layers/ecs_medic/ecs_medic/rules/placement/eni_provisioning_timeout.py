"""The task's network interface was not ready in time; usually it passes."""

from collections.abc import Iterator

from ecs_medic.facts import Facts
from ecs_medic.finding import Outcome, Phase
from ecs_medic.incident import Incident
from ecs_medic.rules.placement.interface_reported import evidence_of, params_of, subnets_of
from ecs_medic.rules.reported import reported, subject_of
from ecs_medic.vocabulary import Id


def eni_provisioning_timeout(incident: Incident, facts: Facts) -> Iterator[Outcome]:
    """AWS's word, with what the subnet has left."""
    subnets = subnets_of(facts)
    yield from reported(
        Id.ENI_PROVISIONING_TIMEOUT,
        incident,
        phase=Phase.INTERFACE,
        summary=(
            f"AWS reports that the network interface of {subject_of(incident)} was not ready in time; this usually "
            "passes by itself."
        ),
        params=params_of(subnets),
        evidence=evidence_of(subnets),
    )
