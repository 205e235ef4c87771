"""Calls of ECS that their caller may not make, as CloudTrail records them: UpdateService, RunTask and the like.

Sources: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/logging-using-cloudtrail.html and, for the
condition keys, https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html
"""

from collections.abc import Mapping

from ecs_medic.events.arn import cluster_name, cluster_of, service_name
from ecs_medic.events.envelope import Envelope
from ecs_medic.events.exec_call import execute_command_call
from ecs_medic.events.trail_call import TrailCall, refused_call, trail_call
from ecs_medic.incident import Incident, Kind, Message, SymptomConfidence
from ecs_medic.partition import partition_of
from ecs_medic.policies.refusal import refusal_in
from ecs_medic.symptoms.recognise import recognise
from ecs_medic.vocabulary import Id

_REFUSALS = frozenset({Id.CALLER_DENIED, Id.EXEC_CALLER_DENIED})


def ecs_call(envelope: Envelope) -> Incident:
    """The incident of a call that its caller may not make. A call that failed otherwise is the caller's own affair.

    ExecuteCommand is read as a session that failed, whatever the reason.

    Raises:
        BadEventError: the call's name is missing, or a field has another type.
    """
    detail = trail_call(envelope)
    if detail.event_name == "ExecuteCommand":
        return execute_command_call(envelope)
    message = Message(kind=Kind.API_CALL, stopped_reason=detail.error_message, error_code=detail.error_code)
    recognition = recognise(message)
    refused = detail.error_code is not None and recognition.symptom in _REFUSALS
    refusal = refusal_in(detail.error_message)
    resource = (refusal.resource if refusal else None) or ""
    cluster = _cluster(detail, resource)
    return Incident(
        kind=Kind.API_CALL,
        account=envelope.account,
        region=envelope.region,
        partition=partition_of(envelope.region, resource or detail.caller_arn),
        cluster=cluster,
        symptom=Id.CALLER_DENIED if refused else Id.NORMAL_OPERATION,
        symptom_confidence=recognition.confidence if refused else SymptomConfidence.CERTAIN,
        message=message,
        occurred_at=envelope.time,
        service=_service(detail, resource),
        task_definition_arn=_task_definition(detail, resource),
        event_key=detail.event_id or envelope.id,
        refused_call=refused_call(
            detail,
            "ecs",
            context=_context(detail, cluster, envelope),
        ),
    )


def _cluster(detail: TrailCall, resource: str) -> str:
    """The name of the cluster that the request or AWS's words name; nothing where neither does.

    The default cluster is never assumed: CloudTrail leaves the parameters of most refused calls out.
    """
    if named := detail.asked("cluster"):
        return cluster_name(named)
    if ":cluster/" in resource:
        return cluster_name(resource)
    if any(f":{kind}/" in resource for kind in ("service", "task", "task-set", "container-instance")):
        return cluster_of(resource) or ""
    return ""


def _service(detail: TrailCall, resource: str) -> str | None:
    if named := detail.asked("service") or detail.asked("serviceName"):
        return service_name(named)
    named = service_name(resource) if ":service/" in resource else "*"
    return None if "*" in named else named


def _task_definition(detail: TrailCall, resource: str) -> str | None:
    """What `family:revision` is read from; a family alone stands for all its revisions."""
    if ":task-definition/" in resource:
        return resource if not resource.endswith("/*") else None
    return detail.asked("taskDefinition") or detail.asked("family")


def _context(detail: TrailCall, cluster: str, envelope: Envelope) -> Mapping[str, str]:
    """The condition keys that the request is known to have carried."""
    known: dict[str, str] = {}
    own = f"arn:{partition_of(envelope.region)}:ecs:{envelope.region}:{envelope.account}"
    if cluster:
        known["ecs:cluster"] = f"{own}:cluster/{cluster}"
    asked = detail.request_parameters or {}
    enable = asked.get("enableExecuteCommand")
    if isinstance(enable, bool):
        known["ecs:enable-execute-command"] = str(enable).lower()
    tags = asked.get("tags")
    for tag in tags if isinstance(tags, list) else ():
        if isinstance(tag, Mapping) and isinstance(tag.get("key"), str) and isinstance(tag.get("value"), str):
            known[f"aws:RequestTag/{tag['key']}"] = tag["value"]
    return known
