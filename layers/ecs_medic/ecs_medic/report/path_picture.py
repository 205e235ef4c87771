"""The way of a connection as a picture in text: what is open, and where it breaks.

    ✗ api.ecr.eu-west-1.amazonaws.com:443 cannot be reached
    task
     ├─ ✓ security group, out  sg-0a1b   allows 443 to 0.0.0.0/0
     ├─ ✓ network ACL, out     acl-0c2d  allows it
     ├─ ✗ route                rtb-0e3f  has no default route  ◀ breaks here
     └─ · api.ecr.eu-west-1.amazonaws.com:443, never reached: no way out

It is read in Slack's code blocks and on terminals, so it is plain text that needs nothing but a fixed-width font.
"""

from textwrap import wrap

from ecs_medic.reachability.path import Hop, HopKind, Path, Verdict, Via
from ecs_medic.report.model import PathPicture
from ecs_medic.report.text import one_line

_SIGNS = {Verdict.OPEN: "✓", Verdict.BLOCKED: "✗", Verdict.UNKNOWN: "?"}
_OUTCOME = {
    Verdict.OPEN: "can be reached",
    Verdict.BLOCKED: "cannot be reached",
    Verdict.UNKNOWN: "may or may not be reached",
}
_NAMES = {
    HopKind.INTERFACE: "network interface",
    HopKind.NAME_RESOLUTION: "name resolution",
    HopKind.SECURITY_GROUP_EGRESS: "security group, out",
    HopKind.NETWORK_ACL: "network ACL",
    HopKind.ROUTE: "route",
    HopKind.ENDPOINT: "endpoint",
    HopKind.ENDPOINT_SECURITY_GROUP: "endpoint's security group",
    HopKind.ENDPOINT_POLICY: "endpoint's policy",
    HopKind.DESTINATION_SECURITY_GROUP: "security group, in",
    HopKind.NAT_GATEWAY: "NAT gateway",
    HopKind.INTERNET_GATEWAY: "internet gateway",
    HopKind.PUBLIC_ADDRESS: "public address",
}
_DIRECTIONS = {"egress": "out", "ingress": "in"}
_VIA = {
    Via.INTERFACE_ENDPOINT: "through an interface endpoint",
    Via.GATEWAY_ENDPOINT: "through a gateway endpoint",
    Via.NAT_GATEWAY: "through a NAT gateway",
    Via.INTERNET_GATEWAY: "through an internet gateway",
    Via.EGRESS_ONLY_INTERNET_GATEWAY: "through an egress-only internet gateway",
    Via.OTHER: "on a way that cannot be seen from here",
    Via.INSIDE: "inside the VPC",
    Via.NOTHING: "no way out",
}
_BREAKS = "◀ breaks here"
_WIDTH = 78
"""Columns: a terminal's 80, and about what a Slack code block shows without wrapping."""
_MOST_RESOURCE, _MOST_OBSERVED = 26, 240


def picture(path: Path, *, start: str = "task") -> PathPicture:
    """The picture of one path; `start` says whose interface it begins at."""
    end = one_line(f"{path.destination.host}:{path.destination.port}")
    name_width = max((len(_name(hop)) for hop in path.hops), default=0)
    resource_width = min(max((len(one_line(hop.resource)) for hop in path.hops), default=0), _MOST_RESOURCE)
    lines = [one_line(start)]
    broken = next((index for index, hop in enumerate(path.hops) if hop.verdict is Verdict.BLOCKED), None)
    for index, hop in enumerate(path.hops):
        head = f" ├─ {_SIGNS[hop.verdict]} {_name(hop):<{name_width}}  {one_line(hop.resource):<{resource_width}}"
        lines += _hop_lines(head, hop, breaks=index == broken)
    lines.append(f" └─ {_end(path, end)}")
    return PathPicture(title=f"{_SIGNS[path.verdict]} {end} {_OUTCOME[path.verdict]}", lines=tuple(lines))


def _hop_lines(head: str, hop: Hop, *, breaks: bool) -> list[str]:
    """One line where it fits, else what was seen there on lines of its own."""
    observed = one_line(hop.evidence.observed)
    if len(observed) > _MOST_OBSERVED:
        observed = f"{observed[: _MOST_OBSERVED - 1]}…"
    told = f"{observed}  {_BREAKS}".lstrip() if breaks else observed
    if len(head) + 2 + len(told) <= _WIDTH:
        return [f"{head}  {told}".rstrip()]
    first = f"{head.rstrip()}  {_BREAKS}" if breaks else head.rstrip()
    return [first, *(f" │     {line}" for line in wrap(observed, _WIDTH - 7, break_long_words=False))]


def _name(hop: Hop) -> str:
    direction = _DIRECTIONS.get(hop.direction or "", hop.direction)
    return f"{_NAMES[hop.kind]}, {direction}" if direction else _NAMES[hop.kind]


def _end(path: Path, end: str) -> str:
    if path.verdict is Verdict.BLOCKED:
        return f"· {end}, never reached" + (f": {_VIA[path.via]}" if path.via is Via.NOTHING else "")
    return f"{_SIGNS[path.verdict]} {end}, {_VIA[path.via]}"
