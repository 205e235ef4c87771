"""Messages kept in a file before they may leave their queue: each is on the disk once it is said to be."""

import contextlib
import json
import os
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from ecs_medic.cli.failure import UnusableInputError

if TYPE_CHECKING:
    from ecs_medic.aws.dead_letter_queue import Message

_MODE = 0o600
"""Nobody else's to read: an event may hold what was typed or configured as a secret."""


@contextlib.contextmanager
def saved_to(name: str) -> "Iterator[Callable[[Message], None]]":
    """Adds to the file: one JSON object a line, the message's body and attributes as they are.

    Raises:
        UnusableInputError: the file cannot be written.
    """
    try:
        file = os.open(name, os.O_WRONLY | os.O_APPEND | os.O_CREAT, _MODE)
    except OSError as error:
        raise UnusableInputError(f"--save: cannot write {name}: {error.strerror}") from None

    def keep(message: "Message") -> None:
        line = {
            "message_id": message.id,
            "sent_at": message.sent_at.isoformat() if message.sent_at else None,
            "attributes": dict(message.attributes),
            "body": message.body,
        }
        try:
            _written(file, f"{json.dumps(line)}\n".encode())
        except OSError as error:
            raise UnusableInputError(f"--save: cannot write {name}: {error.strerror}") from None

    try:
        yield keep
    finally:
        os.close(file)


def _written(file: int, line: bytes) -> None:
    while line:
        line = line[os.write(file, line) :]
    with contextlib.suppress(OSError):
        # A pipe or a terminal has no disk to wait for.
        os.fsync(file)
