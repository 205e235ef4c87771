"""Now and then: what would break today, before it does. Only what is new is told; what is gone is forgotten."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from ecs_medic.aws.errors import AwsUnavailable
from ecs_medic.collect.clusters import clusters_of
from ecs_medic.facts.fact import Known
from ecs_medic.ledger import alerts, foreseen, roots
from ecs_medic.ledger.errors import LedgerError
from ecs_medic.ledger.foreseen import Foreseen, Where
from ecs_medic.ledger.rhythm import SECOND, epoch_ms
from ecs_medic.preflight.check import NothingToCheckError, check
from ecs_medic.report.check_blocks import gone_message, heading_of, trouble_message
from ecs_medic.report.check_model import Check, Trouble
from ecs_medic.report.shared_resource import first_service, is_shared
from ecs_medic.response.meter import Metric
from ecs_medic.response.routing import quiet_until
from ecs_medic.response.surroundings import Surroundings
from ecs_medic.slack.credentials import SlackCredentialsError
from ecs_medic.slack.deliver import edit, post_once
from ecs_medic.slack.delivery import Channel, Delivery
from ecs_medic.slack.errors import SlackMessageGone, SlackRejected, SlackUnavailable
from ecs_medic.slack.metadata import Metadata

MOST_NEW = 20
"""Messages that one run posts, the worst troubles first; the rest waits for the next run."""
ENOUGH_SECONDS = 120.0
"""What one more cluster may take: with less time left, a run ends."""


@dataclass(slots=True)
class Preflight:
    """What one run did."""

    clusters: int = 0
    services: int = 0
    findings: int = 0
    posted: int = 0
    cleared: int = 0
    failures: int = 0


def preflight(
    around: Surroundings, region: str, *, seconds_left: Callable[[], float] = lambda: float("inf")
) -> Preflight:
    """Check every cluster of the Region, and tell what nobody has been told.

    A cluster that cannot be checked keeps no other one waiting.

    Raises:
        AwsUnavailable: the credentials are missing or expired, or AWS cannot be reached at all.
    """
    done = Preflight()
    listed = clusters_of(around.reader(region))
    if not isinstance(listed, Known):
        around.log.error("the clusters could not be listed", extra={"reason": getattr(listed, "reason", "")})
        done.failures += 1
        return done
    for name in _in_turn(listed.value, around.now()):
        if seconds_left() < ENOUGH_SECONDS:
            around.log.warning("clusters are left for the next run", extra={"left": len(listed.value) - done.clusters})
            break
        try:
            _cluster(name, region, done, around)
        except (AwsUnavailable, LedgerError, NothingToCheckError) as error:
            done.failures += 1
            around.log.warning("not checked", extra={"cluster": name, "reason": str(error)})
    return done


def _in_turn(names: Sequence[str], now: datetime) -> Sequence[str]:
    """Each run begins with another cluster, so that none is always the one that there is no time for."""
    first = int(now.timestamp() // 3600) % len(names) if names else 0
    return (*names[first:], *names[:first])


def _cluster(name: str, region: str, done: Preflight, around: Surroundings) -> None:
    found = check(around.reader(region), name, around.now())
    where = Where(found.account, found.region, found.cluster)
    before = foreseen.known(around.table, where)
    now = {_hash(one, found): one for one in found.shown}
    done.clusters += 1
    done.services += len(found.services)
    done.findings += len(now)
    for hash_, kept in before.items():
        if hash_ not in now and not _may_be_hidden(kept, found):
            _clear(kept, where, around)
            done.cleared += 1
    quiet = quiet_until(around.quiet_hours, around.now()) is not None
    for hash_, trouble in now.items():
        kept_before = before.get(hash_)
        if kept_before is not None and kept_before.posted_at is not None:
            foreseen.still_there(around.table, where, hash_, now=epoch_ms(around.now()))
        elif not quiet and done.posted < MOST_NEW and not _is_told_already(trouble, found, around):
            done.posted += _tell(hash_, trouble, found, kept_before, where, around)


def _hash(trouble: Trouble, found: Check) -> str:
    """The cause and the guilty resource, where others depend on it too; else the service's own affair."""
    own = "" if is_shared(trouble.subject) else (trouble.services[0].service if trouble.services else "")
    whole = "\0".join((found.cluster, trouble.cause, trouble.subject, first_service(trouble.params), own))
    return hashlib.sha256(whole.encode("utf-8", "replace")).hexdigest()[:24]


def _may_be_hidden(kept: Foreseen, found: Check) -> bool:
    """Whether it was not found only because somebody could not look: that is no reason to forget it."""
    return any(not gap.services or kept.cause in gap.check or " more" in gap.check for gap in found.not_checked)


def _is_told_already(trouble: Trouble, found: Check, around: Surroundings) -> bool:
    """Whether something has failed by it, and an alert about that is open."""
    now = epoch_ms(around.now())
    shared = is_shared(trouble.subject)
    named = [f"{found.cluster}/{one.service}" for one in trouble.services]
    guilty = [f"{trouble.subject} {first_service(trouble.params)}".strip()] if shared else named
    for one in guilty:
        root = roots.Root(trouble.cause, one, found.account, found.region, "")
        alert_id = roots.alert_of(around.table, root.hash, now)
        record = alerts.read(around.table, alert_id) if alert_id else None
        if record is not None and record.is_open:
            return True
    return False


def _tell(  # noqa: PLR0917 - what a message is made of
    hash_: str, trouble: Trouble, found: Check, kept: Foreseen | None, where: Where, around: Surroundings
) -> int:
    """Post it, once; 0 where it is not posted yet."""
    now = epoch_ms(around.now())
    planned = kept or Foreseen(hash_, trouble.cause, heading_of(trouble), around.owner, now)
    if kept is None and not foreseen.begin(around.table, where, planned):
        return 0
    try:
        destination = around.destination(None)
        if destination is None:
            around.log.warning("found beforehand", extra={"trouble": trouble.model_dump(mode="json")})
            foreseen.told(around.table, where, hash_, now=now)
            return 0
        delivery = post_once(
            trouble_message(found, trouble),
            destination,
            Metadata(f"check-{hash_}", 1, planned.intent_id),
            since=datetime.fromtimestamp(planned.intent_at / SECOND, UTC),
            attempted_before=kept is not None,
        )
    except (SlackRejected, SlackCredentialsError) as error:
        around.meter(Metric.SLACK_REFUSED)
        around.log.warning("a finding is not posted", extra={"hash": hash_, "reason": str(error)})
        return 0
    except SlackUnavailable as error:
        around.meter(Metric.SLACK_UNAVAILABLE)
        around.log.warning("a finding is not posted yet", extra={"hash": hash_, "reason": str(error)})
        return 0
    foreseen.told(around.table, where, hash_, now=now, ts=delivery.ts, channel=delivery.channel)
    return 1


def _clear(kept: Foreseen, where: Where, around: Surroundings) -> None:
    """Forget it, and let its message say so as far as it can."""
    try:
        destination = around.destination(None)
        if isinstance(destination, Channel) and kept.ts and kept.channel:
            edit(gone_message(kept.words, around.now()), destination, Delivery(kept.channel, kept.ts))
    except (SlackRejected, SlackUnavailable, SlackMessageGone, SlackCredentialsError) as error:
        around.log.warning("a message goes on telling what is over", extra={"hash": kept.hash, "reason": str(error)})
    foreseen.gone(around.table, where, kept.hash)
