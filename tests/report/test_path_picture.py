"""The picture of a path: every hop, one break, and narrow enough for a code block."""

from dataclasses import replace

import pytest

from ecs_medic.finding import Evidence
from ecs_medic.reachability.path import Hop, HopKind, Verdict, Via
from ecs_medic.report.path_picture import picture
from tests.report.examples import NASTY, blocked_path


def test_blocked_path():
    drawn = picture(blocked_path(), start="task in subnet-0a1b")
    assert drawn.title == "✗ api.ecr.eu-west-1.amazonaws.com:443 cannot be reached"
    assert drawn.lines == (
        "task in subnet-0a1b",
        " ├─ ✓ name resolution      vpc-0a1b2c3d4e5f60718",
        " │     no endpoint answers for this name, so it resolves to a public address",
        " ├─ ✓ security group, out  sg-0123456789abcdef0",
        " │     allows all traffic to 0.0.0.0/0",
        " ├─ ✓ network ACL, out     acl-0c2d               rule 100 allows",
        " ├─ ✗ route                rtb-0a1b2c3d4e5f60718  ◀ breaks here",
        " │     has no route to the internet",
        " └─ · api.ecr.eu-west-1.amazonaws.com:443, never reached: no way out",
    )


def test_only_the_first_break_is_marked():
    path = blocked_path()
    twice = replace(path, hops=(path.hops[-1], *path.hops))
    drawn = "\n".join(picture(twice).lines)
    assert drawn.count("breaks here") == 1
    assert drawn.index("breaks here") < drawn.index("name resolution")


@pytest.mark.parametrize(
    ("verdict", "title", "end"),
    [
        (Verdict.OPEN, "✓ api.ecr.eu-west-1.amazonaws.com:443 can be reached", "through a NAT gateway"),
        (Verdict.UNKNOWN, "? api.ecr.eu-west-1.amazonaws.com:443 may or may not be reached", "through a NAT gateway"),
    ],
)
def test_other_outcomes(verdict, title, end):
    hops = tuple(replace(hop, verdict=verdict) for hop in blocked_path().hops)
    drawn = picture(replace(blocked_path(), hops=hops, via=Via.NAT_GATEWAY))
    assert drawn.title == title
    assert drawn.lines[-1].endswith(end)
    assert not any("breaks here" in line for line in drawn.lines)


@pytest.mark.parametrize("kind", HopKind)
@pytest.mark.parametrize("direction", [None, "egress", "ingress"])
def test_lines_stay_narrow(kind, direction):
    observed = "denied by " + "rule 100 of the access control list and more " * 8
    hop = Hop(kind, "x" * 21, Verdict.BLOCKED, Evidence("ec2:X", "x", observed), direction)
    drawn = picture(replace(blocked_path(), hops=(hop,)))
    assert all(len(line) <= 90 for line in drawn.lines[:-1])
    assert any("breaks here" in line for line in drawn.lines)


def test_every_way_out_has_words():
    for via in Via:
        assert picture(replace(blocked_path(), via=via, hops=())).lines[-1]


def test_nasty_text_is_one_line():
    hop = Hop(HopKind.ROUTE, NASTY, Verdict.BLOCKED, Evidence(NASTY, NASTY, NASTY))
    drawn = picture(replace(blocked_path(), hops=(hop,)), start=NASTY)
    assert not any("\n" in line or "\x1b" in line for line in drawn.lines)
