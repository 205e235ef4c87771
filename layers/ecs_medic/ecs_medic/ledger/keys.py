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
RUN = "run"
MEMBER_PREFIX = "incident#"
RUN_PREFIX = "run#"
RECEIPT_PREFIX = "receipt#"
FORESEEN_PREFIX = "foreseen#"

_LONGEST = 1024
"""Bytes of what comes from outside; DynamoDB takes keys of 2,048, and an event that was made up may carry any name."""
_LATEST = 9_999_999_999_999


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


def unfinished(incident_id: str) -> Key:
    """The event whose diagnosis time ran out for."""
    return Key(f"incident#{incident_id}", "unfinished")


def proof(incident_id: str) -> Key:
    """What the last verification of an incident said."""
    return Key(f"incident#{incident_id}", "proof")


def verification(incident_id: str) -> Key:
    """The time at which an incident is to be verified again."""
    return Key(f"incident#{incident_id}", VERIFICATION)


def event(event_key: str) -> Key:
    """The trace of one event, by which its next delivery is known as a duplicate."""
    return Key(f"event#{_bounded(event_key)}", "event")


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
    return f"service#{_bounded(f'{account}#{region}#{cluster}#{name}')}"


def alias(task_arn: str) -> Key:
    """What a task belongs to."""
    return Key(f"task#{_bounded(task_arn)}", "alias")


def run(run_id: str) -> Key:
    """One run of a repair."""
    return Key(f"run#{run_id}", RUN)


def run_of_incident(incident_id: str, created_at: int, run_id: str) -> Key:
    """One run of an incident's repairs; in the order of these keys the newest comes first. `created_at` in epoch ms."""
    return Key(f"incident#{incident_id}", f"{RUN_PREFIX}{_LATEST - created_at:013d}#{run_id}")


def receipt(run_id: str, position: int) -> Key:
    """What the change at this position of a run did."""
    return Key(f"run#{run_id}", f"{RECEIPT_PREFIX}{position:06d}")


def vpc_pk(account: str, region: str, vpc_id: str) -> str:
    """The partition of a VPC."""
    return f"vpc#{_bounded(f'{account}#{region}#{vpc_id}')}"


def family_pk(account: str, region: str, cluster: str, family: str) -> str:
    """The partition of the tasks of no service that have a task definition family in common."""
    return f"family#{_bounded(f'{account}#{region}#{cluster}#{family}')}"


def foreseen_pk(account: str, region: str, cluster: str) -> str:
    """The partition of what checks have found in a cluster."""
    return f"cluster#{_bounded(f'{account}#{region}#{cluster}')}"


def repair(subject: str) -> Key:
    """Which run repairs a subject, and how often that was tried; `subject` is a service's, family's or VPC's `pk`."""
    return Key(subject, "repair")


def controls(whose: str) -> Key:
    """What the stack, or the operator, says about repairs."""
    return Key("controls", whose)


def _bounded(name: str) -> str:
    encoded = name.encode("utf-8", "replace")
    return name if len(encoded) <= _LONGEST else hashlib.sha256(encoded).hexdigest()
