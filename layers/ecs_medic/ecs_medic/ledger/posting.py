"""What was told to Slack, by one run at a time: intended, posted, edited, refused, or not yet arrived."""

from contextlib import suppress

from ecs_medic.ledger import keys
from ecs_medic.ledger.alerts import AlertRecord, from_item
from ecs_medic.ledger.errors import ConditionFailed, LeaseLost, Value
from ecs_medic.ledger.rhythm import DEFAULT, MINUTE, Rhythm, expires_at
from ecs_medic.ledger.table import DUE_INDEX, Table, Update

_RELEASED = "#lease_until = :over, #expires_at = :kept"
_NO_TROUBLE = "#unposted, #unposted_since, #refused"


def claim(
    table: Table, alert_id: str, *, owner: str, now: int, hurry: bool = False, rhythm: Rhythm = DEFAULT
) -> AlertRecord | None:
    """Take the lease of an alert's message, or None: another run tells Slack just now, or the last edit was just now.

    With `hurry` the last edit may be as recent as it likes: a message that turns green or red again waits for nothing.
    Whatever changed the alert has set its due time, so that nothing is lost by waiting.
    """
    # The last part lets the same run take it again: the answer to its first attempt may have been lost.
    free = "#lease_until <= :now" + ("" if hurry else " AND #next_edit_at <= :now")
    mine = "#lease_owner = :owner AND #lease_until > :now"
    try:
        return _updated(
            table,
            alert_id,
            "SET #lease_owner = :owner, #lease_until = :lease_until, #due = :due, #due_at = :lease_until",
            f"#expires_at > :now_s AND ({free} OR {mine})",
            {"owner": owner, "now": now, "now_s": expires_at(now), "lease_until": now + rhythm.lease, "due": DUE_INDEX},
        )
    except ConditionFailed:
        return None


def intend(table: Table, alert_id: str, *, owner: str, intent_id: str, now: int) -> AlertRecord:
    """Before a first message is posted: the id that it will carry, by which it is found if Slack's answer is lost.

    Raises:
        LeaseLost: another run tells Slack by now.
    """
    return _held(
        table,
        alert_id,
        owner,
        "SET #intent_id = :intent_id, #intent_at = :now",
        {"intent_id": intent_id, "now": now},
    )


def posted(
    table: Table,
    alert: AlertRecord,
    *,
    owner: str,
    ts: str,
    channel: str,
    shown_hash: str,
    shown_count: int,
    now: int,
    more: bool = False,
    rhythm: Rhythm = DEFAULT,
) -> AlertRecord:
    """The message is in Slack, as `alert` (the record that it was rendered from) wanted it. Gives the lease back.

    With `more` to tell (the thread) the lease is kept, and so are the attempts and what went wrong: `edited` ends it.
    A webhook tells no `ts`: an empty text then stands for one, and says that there is nothing to edit.

    Raises:
        LeaseLost: another run tells Slack by now.
    """
    return _shown(
        table,
        alert,
        owner,
        ", #ts = :ts, #posted_channel = :channel, #posted_at = if_not_exists(#posted_at, :now)",
        {"ts": ts, "channel": channel},
        shown_hash=shown_hash,
        shown_count=shown_count,
        now=now,
        more=more,
        rhythm=rhythm,
    )


def edited(
    table: Table,
    alert: AlertRecord,
    *,
    owner: str,
    shown_hash: str,
    shown_count: int,
    now: int,
    rhythm: Rhythm = DEFAULT,
) -> AlertRecord:
    """The message says what `alert` (the record that it was rendered from) wanted, edited or the same as before.

    Gives the lease back; what has changed since stays due.

    Raises:
        LeaseLost: another run tells Slack by now.
    """
    return _shown(
        table,
        alert,
        owner,
        "",
        {},
        shown_hash=shown_hash,
        shown_count=shown_count,
        now=now,
        rhythm=rhythm,
    )


def unposted(
    table: Table,
    alert_id: str,
    *,
    owner: str,
    reason: str,
    again_at: int,
    now: int,
    looked_in_vain: bool = False,
    rhythm: Rhythm = DEFAULT,
) -> AlertRecord:
    """Slack could not be reached: the alert stays due, for the next event or the sweep. Gives the lease back.

    `looked_in_vain`: it was its history that could not be read.

    Raises:
        LeaseLost: another run tells Slack by now.
    """
    return _held(
        table,
        alert_id,
        owner,
        f"SET {_RELEASED}, #unposted = :reason, #unposted_since = if_not_exists(#unposted_since, :now), "
        "#due = :due, #due_at = :again_at, #next_edit_at = :now "
        f"ADD #attempts :one{', #looks_failed :one' if looked_in_vain else ''}",
        {"reason": reason, "now": now, "due": DUE_INDEX, "again_at": again_at, "one": 1, **_release(now, rhythm)},
    )


def refused(
    table: Table,
    alert_id: str,
    *,
    owner: str,
    code: str,
    again_at: int | None,
    now: int,
    keep_intent: bool = False,
    rhythm: Rhythm = DEFAULT,
) -> AlertRecord:
    """Slack refuses until a person changes something; tried again at `again_at`, or only with the next change.

    Gives the lease back. What Slack refused has not arrived, so that the intent is forgotten; not so (`keep_intent`)
    where an earlier attempt with it may have arrived.

    Raises:
        LeaseLost: another run tells Slack by now.
    """
    # A storm does not ask Slack at every event.
    soon = now + MINUTE if again_at is None else min(again_at, now + MINUTE)
    due = "#due = :due, #due_at = :again_at, " if again_at is not None else ""
    no_due = () if again_at is not None else ("#due", "#due_at")
    return _held(
        table,
        alert_id,
        owner,
        f"SET {due}{_RELEASED}, #refused = :code, #unposted = :code, #next_edit_at = :soon, "
        "#unposted_since = if_not_exists(#unposted_since, :now) "
        f"{_removing(no_due, keep_intent=keep_intent)} ADD #attempts :one",
        {
            "code": code,
            "now": now,
            "due": DUE_INDEX,
            "again_at": again_at or 0,
            "one": 1,
            "soon": soon,
            **_release(now, rhythm),
        },
    )


def detailed(table: Table, alert_id: str, *, owner: str, verdict: str) -> AlertRecord:
    """The details of this verdict are in the thread.

    Raises:
        LeaseLost: another run tells Slack by now.
    """
    return _held(table, alert_id, owner, "SET #detailed_for = :verdict", {"verdict": verdict})


def release(table: Table, alert_id: str, *, owner: str, again_at: int, now: int, rhythm: Rhythm = DEFAULT) -> None:
    """Give the lease back with nothing told; the alert is due at `again_at`.

    Raises:
        LeaseLost: another run tells Slack by now.
    """
    _held(
        table,
        alert_id,
        owner,
        f"SET {_RELEASED}, #due = :due, #due_at = :again_at",
        {"due": DUE_INDEX, "again_at": again_at, **_release(now, rhythm)},
    )


def wait(table: Table, alert: AlertRecord, *, owner: str, until: int) -> None:
    """Have the sweep take the alert up at `until` (epoch ms), unless it has changed since `alert` was read: then it is
    due anyway, as it is where another run tells Slack by now.
    """
    values: dict[str, Value] = {"owner": owner, "revision": alert.revision, "due": DUE_INDEX, "until": until}
    with suppress(ConditionFailed):
        _updated(
            table,
            alert.id,
            "SET #due = :due, #due_at = :until",
            "#lease_owner = :owner AND #revision = :revision",
            values,
        )


def _shown(
    table: Table,
    alert: AlertRecord,
    owner: str,
    change: str,
    values: dict[str, Value],
    *,
    shown_hash: str,
    shown_count: int,
    now: int,
    rhythm: Rhythm,
    more: bool = False,
) -> AlertRecord:
    shown = (
        f"#shown_revision = :revision, #shown_count = :shown_count, #shown_hash = :shown_hash, "
        f"#next_edit_at = :next_edit_at{change}"
    )
    told = f"SET {_RELEASED}, {shown}, #attempts = :none, #looks_failed = :none"
    all_values = {
        **values,
        **_release(now, rhythm),
        "shown_hash": shown_hash,
        "shown_count": shown_count,
        "revision": alert.revision,
        "next_edit_at": now + rhythm.edit,
        "now": now,
        "none": 0,
        "due": DUE_INDEX,
        "soon": now + rhythm.edit,
        "owner": owner,
    }
    if more:
        return _held(table, alert.id, owner, f"SET {shown} REMOVE #intent_id, #intent_at", all_values)
    forgotten = f"REMOVE #intent_id, #intent_at, {_NO_TROUBLE}"
    try:
        return _updated(
            table,
            alert.id,
            f"{told} {forgotten}, #due, #due_at",
            "#lease_owner = :owner AND #revision = :revision",
            all_values,
        )
    except ConditionFailed as failed:
        if failed.item is None or failed.item.get("lease_owner") != owner:
            raise LeaseLost(f"alert {alert.id}") from None
    # It changed while Slack was told: what is shown is already behind.
    return _held(table, alert.id, owner, f"{told}, #due = :due, #due_at = :soon {forgotten}", all_values)


def _removing(others: tuple[str, ...], *, keep_intent: bool) -> str:
    names = (*(() if keep_intent else ("#intent_id", "#intent_at")), *others)
    return f"REMOVE {', '.join(names)}" if names else ""


def _release(now: int, rhythm: Rhythm) -> dict[str, Value]:
    return {"over": 0, "kept": expires_at(now + rhythm.incident_kept)}


def _held(table: Table, alert_id: str, owner: str, change: str, values: dict[str, Value]) -> AlertRecord:
    try:
        return _updated(table, alert_id, change, "#lease_owner = :owner", {**values, "owner": owner})
    except ConditionFailed:
        raise LeaseLost(f"alert {alert_id}") from None


def _updated(table: Table, alert_id: str, change: str, condition: str, values: dict[str, Value]) -> AlertRecord:
    return from_item(table.update(Update(keys.alert(alert_id), change, condition, values)))
