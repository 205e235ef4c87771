"""The secret exists, and no version of it carries the stage AWSCURRENT: nobody has ever given it a value.

Source: https://docs.aws.amazon.com/secretsmanager/latest/userguide/whats-in-a-secret.html
"""

from collections.abc import Iterable

from ecs_medic.catalogue.fix import fix_for
from ecs_medic.facts import Facts
from ecs_medic.facts.fact import Known
from ecs_medic.facts.secrets import CURRENT
from ecs_medic.finding import Confidence, Evidence, Finding, Outcome, RuledOut
from ecs_medic.incident import Incident
from ecs_medic.rules.secrets.stored import asked_secrets
from ecs_medic.vocabulary import Id

_CAUSE = Id.SECRET_HAS_NO_VALUE


def secret_has_no_value(incident: Incident, facts: Facts) -> Iterable[Outcome]:
    """Of references that name no other stage and no version."""
    for asked in asked_secrets(incident, facts):
        stored = asked.stored
        if not isinstance(stored, Known) or stored.value.deleted_at or asked.to.version_id:
            continue
        if (asked.to.version_stage or CURRENT) != CURRENT:
            continue
        if stored.value.has_stage(CURRENT):
            yield RuledOut(_CAUSE, (Evidence(stored.source, stored.value.arn, f"a version is {CURRENT}"),))
            continue
        params = asked.params()
        versions = f"versions: {', '.join(stored.value.versions)}" if stored.value.versions else "no version at all"
        yield Finding(
            cause=_CAUSE,
            confidence=Confidence.CONFIRMED,
            summary=f"The secret {stored.value.name} of container {asked.reference.container} exists without a value.",
            subject=asked.to.arn,
            phase=asked.reference.phase,
            fix=fix_for(_CAUSE, params),
            params=params,
            evidence=(Evidence(stored.source, stored.value.arn, f"no version is {CURRENT} ({versions})"),),
        )
