"""Proxies, clock, plugin, metadata, resolvers and the bounds of time."""

import socket
import threading
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from ecs_medic.doctor.addresses import Scope, scope_of
from ecs_medic.doctor.bounded import Overdue, at_once
from ecs_medic.doctor.check import Status
from ecs_medic.doctor.clock import clock_check
from ecs_medic.doctor.connect import Connected
from ecs_medic.doctor.http_lines import clock_ahead
from ecs_medic.doctor.instance_metadata import InstanceHere, instance_here
from ecs_medic.doctor.network import network_checks
from ecs_medic.doctor.probe import Attempt, Probe
from ecs_medic.doctor.proxy import proxy_for
from ecs_medic.doctor.proxy_check import proxy_checks
from ecs_medic.doctor.resolve import Resolution, Resolved
from ecs_medic.doctor.session_manager_plugin import plugin_check
from ecs_medic.doctor.surroundings import Surroundings, Where, surroundings
from ecs_medic.doctor.target import Target
from ecs_medic.doctor.task_metadata import TaskHere
from ecs_medic.doctor.vpc_resolver import ask_resolver, in_hosts_file, name_servers
from ecs_medic.vocabulary import Id
from ecs_medic_notify import Task
from tests.doctor import servers

TASK = Surroundings(Where.TASK, TaskHere(Task()))
EC2 = Surroundings(Where.EC2, None, InstanceHere("i-1"))
LAPTOP = Surroundings(Where.ELSEWHERE)
NO_METADATA = {"AWS_EC2_METADATA_DISABLED": "true"}


@pytest.mark.parametrize(
    ("address", "scope"),
    [
        ("10.0.1.5", Scope.PRIVATE),
        ("172.31.0.1", Scope.PRIVATE),
        ("100.64.3.4", Scope.PRIVATE),
        ("fd00:ec2::23", Scope.PRIVATE),
        ("52.95.1.1", Scope.PUBLIC),
        ("172.32.0.1", Scope.PUBLIC),
        ("2600:1f18::1", Scope.IPV6),
        ("127.0.0.1", Scope.LOOPBACK),
        ("::1", Scope.LOOPBACK),
        ("169.254.170.2", Scope.LINK_LOCAL),
        ("fe80::1%eth0", Scope.LINK_LOCAL),
        ("::ffff:10.0.0.1", Scope.PRIVATE),
    ],
)
def test_scopes(address, scope):
    assert scope_of(address) is scope


@pytest.mark.parametrize(
    ("no_proxy", "spared"),
    [
        ("", False),
        ("api.ecr.eu-west-1.amazonaws.com", True),
        ("amazonaws.com", True),
        (".amazonaws.com", True),
        ("*.amazonaws.com", True),
        ("AMAZONAWS.COM, example.com", True),
        ("amazonaws.com:443", True),
        ("*", True),
        ("zonaws.com", False),
        ("10.0.0.0/8", False),
    ],
)
def test_hosts_that_no_proxy_spares(no_proxy, spared):
    environment = {"HTTPS_PROXY": "http://proxy.example.com:3128", "NO_PROXY": no_proxy}
    assert (proxy_for("https", "api.ecr.eu-west-1.amazonaws.com", environment) is None) is spared


def proxied(place: Surroundings, *probes: Probe, **environment: str) -> list[tuple[str, Status, bool]]:
    return [(one.subject, one.status, one.advisory) for one in proxy_checks(environment, place, probes)]


GATE = "http://user:hidden@proxy.example.com:3128"


@pytest.mark.parametrize(
    ("place", "environment", "told"),
    [
        (TASK, {}, ("", Status.OK, False)),
        (TASK, {"HTTP_PROXY": GATE}, ("metadata", Status.BROKEN, False)),
        (TASK, {"http_proxy": GATE, "no_proxy": "localhost"}, ("metadata", Status.BROKEN, False)),
        (TASK, {"HTTPS_PROXY": GATE}, ("metadata", Status.BROKEN, True)),
        (TASK, {"HTTP_PROXY": GATE, "NO_PROXY": "169.254.170.2"}, ("metadata", Status.BROKEN, True)),
        (TASK, {"HTTP_PROXY": GATE, "NO_PROXY": "169.254.170.2,169.254.169.254"}, ("metadata", Status.OK, False)),
        (TASK, {"HTTP_PROXY": GATE, "NO_PROXY": "169.254.0.0/16"}, ("metadata", Status.OK, False)),
        (EC2, {"HTTP_PROXY": GATE, "NO_PROXY": "169.254.169.254"}, ("metadata", Status.OK, False)),
        (EC2, {"HTTP_PROXY": GATE}, ("metadata", Status.BROKEN, False)),
        (LAPTOP, {"HTTP_PROXY": GATE}, ("metadata", Status.OK, False)),
        (LAPTOP, {"HTTP_PROXY": "http://"}, ("HTTP_PROXY", Status.BROKEN, False)),
    ],
)
def test_metadata_addresses_must_be_spared(place, environment, told):
    assert proxied(place, **environment)[0] == told


def test_proxy_credentials_are_never_told_and_the_cause_is():
    (found, *_) = proxy_checks({"HTTP_PROXY": GATE}, TASK, ())
    assert "hidden" not in str(found.as_json())
    assert found.candidates == (Id.EXEC_PROXY_HIDES_CREDENTIALS,)


def seen(address: str, **attempt: float) -> Probe:
    host = "api.ecr.eu-west-1.amazonaws.com"
    attempts = (Attempt(address, scope_of(address), Connected.OPEN, **attempt),)  # type: ignore[arg-type]
    target = Target("ecr.api", host, service="com.amazonaws.eu-west-1.ecr.api")
    return Probe(target, Resolution(host, Resolved.ANSWERED, (address,)), attempts)


def test_a_proxy_that_hides_vpc_endpoints_is_told():
    environment = {"HTTPS_PROXY": GATE, "NO_PROXY": "169.254.169.254"}
    assert ("endpoints", Status.BROKEN, True) in proxied(EC2, seen("10.0.1.5"), **environment)
    assert len(proxied(EC2, seen("52.95.1.1"), **environment)) == 1
    environment["NO_PROXY"] += ",.amazonaws.com"
    assert len(proxied(EC2, seen("10.0.1.5"), **environment)) == 1


def test_the_clock():
    assert clock_check([]).status is Status.UNKNOWN
    right = [seen("10.0.1.5", clock_ahead=0.4), seen("10.0.1.6", clock_ahead=-1.0)]
    assert clock_check(right).status is Status.OK
    behind = clock_check([seen("10.0.1.5", clock_ahead=900.0)])
    assert behind.status is Status.BROKEN
    assert "15 minutes behind" in behind.reason
    assert "ahead" in clock_check([seen("10.0.1.5", clock_ahead=-301.0)]).reason
    # One server among three that is wrong is its own trouble.
    assert clock_check([*right, seen("10.0.1.7", clock_ahead=90_000.0)]).status is Status.OK


@pytest.mark.parametrize(("clock", "least", "most"), [(0, -2, 2), (3600, 3597, 3602), (-600, -603, -597)])
def test_the_difference_is_read_from_the_answers_date(clock, least, most):
    with (
        servers.serving(lambda one: servers.answer(one, timedelta(seconds=clock))) as port,
        socket.create_connection(("127.0.0.1", port), timeout=3) as connection,
    ):
        found = clock_ahead(connection, "localhost")
    assert found is not None
    assert least <= found <= most


def test_an_answer_without_a_date_tells_no_time():
    for handle in (lambda one: servers.answer(one, dated=False), servers.speaking_something_else, lambda one: None):
        with (
            servers.serving(handle) as port,
            socket.create_connection(("127.0.0.1", port), timeout=1) as connection,
        ):
            assert clock_ahead(connection, "localhost") is None


def program(folder: Path, script: str) -> dict[str, str]:
    path = folder / "session-manager-plugin"
    path.write_text(script)
    path.chmod(0o755)
    return {"PATH": f"{folder}:/usr/bin:/bin"}


@pytest.mark.parametrize(
    ("script", "status", "words"),
    [
        ("#!/bin/sh\necho 1.2.707.0\n", Status.OK, "version 1.2.707.0"),
        ("#!/bin/sh\necho hello\n", Status.UNKNOWN, "says no version"),
        ("#!/bin/sh\nexit 3\n", Status.BROKEN, "code 3"),
        ("\x7fELF of another processor", Status.BROKEN, "does not run"),
        ("#!/bin/sh\nexec sleep 5\n", Status.UNKNOWN, "did not end within"),
    ],
)
def test_the_session_manager_plugin(script, status, words, tmp_path):
    check = plugin_check(program(tmp_path, script), 0.4 if "sleep" in script else 5.0)
    assert check.status is status
    assert words in check.reason


def test_no_session_manager_plugin(tmp_path):
    check = plugin_check({"PATH": str(tmp_path)}, 1.0)
    assert (check.status, check.candidates) == (Status.BROKEN, (Id.EXEC_PLUGIN_MISSING,))


# All endpoints together.


def together(*probes: Probe, in_vpc: bool = True) -> list[tuple[str, bool]]:
    return [(one.subject, one.advisory) for one in network_checks(probes, in_vpc=in_vpc)]


def test_what_fails_for_all_is_said_once():
    works, private = seen("52.95.1.1"), seen("10.0.1.5")
    nameless = replace(works, resolution=replace(works.resolution, outcome=Resolved.NO_SUCH_NAME), attempts=())
    dropped = replace(works, attempts=(replace(works.attempts[0], outcome=Connected.TIMED_OUT),))
    assert together(nameless, nameless) == [("names", False)]
    assert together(nameless, works) == together(nameless) == together(works, works) == []
    assert together(dropped, dropped) == together(dropped, dropped, in_vpc=False) == [("internet", False)]
    # Those with an endpoint may be all that is needed.
    assert together(dropped, dropped, private) == [("internet", True)]
    assert together(dropped, works) == together(private, private) == []
    # A proxy needs neither names nor a way out of this machine's own.
    gate = proxy_for("https", nameless.target.host, {"HTTPS_PROXY": GATE})
    by_proxy = replace(nameless, proxy=gate)
    assert together(by_proxy, by_proxy) == []
    pulled = replace(by_proxy, target=replace(by_proxy.target, by_platform=True))
    assert together(pulled, pulled) == [("names", False)]


# Where this is.

TASK_ANSWER = {
    "Cluster": "shop",
    "TaskARN": "arn:aws:ecs:eu-west-1:123456789012:task/shop/0123456789abcdef0123456789abcdef",
    "Family": "orders",
    "Revision": "7",
    "LaunchType": "FARGATE",
    "Containers": [{"Name": "app", "Image": "public.ecr.aws/docker/library/busybox:1", "Type": "NORMAL"}],
}


def test_a_container_of_a_task(tmp_path):
    with servers.http({"/v4/one/task": TASK_ANSWER, "/v4/one": {"Name": "app"}}) as (host, _):
        environment = {"ECS_CONTAINER_METADATA_URI_V4": f"{host}/v4/one", **NO_METADATA}
        found = surroundings(environment, 1.0, tmp_path)
        (tmp_path / "managed-agents" / "execute-command").mkdir(parents=True)
        with_exec = surroundings(environment, 1.0, tmp_path)
    assert (found.where, found.exec_enabled, with_exec.exec_enabled) == (Where.TASK, False, True)
    assert found.task.task.account == "123456789012"
    assert found.spoken == "a container of the task orders:7"


def test_a_task_whose_metadata_cannot_be_read_is_still_a_task(tmp_path):
    environment = {"ECS_CONTAINER_METADATA_URI_V4": f"http://127.0.0.1:{servers.closed_port()}/v4/one", **NO_METADATA}
    found = surroundings(environment, 1.0, tmp_path)
    assert found.where is Where.TASK
    assert found.task.problem


IDENTITY = {"instanceId": "i-0123456789abcdef0", "region": "eu-west-1", "accountId": "123456789012"}
ROLE = "/latest/meta-data/iam/security-credentials/"
INSTANCE = {
    "/latest/api/token": "a-token",
    "/latest/dynamic/instance-identity/document": IDENTITY,
    ROLE: "bastion",
    f"{ROLE}bastion": {"Code": "Success", "AccessKeyId": "ASIAX", "Expiration": "2026-03-04T13:00:00Z"},
}


def test_an_instance_and_its_role():
    with servers.http(INSTANCE) as (host, asked):
        found = instance_here({"AWS_EC2_METADATA_SERVICE_ENDPOINT": host}, 5.0)
    assert found == InstanceHere(
        "i-0123456789abcdef0", "eu-west-1", "123456789012", "bastion", "2026-03-04T13:00:00Z", None
    )
    assert [method for method, *_ in asked] == ["PUT", "GET", "GET", "GET"]
    assert all(headers["x-aws-ec2-metadata-token"] == "a-token" for _, _, headers in asked[1:])


@pytest.mark.parametrize(
    ("change", "role", "problem"),
    [
        ({ROLE: 404}, None, None),
        ({f"{ROLE}bastion": {"Code": "AssumeRoleUnauthorizedAccess"}}, "bastion", "AssumeRoleUnauthorizedAccess"),
        ({f"{ROLE}bastion": 500}, "bastion", "no answer"),
    ],
)
def test_an_instance_without_credentials(change, role, problem):
    with servers.http(INSTANCE | change) as (host, _):
        found = instance_here({"AWS_EC2_METADATA_SERVICE_ENDPOINT": host}, 5.0)
    assert found.role == role
    assert (problem is None) if found.problem is None else (problem in found.problem)


def test_no_instance(tmp_path):
    nowhere = {"AWS_EC2_METADATA_SERVICE_ENDPOINT": f"http://127.0.0.1:{servers.closed_port()}"}
    assert surroundings(nowhere, 0.5, tmp_path).where is Where.ELSEWHERE
    with servers.http({}) as (host, _):  # somebody else's metadata service
        assert instance_here({"AWS_EC2_METADATA_SERVICE_ENDPOINT": host}, 5.0) is None
    assert instance_here({"AWS_EC2_METADATA_DISABLED": "true"}, 0.5) is None


# The VPC's own resolver.


def resolver(answer: bytes | None, identifier: bytes | None = None):
    """A name server on the loopback interface that answers every question with these records."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    listener.bind(("127.0.0.1", 0))

    def one() -> None:
        question, asker = listener.recvfrom(512)
        if answer is not None:
            listener.sendto((identifier or question[:2]) + answer[:10] + question[12:] + answer[10:], asker)

    threading.Thread(target=one, daemon=True).start()
    return listener


def header(flags: int, answers: int) -> bytes:
    return b"".join(number.to_bytes(2) for number in (flags, 1, answers, 0, 0))


def record(kind: int, data: bytes) -> bytes:
    return b"\xc0\x0c" + kind.to_bytes(2) + (1).to_bytes(2) + (60).to_bytes(4) + len(data).to_bytes(2) + data


ALIAS = record(5, b"\x03www\x07example\xc0\x0c")


@pytest.mark.parametrize(
    ("answer", "addresses"),
    [
        (
            header(0x8180, 2) + record(1, bytes([10, 0, 1, 5])) + record(1, bytes([10, 0, 2, 5])),
            ("10.0.1.5", "10.0.2.5"),
        ),
        (header(0x8180, 2) + ALIAS + record(1, bytes([52, 95, 1, 1])), ("52.95.1.1",)),
        (header(0x8183, 0), ()),
        (header(0x8182, 0), None),
        (header(0x8380, 0), None),
        (header(0x8180, 3) + record(1, bytes([10, 0, 1, 5])), None),
        (None, None),
    ],
)
def test_amazons_resolver_is_asked_by_hand(answer, addresses):
    with resolver(answer) as listener:
        seconds = 0.2 if answer is None else 5.0
        assert ask_resolver("api.ecr.eu-west-1.amazonaws.com", seconds, listener.getsockname()) == addresses


def test_an_answer_to_another_question_is_none():
    answer = header(0x8180, 1) + record(1, bytes([10, 0, 1, 5]))
    found = set()
    for identifier in (b"\x00\x01", b"\x00\x02"):  # one of them can be right by chance, not both
        with resolver(answer, identifier) as listener:
            found.add(ask_resolver("api.ecr.eu-west-1.amazonaws.com", 5.0, listener.getsockname()))
    assert None in found


def test_the_systems_files(tmp_path):
    (tmp_path / "resolv.conf").write_text(
        "# by hand\nnameserver 10.0.0.2\nsearch example.com\nnameserver 10.0.0.3 # 2\n"
    )
    (tmp_path / "hosts").write_text("127.0.0.1 localhost\n10.0.9.9 API.ecr.eu-west-1.amazonaws.com # once\n")
    assert name_servers(tmp_path / "resolv.conf") == ("10.0.0.2", "10.0.0.3")
    assert name_servers(tmp_path / "none") == ()
    assert in_hosts_file("api.ecr.eu-west-1.amazonaws.com", tmp_path / "hosts")
    assert not in_hosts_file("10.0.9.9", tmp_path / "hosts")


# Time.


def test_what_hangs_is_left_behind():
    never = threading.Event()
    started = time.monotonic()
    done = at_once({"quick": lambda: 1, "never": lambda: never.wait(30)}, 2.0)
    assert time.monotonic() - started < 15
    assert done == {"quick": 1, "never": Overdue(2.0)}
    never.set()


def test_what_a_job_raises_is_raised():
    def job() -> None:
        raise ValueError("of the job")

    with pytest.raises(ValueError, match="of the job"):
        at_once({"job": job}, 1.0)
