"""What changed before the failure: the task definition since its last revision, and the guilty resource by CloudTrail.

These reads come last, and only as far as the bound of a diagnosis leaves room for them. A read that is refused is told
and takes nothing from the verdict.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from ecs_medic.aws.call import Call
from ecs_medic.aws.reader import Answer, Reader
from ecs_medic.collect.definition_changes import differences
from ecs_medic.collect.ecs import task_definition_from_answer
from ecs_medic.collect.question import Answers, Key, Questions, answer_to
from ecs_medic.collect.trail_lookups import Lookup, lookups_for, stop_of
from ecs_medic.facts import Facts
from ecs_medic.facts.change import Changed, ChangeKind
from ecs_medic.facts.ecs import TaskDefinition
from ecs_medic.facts.fact import NOT_READ, Fact, Known, Unknown
from ecs_medic.facts.reading import Json, mapping, mappings, moment, text
from ecs_medic.finding import Confidence, Evidence, Finding, NotChecked
from ecs_medic.incident import Incident
from ecs_medic.needs.carriers import carriers

_MOST_LOOKUPS = 3
"""CloudTrail answers two a second."""
_MOST_EVENTS = 5
_LOOKS_BACK = timedelta(days=7)
_EVENTS_A_PAGE = 50
_CHECK = "what changed"
_NO_ROOM = "not asked: what a diagnosis may read at most was needed for the verdict itself"
_STOPPED = timedelta(minutes=10)
_READS = ("Describe", "Get", "List", "Lookup", "BatchGet", "BatchCheck", "Head", "Simulate", "Assume")
_MAKES = ("Create", "Run", "Register")
"""What a resource begins with changes nothing about it."""

type _Changes = tuple[tuple[Changed, ...], tuple[NotChecked, ...]]


def questions(
    incident: Incident, findings: Sequence[Finding], facts: Facts, now: datetime, *, provisional: bool = False
) -> Questions:
    """What to ask CloudTrail about the guilty resource of the first finding, and the last revision that ran.

    While the verdict is `provisional`, one that is merely possible so far is worth a look as well.
    """
    since = min(incident.occurred_at, now) - _LOOKS_BACK
    asked: Questions = {}
    suspects = [_with_its_role(one, facts) for one in findings] if provisional else findings
    for one in _lookups(incident, suspects, provisional=provisional):
        asked[_key(one)] = _question(one, since, now, one.region if one.region != incident.region else None)
    previous = _previous_revision(facts)
    if previous is not None:
        asked[previous_definition_key(previous)] = Call("ecs", "DescribeTaskDefinition", {"taskDefinition": previous})
    return asked


def what_changed(
    incident: Incident, findings: Sequence[Finding], facts: Facts, answers: Answers, now: datetime
) -> _Changes:
    """The changes, newest first and the task definition's last, and what could not be asked.

    Of what was asked for the sake of another resource, before the verdict was settled, nothing is told.
    """
    changed: list[Changed] = []
    gaps: list[NotChecked] = []
    for one in _lookups(incident, findings):
        answer = answer_to(answers, *_key(one))
        changed.extend(_recorded(one, answer))
        gaps.extend(_gaps(answer))
    newest = sorted(dict.fromkeys(changed), key=lambda one: one.at or now, reverse=True)[:_MOST_EVENTS]
    previous = _previous_revision(facts)
    if previous is None:
        return tuple(newest), tuple(dict.fromkeys(gaps))
    answer = answer_to(answers, *previous_definition_key(previous))
    gaps.extend(_gaps(answer) if answer is not NOT_READ else ())
    return (*newest, *_since(facts, answer)), tuple(dict.fromkeys(gaps))


def _lookups(incident: Incident, findings: Sequence[Finding], *, provisional: bool = False) -> tuple[Lookup, ...]:
    verdict = next((one for one in findings if provisional or one.confidence is not Confidence.POSSIBLE), None)
    return tuple(lookups_for(verdict, incident.partition))[:_MOST_LOOKUPS] if verdict else ()


def _with_its_role(finding: Finding, facts: Facts) -> Finding:
    """What the message alone says of the execution role does not name it yet; the task definition does."""
    definition = facts.task_definition
    if not finding.cause.startswith("execution_role_") or "role_arn" in finding.params:
        return finding
    role = carriers(facts, definition.value).execution_role if isinstance(definition, Known) else None
    return replace(finding, params={**finding.params, "role_arn": role})


def _key(lookup: Lookup) -> Key:
    """Without what its answer is searched for: two lookups may share one call."""
    return ("lookup", lookup.attribute, lookup.value, lookup.region or "")


def previous_definition_key(arn: str) -> Key:
    """What the revision is asked for as, that another one is compared with."""
    return ("previous_definition", arn)


def who_stopped(incident: Incident, reader: Reader) -> tuple[str | None, tuple[Evidence, ...], tuple[NotChecked, ...]]:
    """Who called StopTask on the incident's task, as evidence too; nobody where CloudTrail does not show it (yet).

    Raises:
        AwsUnavailable: the credentials are missing, expired or refused.
    """
    if incident.task_arn is None:
        return None, (), ()
    lookup = stop_of(incident.task_arn.rsplit("/", 1)[-1])
    around = (incident.occurred_at - _STOPPED, incident.occurred_at + _STOPPED)
    call = _question(lookup, *around)
    answer = reader.read(call.service, call.operation, call.params)
    for one in _recorded(lookup, answer):
        if one.by:
            when = f" at {one.at:%H:%M:%S UTC}" if one.at else ""
            seen = Evidence(call.name, incident.task_arn, f"{one.what} by {one.by}{when}")
            return f"stopped by {one.by}", (seen,), ()
    if isinstance(answer, Unknown):
        return None, (), (NotChecked("who stopped the task", answer.reason, answer.missing_permission),)
    return None, (), ()


def _question(lookup: Lookup, start: datetime, end: datetime, region: str | None = None) -> Call:
    return Call(
        "cloudtrail",
        "LookupEvents",
        {
            "LookupAttributes": [{"AttributeKey": lookup.attribute, "AttributeValue": lookup.value}],
            "StartTime": start,
            "EndTime": end,
            "MaxResults": _EVENTS_A_PAGE,
        },
        region=region,
    )


def _recorded(lookup: Lookup, answer: Fact[Answer]) -> Iterator[Changed]:
    """The changes among the events; what was refused changed nothing."""
    if not isinstance(answer, Known):
        return
    for event in mappings(answer.value, "Events"):
        name = text(event, "EventName") or ""
        record = _record(event)
        if name.startswith((*_READS, *_MAKES)) or text(record, "errorCode"):
            continue
        parameters = json.dumps(mapping(record, "requestParameters"), default=str)
        if lookup.mentions is not None and lookup.mentions not in parameters:
            continue
        named = [found for one in mappings(event, "Resources") if (found := text(one, "ResourceName"))]
        own = lookup.value if lookup.attribute == "ResourceName" else lookup.mentions
        yield Changed(
            ChangeKind.API_CALL,
            what=name,
            resource=own or ", ".join(named) or lookup.value,
            at=moment(event, "EventTime"),
            by=_who(event, record),
        )


def _record(event: Json) -> Mapping[str, object]:
    try:
        record = json.loads(text(event, "CloudTrailEvent") or "{}")
    except ValueError:
        return {}
    return record if isinstance(record, dict) else {}


def _who(event: Json, record: Json) -> str | None:
    identity = mapping(record, "userIdentity")
    return text(identity, "arn", "invokedBy") or text(event, "Username")


def _previous_revision(facts: Facts) -> str | None:
    """The last revision that ran, as far as the service shows it; else the one before."""
    if not isinstance(facts.task_definition, Known):
        return None
    current = facts.task_definition.value
    if isinstance(facts.service, Known):
        for deployment in facts.service.value.deployments:
            other = deployment.task_definition_arn
            if other and other != current.arn and (deployment.running_count or deployment.rollout_state == "COMPLETED"):
                return other
    if current.revision < 2:
        return None
    return f"{current.arn.rpartition(':')[0]}:{current.revision - 1}"


def _since(facts: Facts, answer: Fact[Answer]) -> Iterator[Changed]:
    if not isinstance(facts.task_definition, Known):
        return
    before = task_definition_from_answer(answer)
    if not isinstance(before, Known):
        return
    after: TaskDefinition = facts.task_definition.value
    for words in differences(before.value, after):
        yield Changed(ChangeKind.TASK_DEFINITION, what=words, resource=f"{before.value.name} → {after.name}")


def _gaps(answer: Fact[Answer]) -> Iterator[NotChecked]:
    if answer is NOT_READ:
        yield NotChecked(_CHECK, _NO_ROOM)
    elif isinstance(answer, Unknown):
        yield NotChecked(_CHECK, answer.reason, answer.missing_permission)
