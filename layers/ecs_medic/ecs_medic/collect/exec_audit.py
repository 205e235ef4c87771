"""What the log of ECS Exec sessions goes to, and what the task role may do there.

Sources: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketEncryption.html and
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogGroups.html
"""

from ecs_medic.aws.call import Call
from ecs_medic.aws.reader import Answer
from ecs_medic.catalogue.lookup import candidates
from ecs_medic.collect import roles
from ecs_medic.collect.iam import simulation_from_answer
from ecs_medic.collect.logs import log_group_from_answer
from ecs_medic.collect.question import Answers, Questions, answer_to
from ecs_medic.facts import Facts
from ecs_medic.facts.exec_audit import AuditBucket
from ecs_medic.facts.fact import NOT_READ, Absent, Fact, Known
from ecs_medic.facts.logs import LogGroup
from ecs_medic.facts.reading import mapping, mappings, text
from ecs_medic.incident import Incident
from ecs_medic.needs.exec import AuditTarget, audit_targets, session_role
from ecs_medic.vocabulary import Id

_CAUSES = frozenset({Id.EXEC_AUDIT_TARGET_DENIED, Id.EXEC_AUDIT_TARGET_UNENCRYPTED})
_NO_ENCRYPTION = "ServerSideEncryptionConfigurationNotFoundError"
_PAGE = 50


def questions(incident: Incident, facts: Facts, answers: Answers) -> Questions:
    """The log group and the bucket that the cluster names, where their state can be behind what failed."""
    if not _CAUSES & set(candidates(incident.symptom)):
        return {}
    targets = audit_targets(facts)
    asked: Questions = {}
    for target in targets:
        if target.is_bucket:
            asked["audit_bucket", target.name] = Call("s3", "GetBucketEncryption", {"Bucket": target.name})
        else:
            # A definition's own log group of that name is the same question.
            asked["log_group", facts.region, target.name] = Call(
                "logs",
                "DescribeLogGroups",
                {"logGroupNamePrefix": target.name, "limit": _PAGE},
                region=facts.region,
            )
    role = session_role(facts)
    if targets and role and role.split(":")[4:5] == [facts.account]:
        asked |= _role_questions(role, targets, answers)
    return asked


def log_groups_from(facts: Facts, answers: Answers) -> dict[tuple[str, str], Fact[LogGroup]]:
    """The log group of sessions, where it was asked for."""
    return {
        (facts.region, target.name): log_group_from_answer(answer, target.name, facts.region)
        for target in audit_targets(facts)
        if (answer := answer_to(answers, "log_group", facts.region, target.name)) is not NOT_READ
    }


def bucket_from(answers: Answers) -> Fact[AuditBucket]:
    """The bucket of sessions; absent where S3 knows none of that name."""
    return next((_bucket(key[1], answer) for key, answer in answers.items() if key[0] == "audit_bucket"), NOT_READ)


def _bucket(name: str, answer: Fact[Answer]) -> Fact[AuditBucket]:
    if isinstance(answer, Absent) and _NO_ENCRYPTION in answer.detail:
        return Known(AuditBucket(name), answer.source)
    if not isinstance(answer, Known):
        return answer
    rules = mappings(mapping(answer.value, "ServerSideEncryptionConfiguration"), "Rules")
    algorithms = [text(mapping(rule, "ApplyServerSideEncryptionByDefault"), "SSEAlgorithm") for rule in rules]
    return Known(AuditBucket(name, next((one for one in algorithms if one), None)), answer.source)


def _role_questions(role: str, targets: tuple[AuditTarget, ...], answers: Answers) -> Questions:
    """One simulation for all of them, with the names of the policies: those are read where it does not allow all."""
    calls = tuple(dict.fromkeys(call for target in targets for call in target.calls))
    key = ("more_simulation", role, "exec_audit")
    asked: Questions = {
        key: Call(
            "iam",
            "SimulatePrincipalPolicy",
            {
                "PolicySourceArn": role,
                "ActionNames": sorted({action for action, _ in calls}),
                "ResourceArns": sorted({resource for _, resource in calls}),
            },
            items="EvaluationResults",
        ),
        **roles.list_questions([role]),
    }
    simulation = simulation_from_answer(answers[key]) if key in answers else NOT_READ
    allowed = isinstance(simulation, Known) and all(
        (result := simulation.value.get(action.lower())) is not None and result.allows(resource)
        for action, resource in calls
    )
    if key in answers and not allowed:
        asked |= roles.policy_questions(role, answers)
    return asked
