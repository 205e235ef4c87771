"""The key that encrypts ECS Exec sessions, where the cluster names it by an alias.

No policy can name an alias as its resource: what a role may do with the key is asked about the key itself.
Source: https://docs.aws.amazon.com/kms/latest/developerguide/alias-authorization.html
"""

from ecs_medic.aws.call import Call
from ecs_medic.catalogue.lookup import candidates
from ecs_medic.collect.question import Answers, Questions
from ecs_medic.facts import Facts
from ecs_medic.incident import Incident
from ecs_medic.needs.exec import is_alias, session_key
from ecs_medic.vocabulary import Id

_CAUSES = frozenset({Id.EXEC_TASK_ROLE_LACKS_KMS, Id.EXEC_CALLER_LACKS_KMS})


def questions(incident: Incident, facts: Facts) -> Questions:
    """Which key the alias stands for, where the key can be behind what failed."""
    arn = session_key(facts)
    if arn is None or not is_alias(arn) or not _CAUSES & set(candidates(incident.symptom)):
        return {}
    return {("key", arn): Call("kms", "DescribeKey", {"KeyId": arn}, arn.split(":")[3])}


def is_coming(incident: Incident, facts: Facts, answers: Answers) -> bool:
    """Whether KMS has yet to say which key it is, which a simulation is asked about."""
    return any(key not in answers for key in questions(incident, facts))
