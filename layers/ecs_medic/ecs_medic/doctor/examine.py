"""The examination: where this is, then everything else at the same time, in about ten seconds at most."""

import shutil
import ssl
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from ecs_medic.doctor.bounded import Deadline, Overdue, at_once
from ecs_medic.doctor.check import Check, Skipped, Status
from ecs_medic.doctor.clock import clock_check
from ecs_medic.doctor.credential_sources import Kind
from ecs_medic.doctor.credentials import CREDENTIALS, role_checks, source_check
from ecs_medic.doctor.destinations import Nameless, Wanted, wanted
from ecs_medic.doctor.docker_login import docker_checks
from ecs_medic.doctor.docker_state import Asked
from ecs_medic.doctor.endpoint_check import ENDPOINT, endpoint_check
from ecs_medic.doctor.examination import Examination
from ecs_medic.doctor.horizon import Horizon
from ecs_medic.doctor.identity import Caller, caller, identity_check
from ecs_medic.doctor.means import Means
from ecs_medic.doctor.network import network_checks
from ecs_medic.doctor.overrides import overridden
from ecs_medic.doctor.probe import Probe, probe
from ecs_medic.doctor.proxy import proxy_for
from ecs_medic.doctor.proxy_check import proxy_checks
from ecs_medic.doctor.region import chosen_region
from ecs_medic.doctor.resolve import Lookup, system_lookup
from ecs_medic.doctor.session_manager_plugin import PLUGIN, plugin_check
from ecs_medic.doctor.sudo_trap import DOCKER, configuration_of
from ecs_medic.doctor.surroundings import Surroundings, Where, surroundings
from ecs_medic.doctor.target import Target
from ecs_medic.doctor.tls import NoTrustError, trusting
from ecs_medic.doctor.users import Users, users
from ecs_medic.doctor.vpc_resolver import ask_resolver, in_hosts_file, name_servers
from ecs_medic.doctor.wish import Wish
from ecs_medic.needs.endpoints import destination

WHOLE = 9.0
"""Seconds that an examination may take, unless each step of it is given more than three."""
_GRACE = 0.5
"""Seconds in which what has ended in time is collected."""
_LONGEST_FOR_A_NAME = 1.0
_LEAST_FOR_DOCKER = 1.0
_AMAZON_RESOLVERS = frozenset({"169.254.169.253", "fd00:ec2::253"})
_OUTSIDE_OF_VPCS = "EXTERNAL"
_NOTHING_TO_SAY = frozenset({Kind.NONE, Kind.HALF_A_KEY, Kind.BAD_PROFILE})


@dataclass(frozen=True, slots=True)
class _Bench:
    """What all steps share."""

    wish: Wish
    environment: Mapping[str, str]
    place: Surroundings
    who: Users
    now: datetime
    means: Means

    @property
    def in_vpc(self) -> bool:
        task = self.place.task
        outside = task is not None and task.task.launch_type == _OUTSIDE_OF_VPCS
        return self.place.where is not Where.ELSEWHERE and not outside


def examine(wish: Wish, environment: Mapping[str, str], lookup: Lookup = system_lookup) -> Examination:
    """All checks that concern this machine.

    Raises:
        BadEndpointError: an address that the caller or the environment gave for a service cannot be used.
    """
    started, now = time.monotonic(), datetime.now(UTC)
    deadline = Deadline(max(WHOLE, 3.3 * wish.seconds))
    place = surroundings(environment, wish.seconds)
    who = users(environment)
    trust, distrust = _trust(environment)
    bench = _Bench(wish, environment, place, who, now, Means(wish.seconds, deadline, lookup, trust))
    region = chosen_region(wish.region, environment, place, who.me.home)
    account = wish.account or _account(place)
    sources, source = source_check(environment, place, who.me.home)

    jobs: dict[str, Callable[[], object]] = {"roles": lambda: tuple(_roles(bench))}
    if region.region is not None and source.kind not in _NOTHING_TO_SAY:
        jobs["caller"] = partial(_caller, bench, region.region)
    if place.where is not Where.TASK:
        jobs["plugin"] = lambda: plugin_check(environment, bench.means.step)
    targets = _wanted(bench, region.region, account)
    done = at_once(jobs | _probes(bench, targets), deadline.left + _GRACE)
    met = done.get("caller")
    if account is None and isinstance(met, Caller) and met.account is not None:
        # Now the registry has a name.
        account, before = met.account, targets
        targets = _wanted(bench, region.region, account)
        done |= at_once(_probes(bench, (one for one in targets if one not in before)), deadline.left + _GRACE)

    probes = [seen for seen in done.values() if isinstance(seen, _Seen)]
    docker = _docker_in_time(bench, region.region, account)
    checks = [
        *_place_checks(place),
        region.check,
        sources,
        *_several(done["roles"]),
        *([identity_check(met, account)] if isinstance(met, Caller | Overdue) else []),
        *distrust,
        *proxy_checks(environment, place, [seen.probe for seen in probes]),
        *network_checks([seen.probe for seen in probes], in_vpc=bench.in_vpc),
        *(_endpoint(bench, one, done) for one in targets),
        clock_check(seen.probe for seen in probes),
        *_of_plugin(done.get("plugin")),
        *(one for one in docker if isinstance(one, Check)),
    ]
    took = round(time.monotonic() - started, 1)
    skipped = (*_skipped(bench, met), *(one for one in docker if isinstance(one, Skipped)))
    return Examination(place, region.region, account, tuple(checks), skipped, now, took)


@dataclass(frozen=True, slots=True)
class _Seen:
    """A target's probe, and where its name's addresses come from."""

    probe: Probe
    horizon: Horizon


def _trust(environment: Mapping[str, str]) -> tuple[ssl.SSLContext, list[Check]]:
    try:
        return trusting(environment), []
    except NoTrustError as error:
        rest = {name: value for name, value in environment.items() if not name.endswith("_CA_BUNDLE")}
        fix = "Mend AWS_CA_BUNDLE (or REQUESTS_CA_BUNDLE), or unset it. Probed with the system's authorities meanwhile."
        reason = f"AWS clients here trust nobody: {error}"
        return trusting(rest), [Check("trust", "", Status.BROKEN, reason, fix)]


def _account(place: Surroundings) -> str | None:
    task = place.task.task.account if place.task else None
    return task or (place.instance.account if place.instance else None)


def _caller(bench: _Bench, region: str) -> Caller | Overdue:
    """Whatever hands the credentials out may take its time, too: a program, a role to assume."""
    return at_once({"caller": partial(caller, region)}, bench.means.deadline.within(2 * bench.wish.seconds))["caller"]


def _roles(bench: _Bench) -> Iterator[Check]:
    yield from role_checks(bench.environment, bench.place, bench.now, bench.means.step)


def _wanted(bench: _Bench, region: str | None, account: str | None) -> list[Wanted]:
    if region is None:
        return []
    docker = shutil.which("docker", path=bench.environment.get("PATH", "")) is not None
    found = wanted(bench.place, region, account, asked=bench.wish.services, docker=docker)
    if not bench.wish.services:
        # Whoever says where a service is wants it tried.
        more = [name for name in bench.wish.endpoints if name not in {one.name for one in found}]
        found += wanted(bench.place, region, account, asked=more) if more else ()
    return [
        overridden(one, bench.environment, bench.wish.endpoints) if isinstance(one, Target) else _named(one, bench)
        for one in found
    ]


def _named(one: Nameless, bench: _Bench) -> Wanted:
    """A service whose host nobody knows has one where an option says so."""
    if one.name not in bench.wish.endpoints:
        return one
    return overridden(Target(one.name, one.name), bench.environment, bench.wish.endpoints)


def _probes(bench: _Bench, these: Iterable[Wanted]) -> dict[str, Callable[[], object]]:
    return {_key(one): partial(_look, bench, one) for one in these if isinstance(one, Target)}


def _look(bench: _Bench, target: Target) -> _Seen | None:
    """None where not even a part of it was seen in time."""
    proxy = proxy_for("https" if target.secure else "http", target.host, bench.environment)
    parts: dict[str, Callable[[], object]] = {
        "probe": partial(probe, target, proxy, bench.means),
        "horizon": partial(_horizon, bench, target),
    }
    done = at_once(parts, bench.means.deadline.left + _GRACE / 2)
    seen, horizon = done["probe"], done["horizon"]
    if not isinstance(seen, Probe):
        return None
    return _Seen(seen, horizon if isinstance(horizon, Horizon) else Horizon())


def _horizon(bench: _Bench, target: Target) -> Horizon:
    servers = name_servers()
    asked = None
    if bench.in_vpc and target.is_aws and not _AMAZON_RESOLVERS.intersection(servers):
        asked = ask_resolver(target.host, bench.means.deadline.within(_LONGEST_FOR_A_NAME))
    return Horizon(servers, asked, in_hosts_file(target.host))


def _key(target: Target) -> str:
    return f"endpoint {target.name} {target.host}:{target.port}"


def _endpoint(bench: _Bench, one: Wanted, done: Mapping[str, object]) -> Check:
    if isinstance(one, Nameless):
        return Check(ENDPOINT, one.name, Status.UNKNOWN, one.reason, "Give --account.")
    seen = done.get(_key(one))
    if isinstance(seen, _Seen):
        return endpoint_check(seen.probe, seen.horizon, in_vpc=bench.in_vpc)
    return Check(
        ENDPOINT, one.name, Status.UNKNOWN, "there was no time left to try it", "Give more time with --timeout."
    )


def _several(found: object) -> tuple[Check, ...]:
    if isinstance(found, tuple):
        return found
    return (
        Check("credentials", "role", Status.UNKNOWN, "what hands out the role's credentials did not answer in time"),
    )


def _of_plugin(found: object) -> tuple[Check, ...]:
    if isinstance(found, Check):
        return (found,)
    return () if found is None else (Check(PLUGIN, "", Status.UNKNOWN, "it did not say its version in time"),)


def _place_checks(place: Surroundings) -> Iterator[Check]:
    if place.task is not None and place.task.problem is not None:
        yield Check(
            "task_metadata",
            "",
            Status.BROKEN,
            f"which task this is cannot be told: {place.task.problem}",
            "Look for a firewall or a proxy between the container and the ECS agent.",
        )


def _skipped(bench: _Bench, asked: object) -> Iterator[Skipped]:
    if asked is None:
        yield Skipped(
            CREDENTIALS, "whose they are: there are none that AWS could be asked with, or no Region to ask in"
        )
    if bench.place.where is Where.TASK:
        yield Skipped(PLUGIN, "needed where `aws ecs execute-command` is called, not in the task")


def _docker_in_time(bench: _Bench, region: str | None, account: str | None) -> tuple[Check | Skipped, ...]:
    """What keeps docker's logins is a program of somebody else's, and may hang."""
    seconds = max(_LEAST_FOR_DOCKER, bench.means.step)
    found = at_once({DOCKER: lambda: tuple(_docker(bench, region, account))}, seconds)[DOCKER]
    if isinstance(found, Overdue):
        return (Check(DOCKER, "", Status.UNKNOWN, f"docker's configuration could not be read in {seconds:.1f} s"),)
    return found


def _docker(bench: _Bench, region: str | None, account: str | None) -> Iterator[Check | Skipped]:
    installed = shutil.which("docker", path=bench.environment.get("PATH", "")) is not None
    if not configuration_of(bench.who.me, bench.environment).exists():
        if bench.place.where is Where.TASK:
            yield Skipped(DOCKER, "nobody has logged docker in from this container")
            return
        if not installed:
            yield Skipped(DOCKER, "docker is not installed here, and has no configuration")
            return
    if region is None or account is None:
        what = "Region" if region is None else "account"
        reason = f"the registry's name is made of account and Region, and the {what} is not known"
        yield Check(DOCKER, "", Status.UNKNOWN, reason, f"Give --{what.lower()}.")
        return
    registry = f"{account}.dkr.{destination('ecr', region, region).host}"
    asked = Asked(registry, bench.environment, bench.now, max(_LEAST_FOR_DOCKER, bench.means.step))
    yield from docker_checks(asked, bench.who)
