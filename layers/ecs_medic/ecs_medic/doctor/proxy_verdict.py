"""What came of the way through the proxy, which is the one that programs here take."""

from dataclasses import replace

from ecs_medic.doctor.attempt_verdict import failed, intercepted, interception
from ecs_medic.doctor.connect import Connected
from ecs_medic.doctor.probe import Attempt
from ecs_medic.doctor.proxy import Proxy
from ecs_medic.doctor.target import Target
from ecs_medic.doctor.verdict import Verdict, broken, ok, unknown

_DEMANDS_CREDENTIALS = 407


def through_proxy(proxy: Proxy, attempt: Attempt | None, target: Target, *, in_vpc: bool) -> Verdict:
    """The verdict on the way by the proxy; `attempt` is None where nothing came of it in time."""
    if proxy.problem is not None:
        return unknown(proxy.problem, f"Try what {proxy.variable} says with a client that knows it.")
    if attempt is None:
        return unknown(f"nothing came of the proxy {proxy.shown} in time", "Give more time with --timeout.")
    if attempt.works and intercepted(attempt, target):
        found = interception(attempt, target)
        return replace(found, reason=f"{found.reason} (by the proxy {proxy.shown})")
    if attempt.works:
        return ok(f"it answers through the proxy {proxy.shown} ({proxy.variable})")
    if attempt.outcome is Connected.OPEN:
        found = failed(attempt, target, in_vpc=in_vpc)
        return replace(found, reason=f"through the proxy, {found.reason}")
    return _not_through(proxy, attempt, target)


def _not_through(proxy: Proxy, attempt: Attempt, target: Target) -> Verdict:
    """The proxy itself is where it ends."""
    spare = f"put {target.host} into NO_PROXY"
    if attempt.proxy_status is None:
        said = f"the proxy {proxy.shown} is not reached ({attempt.detail})"
        return broken(said, f"Mend {proxy.variable}, or {spare}.")
    if attempt.proxy_status == _DEMANDS_CREDENTIALS:
        said = f"the proxy {proxy.shown} demands credentials, or others than it was given (407)"
        return broken(said, f"Put credentials that the proxy takes into {proxy.variable}, or {spare}.")
    said = f"the proxy {proxy.shown} refuses {target.host} ({attempt.proxy_status})"
    return broken(said, f"Let the proxy admit {target.host}:{target.port}, or {spare}.")
