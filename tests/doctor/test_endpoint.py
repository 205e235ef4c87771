"""One endpoint, from its name to its certificate: probed on the loopback interface, judged as if it were AWS's."""

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from ecs_medic.doctor.addresses import Scope
from ecs_medic.doctor.bounded import Deadline
from ecs_medic.doctor.check import Check, Status
from ecs_medic.doctor.connect import Connected
from ecs_medic.doctor.endpoint_check import endpoint_check
from ecs_medic.doctor.horizon import Horizon
from ecs_medic.doctor.means import Means
from ecs_medic.doctor.probe import Attempt, Probe, probe
from ecs_medic.doctor.proxy import Proxy, proxy_for
from ecs_medic.doctor.resolve import Lookup, Resolution, Resolved
from ecs_medic.doctor.target import Needed, Target
from ecs_medic.doctor.tls import Handshake
from ecs_medic.vocabulary import Id
from tests.doctor import servers
from tests.doctor.authority import Authority, authority

HOST = "api.ecr.eu-west-1.amazonaws.com"
SERVICE = "com.amazonaws.eu-west-1.ecr.api"
S3 = "com.amazonaws.eu-west-1.s3"


@pytest.fixture(scope="module")
def amazon(tmp_path_factory) -> Authority:
    return authority(tmp_path_factory.mktemp("amazon"))


@pytest.fixture(scope="module")
def office(tmp_path_factory) -> Authority:
    return authority(tmp_path_factory.mktemp("office"), "Example Office", "Example Inspection CA")


def here(_: str) -> list[str]:
    return ["127.0.0.1"]


def target(port: int, **changes: Any) -> Target:
    return replace(Target("ecr.api", HOST, port, service=SERVICE, why="for the image of app"), **changes)


def seen(
    port: int, trusted: Authority, *, lookup: Lookup = here, seconds: float = 5.0, proxy: Proxy | None = None
) -> Probe:
    context = ssl.create_default_context(cafile=trusted.bundle)
    return probe(target(port), proxy, Means(seconds, Deadline(20), lookup, context))


def check(found: Probe, *, in_vpc: bool = True, horizon: Horizon | None = None) -> Check:
    return endpoint_check(found, horizon or Horizon(("10.0.0.2",)), in_vpc=in_vpc)


@contextlib.contextmanager
def tls(issuer: Authority, host: str = HOST, **server: timedelta) -> Iterator[int]:
    with servers.serving(servers.speaking_tls(issuer.server(host, **server))) as port:
        yield port


def test_a_trusted_endpoint_is_ok_and_its_issuer_and_clock_are_told(amazon):
    with tls(amazon) as port:
        found = seen(port, amazon)
    assert check(found).status is Status.OK
    (attempt,) = found.attempts
    assert (attempt.scope, attempt.handshake, attempt.issuer) == (
        Scope.LOOPBACK,
        Handshake.TRUSTED,
        "Amazon, Amazon Test CA",
    )
    assert attempt.source_address == "127.0.0.1"
    assert attempt.clock_ahead == pytest.approx(0, abs=2)


def test_a_refused_connection_is_no_security_group(amazon):
    told = check(seen(servers.closed_port(), amazon))
    assert told.status is Status.BROKEN
    assert "refuses the connection" in told.reason
    assert told.candidates == ()


def test_a_dropped_connection_times_out_within_its_bound(amazon):
    with servers.black_hole() as port:
        started = time.monotonic()
        found = seen(port, amazon, seconds=0.3)
        assert time.monotonic() - started < 15
    assert found.attempts[0].outcome is Connected.TIMED_OUT
    assert "does not answer" in check(found).reason


def test_an_issuer_that_nobody_trusts_is_named_as_interception(amazon, office):
    with tls(office) as port:
        told = check(seen(port, amazon))
    assert told.status is Status.BROKEN
    assert told.reason.startswith("TLS is intercepted")
    assert "Example Office, Example Inspection CA" in told.reason


def test_an_issuer_that_is_trusted_here_and_not_amazons_is_interception_all_the_same(office):
    with tls(office) as port:
        found = seen(port, office)
    told = check(found)
    assert (told.status, told.advisory) == (Status.BROKEN, True)
    assert "Example Inspection CA" in told.reason
    # What ECS itself fetches knows nothing of the authority that this machine trusts.
    by_ecs = check(replace(found, target=replace(found.target, by_platform=True)))
    assert (by_ecs.status, by_ecs.advisory) == (Status.BROKEN, False)
    # A stand-in may have any certificate.
    stand_in = check(replace(found, target=replace(found.target, override="AWS_ENDPOINT_URL=https://localhost")))
    assert stand_in.status is Status.OK


def test_amazons_own_certificate_without_trust_is_not_interception(amazon, office):
    with tls(amazon) as port:
        told = check(seen(port, office))
    assert told.status is Status.BROKEN
    assert "intercepted" not in told.reason
    assert "ca-certificates" in told.fix


@pytest.mark.parametrize(
    ("server", "words"),
    [
        ({"host": "elsewhere.example.com"}, f"is not {HOST}"),
        ({"until": -timedelta(hours=1)}, "by this machine's clock"),
        ({"since": timedelta(hours=1), "until": timedelta(hours=2)}, "by this machine's clock"),
    ],
)
def test_a_certificate_that_does_not_fit(amazon, server, words):
    with tls(amazon, **server) as port:
        told = check(seen(port, amazon))
    assert told.status is Status.BROKEN
    assert words in told.reason


@pytest.mark.parametrize(
    ("handle", "outcome"),
    [(servers.cutting, Handshake.CUT_OFF), (servers.speaking_something_else, Handshake.NOT_TLS)],
)
def test_a_handshake_that_does_not_come_to_its_end(amazon, handle, outcome):
    with servers.serving(handle) as port:
        found = seen(port, amazon)
    assert found.attempts[0].handshake is outcome
    assert check(found).status is Status.BROKEN


def test_a_connection_that_opens_and_says_nothing(amazon):
    with servers.silent() as port:
        found = seen(port, amazon, seconds=2)
    assert (found.attempts[0].outcome, found.attempts[0].handshake) == (Connected.OPEN, Handshake.TIMED_OUT)
    assert "says nothing" in check(found).reason


def raising(number: int) -> Lookup:
    def lookup(_: str) -> list[str]:
        raise socket.gaierror(number, "as the system says")

    return lookup


@pytest.mark.parametrize(
    ("number", "outcome", "words"),
    [
        (socket.EAI_NONAME, Resolved.NO_SUCH_NAME, "does not exist"),
        (socket.EAI_AGAIN, Resolved.RESOLVER_FAILED, "fails on"),
        (-5, Resolved.NO_ADDRESS, "has no address"),
    ],
)
def test_names_that_do_not_resolve_are_told_apart(amazon, number, outcome, words):
    found = seen(1, amazon, lookup=raising(number))
    assert found.resolution.outcome is outcome
    told = check(found)
    assert told.status is Status.BROKEN
    assert words in told.reason
    assert "10.0.0.2" in told.reason


def test_a_resolver_that_never_answers_holds_nobody_up(amazon):
    never = threading.Event()

    def lookup(_: str) -> list[str]:
        never.wait(30)
        return []

    started = time.monotonic()
    found = seen(1, amazon, lookup=lookup, seconds=0.2)
    assert time.monotonic() - started < 15
    never.set()
    assert found.resolution.outcome is Resolved.TIMED_OUT
    # A fifth of a second proves nothing about a resolver; three seconds do.
    assert check(found).status is Status.UNKNOWN
    longer = check(replace(found, resolution=replace(found.resolution, seconds=3.0)))
    assert longer.status is Status.BROKEN
    assert "does not answer" in longer.reason


# From here on: what was seen is made up, what is said about it is not.


def attempt(address: str, scope: Scope, outcome: Connected = Connected.OPEN, **more: Any) -> Attempt:
    shaken = Handshake.TRUSTED if outcome is Connected.OPEN else None
    return replace(Attempt(address, scope, outcome, "no answer within 3.0 s" * (shaken is None), shaken), **more)


def made_up(*attempts: Attempt, **changes: Any) -> Probe:
    addresses = tuple(one.address for one in attempts)
    return Probe(target(443, **changes), Resolution(HOST, Resolved.ANSWERED, addresses), attempts)


PRIVATE = attempt("10.0.1.5", Scope.PRIVATE)
PUBLIC = attempt("52.95.1.1", Scope.PUBLIC)
DROPPED = Connected.TIMED_OUT


def test_private_and_public_ways_are_told_apart():
    assert "an interface endpoint's" in check(made_up(PRIVATE)).reason
    assert "over the internet" in check(made_up(PUBLIC)).reason
    assert "both look alike" in check(made_up(PUBLIC, service=S3)).reason
    assert {check(made_up(one)).status for one in (PRIVATE, PUBLIC)} == {Status.OK}


@pytest.mark.parametrize(
    ("dropped", "service", "in_vpc", "first"),
    [
        (attempt("10.0.1.5", Scope.PRIVATE, DROPPED), SERVICE, True, Id.ENDPOINT_SECURITY_GROUP_BLOCKS),
        (attempt("52.95.1.1", Scope.PUBLIC, DROPPED), SERVICE, True, Id.VPC_ENDPOINT_MISSING),
        (attempt("52.95.1.1", Scope.PUBLIC, DROPPED), S3, True, Id.S3_GATEWAY_NOT_ON_ROUTE_TABLE),
        (attempt("44.1.1.1", Scope.PUBLIC, DROPPED), None, True, Id.NO_ROUTE_TO_INTERNET),
        (attempt("52.95.1.1", Scope.PUBLIC, DROPPED), SERVICE, False, None),
    ],
)
def test_what_a_dropped_connection_can_mean_depends_on_the_address(dropped, service, in_vpc, first):
    told = check(made_up(dropped, service=service), in_vpc=in_vpc)
    assert told.status is Status.BROKEN
    assert (told.candidates or (None,))[0] == first
    assert told.fix


def test_one_zone_of_an_endpoint_that_does_not_answer_is_broken():
    told = check(made_up(PRIVATE, attempt("10.0.2.5", Scope.PRIVATE, DROPPED)))
    assert told.status is Status.BROKEN
    assert "works at 10.0.1.5 and not at 10.0.2.5" in told.reason


def test_mixed_answers_are_told_even_where_both_serve():
    told = check(made_up(PRIVATE, PUBLIC))
    assert (told.status, told.advisory) == (Status.BROKEN, True)
    assert "private and public" in told.reason


def test_ipv6_without_a_route_harms_nobody_and_one_that_drops_slows_down():
    no_route = attempt("2600:1f18::1", Scope.IPV6, Connected.NO_ROUTE)
    assert check(made_up(PUBLIC, no_route)).status is Status.OK
    drops = check(made_up(PUBLIC, replace(no_route, outcome=DROPPED)))
    assert (drops.status, drops.advisory) == (Status.BROKEN, True)
    assert "look alike" in check(made_up(attempt("2600:1f18::1", Scope.IPV6))).reason


def test_a_split_horizon_passes_the_endpoint_by():
    horizon = Horizon(("192.168.0.53",), ("10.0.1.5",))
    works = check(made_up(PUBLIC), horizon=horizon)
    fails = check(made_up(replace(PUBLIC, outcome=DROPPED, handshake=None)), horizon=horizon)
    assert (works.status, works.advisory) == (Status.BROKEN, True)
    assert (fails.status, fails.advisory) == (Status.BROKEN, False)
    assert works.candidates == fails.candidates == (Id.CUSTOM_DNS_RESOLVER,)
    assert "192.168.0.53" in works.fix
    # The same answers on both sides, or none from Amazon's: nothing to say.
    assert check(made_up(PRIVATE), horizon=horizon).status is Status.OK
    assert check(made_up(PUBLIC), horizon=Horizon(("192.168.0.53",), None)).status is Status.OK


def test_a_private_address_that_the_vpc_does_not_know_is_told_where_it_fails():
    lost = made_up(attempt("10.99.0.5", Scope.PRIVATE, DROPPED))
    told = check(lost, horizon=Horizon(("192.168.0.53",), ("52.95.1.1",)))
    assert "Split horizon" in told.reason
    assert told.candidates[0] is Id.CUSTOM_DNS_RESOLVER


def test_what_is_perhaps_not_needed_is_only_advice():
    dropped = made_up(replace(PUBLIC, outcome=DROPPED), needed=Needed.PERHAPS, why="if ECS Exec is to work")
    told = check(dropped)
    assert (told.status, told.advisory) == (Status.BROKEN, True)
    assert told.reason.endswith("It matters only if ECS Exec is to work")


def test_what_the_instance_fetches_is_not_judged_by_the_tasks_interface():
    dropped = made_up(replace(PUBLIC, outcome=DROPPED), by_platform=True, by_host=True)
    told = check(dropped)
    assert (told.status, told.advisory) == (Status.BROKEN, True)
    assert "by the instance's" in told.reason


def test_no_time_left_is_unknown():
    assert check(made_up(PRIVATE, needed=Needed.YES)).status is Status.OK
    nothing = Probe(target(443), Resolution(HOST, Resolved.ANSWERED, ("10.0.1.5",)))
    assert check(nothing).status is Status.UNKNOWN


# By a proxy.


def by_proxy(port: int, credentials: str = "") -> Proxy:
    found = proxy_for("https", HOST, {"HTTPS_PROXY": f"http://{credentials}127.0.0.1:{port}"})
    assert found is not None
    return found


def test_the_way_through_a_proxy_counts_where_programs_take_it(amazon):
    with tls(amazon) as port, servers.proxy({HOST: port}) as (gate, heads):
        found = seen(servers.closed_port(), amazon, proxy=by_proxy(gate, "user:hidden@"))
    told = check(found)
    assert told.status is Status.OK
    assert "through the proxy 127.0.0.1" in told.reason
    assert "past the proxy" in told.reason
    assert any("Proxy-Authorization: Basic" in head for head in heads)
    assert "hidden" not in str(told.as_json())
    # What ECS itself does goes past the container's variables.
    assert check(replace(found, target=replace(found.target, by_platform=True))).status is Status.BROKEN


@pytest.mark.parametrize(("status", "words"), [(407, "demands credentials"), (403, "refuses")])
def test_a_proxy_that_refuses(amazon, status, words):
    with servers.proxy({}, status=status) as (gate, _):
        told = check(seen(servers.closed_port(), amazon, proxy=by_proxy(gate)))
    assert told.status is Status.BROKEN
    assert words in told.reason


def test_a_proxy_that_is_not_there_and_one_that_opens_tls(amazon, office):
    told = check(seen(servers.closed_port(), amazon, proxy=by_proxy(servers.closed_port())))
    assert "is not reached" in told.reason
    with tls(office) as port, servers.proxy({HOST: port}) as (gate, _):
        told = check(seen(servers.closed_port(), amazon, proxy=by_proxy(gate)))
    assert "Example Inspection CA" in told.reason


def test_a_proxy_that_is_not_tried_is_unknown(amazon):
    proxy = proxy_for("https", HOST, {"https_proxy": "socks5://127.0.0.1:1080"})
    told = check(seen(servers.closed_port(), amazon, proxy=proxy))
    assert told.status is Status.UNKNOWN


def test_every_failure_names_what_to_do_about_it():
    unconnected = [
        attempt("192.0.2.1", scope, outcome)
        for outcome in Connected
        if outcome is not Connected.OPEN
        for scope in Scope
    ]
    unsecured = [replace(PRIVATE, handshake=end) for end in Handshake if end is not Handshake.TRUSTED]
    for one in (*unconnected, *unsecured):
        for service in (SERVICE, S3, None):
            told = check(made_up(one, service=service))
            assert told.status is Status.BROKEN
            assert told.reason
            assert told.fix
