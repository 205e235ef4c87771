"""Whether an incident is over: the same rule on fresh facts no longer fires, and a new task stays up.

A steady state proves neither: a rollback reaches it too, and so does a task that crashes every twenty minutes.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from ecs_medic.aws.reader import Reader
from ecs_medic.collect import collect
from ecs_medic.collect.service_now import ServiceNow, service_now
from ecs_medic.collect.stopped_tasks import newest_failure, stopped_at
from ecs_medic.facts.ecs import Service, Task
from ecs_medic.facts.fact import Known, Unknown
from ecs_medic.finding import Confidence
from ecs_medic.incident import Incident
from ecs_medic.rules.judge import Judgement, judge
from ecs_medic.vocabulary import Id

SHORTEST_QUIET = timedelta(minutes=3)
LONGEST_QUIET = timedelta(hours=1)
_AGAIN = timedelta(minutes=5)
_MOST_PROOFS = 4
_SHOWN = frozenset({Confidence.CONFIRMED, Confidence.LIKELY})
_OLD_WORDS = "event"
"""The source of evidence that cannot have changed: what AWS said when it failed."""


@dataclass(frozen=True, slots=True)
class Past:
    """What is remembered of the incident: its cause, its last event, and the longest time between two of its events."""

    cause: Id | None
    last_failure: datetime
    longest_gap: timedelta = timedelta()


@dataclass(frozen=True, slots=True)
class Verification:
    """Over or not, in words for the alert; `again_at` is when looking again may tell more, None before a new event."""

    over: bool
    words: str
    again_at: datetime | None = None


def quiet_time(past: Past) -> timedelta:
    """How long nothing may have failed, and a task must have run: twice the pause between failures seen so far."""
    return min(max(2 * past.longest_gap, SHORTEST_QUIET), LONGEST_QUIET)


def verify(incident: Incident, past: Past, reader: Reader, now: datetime) -> Verification:
    """Look at the service again, and judge the incident's cause afresh.

    `incident` is the incident as it was diagnosed, or as much of it as is remembered. Anything that could not be read
    leaves it open.

    Raises:
        AwsUnavailable: the credentials are missing, expired or refused.
    """
    if incident.service is None:
        return Verification(over=False, words="A task outside of any service leaves nothing to look at again.")
    present = service_now(reader, incident.cluster, incident.service)
    if not isinstance(present.service, Known):
        why = present.service.reason if isinstance(present.service, Unknown) else present.service.detail
        return Verification(False, f"The service could not be read: {why}.", now + _AGAIN)
    if not isinstance(present.tasks, Known):
        why = present.tasks.reason if isinstance(present.tasks, Unknown) else present.tasks.detail
        return Verification(False, f"The service's tasks could not be read: {why}.", now + _AGAIN)
    service = present.service.value
    quiet = quiet_time(past)
    unwell = (
        _gone_back(incident, service)
        or _not_all_running(service, now)
        or _failed_since(present.tasks.value, past, service, now)
        or _too_young(present.tasks.value, service, quiet, past, now)
    )
    if unwell:
        return unwell
    return _judged(incident, past, present, reader, now)


def _gone_back(incident: Incident, service: Service) -> Verification | None:
    """A rollback: what failed is not what runs now, so nothing shows that it would not fail again."""
    failed, runs = _revision(incident.task_definition_arn), _revision(service.task_definition_arn)
    if failed and runs and runs[0] == failed[0] and runs[1] < failed[1]:
        return Verification(
            over=False,
            words=f"The service was rolled back to {runs[0]}:{runs[1]}: {failed[0]}:{failed[1]} failed and is gone.",
        )
    return None


def _not_all_running(service: Service, now: datetime) -> Verification | None:
    if not service.desired_count:
        return Verification(over=False, words="The service is scaled to no tasks: nothing shows that it works.")
    if service.running_count < service.desired_count or service.pending_count:
        words = f"The service runs {service.running_count} of {service.desired_count} tasks."
        return Verification(False, words, now + _AGAIN)
    return None


def _failed_since(tasks: tuple[Task, ...], past: Past, service: Service, now: datetime) -> Verification | None:
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
    if failure is None:
        return None
    at = stopped_at(failure[0])
    return Verification(False, f"Another task failed at {at.astimezone(UTC):%H:%M:%S UTC}.", now + _AGAIN)


def _too_young(
    tasks: tuple[Task, ...], service: Service, quiet: timedelta, past: Past, now: datetime
) -> Verification | None:
    """A task that has not yet run for longer than the failing ones did proves nothing."""
    running = [one for one in tasks if one.last_status == "RUNNING" and one.started_at]
    started = sorted(one.started_at for one in running if one.started_at)
    if len(started) < service.desired_count and len(started) < _MOST_LOOKED_AT:
        return Verification(False, "Not every task has been running long enough.", now + _AGAIN)
    ripe = max(started[-1], past.last_failure) + quiet
    if now < ripe:
        minutes = max(1, round(quiet.total_seconds() / 60))
        return Verification(False, f"Its tasks have to stay up for {minutes} minutes first.", ripe)
    return None


_MOST_LOOKED_AT = 100


def _judged(incident: Incident, past: Past, present: ServiceNow, reader: Reader, now: datetime) -> Verification:
    task = _newest(present)
    fresh = replace(
        incident,
        task=task,
        task_arn=task.arn,
        task_definition_arn=task.task_definition_arn or incident.task_definition_arn,
        launch_type=task.launch_type or incident.launch_type,
        occurred_at=now,
    )
    judgement = judge(fresh, collect(fresh, reader, now))
    still = next((one for one in judgement.findings if one.cause is past.cause and one.confidence in _SHOWN), None)
    if still and any(one.source != _OLD_WORDS for one in still.evidence):
        return Verification(over=False, words=f"It is still so: {still.summary}")
    if gap := next((one for one in judgement.not_checked if past.cause and one.check.startswith(past.cause)), None):
        return Verification(False, f"Whether it is still so could not be checked: {gap.reason}.", now + _AGAIN)
    return Verification(over=True, words=_proof(past, judgement, present, task, now))


def _proof(past: Past, judgement: Judgement, present: ServiceNow, task: Task, now: datetime) -> str:
    words = []
    excluded = next((one for one in judgement.ruled_out if one.cause is past.cause), None)
    if excluded and excluded.evidence:
        observed = dict.fromkeys(one.observed for one in excluded.evidence)
        sources = dict.fromkeys(one.source for one in excluded.evidence)
        words.append(f"{'; '.join(list(observed)[:_MOST_PROOFS])} ({', '.join(sources)}).")
    if isinstance(present.service, Known):
        service = present.service.value
        tasks = "task" if service.desired_count == 1 else "tasks"
        words.append(f"{service.running_count} of {service.desired_count} {tasks} running,")
    started = task.started_at or now
    minutes = max(0, int((now - started).total_seconds() // 60))
    definition = (task.task_definition_arn or "").rsplit("/", 1)[-1]
    words.append(f"the newest ({definition}) for {minutes} minutes, and nothing failed since.")
    return " ".join(words)


def _newest(present: ServiceNow) -> Task:
    tasks = present.tasks.value if isinstance(present.tasks, Known) else ()
    running = [one for one in tasks if one.last_status == "RUNNING" and one.started_at]
    return max(running, key=lambda one: one.started_at or datetime.min.replace(tzinfo=UTC))


def _revision(arn: str | None) -> tuple[str, int] | None:
    family, _, revision = (arn or "").rsplit("/", 1)[-1].rpartition(":")
    return (family, int(revision)) if family and revision.isdigit() else None
