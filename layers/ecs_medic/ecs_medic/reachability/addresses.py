"""Sets of IPv4 addresses, as sorted spans of integers (both ends included)."""

import ipaddress
from collections.abc import Iterable, Sequence
from functools import cache

type Span = tuple[int, int]

ALL_ADDRESSES: tuple[Span, ...] = ((0, 2**32 - 1),)

_NOT_ON_THE_INTERNET = (
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/3",
)
"""Source: https://www.iana.org/assignments/iana-ipv4-special-registry/"""


@cache
def span(cidr: str) -> Span | None:
    """The addresses of an IPv4 block; None for an IPv6 one and for what is no block at all (a prefix list's id)."""
    try:
        network = ipaddress.ip_network(cidr, strict=False)
    except ValueError:
        return None
    if network.version != 4:
        return None
    return int(network.network_address), int(network.broadcast_address)


def spans(cidrs: Iterable[str]) -> tuple[Span, ...]:
    """The addresses of several blocks, merged; IPv6 blocks have none."""
    return merged(found for cidr in cidrs if (found := span(cidr)) is not None)


def merged(pieces: Iterable[Span]) -> tuple[Span, ...]:
    """The same addresses in as few spans as possible."""
    result: list[Span] = []
    for first, last in sorted(pieces):
        if result and first <= result[-1][1] + 1:
            result[-1] = (result[-1][0], max(last, result[-1][1]))
        else:
            result.append((first, last))
    return tuple(result)


def without(pieces: Sequence[Span], holes: Iterable[Span]) -> tuple[Span, ...]:
    """`pieces` less `holes`."""
    left = list(merged(pieces))
    for low, high in holes:
        left = [
            part
            for first, last in left
            for part in ((first, min(last, low - 1)), (max(first, high + 1), last))
            if part[0] <= part[1]
        ]
    return tuple(left)


def overlap(pieces: Sequence[Span], others: Sequence[Span]) -> bool:
    """Whether any address is in both."""
    return any(first <= high and low <= last for first, last in pieces for low, high in others)


def within(pieces: Sequence[Span], others: Sequence[Span]) -> bool:
    """Whether every address of `pieces` is in `others`."""
    return not without(pieces, others)


def cut(pieces: Iterable[Span], cutters: Iterable[Span]) -> tuple[Span, ...]:
    """`pieces` in parts that each cutter either covers or leaves alone."""
    edges = sorted({edge for low, high in cutters for edge in (low, high + 1)})
    result: list[Span] = []
    for first, last in pieces:
        start = first
        for edge in edges:
            if start < edge <= last:
                result.append((start, edge - 1))
                start = edge
        result.append((start, last))
    return tuple(result)


@cache
def internet() -> tuple[Span, ...]:
    """Every address that may be a public one."""
    return without(ALL_ADDRESSES, spans(_NOT_ON_THE_INTERNET))


def text(pieces: Sequence[Span], most: int = 3) -> str:
    """The addresses as blocks, shortened where there are many."""
    blocks = [
        str(block)
        for first, last in pieces
        for block in ipaddress.summarize_address_range(ipaddress.IPv4Address(first), ipaddress.IPv4Address(last))
    ]
    shown = [block.removesuffix("/32") for block in blocks[:most]]
    return ", ".join(shown) + (f" and {len(blocks) - most} more blocks" if len(blocks) > most else "")
