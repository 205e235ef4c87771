"""Whether an incident is over: the same rule on fresh facts no longer fires, and a new task stays up.

A steady state proves neither: a rollback reaches it too, and so does a task that crashes every twenty minutes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from ecs_medic.aws.reader import Reader
from ecs_medic.collect import collect
from ecs_medic.collect.service_now import ServiceNow, service_now
from ecs_medic.collect.stopped_tasks import newest_failure, stopped_at
from ecs_medic.facts.ecs import Service, Task
from ecs_medic.facts.fact import Absent, Fact, Known, Unknown
from ecs_medic.finding import Confidence, Finding, RuledOut
from ecs_medic.incident import REFUSED_CALLS, Incident, Kind, Message
from ecs_medic.rules.judge import Judgement, judge
from ecs_medic.vocabulary import Id

SHORTEST_QUIET = timedelta(minutes=3)
LONGEST_QUIET = timedelta(hours=1)
_MOST_PROOFS = 4
_SHOWN = frozenset({Confidence.CONFIRMED, Confidence.LIKELY})
_OLD_WORDS = "event"
"""The source of evidence that cannot have changed: what AWS said when it failed."""
_OF_THE_TASK = frozenset({_OLD_WORDS, "logs:GetLogEvents"})
_MOST_LOOKED_AT = 100


@dataclass(frozen=True, slots=True)
class Past:
    """What is remembered of the incident: its cause, its last event, and how long the service held out between two.

    `longest_gap` is the longest time between two of its events, `lived` how long the task ran that failed first.
    `shown_by` are the calls that showed the cause. `shortest_quiet` is how long a task must stay up at the least.
    """

    cause: Id | None
    last_failure: datetime
    longest_gap: timedelta = timedelta()
    lived: timedelta = timedelta()
    shown_by: frozenset[str] = frozenset()
    shortest_quiet: timedelta = SHORTEST_QUIET

    @property
    def lies_in_the_task(self) -> bool:
        """Whether it showed in the task alone, so that a task which stays up is all there is to see."""
        return bool(self.shown_by) and all(one in _OF_THE_TASK or one.startswith("ecs:") for one in self.shown_by)


def lived(task: Task | None) -> timedelta:
    """How long a task ran until it was stopped; nothing where it never ran, or no end is known."""
    if task is None or task.started_at is None:
        return timedelta()
    end = task.execution_stopped_at or task.stopping_at or task.stopped_at
    return max(end - task.started_at, timedelta()) if end else timedelta()


@dataclass(frozen=True, slots=True)
class Verification:
    """Over or not, in words for the alert.

    `again_at` is when looking again will tell more, None where nobody knows; `for_good`: looking again tells nothing.
    `unread`: it may be over, and what would show it could not be read.
    """

    over: bool
    words: str
    again_at: datetime | None = None
    for_good: bool = False
    unread: bool = False


def quiet_time(past: Past) -> timedelta:
    """How long nothing may have failed, and a task must have run: twice the time for which it held out before."""
    return min(max(2 * past.longest_gap, 2 * past.lived, past.shortest_quiet), LONGEST_QUIET)


def verify(  # noqa: PLR0911 - one return for each thing that settles it
    incident: Incident, past: Past, reader: Reader, now: datetime
) -> Verification:
    """Look at the service again, and judge the incident's cause afresh.

    `incident` is the incident as it was diagnosed, or as much of it as is remembered. Anything that could not be read
    leaves it open.

    Raises:
        AwsUnavailable: the credentials are missing, expired or refused.
    """
    if incident.kind in REFUSED_CALLS:
        return _call_allowed(incident, past, reader, now)
    if incident.service is None:
        words = "A task outside of any service leaves nothing to look at again."
        return Verification(over=False, words=words, for_good=True)
    present = service_now(reader, incident.cluster, incident.service)
    if isinstance(present.service, Absent) or (
        isinstance(present.service, Known) and present.service.value.status == "INACTIVE"
    ):
        words = "The service was deleted: nothing shows that it would work."
        return Verification(over=False, words=words, for_good=True)
    if not isinstance(present.service, Known):
        words = f"The service could not be read: {present.service.reason}."
        return Verification(over=False, words=words, unread=True)
    if not isinstance(present.tasks, Known):
        words = f"The service's tasks could not be read: {_reason(present.tasks)}."
        return Verification(over=False, words=words, unread=True)
    service = present.service.value
    quiet = quiet_time(past)
    unwell = (
        _gone_back(incident, service)
        or _not_all_running(service)
        or _failed_since(present, past, service)
        or _too_young(present.tasks.value, service, quiet, past, now)
    )
    if unwell:
        return unwell
    return _judged(incident, past, present, reader, now)


def _call_allowed(incident: Incident, past: Past, reader: Reader, now: datetime) -> Verification:
    """A refused call is over when everything that it takes is allowed by now, or what it was for is there."""
    if incident.refused_call is None:
        return Verification(over=False, words="Which call was refused is not remembered any more.", for_good=True)
    if not past.shown_by - {_OLD_WORDS}:
        words = "Only AWS's own words told of it: nothing that can be read shows that the next call goes through."
        return Verification(over=False, words=words, for_good=True)
    facts = collect(incident, reader, now)
    # As if nothing had been said: AWS's words are of the past.
    judgement = judge(replace(incident, symptom=Id.UNKNOWN), facts)
    still = _shown(judgement, past.cause)
    if still:
        return Verification(over=False, words=f"It is still so: {still.summary}")
    excluded = _excluded(judgement, past.cause)
    if excluded is None:
        gap = _gap(judgement, past.cause, facts.failed_reads) or "what was read does not decide it"
        return Verification(over=False, words=f"Whether it is still so could not be checked: {gap}.")
    return Verification(over=True, words=_seen(excluded))


def _gone_back(incident: Incident, service: Service) -> Verification | None:
    """A rollback: what failed is not what runs now, so nothing shows that it would not fail again."""
    failed, runs = _revision(incident.task_definition_arn), _revision(service.task_definition_arn)
    if failed and runs and runs[0] == failed[0] and runs[1] < failed[1]:
        return Verification(
            over=False,
            words=f"The service was rolled back to {runs[0]}:{runs[1]}: {failed[0]}:{failed[1]} failed and is gone.",
        )
    return None


def _not_all_running(service: Service) -> Verification | None:
    if not service.desired_count:
        return Verification(over=False, words="The service is scaled to no tasks: nothing shows that it works.")
    if service.running_count < service.desired_count or service.pending_count:
        words = f"The service runs {service.running_count} of {service.desired_count} tasks."
        return Verification(over=False, words=words)
    return None


def _failed_since(present: ServiceNow, past: Past, service: Service) -> Verification | None:
    tasks = present.tasks.value if isinstance(present.tasks, Known) else ()
    current = {one.id for one in service.deployments}
    stopped = sorted(
        (
            one
            for one in tasks
            if one.last_status == "STOPPED"
            and stopped_at(one) > past.last_failure
            and (one.started_by in current or one.started_by is None)
        ),
        key=stopped_at,
        reverse=True,
    )
    failure = newest_failure(stopped)
    if failure is not None:
        at = stopped_at(failure[0])
        return Verification(over=False, words=f"Another task failed at {at.astimezone(UTC):%H:%M:%S UTC}.")
    if present.more_stopped:
        return Verification(over=False, words="More tasks have stopped lately than could be looked at.")
    return None


def _too_young(
    tasks: tuple[Task, ...], service: Service, quiet: timedelta, past: Past, now: datetime
) -> Verification | None:
    """A task that has not yet run for longer than the failing ones did proves nothing."""
    running = [one for one in tasks if one.last_status == "RUNNING" and one.started_at]
    started = sorted(one.started_at for one in running if one.started_at)
    if len(started) < service.desired_count and len(started) < _MOST_LOOKED_AT:
        return Verification(over=False, words="Not every task has been running long enough.")
    ripe = max(started[-1], past.last_failure) + quiet
    if now < ripe:
        minutes = max(1, round(quiet.total_seconds() / 60))
        return Verification(False, f"Its tasks have to stay up for {minutes} minutes first.", ripe)
    return None


def _judged(incident: Incident, past: Past, present: ServiceNow, reader: Reader, now: datetime) -> Verification:
    task = _newest(present)
    attempt = incident.exec_attempt
    fresh = replace(
        incident,
        task=task,
        task_arn=task.arn,
        task_definition_arn=task.task_definition_arn or incident.task_definition_arn,
        launch_type=task.launch_type or incident.launch_type,
        occurred_at=now,
        exec_attempt=replace(attempt, task=task.arn) if attempt else None,
    )
    if silent := _agent_not_running(fresh, task):
        return silent
    facts = collect(fresh, reader, now)
    judgement = judge(fresh, facts)
    # Where the message itself names the cause, its rule believes the message, which is of the past. What the account
    # shows is then judged as if nobody had said anything.
    unbiased = judge(replace(fresh, symptom=Id.UNKNOWN, message=Message(kind=fresh.kind)), facts)
    about = unbiased if incident.symptom is past.cause else judgement
    still = _shown(about, past.cause) or (
        next(filter(_is_shown, judgement.findings), None) if incident.kind is Kind.EXEC_ERROR else None
    )
    if still:
        return Verification(over=False, words=f"It is still so: {still.summary}")
    excluded = _excluded(judgement, past.cause) or _excluded(unbiased, past.cause)
    failed = () if past.lies_in_the_task else facts.failed_reads
    if excluded is None and (gap := _gap(about, past.cause, failed)):
        return Verification(over=False, words=f"Whether it is still so could not be checked: {gap}.", unread=True)
    return Verification(over=True, words=_proof(excluded, present, task, now))


def _agent_not_running(incident: Incident, task: Task) -> Verification | None:
    """A session needs the agent of the container that was asked for, or of any where none was named."""
    if incident.kind is not Kind.EXEC_ERROR:
        return None
    wanted = incident.exec_attempt.container if incident.exec_attempt else None
    asked = [one for one in task.containers if one.name == wanted] or list(task.containers)
    states = [one.exec_agent.last_status for one in asked if one.exec_agent]
    if "RUNNING" in states:
        return None
    state = f"is {states[0]}" if states else "is not there"
    return Verification(over=False, words=f"The ECS Exec agent {state} in the service's newest task.")


def _shown(judgement: Judgement, cause: Id | None) -> Finding | None:
    return next((one for one in judgement.findings if one.cause is cause and _is_shown(one)), None)


def _is_shown(finding: Finding) -> bool:
    return finding.confidence in _SHOWN and any(one.source != _OLD_WORDS for one in finding.evidence)


def _excluded(judgement: Judgement, cause: Id | None) -> RuledOut | None:
    return next((one for one in judgement.ruled_out if one.cause is cause and one.evidence), None)


def _gap(judgement: Judgement, cause: Id | None, failed: Sequence[Unknown]) -> str | None:
    """What keeps the cause from being judged: its own gaps, and any read that failed: a rule may have missed it."""
    own = (one.reason for one in judgement.not_checked if cause and one.check.startswith(cause))
    return next(own, None) or next((f"{one.source}: {one.reason}" for one in failed), None)


def _proof(excluded: RuledOut | None, present: ServiceNow, task: Task, now: datetime) -> str:
    words = [_seen(excluded)] if excluded else []
    if isinstance(present.service, Known):
        service = present.service.value
        tasks = "task" if service.desired_count == 1 else "tasks"
        words.append(f"{service.running_count} of {service.desired_count} {tasks} running,")
    started = task.started_at or now
    minutes = max(0, int((now - started).total_seconds() // 60))
    definition = (task.task_definition_arn or "").rsplit("/", 1)[-1]
    words.append(f"the newest ({definition}) for {minutes} minutes, and nothing failed since.")
    return " ".join(words)


def _seen(excluded: RuledOut) -> str:
    observed = dict.fromkeys(one.observed for one in excluded.evidence)
    sources = dict.fromkeys(one.source for one in excluded.evidence)
    return f"{'; '.join(list(observed)[:_MOST_PROOFS])} ({', '.join(sources)})."


def _reason(fact: Fact[tuple[Task, ...]]) -> str:
    return fact.reason if isinstance(fact, Unknown) else "they were not listed"


def _newest(present: ServiceNow) -> Task:
    tasks = present.tasks.value if isinstance(present.tasks, Known) else ()
    running = [one for one in tasks if one.last_status == "RUNNING" and one.started_at]
    return max(running, key=lambda one: one.started_at or datetime.min.replace(tzinfo=UTC))


def _revision(arn: str | None) -> tuple[str, int] | None:
    family, _, revision = (arn or "").rsplit("/", 1)[-1].rpartition(":")
    return (family, int(revision)) if family and revision.isdigit() else None
