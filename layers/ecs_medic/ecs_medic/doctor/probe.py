"""Probing one target: its name, every address that the name has, and the way through the proxy."""

import socket
import time
from dataclasses import dataclass

from ecs_medic.doctor.addresses import Scope, is_ipv6, scope_of
from ecs_medic.doctor.bounded import Overdue, at_once
from ecs_medic.doctor.connect import Connected, NotConnectedError, connect
from ecs_medic.doctor.http_lines import clock_ahead
from ecs_medic.doctor.means import Means
from ecs_medic.doctor.proxy import Proxy
from ecs_medic.doctor.resolve import Resolution, Resolved, resolve
from ecs_medic.doctor.target import Target
from ecs_medic.doctor.tls import Handshake, handshake, issuer_shown
from ecs_medic.doctor.via_proxy import ProxyRefusedError, tunnel

_MOST_ADDRESSES = 6
"""Of one family: an interface endpoint has one in each zone."""
_LONGEST_FOR_THE_CLOCK = 1.0
_SHOWN_UNTRUSTED = frozenset({Handshake.UNTRUSTED, Handshake.WRONG_NAME, Handshake.EXPIRED, Handshake.NOT_YET_VALID})


@dataclass(frozen=True, slots=True)
class Attempt:
    """One connection that was tried. `address` is the proxy's where it went through one; `clock_ahead` in seconds."""

    address: str
    scope: Scope | None
    outcome: Connected
    detail: str = ""
    handshake: Handshake | None = None
    issuer: str = ""
    source_address: str | None = None
    clock_ahead: float | None = None
    seconds: float = 0.0
    proxy_status: int | None = None

    @property
    def works(self) -> bool:
        """Whether a client would have been served: connected, and the certificate trusted where there is one."""
        return self.outcome is Connected.OPEN and self.handshake in {None, Handshake.TRUSTED}


@dataclass(frozen=True, slots=True)
class Probe:
    """What was seen of a target. `proxied` is None where no proxy is meant for it."""

    target: Target
    resolution: Resolution
    attempts: tuple[Attempt, ...] = ()
    proxy: Proxy | None = None
    proxied: Attempt | None = None


def probe(target: Target, proxy: Proxy | None, means: Means) -> Probe:
    """Everything about one target, the ways side by side."""
    parts = at_once(
        {"direct": lambda: _direct(target, means), "proxied": lambda: _proxied(target, proxy, means)},
        means.deadline.left,
    )
    direct, proxied = parts["direct"], parts["proxied"]
    resolution, attempts = direct if isinstance(direct, tuple) else (_late(target), ())
    return Probe(target, resolution, attempts, proxy, proxied if isinstance(proxied, Attempt) else None)


def _late(target: Target) -> Resolution:
    return Resolution(target.host, Resolved.TIMED_OUT)


def _direct(target: Target, means: Means) -> tuple[Resolution, tuple[Attempt, ...]]:
    resolution = resolve(target.host, means.step, means.lookup)
    chosen = _chosen(resolution.addresses)
    jobs = {address: (lambda address=address: _attempt(target, address, means)) for address in chosen}
    longest = means.deadline.within(3 * means.seconds + _LONGEST_FOR_THE_CLOCK)
    done = at_once(jobs, longest)
    return resolution, tuple(_in_time(address, attempt) for address, attempt in done.items())


def _chosen(addresses: tuple[str, ...]) -> list[str]:
    newer = [address for address in addresses if is_ipv6(address)]
    older = [address for address in addresses if not is_ipv6(address)]
    return older[:_MOST_ADDRESSES] + newer[:_MOST_ADDRESSES]


def _in_time(address: str, attempt: Attempt | Overdue) -> Attempt:
    if isinstance(attempt, Attempt):
        return attempt
    return Attempt(address, scope_of(address), Connected.TIMED_OUT, f"nothing came of it in {attempt.seconds:.1f} s")


def _attempt(target: Target, address: str, means: Means) -> Attempt:
    started = time.monotonic()
    scope = scope_of(address)
    try:
        connection = connect(address, target.port, means.step)
    except NotConnectedError as error:
        return Attempt(address, scope, error.outcome, str(error), seconds=_since(started))
    source = str(connection.getsockname()[0])
    if not target.secure:
        ahead = _clock(connection, target.host, means)
        return Attempt(address, scope, Connected.OPEN, "", None, "", source, ahead, _since(started))
    end = handshake(connection, target.host, means.trust)
    ahead, issuer = None, end.issuer
    if end.connection is not None:
        ahead = _clock(end.connection, target.host, means)
    elif end.outcome in _SHOWN_UNTRUSTED:
        issuer = _issuer(address, target, means)
    took = _since(started)
    return Attempt(address, scope, Connected.OPEN, end.detail, end.outcome, issuer, source, ahead, took)


def _proxied(target: Target, proxy: Proxy | None, means: Means) -> Attempt | None:
    if proxy is None or proxy.problem is not None or not target.secure:
        return None
    started = time.monotonic()
    at = proxy.shown
    try:
        connection = tunnel(proxy, target.host, target.port, means)
    except NotConnectedError as error:
        return Attempt(at, None, error.outcome, str(error), seconds=_since(started))
    except ProxyRefusedError as error:
        took = _since(started)
        return Attempt(at, None, Connected.FAILED, str(error), seconds=took, proxy_status=error.status)
    end = handshake(connection, target.host, means.trust)
    ahead = None if end.connection is None else _clock(end.connection, target.host, means)
    issuer = end.issuer
    if end.connection is None and end.outcome in _SHOWN_UNTRUSTED:
        try:
            again = tunnel(proxy, target.host, target.port, means)
            issuer = issuer_shown(again, target.host)
        except (NotConnectedError, ProxyRefusedError):
            issuer = ""
    return Attempt(at, None, Connected.OPEN, end.detail, end.outcome, issuer, None, ahead, _since(started))


def _clock(connection: socket.socket, host: str, means: Means) -> float | None:
    with connection:
        connection.settimeout(max(0.001, means.deadline.within(min(_LONGEST_FOR_THE_CLOCK, means.seconds))))
        return clock_ahead(connection, host)


def _issuer(address: str, target: Target, means: Means) -> str:
    try:
        return issuer_shown(connect(address, target.port, means.step), target.host)
    except NotConnectedError:
        return ""


def _since(started: float) -> float:
    return round(time.monotonic() - started, 3)
