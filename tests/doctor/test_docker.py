"""docker's login: whose it is, for which registry, for how long; and the one who pushes as somebody else."""

import base64
import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ecs_medic.doctor.check import Check, Status
from ecs_medic.doctor.docker_config import read_docker_config
from ecs_medic.doctor.docker_login import docker_checks
from ecs_medic.doctor.docker_state import Asked, login_state
from ecs_medic.doctor.users import User, Users, users
from ecs_medic.vocabulary import Id

NOW = datetime.now(UTC)
REGISTRY = "123456789012.dkr.ecr.eu-west-1.amazonaws.com"
OTHER = "111122223333.dkr.ecr.eu-west-1.amazonaws.com"
HIDDEN = "c2VjcmV0LXBheWxvYWQ"


def token(expires: datetime | None) -> str:
    """A password as Amazon ECR makes it."""
    if expires is None:
        return HIDDEN
    body = {"payload": HIDDEN, "datakey": "x", "version": "2", "type": "DATA_KEY", "expiration": expires.timestamp()}
    return base64.b64encode(json.dumps(body).encode()).decode()


def auth(expires: datetime | None, user: str = "AWS") -> dict[str, str]:
    return {"auth": base64.b64encode(f"{user}:{token(expires)}".encode()).decode()}


GOOD = auth(NOW + timedelta(hours=3))


def home(folder: Path, document: Mapping[str, Any] | str | None) -> Path:
    (folder / ".docker").mkdir(parents=True, exist_ok=True)
    if document is not None:
        text = document if isinstance(document, str) else json.dumps(document)
        (folder / ".docker" / "config.json").write_text(text)
    return folder


def program(folder: Path, name: str, script: str) -> None:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def asked(**environment: str) -> Asked:
    return Asked(REGISTRY, {"PATH": "/usr/bin:/bin"} | environment, NOW, 5.0)


def state_of(folder: Path, document: Any, **environment: str) -> Any:
    found = login_state(read_docker_config(home(folder, document) / ".docker" / "config.json"), asked(**environment))
    assert HIDDEN not in repr(found)
    return found


@pytest.mark.parametrize(
    ("document", "status", "candidates"),
    [
        ({"auths": {REGISTRY: GOOD}}, Status.OK, ()),
        ({"auths": {f"https://{REGISTRY}/v2/": GOOD}}, Status.OK, ()),
        ({"auths": {REGISTRY: auth(NOW - timedelta(minutes=1))}}, Status.BROKEN, (Id.PUSH_TOKEN_EXPIRED,)),
        ({"auths": {REGISTRY: auth(None)}}, Status.UNKNOWN, ()),
        ({"auths": {REGISTRY: auth(NOW, "me")}}, Status.BROKEN, (Id.PUSH_NOT_AUTHENTICATED,)),
        ({"auths": {OTHER: GOOD}}, Status.BROKEN, (Id.PUSH_NOT_AUTHENTICATED,)),
        ({"auths": {REGISTRY: {}}}, Status.BROKEN, (Id.PUSH_NOT_AUTHENTICATED,)),
        ({"auths": []}, Status.BROKEN, (Id.PUSH_NOT_AUTHENTICATED,)),
        (None, Status.BROKEN, (Id.PUSH_NOT_AUTHENTICATED,)),
        ({"credHelpers": {REGISTRY: "ecr-login"}}, Status.BROKEN, (Id.PUSH_NOT_AUTHENTICATED,)),
        ({"credsStore": "desktop"}, Status.BROKEN, (Id.PUSH_NOT_AUTHENTICATED,)),
        ("{", Status.UNKNOWN, ()),
        ("[]", Status.UNKNOWN, ()),
    ],
)
def test_what_a_configuration_holds(document, status, candidates, tmp_path):
    found = state_of(tmp_path, document)
    assert (found.status, found.candidates) == (status, candidates)


def test_a_file_that_nobody_has_written_for_twelve_hours_holds_no_good_token(tmp_path):
    path = home(tmp_path, {"auths": {REGISTRY: auth(None)}}) / ".docker" / "config.json"
    old = (NOW - timedelta(hours=13)).timestamp()
    os.utime(path, (old, old))
    found = login_state(read_docker_config(path), asked())
    assert (found.status, found.candidates) == (Status.BROKEN, (Id.PUSH_TOKEN_EXPIRED,))


def test_helpers_that_are_there(tmp_path):
    programs = tmp_path / "bin"
    program(programs, "docker-credential-ecr-login", "exit 1")
    program(programs, "docker-credential-full", f'echo \'{{"https://{REGISTRY}": "AWS"}}\'')
    program(programs, "docker-credential-empty", "echo '{}'")
    program(programs, "docker-credential-odd", "echo nothing")
    path = f"{programs}:/usr/bin:/bin"
    by_helper = state_of(tmp_path, {"credHelpers": {REGISTRY: "ecr-login"}}, PATH=path)
    assert by_helper.status is Status.OK
    full, empty, odd = (state_of(tmp_path, {"credsStore": name}, PATH=path) for name in ("full", "empty", "odd"))
    assert (full.status, full.there) == (Status.UNKNOWN, True)
    assert (empty.status, empty.there) == (Status.BROKEN, False)
    assert (odd.status, odd.there) == (Status.UNKNOWN, None)


# The one who logs in and the one who pushes.


def checks(who: Users, socket: Path, **environment: str) -> list[Check]:
    found = list(docker_checks(asked(**environment), who, socket))
    assert HIDDEN not in str([check.as_json() for check in found])
    return found


def user(name: str, folder: Path, document: Any) -> User:
    return User(name, home(folder / name, document))


LOGGED_IN = {"auths": {REGISTRY: GOOD}}


def test_sudo_does_not_see_the_users_login(tmp_path):
    root, alice = user("root", tmp_path, None), user("alice", tmp_path, LOGGED_IN)
    login, sudo = checks(Users(root, True, root, alice), tmp_path / "none")
    assert login.status is Status.BROKEN
    assert login.cli == (
        f"aws ecr get-login-password --region eu-west-1 | docker login --username AWS --password-stdin {REGISTRY}",
    )
    assert (sudo.subject, sudo.status, sudo.advisory) == ("sudo", Status.BROKEN, False)
    assert "alice is logged in" in sudo.reason
    assert sudo.candidates == (Id.PUSH_NOT_AUTHENTICATED,)
    assert "sudo docker login" in sudo.cli[0]


def test_a_login_of_root_alone_is_only_advice(tmp_path):
    root, alice = user("root", tmp_path, LOGGED_IN), user("alice", tmp_path, {})
    login, sudo = checks(Users(root, True, root, alice), tmp_path / "none")
    assert login.status is Status.OK
    assert (sudo.status, sudo.advisory) == (Status.BROKEN, True)


def test_no_trap_where_both_are_logged_in_neither_is_or_sudo_keeps_the_home(tmp_path):
    root, alice = user("root", tmp_path / "1", LOGGED_IN), user("alice", tmp_path / "1", LOGGED_IN)
    assert [one.status for one in checks(Users(root, True, root, alice), tmp_path)] == [Status.OK] * 2
    kept = Users(User("root", alice.home), True, root, alice)
    assert "keeps alice's home" in checks(kept, tmp_path)[1].reason
    root, alice = user("root", tmp_path / "2", {}), user("alice", tmp_path / "2", {})
    assert [one.subject for one in checks(Users(root, True, root, alice), tmp_path)] == [REGISTRY]
    assert [one.subject for one in checks(Users(root, True, root), tmp_path)] == [REGISTRY]


def test_an_unreadable_login_of_the_other_user_proves_nothing(tmp_path):
    root, alice = user("root", tmp_path, {}), user("alice", tmp_path, "{")
    assert [one.subject for one in checks(Users(root, True, root, alice), tmp_path)] == [REGISTRY]


def test_a_user_who_needs_sudo_pushes_as_root(tmp_path, monkeypatch):
    socket = tmp_path / "docker.sock"
    socket.touch()
    alice = user("alice", tmp_path, LOGGED_IN)

    def sudo_of(root_config: Any, *, may: bool) -> Check:
        monkeypatch.setattr(os, "access", lambda path, _: may)
        root = user("root", tmp_path, root_config)
        return checks(Users(alice, False, root), socket)[1]

    assert sudo_of({}, may=False).status is Status.BROKEN
    assert sudo_of("{", may=False).status is Status.UNKNOWN
    assert sudo_of(LOGGED_IN, may=False).status is Status.OK
    assert sudo_of({}, may=True).status is Status.OK
    assert len(checks(Users(alice, False, alice), tmp_path / "none")) == 1


def test_another_registrys_login_is_told(tmp_path):
    alice = user("alice", tmp_path, {"auths": {OTHER: GOOD, "https://index.docker.io/v1/": GOOD}})
    (login,) = checks(Users(alice, False, alice), tmp_path / "none")
    assert OTHER in login.reason
    assert "docker.io" not in login.reason


def test_docker_config_in_the_environment_counts(tmp_path):
    alice = user("alice", tmp_path, {})
    (folder := tmp_path / "own").mkdir()
    (folder / "config.json").write_text(json.dumps(LOGGED_IN))
    assert checks(Users(alice, False, alice), tmp_path / "none", DOCKER_CONFIG=str(folder))[0].status is Status.OK


def test_users_are_those_of_the_machine():
    found = users({"HOME": "/nowhere"})
    assert found.me.home == Path("/nowhere")
    assert found.behind is None
    assert users({"SUDO_USER": "nobody-of-that-name"}).behind is None
