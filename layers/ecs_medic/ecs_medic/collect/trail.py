"""Whether failed ECS Exec calls can be alerted at all: they reach EventBridge only through a CloudTrail trail.

Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html
"""

from collections.abc import Mapping

from ecs_medic.aws.call import Call
from ecs_medic.aws.reader import Answer, Reader
from ecs_medic.facts.fact import Fact, Known, Unknown
from ecs_medic.facts.reading import Json, flag, mappings, text, texts
from ecs_medic.finding import NotChecked

_CHECK = "alerts of failed ECS Exec calls"


def check_of_exec_alerts(reader: Reader) -> NotChecked | None:
    """None where a trail of this Region logs management events that write; else why such alerts may never come.

    Raises:
        AwsUnavailable: the credentials are missing, expired or refused.
    """
    trails = reader.read("cloudtrail", "DescribeTrails", {"includeShadowTrails": True})
    if not isinstance(trails, Known):
        return _not_read(trails)
    arns = [arn for trail in mappings(trails.value, "trailList") if (arn := text(trail, "TrailARN")) is not None]
    answers = reader.together(
        {
            **{("status", arn): Call("cloudtrail", "GetTrailStatus", {"Name": arn}) for arn in arns},
            **{("selectors", arn): Call("cloudtrail", "GetEventSelectors", {"TrailName": arn}) for arn in arns},
        }
    )
    if any(_logs_writes(answers[("status", arn)], answers[("selectors", arn)]) for arn in arns):
        return None
    unread = next((answer for answer in answers.values() if isinstance(answer, Unknown)), None)
    if unread is not None:
        return _not_read(unread)
    return NotChecked(
        _CHECK,
        f"no CloudTrail trail logs management events in {reader.region}: failed ECS Exec calls raise no alert here",
    )


def _logs_writes(status: Fact[Answer], selectors: Fact[Answer]) -> bool:
    if not (isinstance(status, Known) and isinstance(selectors, Known)):
        return False
    if flag(status.value, "IsLogging") is not True:
        return False
    plain = mappings(selectors.value, "EventSelectors")
    if any(_plain_covers(selector) for selector in plain):
        return True
    return any(_advanced_covers(selector) for selector in mappings(selectors.value, "AdvancedEventSelectors"))


def _plain_covers(selector: Json) -> bool:
    wanted = flag(selector, "IncludeManagementEvents") is not False
    return wanted and (text(selector, "ReadWriteType") or "All") in {"All", "WriteOnly"}


def _advanced_covers(selector: Json) -> bool:
    wanted: Mapping[str, tuple[str, ...]] = {
        text(field, "Field") or "": texts(field, "Equals") for field in mappings(selector, "FieldSelectors")
    }
    excluded = "ecs.amazonaws.com" in {
        source
        for field in mappings(selector, "FieldSelectors")
        if text(field, "Field") == "eventSource"
        for source in texts(field, "NotEquals")
    }
    return "Management" in wanted.get("eventCategory", ()) and "true" not in wanted.get("readOnly", ()) and not excluded


def _not_read(answer: Fact[Answer]) -> NotChecked:
    if isinstance(answer, Unknown):
        return NotChecked(_CHECK, answer.reason, answer.missing_permission)
    return NotChecked(_CHECK, "CloudTrail names no trail")
