"""Sets of addresses, as sorted spans of integers (both ends included).

Both families lie on one line of numbers, IPv6 behind IPv4 and never touching it, so that no block of one family covers
an address of the other, and every calculation is the same for both.
"""

import ipaddress
from collections.abc import Iterable, Sequence
from enum import IntEnum
from functools import cache, lru_cache

type Span = tuple[int, int]


class Family(IntEnum):
    """A version of the internet protocol."""

    IPV4 = 4
    IPV6 = 6


_IPV6_STARTS_AT = 2**33
_ALL: dict[Family, Span] = {
    Family.IPV4: (0, 2**32 - 1),
    Family.IPV6: (_IPV6_STARTS_AT, _IPV6_STARTS_AT + 2**128 - 1),
}
_BITS = {Family.IPV4: 32, Family.IPV6: 128}

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

_IPV6_INTERNET = "2000::/3"
_NOT_ON_THE_IPV6_INTERNET = ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
"""Source: https://www.iana.org/assignments/iana-ipv6-special-registry/"""

NAT64 = "64:ff9b::/96"
"""IPv4 addresses as IPv6 clients see them. Source: https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-nat64-dns64.html"""


@lru_cache(maxsize=8192)
def span(cidr: str) -> Span | None:
    """The addresses of a block; None for what is no block at all (a prefix list's id)."""
    try:
        network = ipaddress.ip_network(cidr, strict=False)
    except ValueError:
        return None
    start = _ALL[Family(network.version)][0]
    return start + int(network.network_address), start + int(network.broadcast_address)


def spans(cidrs: Iterable[str], family: Family | None = None) -> tuple[Span, ...]:
    """The addresses of several blocks, merged; those of one family alone where one is given."""
    return _spans(tuple(cidrs), family)


@lru_cache(maxsize=1024)
def _spans(cidrs: tuple[str, ...], family: Family | None) -> tuple[Span, ...]:
    found = merged(block for cidr in cidrs if (block := span(cidr)) is not None)
    return found if family is None else tuple(one for one in found if family_of(one) is family)


def family_of(piece: Span) -> Family:
    """Which family a span's addresses are of."""
    return Family.IPV4 if piece[0] < _IPV6_STARTS_AT else Family.IPV6


def all_addresses(family: Family) -> tuple[Span, ...]:
    """Every address of the family."""
    return (_ALL[family],)


def prefix_length(block: Span) -> int:
    """The N of a block that was written as `…/N`."""
    return _BITS[family_of(block)] - (block[1] - block[0]).bit_length()


def translated(pieces: Iterable[Span]) -> tuple[Span, ...]:
    """IPv4 addresses as NAT64 writes them for IPv6 clients."""
    start = _nat64()[0]
    return tuple((start + first, start + last) for first, last in pieces)


def untranslated(pieces: Iterable[Span]) -> tuple[Span, ...]:
    """The IPv4 addresses behind NAT64's; of others, none."""
    start, end = _nat64()
    return tuple((first - start, last - start) for first, last in pieces if start <= first and last <= end)


def _nat64() -> Span:
    found = span(NAT64)
    if found is None:
        raise ValueError("NAT64's prefix is a block of addresses")
    return found


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
    return _without(tuple(pieces), tuple(holes))


# A VPC asks for the same few sets of addresses for every interface and destination.
@lru_cache(maxsize=1024)
def _without(pieces: tuple[Span, ...], holes: tuple[Span, ...]) -> tuple[Span, ...]:
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


def alike(pieces: Iterable[Span], cutters: Sequence[Span]) -> tuple[tuple[Span, ...], ...]:
    """`pieces` cut into groups: a cutter covers all of a group or nothing of it, so that one address tells of all."""
    return _alike(tuple(pieces), tuple(cutters))


@lru_cache(maxsize=1024)
def _alike(pieces: tuple[Span, ...], cutters: tuple[Span, ...]) -> tuple[tuple[Span, ...], ...]:
    groups: dict[tuple[Span, ...], list[Span]] = {}
    for first, last in cut(pieces, cutters):
        covering = tuple(one for one in cutters if one[0] <= first and last <= one[1])
        groups.setdefault(covering, []).append((first, last))
    return tuple(tuple(group) for group in groups.values())


@cache
def internet(family: Family = Family.IPV4) -> tuple[Span, ...]:
    """Every address that may be a public one."""
    if family is Family.IPV4:
        return without(all_addresses(family), spans(_NOT_ON_THE_INTERNET))
    return without(spans((_IPV6_INTERNET,)), spans(_NOT_ON_THE_IPV6_INTERNET))


def text(pieces: Sequence[Span], most: int = 3) -> str:
    """The addresses as blocks, shortened where there are many."""
    return _text(tuple(pieces), most)


@lru_cache(maxsize=1024)
def _text(pieces: tuple[Span, ...], most: int) -> str:
    blocks = [
        block
        for piece in pieces
        for block in (_ipv4_blocks(piece) if family_of(piece) is Family.IPV4 else _ipv6_blocks(piece))
    ]
    shown = blocks[:most]
    return ", ".join(shown) + (f" and {len(blocks) - most} more blocks" if len(blocks) > most else "")


def _ipv4_blocks(piece: Span) -> list[str]:
    first, last = (ipaddress.IPv4Address(one) for one in piece)
    return [str(block).removesuffix("/32") for block in ipaddress.summarize_address_range(first, last)]


def _ipv6_blocks(piece: Span) -> list[str]:
    first, last = (ipaddress.IPv6Address(one - _IPV6_STARTS_AT) for one in piece)
    return [str(block).removesuffix("/128") for block in ipaddress.summarize_address_range(first, last)]
