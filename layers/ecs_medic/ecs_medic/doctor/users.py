"""Who runs this, and who is behind it: `sudo` makes one person two."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class User:
    """A user of this machine."""

    name: str
    home: Path


@dataclass(frozen=True, slots=True)
class Users:
    """`me` is who this process runs as, with the home that its environment names. `behind` is who called sudo."""

    me: User
    is_root: bool
    root: User
    behind: User | None = None


def users(environment: Mapping[str, str]) -> Users:
    """As the environment and the system's table of users tell; where there is no such table, nobody is root."""
    number = os.geteuid() if hasattr(os, "geteuid") else None
    root = _user(0) or User("root", Path("/root"))
    me = (None if number is None else _user(number)) or User(environment.get("USERNAME") or str(number), Path.home())
    if environment.get("HOME"):
        me = User(me.name, Path(environment["HOME"]))
    behind = None
    if number == 0 and environment.get("SUDO_USER", "root") != "root":
        behind = _user(environment["SUDO_USER"])
    return Users(me, number == 0, root, behind)


def _user(who: int | str) -> User | None:
    try:
        import pwd  # noqa: PLC0415 - not on every system

        entry = pwd.getpwuid(who) if isinstance(who, int) else pwd.getpwnam(who)
    except (ImportError, KeyError):
        return None
    return User(entry.pw_name, Path(entry.pw_dir))
