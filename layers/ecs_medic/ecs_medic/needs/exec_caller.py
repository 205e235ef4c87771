"""What whoever opens an ECS Exec session must be allowed.

Sources: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html and
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html
"""

from ecs_medic.facts import Facts
from ecs_medic.facts.fact import Known
from ecs_medic.incident import Incident
from ecs_medic.needs.exec import resolved_key, session_key
from ecs_medic.vocabulary import Id

EXECUTE_COMMAND = "ecs:ExecuteCommand"
GENERATE_DATA_KEY = "kms:GenerateDataKey"


def cluster_arn(incident: Incident, facts: Facts) -> str:
    """ARN of the cluster that the session was for."""
    if isinstance(facts.cluster, Known) and facts.cluster.value.arn:
        return facts.cluster.value.arn
    return f"arn:{incident.partition}:ecs:{incident.region}:{incident.account}:cluster/{incident.cluster}"


def refused_calls(
    incident: Incident, facts: Facts, action: str | None, resource: str | None
) -> tuple[tuple[str, str], ...]:
    """The call that AWS says it refused; what a session takes where its words do not say which.

    ExecuteCommand is authorized twice: on the cluster, and on the task.
    """
    if action and resource:
        return ((action, resource),)
    action = action or EXECUTE_COMMAND
    if action != EXECUTE_COMMAND:
        return ((action, "*"),)
    task = facts.task.value.arn if isinstance(facts.task, Known) else incident.task_arn
    return tuple((action, arn) for arn in (cluster_arn(incident, facts), task) if arn)


def key_calls(facts: Facts) -> tuple[tuple[str, str], ...]:
    """The data key that the caller makes of the cluster's session key; none where no key is named or known."""
    arn = session_key(facts)
    key = resolved_key(arn, facts.encryption_keys) if arn else None
    return ((GENERATE_DATA_KEY, key),) if key else ()


def is_refused(incident: Incident) -> bool:
    """Whether AWS has refused the caller."""
    return incident.symptom is Id.EXEC_CALLER_DENIED
