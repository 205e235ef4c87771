"""Create the log group that a task definition names, with a retention; it is taken back only while it is empty.

Source: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html
"""

from ecs_medic.facts.fact import Known, Unknown
from ecs_medic.facts.reading import Json, text
from ecs_medic.plan import Action, Change
from ecs_medic.remedies.journal import Seen, TakingBack, Write, carry_out, take_back
from ecs_medic.remedies.looking import listed
from ecs_medic.remedies.params import number
from ecs_medic.remedies.params import text as text_of
from ecs_medic.remedies.receipt import Receipt, Stage
from ecs_medic.remedies.remedy import Grant, Remedy
from ecs_medic.remedies.run import RUN_TAG, Run

_GROUP, _RETENTION = "log_group", "retention"
DEFAULT_RETENTION_DAYS = 30


def apply(change: Change, run: Run, receipt: Receipt) -> Receipt:
    """A group that somebody else has made by now keeps its own retention."""
    name, region = text_of(change.params, "log_group"), text_of(change.params, "log_region")
    receipt = carry_out(
        Write(
            name=_GROUP,
            service="logs",
            operation="CreateLogGroup",
            params={"logGroupName": name, "tags": run.tags()},
            resource=name,
            look=lambda: _seen(name, region, run),
            region=region,
        ),
        receipt,
        run,
    )
    created = receipt.step(_GROUP)
    if created is None or created.stage is not Stage.DONE:
        return receipt
    days = number(change.params, "retention_days", DEFAULT_RETENTION_DAYS)
    return carry_out(
        Write(
            name=_RETENTION,
            service="logs",
            operation="PutRetentionPolicy",
            params={"logGroupName": name, "retentionInDays": days},
            resource=name,
            look=lambda: _retention(name, region, days, run),
            region=region,
        ),
        receipt,
        run,
    )


def undo(receipt: Receipt, run: Run) -> Receipt:
    """The group goes with its retention, unless something has been written to it."""
    params = receipt.change.params
    name, region = text_of(params, "log_group"), text_of(params, "log_region")
    receipt = take_back(
        TakingBack(
            step=_GROUP,
            service="logs",
            operation="DeleteLogGroup",
            params={"logGroupName": name},
            look=lambda: _ours(name, region, run),
            keep=lambda: _why_keep(name, region, run),
            region=region,
        ),
        receipt,
        run,
    )
    group = receipt.step(_GROUP)
    if group is None or group.stage is Stage.UNDOING or receipt.step(_RETENTION) is None:
        return receipt
    return take_back(
        TakingBack(
            step=_RETENTION,
            service="logs",
            operation="DeleteRetentionPolicy",
            params={"logGroupName": name},
            look=lambda: _ours(name, region, run),
            keep=lambda: "its log group stays",
            region=region,
        ),
        receipt,
        run,
    )


def _group(name: str, region: str, run: Run) -> Json | Unknown | None:
    params = {"logGroupNamePrefix": name}
    found = listed(run.reader, "logs", "DescribeLogGroups", params, "logGroups", region=region)
    if isinstance(found, Unknown):
        return found
    return next((one for one in found if text(one, "logGroupName") == name), None)


def _seen(name: str, region: str, run: Run) -> Seen | Unknown:
    found = _group(name, region, run)
    if isinstance(found, Unknown):
        return found
    if found is None:
        return Seen(so=False)
    tags = _tags(found, region, run)
    return Seen(so=True, made={"log_group": name}, run_id=tags.get(RUN_TAG) if tags else None, marked=tags is not None)


def _ours(name: str, region: str, run: Run) -> Seen | Unknown:
    found = _group(name, region, run)
    if isinstance(found, Unknown):
        return found
    if found is None:
        return Seen(so=False)
    tags = _tags(found, region, run)
    if tags is None:
        return Unknown("logs:ListTagsForResource", "whether this run has made it cannot be told")
    return Seen(so=tags.get(RUN_TAG) == run.id)


def _tags(found: Json, region: str, run: Run) -> dict[str, str] | None:
    """The group's tags; None where they could not be read."""
    arn = text(found, "logGroupArn") or (text(found, "arn") or "").removesuffix(":*")
    answer = run.reader.read("logs", "ListTagsForResource", {"resourceArn": arn}, region=region)
    if not isinstance(answer, Known):
        return None
    return {str(key): str(value) for key, value in (answer.value.get("tags") or {}).items()}


def _retention(name: str, region: str, days: int, run: Run) -> Seen | Unknown:
    found = _group(name, region, run)
    if isinstance(found, Unknown):
        return found
    present = found.get("retentionInDays") if found else None
    return Seen(so=present == days, marked=False)


def _why_keep(name: str, region: str, run: Run) -> str | None:
    params = {"logGroupName": name, "limit": 1}
    answer = run.reader.read("logs", "DescribeLogStreams", params, region=region)
    if not isinstance(answer, Known):
        return f"whether {name} is empty could not be read"
    return f"{name} holds log streams by now" if answer.value.get("logStreams") else None


_ARN = "arn:{partition}:logs:*:{account}:log-group:*"

REMEDY = Remedy(
    action=Action.CREATE_LOG_GROUP,
    grants=(
        Grant(
            ("logs:CreateLogGroup", "logs:TagResource"),
            (_ARN,),
            {"Null": {f"aws:RequestTag/{RUN_TAG}": "false"}},
        ),
        Grant(
            ("logs:PutRetentionPolicy", "logs:DeleteRetentionPolicy", "logs:DeleteLogGroup"),
            (_ARN,),
            {"Null": {f"aws:ResourceTag/{RUN_TAG}": "false"}},
        ),
        Grant(("logs:DescribeLogGroups", "logs:DescribeLogStreams", "logs:ListTagsForResource")),
    ),
    apply=apply,
    undo=undo,
)
