"""ECS could not create the task's EBS volume, or not attach it; the attachment itself says why.

Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/troubleshoot-ebs-volumes.html
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from ecs_medic.catalogue.fix import fix_for
from ecs_medic.facts import Facts
from ecs_medic.facts.ecs import Attachment
from ecs_medic.facts.fact import Known
from ecs_medic.finding import Evidence, Finding, JsonValue, NotChecked, Outcome, Phase, RuledOut
from ecs_medic.incident import Incident
from ecs_medic.needs.volumes import volumes_of
from ecs_medic.rules.run.ended import shown, task_not_read
from ecs_medic.rules.storage.infrastructure_role import judged
from ecs_medic.vocabulary import Id

_CAUSE = Id.EBS_ATTACH_FAILED
_ROLE = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]+")
_ACTION = re.compile(r"\b(?:ec2|kms|sts):[A-Z][A-Za-z]+")


def ebs_attach_failed(incident: Incident, facts: Facts) -> Iterable[Outcome]:
    """Certain where DescribeTasks shows the attachment with its reason, or the role's policies what it may not do."""
    yield from task_not_read(_CAUSE, facts)
    volumes = volumes_of(facts.task.value) if isinstance(facts.task, Known) else ()
    failed = [one for one in volumes if one.details.get("statusReason")]
    attached = bool(volumes) and all((one.status or "").upper() == "ATTACHED" for one in volumes)
    if attached and not failed:
        seen = (Evidence(facts.task.source, one.details.get("volumeId", "volume"), "ATTACHED") for one in volumes)
        yield RuledOut(_CAUSE, tuple(seen))
        return
    by_role = list(judged(incident, facts))
    denials = [one for one in by_role if isinstance(one, Finding)]
    allowed = tuple(seen for one in by_role if isinstance(one, RuledOut) for seen in one.evidence)
    for attachment in failed:
        yield _beside(_finding(attachment, incident, facts), denials, allowed)
    if not failed:
        yield from denials
    yield from (one for one in by_role if isinstance(one, NotChecked))


def _beside(finding: Finding, denials: Sequence[Finding], allowed: tuple[Evidence, ...]) -> Finding:
    """The attachment's own reason, with what is known of the role that was to be used: one finding for one fault."""
    denial = next((one for one in denials if finding.params.get("role_arn", one.subject) == one.subject), None)
    if denial is None:
        return replace(finding, evidence=(*finding.evidence, *allowed))
    return replace(
        finding,
        summary=f"{finding.summary.rstrip('.')}. {denial.summary}",
        fix=denial.fix,
        params={**denial.params, **finding.params},
        evidence=(*finding.evidence, *denial.evidence),
    )


def _finding(attachment: Attachment, incident: Incident, facts: Facts) -> Finding:
    reason = attachment.details["statusReason"]
    params: dict[str, JsonValue] = {
        "task_arn": incident.task_arn,
        "cluster": incident.cluster,
        "service": incident.service,
        "region": incident.region,
        "status_reason": reason,
    }
    for name, key in (("volume", "volumeName"), ("volume_id", "volumeId"), ("role_arn", "roleArn")):
        if value := attachment.details.get(key):
            params[name] = value
    if "role_arn" not in params and (role := _ROLE.search(reason)):
        params["role_arn"] = role[0]
    if actions := list(dict.fromkeys(_ACTION.findall(reason))):
        params["actions"] = list(actions)
    subject = str(params.get("volume_id") or params.get("volume") or incident.task_arn or incident.cluster)
    return Finding(
        cause=_CAUSE,
        confidence=shown(facts),
        summary=f"The task's EBS volume {params.get('volume', '')} could not be attached: {reason}".replace("  ", " "),
        subject=subject,
        phase=Phase.STORAGE,
        fix=fix_for(_CAUSE, params),
        params={name: value for name, value in params.items() if value is not None},
        evidence=(Evidence(facts.task.source, subject, f"attachment {attachment.status}: {reason}"),),
    )
