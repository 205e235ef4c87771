"""ECS could not create the task's EBS volume, or not attach it; the attachment itself says why.

Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/troubleshoot-ebs-volumes.html
"""

import re
from collections.abc import Iterable

from ecs_medic.catalogue.fix import fix_for
from ecs_medic.facts import Facts
from ecs_medic.facts.ecs import Attachment
from ecs_medic.facts.fact import Known
from ecs_medic.finding import Evidence, Finding, JsonValue, Outcome, Phase, RuledOut
from ecs_medic.incident import Incident
from ecs_medic.rules.run.ended import shown, task_not_read
from ecs_medic.vocabulary import Id

_CAUSE = Id.EBS_ATTACH_FAILED
_TYPE = "amazonelasticblockstorage"
_ROLE = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]+")
_ACTION = re.compile(r"\b(?:ec2|kms|sts):[A-Z][A-Za-z]+")


def ebs_attach_failed(incident: Incident, facts: Facts) -> Iterable[Outcome]:
    """Certain where DescribeTasks shows the attachment with its reason."""
    yield from task_not_read(_CAUSE, facts)
    if not isinstance(facts.task, Known):
        return
    volumes = [one for one in facts.task.value.attachments if one.type.lower() == _TYPE]
    failed = [one for one in volumes if one.details.get("statusReason")]
    for attachment in failed:
        yield _finding(attachment, incident, facts)
    if volumes and not failed and all((one.status or "").upper() == "ATTACHED" for one in volumes):
        yield RuledOut(
            _CAUSE,
            tuple(Evidence(facts.task.source, one.details.get("volumeId", "volume"), "ATTACHED") for one in volumes),
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
