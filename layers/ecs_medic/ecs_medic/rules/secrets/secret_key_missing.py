"""The secret lacks the JSON key, the stage or the version that the reference asks for.

Stages and versions are metadata. A key is part of the value, which is never read: the message is then all there is.

Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html
"""

import re
from collections.abc import Iterable, Iterator

from ecs_medic.catalogue.fix import fix_for
from ecs_medic.facts import Facts
from ecs_medic.facts.fact import Known
from ecs_medic.finding import Confidence, Evidence, Finding, JsonValue, NotChecked, Outcome
from ecs_medic.incident import Incident
from ecs_medic.needs.told import words_of
from ecs_medic.rules.secrets.said import one_of, said
from ecs_medic.rules.secrets.stored import Asked, asked_secrets
from ecs_medic.vocabulary import Id

_CAUSE = Id.SECRET_KEY_MISSING
_NAMED_KEY = re.compile(r"json key:? [\"']?([^\s\"']+)", re.IGNORECASE)
_KEYS_OF_RDS = frozenset({"username", "password"})
"""All that is in a secret which Amazon RDS keeps for a database.

Source: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-secrets-manager.html
"""


def secret_key_missing(incident: Incident, facts: Facts) -> Iterable[Outcome]:
    """Stages and versions of every secret, and keys as far as the message names one."""
    asked = list(asked_secrets(incident, facts))
    by_metadata = [finding for one in asked for finding in _by_metadata(one, incident)]
    yield from by_metadata
    with_keys = [one for one in asked if one.to.json_key]
    if incident.symptom is _CAUSE and not by_metadata:
        yield from _by_message(with_keys, incident, facts)
    elif incident.symptom is not _CAUSE:
        for one in with_keys:
            if isinstance(one.stored, Known):
                key = f"whether {one.to.arn} has the key {one.to.json_key}"
                yield NotChecked(_CAUSE, f"{key}: the values of secrets are never read")


def _by_metadata(asked: Asked, incident: Incident) -> Iterator[Finding]:
    stored = asked.stored
    if not isinstance(stored, Known) or stored.value.deleted_at:
        return
    stage, version, key = asked.to.version_stage, asked.to.version_id, asked.to.json_key
    listed = "; ".join(f"{one}: {', '.join(stages)}" for one, stages in stored.value.versions.items()) or "none"
    if stage and stored.value.versions and not stored.value.has_stage(stage):
        seen = Evidence(stored.source, stored.value.arn, f"no version is {stage} (versions: {listed})")
        yield _finding(asked, f"has no version {stage}", Confidence.CONFIRMED, (seen,), version_stage=stage)
    elif version and version not in stored.value.versions:
        seen = Evidence(
            stored.source, stored.value.arn, f"{version} is not among the versions that have a stage ({listed})"
        )
        sure = Confidence.LIKELY if incident.symptom is _CAUSE else Confidence.POSSIBLE
        yield _finding(asked, f"may have no version {version}", sure, (seen,), version_id=version)
    elif key and stored.value.owning_service == "rds" and key not in _KEYS_OF_RDS:
        seen = Evidence(stored.source, stored.value.arn, "OwningService is rds: username and password are all it holds")
        yield _finding(asked, f"is RDS's own and has no key {key}", Confidence.LIKELY, (seen,), json_key=key)


def _by_message(with_keys: list[Asked], incident: Incident, facts: Facts) -> Iterator[Finding]:
    named = _NAMED_KEY.search(words_of(incident, facts))
    matching = [one for one in with_keys if named and one.to.json_key == named[1].rstrip(".,:;")] or with_keys
    if len(matching) == 1:
        key = matching[0].to.json_key
        yield _finding(
            matching[0], f"has no key {key}, as ECS says", Confidence.LIKELY, (said(incident),), json_key=key
        )
    else:
        yield from one_of(_CAUSE, matching, incident)


def _finding(
    asked: Asked, what: str, confidence: Confidence, evidence: tuple[Evidence, ...], **more: JsonValue
) -> Finding:
    params = asked.params(**more)
    return Finding(
        cause=_CAUSE,
        confidence=confidence,
        summary=f"The secret {asked.to.arn} of container {asked.reference.container} {what}.",
        subject=asked.to.arn,
        phase=asked.reference.phase,
        fix=fix_for(_CAUSE, params),
        params=params,
        evidence=evidence,
    )
