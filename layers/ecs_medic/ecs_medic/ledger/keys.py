"""The keys of the table's items: `pk` says whose they are, `sk` what they are."""

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Key:
    """The primary key of one item."""

    pk: str
    sk: str


INCIDENT = "incident"
ALERT = "alert"
VERIFICATION = "verification"
MEMBER_PREFIX = "incident#"

_LONGEST_EVENT_KEY = 1024


def incident(incident_id: str) -> Key:
    """The hot item of an incident: its state, counter and lease."""
    return Key(f"incident#{incident_id}", INCIDENT)


def report(incident_id: str) -> Key:
    """The report of an incident's last diagnosis."""
    return Key(f"incident#{incident_id}", "report")


def evidence(incident_id: str) -> Key:
    """What AWS answered when the incident was diagnosed last."""
    return Key(f"incident#{incident_id}", "evidence")


def opener(incident_id: str) -> Key:
    """The event that opened an incident."""
    return Key(f"incident#{incident_id}", "opener")


def proof(incident_id: str) -> Key:
    """What the last verification of an incident said."""
    return Key(f"incident#{incident_id}", "proof")


def verification(incident_id: str) -> Key:
    """The time at which an incident is to be verified again."""
    return Key(f"incident#{incident_id}", VERIFICATION)


def event(event_key: str) -> Key:
    """The trace of one event, by which its next delivery is known as a duplicate."""
    encoded = event_key.encode("utf-8", "replace")
    # DynamoDB takes keys of 2,048 bytes; an event that was made up may carry a longer id.
    short = event_key if len(encoded) <= _LONGEST_EVENT_KEY else hashlib.sha256(encoded).hexdigest()
    return Key(f"event#{short}", "event")


def request(signature: str) -> Key:
    """The trace of one request from Slack, by which a replay is known."""
    return Key(f"request#{hashlib.sha256(signature.encode()).hexdigest()}", "request")


def root(root_hash: str) -> Key:
    """The pointer from a root to the alert that is open for it."""
    return Key(f"root#{root_hash}", "root")


def alert(alert_id: str) -> Key:
    """One Slack message."""
    return Key(f"alert#{alert_id}", ALERT)


def member(alert_id: str, incident_id: str) -> Key:
    """One incident that a Slack message tells of."""
    return Key(f"alert#{alert_id}", f"{MEMBER_PREFIX}{incident_id}")


def service(account: str, region: str, cluster: str, name: str, incident_id: str) -> Key:
    """One incident of a service."""
    return Key(service_pk(account, region, cluster, name), f"{MEMBER_PREFIX}{incident_id}")


def service_pk(account: str, region: str, cluster: str, name: str) -> str:
    """The partition of a service's incidents."""
    return f"service#{account}#{region}#{cluster}#{name}"


def alias(task_arn: str) -> Key:
    """What a task belongs to."""
    return Key(f"task#{task_arn}", "alias")
