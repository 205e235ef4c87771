"""Keeps one Slack message up to date with its alert: posted once, edited as things change, answered in its thread.

Whatever Slack does, the ledger knows what the message says and what it still has to say; nobody waits for Slack here.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from ecs_medic.ledger import alerts, diagnoses, incidents, posting, proofs
from ecs_medic.ledger.alerts import AlertRecord
from ecs_medic.ledger.incidents import IncidentRecord
from ecs_medic.ledger.incidents import State as Kept
from ecs_medic.ledger.rhythm import DAY, HOUR, MINUTE, SECOND, epoch_ms
from ecs_medic.report.blocks import SlackMessage
from ecs_medic.report.model import Report
from ecs_medic.report.news import news, repair_news
from ecs_medic.report.slack_blocks import alert as alert_message
from ecs_medic.report.slack_blocks import details
from ecs_medic.report.standing import Affected, Standing, State
from ecs_medic.report.standing_blocks import calls
from ecs_medic.report.without_log import without_log_lines
from ecs_medic.response.meter import Metric
from ecs_medic.response.repair_standing import repair_standing
from ecs_medic.response.routing import quiet_until
from ecs_medic.response.stored import Remembered
from ecs_medic.response.surroundings import Surroundings
from ecs_medic.response.time_left import ENOUGH_FOR_MORE_SECONDS
from ecs_medic.response.told import Told
from ecs_medic.response.whose import whose
from ecs_medic.run_state import RunState
from ecs_medic.slack.credentials import SlackCredentialsError
from ecs_medic.slack.deliver import edit, post, post_once
from ecs_medic.slack.delivery import Channel, Delivery, Destination
from ecs_medic.slack.errors import SlackHistoryUnavailable, SlackMessageGone, SlackRejected, SlackUnavailable
from ecs_medic.slack.metadata import Metadata

_FIRST_PAUSE_AFTER_REFUSAL = 15 * MINUTE
_LONGEST_PAUSE_AFTER_REFUSAL = 12 * HOUR
_GIVE_UP_AFTER = 7 * DAY
"""A refusal needs a person; after so long only a new event tries again."""
_LONGEST_PAUSE = 2 * MINUTE
"""Short, so that an alarm on what is unposted sees every outage for as long as it lasts."""
_FIRST_PAUSE = 15 * SECOND
_NOT_NOW = 5 * SECOND
_HEARD_JUST_NOW = 2 * MINUTE
_NO_MESSAGE = Delivery()
_LOOKS = 8
"""That may fail before what may have arrived is posted all the same, unless it is found: better twice than never."""


@dataclass(frozen=True, slots=True)
class _Story:
    """What the message is to say, and how often each incident happened by that."""

    remembered: Remembered
    standing: Standing
    counts: Mapping[str, int]
    verdict: str
    """Names what the thread is told about: the state and the cause."""
    repair: str = ""
    """Names what it is told about a repair, if anything: that one asks, or how it has ended."""
    silent_until: int | None = None
    """Until when (epoch ms) nothing new is to be heard of it; an edit makes no sound."""

    def is_news(self, alert: AlertRecord) -> bool:
        """Whether the thread is to be told something."""
        return self.is_new(alert) or self.is_repair_new(alert)

    def is_new(self, alert: AlertRecord) -> bool:
        """Whether the thread does not know the verdict yet."""
        return _known(alert)[0] != self.verdict and self.standing.state is not State.MOVED

    def is_repair_new(self, alert: AlertRecord) -> bool:
        """Whether the thread does not know yet what there is to say about a repair."""
        return bool(self.repair) and _known(alert)[1] != self.repair

    def known_after(self, alert: AlertRecord) -> str:
        """What the thread knows once it was told."""
        return f"{self.verdict}{_AND}{self.repair or _known(alert)[1]}".rstrip(_AND)


_AND = "#"


def _known(alert: AlertRecord) -> tuple[str, str]:
    """What the thread knows: the verdict, and what it was told last about a repair."""
    verdict, _, repair = (alert.detailed_for or "").partition(_AND)
    return verdict, repair


def announce(alert_id: str, around: Surroundings, *, hurry: bool = False) -> Told:
    """Let Slack say what the ledger knows of this alert. With `hurry`, an edit does not wait for the one before.

    Raises:
        LedgerError: the ledger cannot be used; what Slack says by then is found out by the next run.
    """
    now = epoch_ms(around.now())
    alert = posting.claim(around.table, alert_id, owner=around.owner, now=now, hurry=hurry, rhythm=around.rhythm)
    if alert is None:
        return Told(again_at=now + _NOT_NOW)
    story = _story(alert, around)
    if story is None:
        posting.release(around.table, alert.id, owner=around.owner, again_at=now + HOUR, now=now, rhythm=around.rhythm)
        return Told()
    if alert.ts is None and story.silent_until is not None:
        around.meter(Metric.SUPPRESSED)
        posting.release(
            around.table, alert.id, owner=around.owner, again_at=story.silent_until, now=now, rhythm=around.rhythm
        )
        return Told(posted=False, shown=story.counts, silent_until=story.silent_until)
    try:
        return replace(_tell(alert, story, around), silent_until=story.silent_until)
    except (SlackRejected, SlackCredentialsError) as error:
        return _refused(alert, error, around)
    except (SlackUnavailable, SlackMessageGone) as error:
        return _unavailable(alert, error, around)


def _story(alert: AlertRecord, around: Surroundings) -> _Story | None:
    """None where the diagnosis that the message tells of is not there (any more)."""
    ids = [member.incident_id for member in alerts.members(around.table, alert.id)]
    records = incidents.read_many(around.table, ids or [alert.primary])
    primary = records.get(alert.primary) or next(iter(records.values()), None)
    kept = diagnoses.report_of(around.table, primary.id) if primary else None
    if primary is None or kept is None:
        return None
    remembered = Remembered.from_json(kept.document)
    standing = _standing(alert, primary, records.values(), remembered, around)
    cause, again = remembered.report.verdict.cause, primary.reopened_at or 0
    return _Story(
        remembered=remembered,
        standing=standing,
        counts={record.id: record.count for record in records.values()},
        # What was read in full after all is worth another look at the evidence.
        verdict=f"{standing.state}|{cause}|{again}{'|partial' if remembered.report.partial else ''}",
        repair=_repair_news(standing),
        silent_until=_silent_until(alert, remembered, records.values(), around),
    )


def _repair_news(standing: Standing) -> str:
    """Of a repair that asks or has ended; what it does in between is in the message itself."""
    repair = standing.repair
    stands = standing.state in {State.OPEN, State.FAILED_AGAIN}
    if repair is None or not stands or not (repair.state is RunState.ASKING or repair.state.ended):
        return ""
    return f"{repair.run_id}|{repair.state}|{repair.question if repair.state is RunState.ASKING else ''}"


def _standing(
    alert: AlertRecord,
    primary: IncidentRecord,
    records: Iterable[IncidentRecord],
    remembered: Remembered,
    around: Surroundings,
) -> Standing:
    everyone = sorted(records, key=lambda one: (-one.count, one.id))
    muted = alert.muted_until if alert.is_muted(epoch_ms(around.now())) else None
    return Standing(
        count=sum(one.count for one in everyone),
        first_seen=_time(min(one.first_seen for one in everyone)),
        last_seen=_time(max(one.last_seen for one in everyone)),
        state=_state(alert, primary),
        affected=tuple(Affected(*whose(one.subject), one.count, over=not one.is_open) for one in everyone),
        resolved_at=_time(alert.resolved_at) if alert.resolved_at else None,
        proof=proofs.words_of(around.table, primary.id, since=primary.reopened_at or alert.opened_at),
        owner=remembered.routing.owner,
        muted_until=_time(muted) if muted else None,
        muted_by=alert.muted_by or None,
        successor=alert.moved_to,
        button_value=alert.id if around.clicks_are_answered else None,
        repair=repair_standing(alert, primary, around),
    )


def _state(alert: AlertRecord, primary: IncidentRecord) -> State:
    if alert.state is Kept.MOVED:
        return State.MOVED
    if alert.state is Kept.RESOLVED:
        return State.RESOLVED
    return State.FAILED_AGAIN if primary.reopened_at else State.OPEN


def _silent_until(
    alert: AlertRecord, remembered: Remembered, records: Iterable[IncidentRecord], around: Surroundings
) -> int | None:
    """By quiet hours, tag or button, whichever ends last. Muted incidents keep their mute in another alert, too."""
    now = around.now()
    incidents_muted = [one.muted_until or 0 for one in records if one.is_open]
    muted = max(alert.muted_until or 0, min(incidents_muted, default=0))
    ends = [epoch_ms(end) for end in (quiet_until(around.quiet_hours, now), remembered.routing.muted_until) if end]
    later = [end for end in (*ends, muted) if end > epoch_ms(now)]
    return max(later, default=None)


def _tell(alert: AlertRecord, story: _Story, around: Surroundings) -> Told:
    destination = around.destination(alert.channel or None)
    now = epoch_ms(around.now())
    if destination is None:
        around.log.warning("no Slack secret is configured: the diagnosis is in this log only")
        _shown(alert, story, _NO_MESSAGE, around, hash_="-")
        return Told(shown=story.counts)
    if not isinstance(destination, Channel):
        return _by_webhook(alert, story, destination, around)
    report = _for_slack(story, around)
    message = alert_message(report, story.standing)
    first = not alert.ts
    delivery = _posted(alert, message, destination, around) if first else _edited(alert, message, destination, around)
    if first:
        around.meter(Metric.TIME_TO_ALERT, now - epoch_ms(report.incident.occurred_at))
    # A message that was posted anew has an empty thread.
    to_answer = story.silent_until is None and (story.is_news(alert) or delivery.ts != alert.ts)
    after = _shown(alert, story, delivery, around, hash_=_hash(message), more=to_answer)
    again_at = after.due_at
    if story.silent_until is not None:
        again_at = _held_back(alert, story, again_at, around)
    elif to_answer and around.seconds_left() < ENOUGH_FOR_MORE_SECONDS:
        again_at = _answered_later(alert, around)
    elif to_answer:
        again_at = _answer(alert, after, story, destination, around, first=first)
    return Told(posted=True, shown=story.counts, again_at=again_at)


def _answered_later(alert: AlertRecord, around: Surroundings) -> int:
    """The thread waits for the sweep: this run is nearly over. When that is."""
    now = epoch_ms(around.now())
    again_at = now + _NOT_NOW
    posting.release(around.table, alert.id, owner=around.owner, again_at=again_at, now=now, rhythm=around.rhythm)
    return again_at


def _for_slack(story: _Story, around: Surroundings) -> Report:
    report = story.remembered.report
    return report if around.log_tail_in_slack else without_log_lines(report)


def _held_back(alert: AlertRecord, story: _Story, again_at: int | None, around: Surroundings) -> int | None:
    """What nobody wants to hear now is said when they do; then the message stops saying that it is muted, as well."""
    end = story.silent_until
    if end is None or not (story.is_news(alert) or story.standing.muted_until):
        return again_at
    posting.wait(around.table, alert, owner=around.owner, until=end)
    return min(end, again_at or end)


def _posted(alert: AlertRecord, message: SlackMessage, destination: Channel, around: Surroundings) -> Delivery:
    """Posts the first message, or finds the one whose answer was lost."""
    attempted_before = alert.intent_id is not None
    intent, since = alert.intent_id or around.owner, alert.intent_at or epoch_ms(around.now())
    if not attempted_before:
        now = epoch_ms(around.now())
        posting.intend(around.table, alert.id, owner=around.owner, intent_id=intent, now=now)
    where = Channel(destination.token, alert.posted_channel) if alert.posted_channel else destination
    delivery = post_once(
        message,
        where,
        Metadata(alert.id, 1, intent),
        since=_time(since),
        attempted_before=attempted_before,
        patient=alert.looks_failed < _LOOKS,
    )
    if delivery.found:
        # It says what it said then.
        edit(message, where, delivery)
    return delivery


def _edited(alert: AlertRecord, message: SlackMessage, destination: Channel, around: Surroundings) -> Delivery:
    """Edits the message where it says something else by now; one that was deleted is posted anew."""
    delivery = Delivery(alert.posted_channel, alert.ts)
    if alert.shown_hash == _hash(message) and not alert.unposted:
        return delivery
    try:
        edit(message, destination, delivery)
    except SlackMessageGone:
        return _posted(alert, message, destination, around)
    return delivery


def _by_webhook(alert: AlertRecord, story: _Story, destination: Destination, around: Surroundings) -> Told:
    """A webhook neither edits nor answers: a message when it opens, when it fails again, and when it is over."""
    if story.is_news(alert) and story.silent_until is None:
        report = _for_slack(story, around)
        post(alert_message(report, story.standing, threaded=False), destination)
        posting.detailed(around.table, alert.id, owner=around.owner, verdict=story.known_after(alert))
        if not alert.posted_at:
            now = epoch_ms(around.now())
            around.meter(Metric.TIME_TO_ALERT, now - epoch_ms(report.incident.occurred_at))
    _shown(alert, story, _NO_MESSAGE, around, hash_=story.verdict)
    return Told(posted=True, shown=story.counts, again_at=_held_back(alert, story, None, around))


def _shown(
    alert: AlertRecord, story: _Story, delivery: Delivery, around: Surroundings, *, hash_: str, more: bool = False
) -> AlertRecord:
    now = epoch_ms(around.now())
    return posting.posted(
        around.table,
        alert,
        owner=around.owner,
        ts=delivery.ts or "",
        channel=delivery.channel or "",
        shown_hash=hash_,
        shown_count=story.standing.count,
        now=now,
        more=more,
        rhythm=around.rhythm,
    )


def _answer(
    alert: AlertRecord, held: AlertRecord, story: _Story, destination: Channel, around: Surroundings, *, first: bool
) -> int | None:
    """In the thread: the details of a new verdict, that it failed again, that it is over, what a repair asks, or how it
    ended. When to try again.

    `alert` is what the message was rendered from, `held` the same once the message stood in Slack.
    """
    where = Channel(destination.token, held.posted_channel or destination.channel)
    anew = held.ts != alert.ts
    try:
        for about, message, broadcast in _answers(alert, story, around, anew=anew):
            post_once(
                message,
                where,
                Metadata(alert.id, 1, hashlib.sha256(f"{held.ts}|{about}".encode()).hexdigest()[:32]),
                since=_time(held.posted_at or epoch_ms(around.now())),
                # A run that was cut off has left no word of it.
                attempted_before=not first,
                patient=held.looks_failed < _LOOKS,
                thread_ts=held.ts,
                broadcast=broadcast,
            )
    except (SlackUnavailable, SlackMessageGone) as error:
        return _unavailable(held, error, around).again_at
    except SlackRejected as error:
        return _refused(held, error, around).again_at
    posting.detailed(around.table, alert.id, owner=around.owner, verdict=story.known_after(alert))
    after = posting.edited(
        around.table,
        alert,
        owner=around.owner,
        shown_hash=held.shown_hash or "",
        shown_count=held.shown_count,
        now=epoch_ms(around.now()),
        rhythm=around.rhythm,
    )
    return after.due_at


def _answers(
    alert: AlertRecord, story: _Story, around: Surroundings, *, anew: bool
) -> Iterator[tuple[str, SlackMessage, bool]]:
    """What the thread does not know yet (`anew`: it knows nothing): a name for it, and whether the channel hears it."""
    report, standing = _for_slack(story, around), story.standing
    if story.is_new(alert) or anew:
        again = standing.state is State.FAILED_AGAIN
        yield story.verdict, details(report) if standing.state is State.OPEN else news(report, standing), again
    if standing.repair is not None and (story.is_repair_new(alert) or (anew and story.repair)):
        yield story.repair, repair_news(report, standing), _is_for_the_channel(alert, standing, around)


def _is_for_the_channel(alert: AlertRecord, standing: Standing, around: Surroundings) -> bool:
    """Whether the channel is to hear of a repair: that it needs a person, or that it asks.

    An answer in a thread calls nobody but an owner whom it mentions. A message that has just been posted has called
    already.
    """
    repair = standing.repair
    if repair is None or repair.state.asks_for_a_person:
        return repair is not None
    posted_at = alert.posted_at or epoch_ms(around.now())
    called = calls(standing.owner) or epoch_ms(around.now()) - posted_at < _HEARD_JUST_NOW
    return repair.state is RunState.ASKING and not called


def _refused(alert: AlertRecord, error: SlackRejected | SlackCredentialsError, around: Surroundings) -> Told:
    """Slack needs a person: told by metric and log, and tried again ever more seldom."""
    around.meter(Metric.SLACK_REFUSED)
    around.log.error("alert not posted", extra={"alert_id": alert.id, "reason": str(error)})
    now = epoch_ms(around.now())
    # How often events have asked meanwhile does not matter: what counts is for how long nobody has changed anything.
    refused_for = now - (alert.unposted_since or now)
    pause = min(max(refused_for, _FIRST_PAUSE_AFTER_REFUSAL), _LONGEST_PAUSE_AFTER_REFUSAL)
    # The secret may have been renewed since this run's surroundings read it: then the next run is not to wait.
    again_at = now + (_NOT_NOW if _renewed(around) else pause) if refused_for < _GIVE_UP_AFTER else None
    code = error.code if isinstance(error, SlackRejected) else "credentials"
    posting.refused(
        around.table,
        alert.id,
        owner=around.owner,
        code=code,
        again_at=again_at,
        now=now,
        keep_intent=alert.intent_id is not None,
        rhythm=around.rhythm,
    )
    return Told(again_at=again_at or now + around.rhythm.incident_kept)


def _renewed(around: Surroundings) -> bool:
    try:
        return around.renewed()
    except (SlackCredentialsError, SlackUnavailable):
        return False


def _unavailable(alert: AlertRecord, error: SlackUnavailable | SlackMessageGone, around: Surroundings) -> Told:
    """Slack is away or busy: its own time is respected, and else ours grows."""
    around.meter(Metric.SLACK_UNAVAILABLE)
    around.log.warning("alert not posted yet", extra={"alert_id": alert.id, "reason": str(error)})
    now = epoch_ms(around.now())
    pause = min(_FIRST_PAUSE * 2 ** min(alert.attempts, 10), _LONGEST_PAUSE)
    if isinstance(error, SlackUnavailable) and error.retry_after is not None:
        pause = max(round(error.retry_after * SECOND), _NOT_NOW)
    posting.unposted(
        around.table,
        alert.id,
        owner=around.owner,
        reason=error.reason if isinstance(error, SlackUnavailable) else error.code,
        again_at=now + pause,
        now=now,
        looked_in_vain=isinstance(error, SlackHistoryUnavailable),
        rhythm=around.rhythm,
    )
    return Told(again_at=now + pause)


def _hash(message: SlackMessage) -> str:
    return hashlib.sha256(json.dumps([message.text, message.blocks]).encode()).hexdigest()[:24]


def _time(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / SECOND, UTC)
