"""Calls that have to fail, made on purpose; and what of them arrives where the product listens."""

import base64
import json
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any

import boto3
from botocore.exceptions import ClientError

from ecs_medic.events.bad_event import BadEventError
from ecs_medic.events.parse import parse
from ecs_medic.ledger import keys
from ecs_medic.ledger.incidents import Occurrence
from ecs_medic.ledger.table import Table
from verify.believed import AGENT_PLACE, EXEC_EVENT, LOGIN_EXPIRY, PUSH_EVENT
from verify.names import LOG_GROUP, NAME, PROBE, STRANGER_ROLE
from verify.place import NotSeenError, Place
from verify.record import EXEC_DELIVERED, PUSH_DELIVERED, Record, Verdict

MINUTES_TO_RUN = 10.0
MINUTES_TO_HEAR = 20.0
MINUTES_TO_ARRIVE = 5.0
NO_TASK = "0" * 32
PLACES = ("/managed-agents/execute-command", "/ecs-execute-command-")

type Event = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Attempt:
    """One call that failed: what was tried, and what the API answered."""

    what: str
    operation: str
    code: str
    message: str
    request_id: str

    def is_told_by(self, event: Event) -> bool:
        """Whether the event is this call's."""
        detail = event.get("detail", {})
        if detail.get("eventName") != self.operation:
            return False
        return bool(detail.get("requestID") == self.request_id or detail.get("errorMessage") == self.message)


def try_exec_at_once(place: Place) -> list[Attempt]:
    """ExecuteCommand where there is no such task, and by a stranger: that takes no task, and works in any case."""
    ecs, stranger = place.client("ecs"), _stranger(place, "ecs")
    return [
        *_attempt("ExecuteCommand", "there is no such task", lambda: _exec(ecs, NO_TASK)),
        *_attempt("ExecuteCommand", "the caller may not", lambda: _exec(stranger, NO_TASK)),
    ]


def try_exec(place: Place, service: str, what: str) -> list[Attempt]:
    """ExecuteCommand on a running task of the service.

    Raises:
        NotSeenError: none came to run.
    """
    ecs = place.client("ecs")
    task = place.until(f"a running task of {service}", lambda: running_task(ecs, service), minutes=MINUTES_TO_RUN)
    return [*_attempt("ExecuteCommand", what, lambda: _exec(ecs, task))]


def try_push(place: Place) -> list[Attempt]:
    """The first two calls of a push, by a stranger."""
    ecr = _stranger(place, "ecr")
    return [
        *_attempt("GetAuthorizationToken", "a login by a stranger", ecr.get_authorization_token),
        *_attempt(
            "InitiateLayerUpload", "a push by a stranger", lambda: ecr.initiate_layer_upload(repositoryName=NAME)
        ),
    ]


def hear(
    place: Place,
    execs: Sequence[Attempt],
    pushes: Sequence[Attempt],
    heard: Callable[[], Iterable[Event]],
    record: Record,
) -> list[Event]:
    """Waits for the events of those calls and notes what came, and what CloudTrail kept of what did not; the events."""
    events: list[Event] = []

    def all_told() -> bool:
        events.extend(heard())
        return all(any(one.is_told_by(event) for event in events) for one in (*execs, *pushes))

    try:
        place.until("the events", all_told, minutes=MINUTES_TO_HEAR, pause=15)
    except NotSeenError as error:
        place.say(str(error))
    for fact, attempts in ((EXEC_EVENT, execs), (PUSH_EVENT, pushes)):
        _judge(place, fact, attempts, events, record)
    return events


def see_delivered(  # noqa: PLR0917 - as `hear`
    place: Place,
    execs: Sequence[Attempt],
    pushes: Sequence[Attempt],
    events: Sequence[Event],
    table: Table,
    record: Record,
) -> None:
    """Notes which of the events that our own rules heard have come to the product's function, as its ledger tells.

    Our rules are wider than the product's: what they hear says nothing of what is delivered to it.
    """
    for fact, attempts in ((EXEC_DELIVERED, execs), (PUSH_DELIVERED, pushes)):
        ours = [(one.what, event) for one in attempts for event in events if one.is_told_by(event)]
        with suppress(NotSeenError):
            place.until(
                "the events in the ledger",
                lambda ours=ours: all(_arrived(table, event) for _, event in ours),  # type: ignore[misc]
                minutes=MINUTES_TO_ARRIVE,
            )
        came = {what: _arrived(table, event) for what, event in ours}
        words = ". ".join(f"{what}: {'in' if there else 'not in'} the ledger" for what, there in came.items())
        verdict = Verdict.SEEN if all(came.values()) else Verdict.OTHERWISE
        record.saw(fact, verdict if came else Verdict.NOT_SEEN, words or "no event was heard of")


def see_login(place: Place, record: Record) -> None:
    """Whether the token of an ECR login says when it expires. The token itself is written down nowhere."""
    answer = place.client("ecr").get_authorization_token()["authorizationData"][0]
    password = base64.b64decode(answer["authorizationToken"]).decode().partition(":")[2]
    try:
        payload = json.loads(base64.b64decode(password))
    except ValueError:
        payload = None
    fields = sorted(payload) if isinstance(payload, dict) else []
    if "expiration" not in fields:
        record.saw(LOGIN_EXPIRY, Verdict.OTHERWISE, "the token holds no field `expiration`", {"fields": fields})
        return
    difference = abs(int(payload["expiration"]) - answer["expiresAt"].timestamp())
    words = f"the token's `expiration` differs from `expiresAt` by {difference:.0f} s"
    record.saw(LOGIN_EXPIRY, Verdict.SEEN if difference < 60 else Verdict.OTHERWISE, words, {"fields": fields})


def see_agent(place: Place, record: Record) -> None:
    """Where the agent of ECS Exec is in a container, as the probe has listed it into its log."""
    lines = place.until("the probe's listing", lambda: _listing(place), minutes=5)
    found = [place_ for place_ in PLACES if any(line.startswith(place_) for line in lines)]
    words = f"found: {', '.join(found) or 'neither'}"
    record.saw(AGENT_PLACE, Verdict.SEEN if found else Verdict.OTHERWISE, words, {"listed": lines})


def _judge(place: Place, fact: str, attempts: Sequence[Attempt], events: Sequence[Event], record: Record) -> None:
    words, verdicts = [], []
    for one in attempts:
        event = next((event for event in events if one.is_told_by(event)), None)
        said, verdict = _of_event(event) if event else _of_history(place, one)
        words.append(f"{one.what}: the API said {one.code}; {said}")
        verdicts.append(verdict)
    if not attempts:
        words, verdicts = ["no call was refused"], [Verdict.NOT_SEEN]
    order = (Verdict.OTHERWISE, Verdict.NOT_SEEN, Verdict.SEEN)
    verdict = next(one for one in order if one in verdicts)
    evidence = {"attempts": [asdict(one) for one in attempts], "events": [e for e in events if _of(attempts, e)]}
    record.saw(fact, verdict, ". ".join(words), evidence)


def _arrived(table: Table, event: Event) -> bool:
    """Whether the function has counted this very event."""
    try:
        occurrence = Occurrence.of(parse(event))
    except BadEventError:
        return False
    return table.get(keys.event(occurrence.event_key)) is not None


def _of(attempts: Sequence[Attempt], event: Event) -> bool:
    return event.get("detail", {}).get("eventName") in {one.operation for one in attempts}


def _of_event(event: Event) -> tuple[str, Verdict]:
    code = event["detail"].get("errorCode")
    if not code:
        return "its event has no errorCode, so that the product's rule does not match it", Verdict.OTHERWISE
    try:
        incident = parse(event)
    except BadEventError as error:
        return f"its event has errorCode {code}, and the product cannot read it: {error}", Verdict.OTHERWISE
    return f"its event has errorCode {code}, and is read as {incident.symptom.value}", Verdict.SEEN


def _of_history(place: Place, one: Attempt) -> tuple[str, Verdict]:
    looked_up = [{"AttributeKey": "EventName", "AttributeValue": one.operation}]
    try:
        kept = place.client("cloudtrail").lookup_events(LookupAttributes=looked_up, MaxResults=50)["Events"]
    except ClientError as error:
        return f"no event came, and CloudTrail's history could not be read ({error})", Verdict.NOT_SEEN
    if any(one.is_told_by({"detail": json.loads(event["CloudTrailEvent"])}) for event in kept):
        return "CloudTrail recorded it, and EventBridge delivered no event", Verdict.OTHERWISE
    return "neither EventBridge nor CloudTrail's history had it yet", Verdict.NOT_SEEN


def _attempt(operation: str, what: str, call: Callable[[], object]) -> Iterable[Attempt]:
    """The refusal; nothing where the call went through."""
    try:
        call()
    except ClientError as error:
        told = error.response["Error"]
        request_id = error.response["ResponseMetadata"].get("RequestId", "")
        yield Attempt(what, operation, told["Code"], told.get("Message", ""), request_id)


def _exec(ecs: Any, task: str) -> object:
    return ecs.execute_command(cluster=NAME, task=task, container="app", interactive=True, command="/bin/true")


def running_task(ecs: Any, service: str) -> str | None:
    """ARN of a running task; ECS gives it an hour of history, so it has to be asked for its state."""
    arns = ecs.list_tasks(cluster=NAME, serviceName=service)["taskArns"]
    tasks = ecs.describe_tasks(cluster=NAME, tasks=arns)["tasks"] if arns else []
    return next((task["taskArn"] for task in tasks if task["lastStatus"] == "RUNNING"), None)


def _stranger(place: Place, service: str) -> Any:
    partition = place.client("sts").get_caller_identity()["Arn"].split(":")[1]
    role = f"arn:{partition}:iam::{place.account}:role/{STRANGER_ROLE}"
    taken = place.client("sts").assume_role(RoleArn=role, RoleSessionName="verify")["Credentials"]
    session: Any = boto3.session.Session(
        aws_access_key_id=taken["AccessKeyId"],
        aws_secret_access_key=taken["SecretAccessKey"],
        aws_session_token=taken["SessionToken"],
        region_name=place.region,
    )
    return session.client(service)


def _listing(place: Place) -> list[str] | None:
    logs = place.client("logs")
    found = logs.filter_log_events(logGroupName=LOG_GROUP, logStreamNamePrefix=PROBE)["events"]
    lines = [event["message"] for event in found]
    return lines if "listed" in lines else None
