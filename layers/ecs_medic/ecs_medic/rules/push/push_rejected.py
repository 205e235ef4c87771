"""The registry does not accept what was pushed: mostly a tag that exists already where tags are immutable.

Source: https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html
"""

from collections.abc import Iterable
from dataclasses import replace

from ecs_medic.facts import Facts
from ecs_medic.facts.fact import NOT_READ, Known, Unknown
from ecs_medic.finding import Confidence, Evidence, NotChecked, Outcome, Phase, RuledOut
from ecs_medic.incident import Incident
from ecs_medic.needs.push import pushed_to
from ecs_medic.rules.push.about import push_params
from ecs_medic.rules.reported import reported
from ecs_medic.symptoms.push_details import push_detail
from ecs_medic.vocabulary import Id

_CAUSE = Id.PUSH_REJECTED
_TAG_EXISTS = "ImageTagAlreadyExistsException"
_MUTABLE = "MUTABLE"


def push_rejected(incident: Incident, facts: Facts) -> Iterable[Outcome]:
    """Certain where the message says that the tag exists and the repository's tags are immutable indeed."""
    identifier = pushed_to(incident)
    if incident.symptom is not _CAUSE or incident.refused_call is None:
        return
    message = incident.message
    detail = push_detail(_CAUSE, message.stopped_reason) or push_detail(_CAUSE, message.error_code)
    summary = f"ECR refused {incident.refused_call.action}{f' for {identifier.name}' if identifier else ''}."
    found = next(iter(reported(_CAUSE, incident, phase=Phase.IMAGE, summary=summary, params=push_params(incident))))
    subject = identifier.arn(incident.partition) if identifier else incident.refused_call.action
    evidence = tuple(replace(one, resource=subject) for one in found.evidence)
    fix = replace(found.fix, summary=detail, steps=()) if detail else found.fix
    found = replace(found, subject=subject, evidence=evidence, fix=fix)
    if identifier is None or (message.error_code or "").rpartition(".")[2] != _TAG_EXISTS:
        yield found
        return
    mutability = facts.repository(identifier).tag_mutability
    tag = f" {incident.refused_call.tag}" if incident.refused_call.tag else ""
    found = replace(found, summary=f"{identifier.name} has the tag{tag} already, and its tags are immutable.")
    if not isinstance(mutability, Known):
        yield found
        if isinstance(mutability, Unknown) and mutability is not NOT_READ:
            check = f"{_CAUSE}: whether the repository's tags are immutable"
            yield NotChecked(check, mutability.reason, mutability.missing_permission)
        return
    seen = Evidence(mutability.source, subject, f"imageTagMutability {mutability.value}")
    if mutability.value == _MUTABLE:
        yield RuledOut(_CAUSE, (seen,))
        return
    yield replace(found, confidence=Confidence.CONFIRMED, evidence=(*found.evidence, seen))
