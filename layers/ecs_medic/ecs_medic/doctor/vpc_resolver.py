"""What Amazon's own resolver says of a name, beside what this machine's resolver says.

Private names of VPC endpoints are known to Amazon's resolver alone: where a VPC's DHCP options name another one, it
answers with the public addresses, and the endpoint is passed by. Amazon's resolver is at 169.254.169.253 in every VPC.
Source: https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html
"""

import ipaddress
import secrets
import socket
from collections.abc import Iterator
from pathlib import Path

AMAZON_RESOLVER = ("169.254.169.253", 53)
_A, _IN = 1, 1
_HEADER = 12
_REPLY, _TRUNCATED, _CODE = 0x8000, 0x0200, 0x000F


def ask_resolver(host: str, seconds: float, server: tuple[str, int] = AMAZON_RESOLVER) -> tuple[str, ...] | None:
    """The host's IPv4 addresses as `server` knows them, none where there is no such name; None without an answer."""
    identifier = secrets.randbits(16)
    try:
        question = _question(identifier, host)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as connection:
            connection.settimeout(max(seconds, 0.001))
            # A connected socket takes datagrams from this very server only.
            connection.connect(server)
            connection.send(question)
            return tuple(_addresses(connection.recv(4096), identifier))
    except (OSError, ValueError, IndexError, UnicodeError):
        return None


def name_servers(path: Path = Path("/etc/resolv.conf")) -> tuple[str, ...]:
    """The name servers that this machine's resolver asks; none where the file does not say."""
    return tuple(words[1] for words in _lines(path) if words[0] == "nameserver" and len(words) > 1)


def in_hosts_file(host: str, path: Path = Path("/etc/hosts")) -> bool:
    """Whether the name is written down on this machine, past every resolver."""
    return any(host.lower() in (word.lower() for word in words[1:]) for words in _lines(path))


def _lines(path: Path) -> Iterator[list[str]]:
    try:
        text = path.read_text(errors="replace")
    except OSError:
        return
    for line in text.splitlines():
        words = line.partition("#")[0].split()
        if words:
            yield words


def _question(identifier: int, host: str) -> bytes:
    labels = [label.encode("idna") for label in host.rstrip(".").split(".")]
    name = b"".join(bytes([len(label)]) + label for label in labels) + b"\0"
    header = b"".join(number.to_bytes(2) for number in (identifier, 0x0100, 1, 0, 0, 0))
    return header + name + _A.to_bytes(2) + _IN.to_bytes(2)


def _addresses(answer: bytes, identifier: int) -> Iterator[str]:
    """Every A record of the answer, whatever alias it stands at.

    Raises:
        ValueError: it is no answer to this question, or one without meaning.
    """
    asked, flags, questions, answers = (int.from_bytes(answer[at : at + 2]) for at in (0, 2, 4, 6))
    if asked != identifier or not flags & _REPLY or flags & _TRUNCATED or flags & _CODE not in {0, 3}:
        raise ValueError("no answer")
    at = _HEADER
    for _ in range(questions):
        at = _after_name(answer, at) + 4
    for _ in range(answers):
        at = _after_name(answer, at)
        kind, length = int.from_bytes(answer[at : at + 2]), int.from_bytes(answer[at + 8 : at + 10])
        if kind == _A:
            yield str(ipaddress.IPv4Address(answer[at + 10 : at + 10 + length]))
        at += 10 + length


def _after_name(answer: bytes, at: int) -> int:
    while answer[at]:
        if answer[at] & 0xC0:  # the rest of the name is elsewhere
            return at + 2
        at += answer[at] + 1
    return at + 1
